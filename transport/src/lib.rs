//! Sends mail over SMTP.
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

pub mod credentials;
pub mod endpoint;
pub mod smtp;
pub mod smtp_transport;
mod system;
pub mod timeouts;
pub mod tls;

pub use credentials::{CredentialError, CredentialProvider, Credentials};
pub use endpoint::{Endpoint, EndpointError, Security};
pub use rustls::ClientConfig;
pub use secrecy::SecretString;
pub use smtp_transport::{SmtpTransport, SmtpTransportBuilder, SmtpTransportError};
pub use system::{SystemClock, SystemEntropy};
pub use timeouts::Timeouts;
pub use tls::{RootCertificates, TlsError, TlsSettings};
