//! The whole way of a message, through the facade only.

mod default_sender;
mod failover;
mod feedback;
mod idempotency;
mod main_job;
mod outcomes;
mod peers;
mod preflight;
mod quotas;
mod refusals;
mod reputation;
mod rewritten_headers;
mod setting;
mod signing;
mod tls;
mod traces;
