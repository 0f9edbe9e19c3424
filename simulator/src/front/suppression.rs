//! The suppression list that the provider keeps for a customer.

use std::collections::BTreeMap;

use letterhead_identity::profile::SuppressionCause;
use letterhead_mail::{DomainName, EmailAddress, EnhancedCode};

use super::FrontHost;
use crate::event::SimEventKind;
use crate::reports::RecipientStatus;
use crate::world::{Host, World};

/// An address that a provider does not send to for a customer any more.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SuppressedAddress {
    /// The address, as it was written when it came onto the list.
    pub address: EmailAddress,
    /// Why it is there.
    pub cause: SuppressionCause,
}

/// The list of one customer. Letters are the same in both cases.
#[derive(Debug, Default)]
pub(super) struct SuppressionList {
    addresses: BTreeMap<String, SuppressedAddress>,
}

impl SuppressionList {
    /// Puts an address on the list and says whether it was not there before; the first cause stays.
    pub(super) fn add(&mut self, address: &EmailAddress, cause: SuppressionCause) -> bool {
        let key = key(address);
        if self.addresses.contains_key(&key) {
            return false;
        }
        let address = address.clone();
        let suppressed = SuppressedAddress { address, cause };
        self.addresses.insert(key, suppressed);
        true
    }

    pub(super) fn remove(&mut self, address: &EmailAddress) {
        self.addresses.remove(&key(address));
    }

    pub(super) fn clear(&mut self) {
        self.addresses.clear();
    }

    pub(super) fn addresses(&self) -> Vec<SuppressedAddress> {
        self.addresses.values().cloned().collect()
    }
}

/// Whether the address is on the list now.
pub(super) fn holds(host: &FrontHost, address: &EmailAddress) -> bool {
    let customers = host.lock();
    customers.suppressed.addresses.contains_key(&key(address))
}

/// Puts those on the list of this host that failed for good, where it is a front whose provider does so.
pub(crate) fn learn_bounces(world: &World, host: &DomainName, failed: &[RecipientStatus]) {
    let Some(Host::Front(host)) = world.hosts.get(host) else {
        return;
    };
    if !suppresses_bounces(host) {
        return;
    }
    for status in failed.iter().filter(|status| is_hard(status.status())) {
        let recipient = status.recipient().clone();
        let cause = SuppressionCause::HardBounce;
        let is_new = host.lock().suppressed.add(&recipient, cause);
        if is_new {
            world.log(host.name(), SimEventKind::Suppressed { recipient, cause });
        }
    }
}

/// Whether the provider has a hard bounce among its reasons for a suppression.
fn suppresses_bounces(host: &FrontHost) -> bool {
    let rule = host.front.profile.suppression();
    rule.is_some_and(|rule| {
        let mut causes = rule.reasons.values();
        causes.any(|cause| *cause == SuppressionCause::HardBounce)
    })
}

/// Whether this says that the address is dead, and not that its mailbox is full or that the message, the way to it or a
/// policy was in the way ([RFC 3463 §3](https://www.rfc-editor.org/rfc/rfc3463#section-3)).
fn is_hard(code: EnhancedCode) -> bool {
    matches!(
        (code.class(), code.subject(), code.detail()),
        (5, 0 | 1, _) | (5, 2, 0 | 1)
    )
}

/// Under what an address is on the list.
fn key(address: &EmailAddress) -> String {
    address.to_string().to_lowercase()
}
