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
//! | [`Router`] | a transport by channel, identity, tag, From, sender or recipient |
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
//! use std::sync::Arc;
//! use letterhead_mail::{Clock, Transport};
//! use letterhead_transport::{Breaker, Failover, Observe, Staging, SystemClock};
//!
//! fn stack(main: Arc<dyn Transport>, spare: Arc<dyn Transport>) -> impl Transport {
//!     let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
//!     let servers = Failover::new(Arc::new(Breaker::new(main, clock.clone())))
//!         .then(Arc::new(Breaker::new(spare, clock.clone())));
//!     Observe::new("relay", Arc::new(servers), clock)
//! }
//!
//! let transport = stack(Arc::new(Staging::withhold_all()), Arc::new(Staging::withhold_all()));
//! # drop(transport);
//! ```

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
pub use staging::{AllowedRecipient, Staging};
