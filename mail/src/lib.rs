//! The vocabulary of sending mail: addresses, messages, envelopes, submissions, reports, and the seams between them.
//!
//! - [`EmailAddress`], [`Mailbox`], [`HeaderText`]: values that cannot hold a line break or another control character,
//!   so nothing built from them can inject a header or an SMTP command.
//! - [`Message`]: octets with CRLF line ends; what is signed is what is sent. [`Message::builder`] makes one, and takes
//!   Bcc to the envelope only.
//! - [`Envelope`]: a null or real sender and at least one recipient. [`Submission`]: the unit that is sent.
//! - [`Report`]: one [`Outcome`] for every recipient. "Accepted" means that a server took responsibility, not that the
//!   message was delivered; a connection lost after the final dot is "in doubt", never a failure.
//! - [`Transport`], [`Clock`], [`Entropy`], [`HttpGet`]: seams, each held as `Arc<dyn …>`.
//! - [`AuthenticationResults`]: what a receiver found ([RFC 8601](https://www.rfc-editor.org/rfc/rfc8601)).
//!
//! Non-goals: parsing MIME structure, sending, signing.
//!
//! ```
//! use letterhead_mail::{EmailAddress, Envelope, ReversePath};
//!
//! let to: EmailAddress = "\"odd local\"@Example.ORG".parse()?;
//! assert_eq!(to.local_part(), "odd local");
//! let envelope = Envelope::new(ReversePath::Null, [to])?;
//! assert_eq!(envelope.recipients().len(), 1);
//! assert!("a@example.org\r\nRCPT TO:<b@example.org>".parse::<EmailAddress>().is_err());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Features
//!
//! | feature | default | adds |
//! |---|---|---|
//! | `idna` | yes | Unicode domains in addresses become A-labels |
//! | `mail-builder` | no | `mail_builder::draft`: messages of mail-builder's own builder |
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

pub mod address;
pub mod authentication_results;
pub mod builder;
mod clock;
mod entropy;
pub mod envelope;
pub mod header_field;
pub mod header_text;
pub mod http_get;
pub mod idempotency;
#[cfg(feature = "mail-builder")]
pub mod mail_builder;
pub mod mailbox;
pub mod message;
mod printable;
pub mod reply;
pub mod report;
pub mod submission;
mod transport;

pub use address::{AddressDomain, AddressLiteral, EmailAddress};
pub use authentication_results::{AuthenticationResults, Method, MethodResult, PropertyType};
pub use builder::{BuildError, ContentId, Draft, DraftError, MediaType, MessageBuilder, MessageId};
pub use clock::Clock;
pub use entropy::Entropy;
pub use envelope::{
    Envelope, EnvelopeId, Notify, OriginalRecipient, Recipient, ReturnContent, ReversePath,
    TlsRequirement, VerpSender,
};
pub use header_field::HeaderField;
pub use header_text::{HeaderName, HeaderText};
pub use http_get::{HttpGet, HttpGetError, HttpGetErrorKind, HttpLimits, HttpResponse};
pub use idempotency::{
    IdempotencyClaim, IdempotencyStore, IdempotencyStoreError, InMemoryIdempotencyStore,
    IntentDigest,
};
pub use letterhead_dns::{BoxFuture, DomainName};
pub use mailbox::{Mailbox, parse_mailbox_list};
pub use message::{AuthorError, LineEndings, Message, MessageError};
pub use reply::{EnhancedCode, Reply, ReplyCode};
pub use report::{
    Concern, NotAttemptedReason, Outcome, OutcomeClass, Phase, RecipientReport, Report,
    ServerAuthentication, TlsFacts, TlsFailure,
};
pub use submission::{IdempotencyKey, IdentityName, StreamId, Submission, SubmissionId, TenantId};
pub use transport::Transport;

/// The README's example, tested.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
