//! Hands mail to SMTP servers, with outcomes that never lie.
//!
//! - [`SmtpTransport`]: a [`Transport`](letterhead_mail::Transport) to one server over TCP and TLS, on tokio, over connections
//!   that are kept. Every recipient gets a row; one that is refused does not cost the others; a connection lost after the last
//!   octet of the message is in doubt, and before it is not.
//! - [`MxTransport`]: the same to the hosts of each recipient's domain, with MTA-STS ([`mta_sts`]) and counts for TLS reports
//!   ([`tls_report`]).
//! - [`combinator`]: transports around others, which fail over, take turns, route, pace, retry, hold back and observe; files, a
//!   Maildir and a sink for load tests.
//! - [`smtp`]: the grammar, for clients and servers, and [`smtp::ClientSession`], the client's side of a dialogue as a
//!   state machine without a socket, a clock or a task.
//! - [`Endpoint`], [`Security`], [`TlsSettings`]: where to, and how it is secured. TLS is required unless it is asked
//!   for otherwise; its floor is 1.2; it never uses the process's default provider.
//! - [`Credentials`], [`CredentialProvider`]: who we are. Secrets are wiped after use, are in no `Debug` output, error or
//!   trace, and go only over TLS to a server that was verified.
//! - [`Timeouts`]: a deadline for each phase and for the whole attempt, on the [`Clock`](letterhead_mail::Clock) given. A server
//!   that answers one octet at a time gains nothing by it.
//! - [`SystemClock`], [`SystemEntropy`]: the real time and the real randomness, for the whole family.
//!
//! Non-goals: durable queues, signing, deciding who may send.
//!
//! # What goes over the wire
//!
//! | a server that offers | gets |
//! |---|---|
//! | PIPELINING | sender, recipients and DATA in one write: two round trips a message |
//! | PIPELINING and CHUNKING | with them the message itself, by BDAT, up to 1 MiB: one round trip |
//! | SIZE, 8BITMIME, SMTPUTF8 | what the message needs; where it is missing, the message is not sent (5.3.4, 5.6.3, 5.6.7) |
//! | DSN | the envelope's wishes for reports |
//! | LIMITS, or "too many recipients" | the rest in further transactions, over another connection if need be |
//! | REQUIRETLS | the envelope's wish for it; where it is missing, the message is not sent (5.7.30) |
//! | AUTH | PLAIN, LOGIN, OAUTHBEARER or XOAUTH2 |
//!
//! # Gaps
//!
//! DANE is not done ([`mx`] says why), and neither is LMTP, nor AUTH by SCRAM or by certificate alone. BINARYMIME is not used:
//! messages are lines.
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
//! | [`smtp_transport`] | connections to one server, and the driver over TCP and TLS |
//! | [`endpoint`], [`tls`], [`credentials`], [`timeouts`] | its settings |
//! | [`mx`], [`mta_sts`], [`tls_report`] | delivery to mail exchangers |
//! | [`combinator`] | transports around others |
//! | `adapter` | lettre's and tower's, behind their features |
//!
//! # Features
//!
//! tokio and rustls are always there.
//!
//! | feature | default | adds |
//! |---|---|---|
//! | `lettre` | no | lettre's messages and transports as ours, and ours as lettre's |
//! | `tower` | no | transports as services, and services as transports |
//! | `metrics` | no | [`Observe`] counts through the metrics facade |
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
mod error_chain;
mod merged_rows;
pub mod mta_sts;
pub mod mx;
mod percent;
mod places;
mod policy_record;
mod recently_used;
mod secret_string;
pub mod smtp;
pub mod smtp_transport;
mod system;
mod time_limit;
pub mod timeouts;
pub mod tls;
pub mod tls_report;

pub use address_families::AddressFamilies;
pub use combinator::{
    AllowedRecipient, AllowedRecipientError, Breaker, BreakerState, Failover, FileTransport,
    Maildir, Observe, Rate, RateKey, RateLimit, RatePeriod, Retry, RoundRobin, Router, RoutingRule,
    SenderCheck, SenderStatus, Sink, Staging,
};
pub use credentials::{
    CredentialError, CredentialProvider, Credentials, PasswordFile, RotatingCredentials,
};
pub use endpoint::{Endpoint, EndpointError, Security};
pub use mx::{MxTransport, MxTransportBuilder};
pub use rustls::ClientConfig;
pub use secret_string::SecretString;
pub use smtp::ConnectionProblem;
pub use smtp_transport::{
    ConnectionCheck, SmtpTransport, SmtpTransportBuilder, SmtpTransportError,
};
pub use system::{SystemClock, SystemEntropy};
pub use timeouts::Timeouts;
pub use tls::{ClientOffer, RootCertificates, TlsError, TlsSettings};

/// The README's example, tested.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
