//! The whole crate through its public interface, and against independent judges.

mod attacks;
mod craft;
mod differential;
mod dkimpy;
mod hostile_bodies;
mod hostile_headers;
mod hostile_keys;
mod hostile_sizes;
mod identifiers;
mod key_ring;
mod key_ring_state;
mod live_signers;
mod mail_auth;
mod private_keys;
mod properties;
mod publication;
mod rotation;
mod signing_policy;
mod small_rsa_keys;
mod support;
mod tags;
mod vectors;
mod verdicts;
