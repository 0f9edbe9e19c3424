//! Servers of other projects, each started for one test on a free port of loopback and stopped with it. A test whose server
//! is not installed says that it is skipped.
#![cfg(unix)]

mod aiosmtpd;
mod setting;
mod smtp_sink;
#[path = "../doubles/submission.rs"]
mod submission;
