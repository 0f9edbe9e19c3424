//! Hands mail to SMTP servers, with outcomes that never lie.
//!
//! - [`SmtpTransport`]: a [`Transport`](letterhead_mail::Transport) to one server over TCP and TLS, on tokio. Every
//!   recipient gets a row; one that is refused does not cost the others; a connection lost after the final dot is in
//!   doubt, and before it is not.
//! - [`smtp`]: the grammar, for clients and servers, and [`smtp::ClientSession`], the client's side of a dialogue as a
//!   state machine without a socket, a clock or a task.
//! - [`Endpoint`], [`Security`], [`TlsSettings`]: where to, and how it is secured. TLS is required unless it is asked
//!   for otherwise; its floor is 1.2; it never uses the process's default provider.
//! - [`Credentials`], [`CredentialProvider`]: who we are. Secrets are wiped after use, are in no `Debug` output, error or
//!   trace, and do not go over a connection without TLS.
//! - [`Timeouts`]: a deadline for each phase and for the whole attempt, on the [`Clock`](letterhead_mail::Clock) given.
//! - [`SystemClock`], [`SystemEntropy`]: the real time and the real randomness, for the whole family.
//!
//! Non-goals: queues, retries, signing.
//!
//! # Gaps
//!
//! A connection serves one message; BDAT is read and not sent; there is no DSN parameter and no REQUIRETLS.
//!
//! ```
//! use letterhead_transport::smtp::{Command, ReplyReader};
//!
//! let command = Command::parse(b"rcpt to:<joe@Example.ORG>")?;
//! assert_eq!(command.to_string(), "RCPT TO:<joe@example.org>");
//!
//! let mut reader = ReplyReader::default();
//! reader.feed(b"550 5.1.1 no such user\r\n");
//! let reply = reader.next_reply()?.expect("a whole reply").to_reply();
//! assert_eq!((reply.code().get(), reply.text()), (550, "no such user"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Modules
//!
//! | module | holds |
//! |---|---|
//! | [`smtp`] | commands, replies, extensions, message content, the client's session |
//! | [`smtp_transport`] | the driver over TCP and TLS |
//! | [`endpoint`], [`tls`], [`credentials`], [`timeouts`] | its settings |
//!
//! # Features
//!
//! None: tokio and rustls are always there.
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

#[cfg(any(feature = "lettre", feature = "tower"))]
pub mod adapter;
mod address_families;
pub mod combinator;
pub mod credentials;
pub mod endpoint;
mod merged_rows;
pub mod mta_sts;
pub mod mx;
mod policy_record;
mod recently_used;
pub mod smtp;
pub mod smtp_transport;
mod system;
mod time_limit;
pub mod timeouts;
pub mod tls;
pub mod tls_report;

pub use address_families::AddressFamilies;
pub use combinator::{
    AllowedRecipient, Breaker, BreakerState, Failover, FileTransport, Maildir, Observe, Rate,
    RateKey, RateLimit, RatePeriod, Retry, RoundRobin, Router, RoutingRule, SenderCheck,
    SenderStatus, Sink, Staging,
};
pub use credentials::{
    CredentialError, CredentialProvider, Credentials, PasswordFile, RotatingCredentials,
};
pub use endpoint::{Endpoint, EndpointError, Security};
pub use mx::{MxTransport, MxTransportBuilder};
pub use rustls::ClientConfig;
pub use secrecy::SecretString;
pub use smtp_transport::{SmtpTransport, SmtpTransportBuilder, SmtpTransportError};
pub use system::{SystemClock, SystemEntropy};
pub use timeouts::Timeouts;
pub use tls::{ClientOffer, RootCertificates, TlsError, TlsSettings};

/// The README's example, tested.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
