//! Other libraries' transports as ours, and ours as theirs.
#![cfg(any(feature = "lettre", feature = "tower"))]

#[cfg(feature = "lettre")]
mod as_lettre;
#[cfg(feature = "lettre")]
mod from_lettre;
#[cfg(feature = "lettre")]
mod lettre_mail;
#[cfg(feature = "lettre")]
mod server;
#[path = "../doubles/submission.rs"]
mod submission;
mod support;
#[cfg(feature = "tower")]
mod tower;
