//! Mail straight to the hosts of its recipients' domains.
//!
//! - [`MxTransport`]: a [`Transport`](letterhead_mail::Transport) that finds the hosts of each recipient's domain and hands the
//!   message to one of them.
//! - [`MailExchangers`]: which hosts these are ([RFC 5321 §5.1](https://www.rfc-editor.org/rfc/rfc5321#section-5.1)), and
//!   [`NoRoute`], why there is none. [`RouteSettings`] bounds them.
//! - [`AddressGuard`]: which addresses may be connected to: those of the public internet.
//!
//! Who sends this way needs an address with reverse DNS and a name for it, port 25 outwards, SPF, DKIM and DMARC, and a
//! reputation. A provider has all of that.
//!
//! The real DNS is `HickoryResolver` of `letterhead-dns`, behind its feature `hickory`; in a test a
//! [`Zone`](letterhead_dns::Zone) stands for it.
//!
//! # Gaps
//!
//! - DANE ([RFC 7672](https://www.rfc-editor.org/rfc/rfc7672)) is not done: it needs TLSA answers from a resolver that checks
//!   DNSSEC itself, and there is none yet. An [`Answer`](letterhead_dns::Answer) says what DNSSEC found
//!   ([`Security`](letterhead_dns::Security)), so it can be added without changing the seam.
//! - A queue: a row that is deferred is the application's to try again.
//!
//! ```
//! use letterhead_dns::Zone;
//! use letterhead_mail::{EmailAddress, Envelope, LineEndings, Message, ReversePath, Submission, Transport};
//! use letterhead_transport::mx::MxTransport;
//! use std::sync::Arc;
//!
//! let zone: Zone = "
//! quiet.example   MX 0 .
//! inside.example  MX 10 localhost
//! localhost       A  127.0.0.1
//! ".parse()?;
//! let transport = MxTransport::builder(Arc::new(zone), "mail.example.com".parse()?).build()?;
//!
//! let message = Message::from_bytes("From: a@example.com\r\n\r\nhi\r\n", LineEndings::Strict)?;
//! let recipients = ["b@quiet.example", "c@inside.example", "d@nowhere.example"];
//! let recipients = recipients.map(|text| text.parse::<EmailAddress>().expect("an address"));
//! let envelope = Envelope::new(ReversePath::Null, recipients)?;
//! let submission = Submission::new("1".parse()?, "acme".parse()?, message, envelope);
//!
//! // None of these leads to a connection, so nothing waits.
//! let report = letterhead_dns::block_on_ready(transport.send(&submission)).expect("ready at once");
//! let codes: Vec<String> = report.rows().iter().filter_map(|row| row.enhanced()).map(|code| code.to_string()).collect();
//! assert_eq!(codes, ["5.1.10", "5.4.4", "5.1.2"]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! In a test the hosts are on this machine, on another port, and both have to be said:
//!
//! ```
//! use letterhead_dns::Zone;
//! use letterhead_transport::mx::{AddressGuard, MxTransport, RouteSettings};
//! use std::sync::Arc;
//! # use letterhead_mail::{EmailAddress, Envelope, LineEndings, Message, ReversePath, Submission, Transport};
//! # use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
//! # let port = listener.local_addr()?.port();
//! # let server = async {
//! #     let mut stream = BufReader::new(listener.accept().await?.0);
//! #     stream.write_all(b"220 mx.example.net\r\n").await?;
//! #     let mut line = String::new();
//! #     while stream.read_line(&mut line).await? > 0 {
//! #         let reply: &[u8] = if line.starts_with("DATA") { b"354 go on\r\n" } else { b"250 2.0.0 done\r\n" };
//! #         if line.starts_with("Subject") || line == "\r\n" {
//! #             // Within the message.
//! #         } else {
//! #             stream.write_all(reply).await?;
//! #         }
//! #         line.clear();
//! #     }
//! #     std::io::Result::Ok(())
//! # };
//! let zone: Zone = "
//! example.net    MX 10 mx.example.net
//! mx.example.net A  127.0.0.1
//! ".parse()?;
//! let guard = AddressGuard::default().dangerous_allow("127.0.0.0/8".parse()?);
//! let transport = MxTransport::builder(Arc::new(zone), "mail.example.com".parse()?)
//!     .route(RouteSettings::default().with_guard(guard))
//!     .port(port)
//!     .build()?;
//! # let message = Message::from_bytes("Subject: hello\r\n\r\n", LineEndings::Strict)?;
//! # let to: EmailAddress = "ann@example.net".parse()?;
//! # let submission = Submission::new("1".parse()?, "acme".parse()?, message, Envelope::new(ReversePath::Null, [to])?);
//! # let report = tokio::select! {
//! #     report = transport.send(&submission) => report,
//! #     ended = server => panic!("the server ended first: {ended:?}"),
//! # };
//! # assert!(report.all_accepted(), "{report}");
//! # Ok(())
//! # }
//! ```

mod any_certificate;
mod builder;
mod delivery;
mod exchangers;
mod guard;
mod join;
mod mx_transport;
mod network;
mod no_route;
mod own_hosts;
mod refusal;
mod route_settings;
mod servers;
mod session_counts;
mod shuffle;
mod status;
mod tls_level;
mod tls_plan;
mod turns;
mod undelivered;

pub use builder::MxTransportBuilder;
pub use exchangers::{MailExchanger, MailExchangers};
pub use guard::{AddressGuard, AddressKind, RefusedAddress};
pub use mx_transport::MxTransport;
pub use network::{IpNetwork, IpNetworkError};
pub use no_route::{NoRoute, NoRouteReason};
pub use own_hosts::OwnHosts;
pub use route_settings::RouteSettings;
