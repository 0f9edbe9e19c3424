//! Delivery to mail exchangers: hosts on loopback, a zone for the DNS, a scripted web.

mod hosts;
mod policies;
#[path = "../doubles/stepped.rs"]
mod stepped;
#[path = "../doubles/submission.rs"]
mod submission;
mod support;
mod tls;
mod turns;
