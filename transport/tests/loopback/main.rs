//! The transport against small servers on loopback.

mod another_try;
mod logs;
mod plain;
mod pool;
#[path = "../shared/stepped.rs"]
mod stepped;
#[path = "../shared/submission.rs"]
mod submission;
mod support;
mod tls;
