//! The simulator from outside, as an application's tests use it.

mod behaviours;
mod common;
mod dns_server;
mod doors;
mod every_domain;
mod provider;
mod receiver_policies;
mod receivers;
mod reports;
