//! The receiving internet, offline: a DNS, mail servers that judge what they get, bounces and complaints that come back,
//! and time that passes when it is told to.
//!
//! One world, two doors, the same rules. [`Simulator::transport`] speaks SMTP in memory, without a runtime;
//! [`Simulator::serve`] puts the same hosts, and the DNS, on real loopback sockets with STARTTLS, for any client in any
//! language.
//!
//! ```
//! use std::time::{Duration, SystemTime};
//! use letterhead_dns::block_on_ready;
//! use letterhead_identity::Profile;
//! use letterhead_mail::{EmailAddress, Envelope, LineEndings, Message, Submission, Transport};
//! use letterhead_simulator::{Front, Password, Receiver, Simulator};
//!
//! let provider: letterhead_dns::DomainName = "smtp.provider.example".parse()?;
//! let front = Front::new(provider.clone(), "192.0.2.1".parse()?, Profile::built_in("amazon-ses")?)
//!     .login("user", Password::new("secret"))
//!     .verified("billing@yourcompany.example".to_owned().try_into()?);
//! let home = Receiver::new("mx.yourcompany.example".parse()?, "192.0.2.2".parse()?)
//!     .mailbox("bounces@yourcompany.example".parse()?);
//! let simulator = Simulator::builder(SystemTime::UNIX_EPOCH, 42).front(front).receiver(home).build()?;
//!
//! let text = "From: billing@yourcompany.example\nSubject: Invoice\n\nPlease pay.\n";
//! let message = Message::from_bytes(text, LineEndings::Normalise)?;
//! let return_path: EmailAddress = "bounces@yourcompany.example".parse()?;
//! let to: EmailAddress = "bounce+invoice-7@simulator.amazonses.com".parse()?;
//! let envelope = Envelope::new(return_path.clone(), [to])?;
//! let submission = Submission::new("1".parse()?, "acme".parse()?, message, envelope);
//!
//! let transport = simulator.transport(&provider)?;
//! let report = block_on_ready(transport.send(&submission)).expect("a simulation never waits");
//! assert!(report.all_accepted());
//!
//! simulator.advance(Duration::from_secs(30));
//! let bounce = &simulator.mails_of(&return_path)[0];
//! assert!(bounce.envelope.sender().is_null());
//! assert_eq!(bounce.message.header("Subject").unwrap().unfolded(), "Delivery Status Notification (Failure)");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Map
//!
//! - [`Simulator`]: the world and its doors; [`SimEvent`], [`StoredMail`] and [`SessionRecord`] are what a test asserts on.
//! - [`Mailbox`]: assertions over what arrived, which show the nearest miss where they fail.
//! - [`deliverability`]: what every receiver, and the rules of Google, Yahoo and Microsoft, would make of a message, without
//!   sending it.
//! - [`Receiver`]: a mail exchanger with mailboxes, which checks SPF, DKIM and DMARC and applies the policy.
//! - [`Behaviour`]: how a mailbox treats mail, or a host everybody: replies in any form, waits, closed connections,
//!   greylisting, bounces; also as a word that makes an address, such as `defer-3@`.
//! - [`TlsFault`]: what goes wrong with a host's TLS; [`Pace`]: how slowly, and in which pieces, octets come and go on a
//!   socket.
//! - [`Front`]: a provider's submission server, acted out from its profile, [by its name](Front::of) where that is built in;
//!   [`FrontHandle`] is its console.
//! - [`provider_events`]: what a front tells a [`Webhook`] about mail, in the provider's own form: Amazon SES over SNS,
//!   Oracle's logs, SendGrid, Mailgun, Postmark, SparkPost and Mailjet, signed where they sign.
//! - [`one_click`]: recipients who unsubscribe, where the rules of RFC 8058 let them, at a [handler](OneClickHandler) of the
//!   application.
//! - [`SimulatedDns`], [`VirtualClock`], [`SeededEntropy`]: the seams of the other crates, implemented here.
//! - [`session`]: the server's side of SMTP without a socket, strict unless it is told otherwise;
//!   [`reports`]: everything that comes back by mail, written.
//!
//! # Test keys
//!
//! A front signs mail and notifications with keys that are part of the published source: everybody has them, and what
//! they sign proves nothing. They belong into simulated DNS only.
//!
//! # What it does not do
//!
//! It never looks anything up in the real DNS and never connects anywhere, but to [loopback addresses](LoopbackHttp) that it
//! is given for one-click unsubscription. It does not filter as any particular
//! receiver does, beyond SPF, DKIM, DMARC and the rules of a [policy](Receiver::policy), and does not enforce a provider's rates and daily quotas. Content is
//! never taken as BINARYMIME.
//!
//! # Features
//!
//! - `cross-check`: `SimulatorBuilder::cross_check`, every message judged by mail-auth as well (about 40 crates). Off by
//!   default.
//! - `web`: `Simulator::serve_web`, the inbox as a page and a JSON API (axum, about 25 crates). Off by default.
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

pub mod behaviour;
pub mod clock;
#[cfg(feature = "cross-check")]
pub mod cross_check;
pub mod deliverability;
pub mod dns;
mod dns_server;
pub mod entropy;
pub mod event;
pub mod front;
mod in_process;
mod loopback_http;
pub mod mailbox;
pub mod one_click;
pub mod provider_events;
mod publication;
pub mod receiver;
mod relay;
pub mod reports;
pub mod serve;
pub mod session;
pub mod simulator;
mod tls_fault;
#[cfg(feature = "web")]
mod web;
mod world;

pub use behaviour::Behaviour;
pub use clock::VirtualClock;
pub use deliverability::{Approach, Deliverability};
pub use dns::SimulatedDns;
pub use entropy::SeededEntropy;
pub use event::{ReportKind, SimEvent, SimEventKind};
pub use front::{FeedbackByMail, Front, FrontHandle, SuppressedAddress, UnknownMail, VirusCheck};
pub use loopback_http::{LoopbackHttp, NotLoopback};
pub use mailbox::{Disposition, Mailbox, StoredMail};
pub use one_click::{OneClickHandler, OneClickRequest};
pub use provider_events::{NotificationSink, ProviderNotification, Webhook};
pub use receiver::Receiver;
pub use serve::{Pace, ServeError, ServeLimits, ServeOptions, Served};
pub use session::{Password, ServerSession, SessionConfig, Transcript};
pub use simulator::{BuildError, Simulator, SimulatorBuilder, StillAwake, UnknownHost};
pub use tls_fault::TlsFault;
#[cfg(feature = "web")]
pub use web::WebServer;
pub use world::{Injection, SessionRecord};

/// The README's example, tested.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
