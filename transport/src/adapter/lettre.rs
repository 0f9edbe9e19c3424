//! For applications that use [lettre](https://docs.rs/lettre) 0.11, and for those that are leaving it one step at a time.
//!
//! - [`read_message`], [`read_raw`]: a message that lettre has built becomes a [`Message`](letterhead_mail::Message) and
//!   an [`Envelope`](letterhead_mail::Envelope), to be signed, checked and sent here.
//! - [`FromLettre`]: one of lettre's async transports sends for us.
//! - [`AsLettre`]: one of our transports sends for code that knows lettre's `AsyncTransport` only.
//!
//! lettre gives one answer for all recipients and does not say how far it came; what that costs is said at
//! [`FromLettre`]. A [`SmtpTransport`](crate::SmtpTransport) knows both.
//!
//! lettre's blocking transports, its `SmtpTransport` among them, have no adapter. Code that blocks waits for ours on a runtime:
//! `runtime.block_on(transport.send(&submission))`.
//!
//! `smtp://` means STARTTLS in an [`Endpoint`](crate::Endpoint), and no TLS in lettre's URLs; what lettre says behind a `?` is
//! said by [`Security`](crate::Security) here.
//!
//! ```
//! use letterhead_transport::adapter::lettre::read_message;
//!
//! let message = lettre::Message::builder()
//!     .from("Billing <billing@example.org>".parse()?)
//!     .to("Ann <ann@example.com>".parse()?)
//!     .bcc("archive@example.org".parse()?)
//!     .subject("Your invoice")
//!     .body(String::from("It is attached.\n"))?;
//! let (message, envelope) = read_message(&message)?;
//! assert_eq!(envelope.recipients().len(), 2);
//! assert!(message.header("Bcc").is_none());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod as_lettre;
mod from_lettre;
mod mail;
mod shared_outcome;
mod smtp_answer;

pub use as_lettre::{AsLettre, AsLettreError};
pub use from_lettre::FromLettre;
pub use mail::{LettreMailError, read_message, read_raw};
pub use shared_outcome::SharedOutcome;
