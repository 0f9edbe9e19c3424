//! x
pub mod clock;
pub mod dns;
mod dns_server;
pub mod entropy;
pub mod event;
pub mod front;
mod in_process;
pub mod mailbox;
mod publication;
pub mod receiver;
mod relay;
pub mod reports;
pub mod serve;
pub mod session;
pub mod simulator;
mod world;

pub use clock::VirtualClock;
pub use dns::SimulatedDns;
pub use entropy::SeededEntropy;
pub use event::{ReportKind, SimEvent, SimEventKind};
pub use front::Front;
pub use mailbox::{Disposition, StoredMail};
pub use receiver::Receiver;
pub use serve::{ServeError, Served};
pub use session::{Password, Transcript};
pub use simulator::{BuildError, FrontHandle, Simulator, SimulatorBuilder, UnknownHost};
pub use world::SessionRecord;
