//! Our transports as [tower](https://docs.rs/tower) services, and services as our transports, so that tower's layers can
//! stand in between.
//!
//! - [`TransportService`]: a transport as a `Service<Submission>`, whose response is the report and which never fails.
//! - [`ServiceTransport`]: a `Service<Submission>` with that response as a transport, whatever layers it has.
//!
//! What tower's layers mean for mail:
//!
//! - `Timeout` drops the attempt wherever it is and says nothing of where that was, so everything is in doubt.
//!   [`Timeouts`](crate::Timeouts) end an attempt between two steps and know which.
//! - `ConcurrencyLimit` and `LoadShed` are safe; tell [`ServiceTransport::with_no_call_on`] that `Overloaded` proves that
//!   nothing was sent.
//! - `Retry` must not repeat what is in doubt: a policy that looks at [`OutcomeClass`](letterhead_mail::OutcomeClass) and
//!   narrows the envelope to the recipients that are [safe to retry](letterhead_mail::RecipientReport::is_safe_to_retry)
//!   is right, one that repeats the request on every error duplicates mail. And it is not durable: what waits for its next
//!   try is lost with the process.
//! - `Buffer` is a queue in memory and not durable either; a submission that was in it when the worker died has an error
//!   that does not say whether it was sent.
//!
//! A transport under a layer is a transport again:
//!
//! ```
//! use std::sync::Arc;
//! use std::time::Duration;
//! use letterhead_mail::Transport;
//! use letterhead_transport::adapter::tower::{ServiceTransport, TransportService};
//! use tower::timeout::Timeout;
//!
//! fn hurried(transport: Arc<dyn Transport>) -> Arc<dyn Transport> {
//!     let service = Timeout::new(TransportService::new(transport), Duration::from_secs(20));
//!     Arc::new(ServiceTransport::new(service))
//! }
//! # drop(hurried(Arc::new(letterhead_transport::Staging::withhold_all())));
//! ```

mod service;
mod transport;

pub use service::TransportService;
pub use transport::ServiceTransport;
