//! The simulator from outside, as an application's tests use it.

mod answers;
mod common;
mod dns_server;
mod doors;
mod inbox;
mod malformed_reports;
mod provider;
mod receivers;
mod reports;
