//! The provider's console.

use std::fmt;
use std::sync::Arc;

use letterhead_identity::profile::SuppressionCause;
use letterhead_identity::{Subject, Values};
use letterhead_mail::{DomainName, EmailAddress};

use super::engagement::{self, UnknownMail};
use super::suppression::SuppressedAddress;
use super::{FrontHost, identities, issued};
use crate::provider_events::{Engagement, UnknownSubscription};
use crate::world::{Host, World};

/// A front of a running simulation, as its operator's console would show it.
#[derive(Clone)]
pub struct FrontHandle {
    world: Arc<World>,
    name: DomainName,
}

impl FrontHandle {
    pub(crate) fn new(world: Arc<World>, name: DomainName) -> Self {
        Self { world, name }
    }

    /// What the provider issues for a customer's domain, by the names that the profile has for it: DKIM tokens, selectors
    /// with their key records, hosts that aliases lead to. They go into
    /// [`NewIdentity::values`](letterhead_identity::NewIdentity), and the DNS plan is made of them.
    ///
    /// The domain is thereby registered: it is verified while the DKIM records that the profile makes of them are
    /// published, and signed for. The same domain gets the same values. None where the profile has the provider issue none.
    #[must_use]
    pub fn issue(&self, domain: &DomainName) -> Values {
        let host = self.host();
        host.map_or_else(Values::new, |host| {
            issued::issue(host, &self.world.dns, &self.world.entropy, domain)
        })
    }

    /// Takes an address or a domain for verified, as after a click on the link in a mail.
    pub fn verify(&self, subject: Subject) {
        if let Some(host) = self.host() {
            host.lock().verified.insert(subject);
        }
    }

    /// Forgets an address or a domain, with what was issued for it.
    pub fn withdraw(&self, subject: &Subject) {
        if let Some(host) = self.host() {
            let mut customers = host.lock();
            customers.verified.remove(subject);
            if let Subject::Domain(domain) = subject {
                customers.issued.remove(domain);
            }
        }
    }

    /// Whether mail from this address is taken now.
    #[must_use]
    pub fn is_verified(&self, from: &EmailAddress) -> bool {
        self.host()
            .is_some_and(|host| identities::covers(host, &self.world.dns, from))
    }

    /// Puts an address on the suppression list that the provider keeps for the customer.
    pub fn suppress(&self, address: &EmailAddress) {
        if let Some(host) = self.host() {
            let cause = SuppressionCause::Manual;
            host.lock().suppressed.add(address, cause);
        }
    }

    /// Takes an address off that list.
    pub fn unsuppress(&self, address: &EmailAddress) {
        if let Some(host) = self.host() {
            host.lock().suppressed.remove(address);
        }
    }

    /// The suppression list that the provider keeps for the customer, in the order of the addresses.
    #[must_use]
    pub fn suppression_list(&self) -> Vec<SuppressedAddress> {
        let host = self.host();
        host.map_or_else(Vec::new, |host| host.lock().suppressed.addresses())
    }

    /// Takes every address off that list.
    pub fn clear_suppressions(&self) {
        if let Some(host) = self.host() {
            host.lock().suppressed.clear();
        }
    }

    /// Confirms the subscription of a webhook, as a GET of its `SubscribeURL` would. From then on it is told things.
    ///
    /// # Errors
    ///
    /// When no webhook of this front has a subscription with this URL.
    pub fn confirm_subscription(&self, subscribe_url: &str) -> Result<(), UnknownSubscription> {
        let subscribers = self.host().map_or(&[][..], FrontHost::subscribers);
        subscribers
            .iter()
            .find_map(|subscriber| subscriber.confirm(subscribe_url))
            .ok_or_else(|| UnknownSubscription {
                url: subscribe_url.to_owned(),
            })
    }

    /// A recipient opens a message, and the front's webhooks are told. The id is the last word of the front's reply to the
    /// message, or the Message-ID that arrived. The message itself has nothing by which that would be seen.
    ///
    /// # Errors
    ///
    /// When the front has not sent this message to this recipient, or has no webhook.
    pub fn open(&self, message_id: &str, recipient: &EmailAddress) -> Result<(), UnknownMail> {
        self.engage(message_id, recipient, Engagement::Opened)
    }

    /// A recipient follows a link in a message; as [`open`](Self::open). Nothing is fetched.
    ///
    /// # Errors
    ///
    /// As those of [`open`](Self::open).
    pub fn click(
        &self,
        message_id: &str,
        recipient: &EmailAddress,
        link: &str,
    ) -> Result<(), UnknownMail> {
        self.engage(message_id, recipient, Engagement::Clicked(link.to_owned()))
    }

    fn engage(
        &self,
        message_id: &str,
        recipient: &EmailAddress,
        engagement: Engagement,
    ) -> Result<(), UnknownMail> {
        match self.host() {
            Some(host) => engagement::record(&self.world, host, message_id, recipient, engagement),
            None => Err(UnknownMail {
                message_id: message_id.to_owned(),
                recipient: recipient.clone(),
            }),
        }
    }

    fn host(&self) -> Option<&FrontHost> {
        match self.world.hosts.get(&self.name) {
            Some(Host::Front(host)) => Some(host),
            _ => None,
        }
    }
}

impl fmt::Debug for FrontHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("FrontHandle").field(&self.name).finish()
    }
}
