//! The simulator from outside, as an application's tests use it.

mod answers;
mod behaviours;
mod common;
#[cfg(feature = "cross-check")]
mod cross_check;
mod crowds;
mod deliverability;
mod dns_server;
mod doors;
mod engagement;
mod every_domain;
mod faults;
mod front_limits;
mod inbox;
mod malformed_reports;
mod notifications;
mod oci_events;
mod one_click;
mod provider;
mod receiver_policies;
mod receivers;
mod recipient_answers;
mod relaying;
mod reports;
mod returned;
mod rough_clients;
mod ses_events;
mod sns_openssl;
mod suppression;
mod time;
mod webhook_events;
mod week;
