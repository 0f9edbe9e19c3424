//! The whole way of a message, through the facade only.

mod default_sender;
mod feedback;
mod main_job;
mod outcomes;
mod peers;
mod quotas;
mod refusals;
mod reputation;
mod rewritten_headers;
mod setting;
mod signing;
mod tls;
mod traces;
