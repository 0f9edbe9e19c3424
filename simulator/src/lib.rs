//! x
pub mod clock;
pub mod dns;
mod dns_server;
pub mod entropy;
pub mod reports;
pub mod session;
pub use clock::VirtualClock;
pub use dns::SimulatedDns;
pub use entropy::SeededEntropy;
