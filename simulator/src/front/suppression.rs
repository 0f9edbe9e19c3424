//! The suppression list that the provider keeps for a customer.

use std::collections::BTreeMap;

use letterhead_identity::profile::{CountsQuota, OnSend, SuppressionCause};
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

/// What becomes of mail to an address on the list.
pub(super) fn on_send(host: &FrontHost) -> OnSend {
    let rule = host.profile().suppression();
    rule.map_or(OnSend::Unknown, |rule| rule.on_send)
}

/// Whether mail to an address on the list counts against quotas.
pub(super) fn counts_quota(host: &FrontHost) -> CountsQuota {
    let rule = host.profile().suppression();
    rule.map_or(CountsQuota::Unknown, |rule| rule.counts_quota)
}

/// Puts those on the list of this host that failed for good, where it is a front whose provider does so, and tells the
/// customer when they are many.
pub(crate) fn learn_bounces(world: &World, host: &DomainName, failed: &[RecipientStatus]) {
    let Some(Host::Front(host)) = world.hosts.get(host) else {
        return;
    };
    let hard = || failed.iter().filter(|status| is_hard(status.status()));
    let recipients = hard().map(|status| status.recipient().clone());
    learn(world, host, recipients, SuppressionCause::HardBounce);
    for _ in hard() {
        advise(world, host);
    }
}

/// Puts those on the list who complained, where the provider does so.
pub(super) fn learn_complaints(world: &World, host: &FrontHost, complained: &[EmailAddress]) {
    learn(
        world,
        host,
        complained.iter().cloned(),
        SuppressionCause::Complaint,
    );
}

fn learn(
    world: &World,
    host: &FrontHost,
    recipients: impl IntoIterator<Item = EmailAddress>,
    cause: SuppressionCause,
) {
    let rule = host.profile().suppression();
    let suppresses = rule.is_some_and(|rule| rule.reasons.values().any(|known| *known == cause));
    if !suppresses {
        return;
    }
    for recipient in recipients {
        let is_new = host.lock().suppressed.add(&recipient, cause);
        if is_new {
            world.log(host.name(), SimEventKind::Suppressed { recipient, cause });
        }
    }
}

/// Counts a bounce, and says how volume is to be tried once there are more in a day than a trial needs.
fn advise(world: &World, host: &FrontHost) {
    let Some(test) = host.profile().volume_test() else {
        return;
    };
    let count = {
        let mut customers = host.lock();
        customers.bounced.count(world.clock.now_time());
        customers.bounced.of_a_day()
    };
    if count == FEW_BOUNCES + 1 {
        let advice = test.note.clone().unwrap_or_default();
        let sink = test.sink.clone();
        world.log(host.name(), SimEventKind::Advised { sink, advice });
    }
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

/// Bounces of a day that count as a trial. Providers speak of a few messages, and name no number.
const FEW_BOUNCES: u64 = 10;
