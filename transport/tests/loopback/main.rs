//! The transport against small servers on loopback.

mod logs;
mod plain;
mod pool;
mod support;
mod tls;
