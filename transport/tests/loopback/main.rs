//! The transport against small servers on loopback.

mod another_try;
mod check;
mod logs;
mod plain;
mod pool;
#[path = "../doubles/stepped.rs"]
mod stepped;
#[path = "../doubles/submission.rs"]
mod submission;
mod support;
mod tls;
