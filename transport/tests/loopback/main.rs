//! The transport against small servers on loopback.

mod logs;
mod plain;
mod support;
mod tls;
