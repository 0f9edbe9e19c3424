//! The simulator from outside, as an application's tests use it.

mod common;
mod dns_server;
mod doors;
mod inbox;
mod provider;
mod receivers;
mod reports;
