//! Transports around other transports.
//!
//! Each of these is a [`Transport`](letterhead_mail::Transport) that holds others as `Arc<dyn Transport>`, so they stack
//! in any order. They keep what every transport promises: each recipient of the envelope gets one row, in the envelope's
//! order. What is in doubt stays in doubt: it is never sent again and never handed to another server.
//!
//! | | |
//! |---|---|
//! | [`Failover`] | the servers of one route, in order |
//! | [`RoundRobin`] | the servers of one route, in turn and by weight |
//! | [`Router`] | a transport by tenant, channel, identity, tag, From, sender or recipient |
//! | [`RateLimit`] | token buckets for each key |
//! | [`Breaker`] | a server that has been failing is left alone for a while |
//! | [`Retry`] | another try, in memory |
//! | [`Staging`] | no mail to real customers |
//! | [`Observe`] | traces and counts |
//! | [`FileTransport`], [`Maildir`] | messages as files |
//! | [`Sink`] | the end of a load test |
//!
//! What is nearer to the server is decided last. A stack that is usual from the outside inwards: `Staging`, `Observe`,
//! `Retry`, `RateLimit`, then `Failover` over one `Breaker` for each server.
//!
//! ```
//! use std::num::NonZeroU32;
//! use std::sync::Arc;
//! use letterhead_mail::{Clock, Transport};
//! use letterhead_transport::{
//!     AllowedRecipient, Breaker, Failover, Observe, Rate, RateLimit, RatePeriod, Retry, Staging, SystemClock, SystemEntropy,
//! };
//! # use letterhead_mail::{EmailAddress, Envelope, LineEndings, Message, ReversePath, Submission};
//! # use letterhead_transport::Sink;
//!
//! const TEN: NonZeroU32 = NonZeroU32::new(10).unwrap();
//!
//! fn stack(main: Arc<dyn Transport>, spare: Arc<dyn Transport>, allowed: AllowedRecipient) -> impl Transport {
//!     let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
//!     let servers = Failover::new(Arc::new(Breaker::new(main, clock.clone())))
//!         .then(Arc::new(Breaker::new(spare, clock.clone())));
//!     let paced = RateLimit::new(Rate::messages(TEN, RatePeriod::Second), Arc::new(servers), clock.clone());
//!     let retried = Retry::new(Arc::new(paced), clock.clone(), Arc::new(SystemEntropy::new()));
//!     let observed = Observe::new("relay", Arc::new(retried), clock);
//!     Staging::allow([allowed], Arc::new(observed))
//! }
//! # let sink = || -> Result<_, Box<dyn std::error::Error>> { Ok(Arc::new(Sink::new(["qa.example".parse()?]))) };
//! # let message = Message::from_bytes("Subject: hello\r\n\r\n", LineEndings::Strict)?;
//! # let to: [EmailAddress; 2] = ["ada@qa.example".parse()?, "ada@customer.example".parse()?];
//! # let envelope = Envelope::new(ReversePath::Null, to)?;
//! # let submission = Submission::new("1".parse()?, "acme".parse()?, message, envelope);
//! # let transport = stack(sink()?, sink()?, "qa.example".parse()?);
//! # let report = letterhead_dns::block_on_ready(transport.send(&submission)).expect("nothing waits");
//! # assert_eq!(report.rows()[0].outcome().to_string(), "accepted");
//! # assert_eq!(report.rows()[1].outcome().to_string(), "not attempted (withheld)");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! None of them has to be closed; an [`SmtpTransport`](crate::SmtpTransport) inside has, so keep an `Arc` of it
//! ([`close`](crate::SmtpTransport::close)). A transport of your own is a
//! [`Transport`](letterhead_mail::Transport) like any other.

mod breaker;
mod failover;
mod file_transport;
mod maildir;
mod observe;
mod rate_limit;
mod retry;
mod round_robin;
mod router;
mod sink;
mod staging;
mod storage;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

pub use breaker::{Breaker, BreakerState};
pub use failover::Failover;
pub use file_transport::FileTransport;
pub use maildir::Maildir;
pub use observe::Observe;
pub use rate_limit::{Rate, RateKey, RateLimit, RatePeriod};
pub use retry::Retry;
pub use round_robin::RoundRobin;
pub use router::{Router, RoutingRule, SenderCheck, SenderStatus};
pub use sink::Sink;
pub use staging::{AllowedRecipient, AllowedRecipientError, Staging};
