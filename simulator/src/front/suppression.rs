//! The suppression list that the provider keeps for a customer.

use letterhead_mail::EmailAddress;

use super::FrontHost;

/// Under what an address is on the list.
pub(super) fn key(address: &EmailAddress) -> String {
    address.to_string().to_lowercase()
}

/// Whether the address is on the list now.
pub(super) fn holds(host: &FrontHost, address: &EmailAddress) -> bool {
    host.lock().suppressed.contains(&key(address))
}
