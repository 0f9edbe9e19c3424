//! The simulator from outside, as an application's tests use it.

mod answers;
mod behaviours;
mod common;
mod dns_server;
mod doors;
mod engagement;
mod every_domain;
mod inbox;
mod malformed_reports;
mod notifications;
mod oci_events;
mod provider;
mod receiver_policies;
mod receivers;
mod recipient_answers;
mod reports;
mod rough_clients;
mod ses_events;
mod sns_openssl;
mod webhook_events;
mod week;
