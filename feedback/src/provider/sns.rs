//! Amazon SNS: the envelope around what Amazon SES reports, and its signature.

mod canonical;
mod certificate;
mod certificate_store;
mod certificate_url;
mod der;
pub(crate) mod envelope;
mod error;
mod message;
mod source;
mod verifier;

pub use error::{SnsError, SnsErrorKind};
pub use message::{SnsMessage, SnsMessageKind};
pub use source::{SnsSource, SnsSourceError};
pub use verifier::SnsVerifier;
