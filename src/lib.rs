#![doc = include_str!("../README.md")]
//!
//! Links to files lead into the repository. The guides are here as well, in [`documents`].
#![warn(
    clippy::exhaustive_enums,
    clippy::exhaustive_structs,
    clippy::cast_possible_truncation,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::unimplemented,
    clippy::missing_errors_doc,
    clippy::missing_panics_doc,
    clippy::must_use_candidate,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::exit
)]

mod attempt_record;
mod authorizing;
mod channels;
mod default_sender;
mod failover;
mod form;
mod idempotency;
mod ingestion;
mod mailer;
mod mailer_builder;
mod mailer_transport;
mod outgoing;
mod profile_endpoints;
mod profile_reputation;
mod quota;
mod receipt;
mod retry_schedule;
mod route;
mod route_error;
mod send_error;
mod send_many;
pub mod settings;
mod signatures;
mod traces;

pub use letterhead_dkim as dkim;
pub use letterhead_dmarc as dmarc;
pub use letterhead_dns as dns;
pub use letterhead_feedback as feedback;
pub use letterhead_identity as identity;
pub use letterhead_mail as mail;
#[cfg(feature = "simulator")]
pub use letterhead_simulator as simulator;
pub use letterhead_spf as spf;
pub use letterhead_transport as transport;

pub use channels::Channels;
pub use default_sender::UnusableSender;
pub use ingestion::{Ingested, Ingestion};
pub use mailer::Mailer;
pub use mailer_builder::MailerBuilder;
pub use mailer_transport::MailerTransport;
pub use outgoing::Outgoing;
pub use profile_endpoints::{NoEndpoint, profile_endpoints};
pub use profile_reputation::profile_reputation;
pub use receipt::{NotAllAccepted, Receipt};
pub use retry_schedule::RetrySchedule;
pub use route::Route;
pub use route_error::RouteError;
pub use send_error::{FieldProblem, RouteRefusal, SendError};
pub use send_many::{Progress, SendMany};
pub use settings::{Settings, SettingsError};

pub use letterhead_transport::{SystemClock, SystemEntropy};

/// The project's documents, here so that their links and examples are checked with the code.
pub mod documents {
    #[doc = include_str!("../ARCHITECTURE.md")]
    pub mod architecture {}
    #[doc = include_str!("../CONTRIBUTING.md")]
    pub mod contributing {}
    #[doc = include_str!("../CHANGELOG.md")]
    pub mod changelog {}
    #[doc = include_str!("../docs/requirements.md")]
    pub mod requirements {}
    #[doc = include_str!("../docs/deliverability.md")]
    pub mod deliverability {}
    #[doc = include_str!("../docs/testing.md")]
    pub mod testing {}
    #[doc = include_str!("../docs/operations.md")]
    pub mod operations {}
    #[doc = include_str!("../docs/security.md")]
    pub mod security {}
    #[doc = include_str!("../docs/benchmarks.md")]
    pub mod benchmarks {}
}
