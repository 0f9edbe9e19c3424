//! Delivery to mail exchangers: hosts on loopback, a zone for the DNS, a scripted web.

mod hosts;
mod policies;
mod support;
mod tls;
mod turns;
