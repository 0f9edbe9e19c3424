//! A front in a simulation.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use letterhead_identity::profile::{
    Condition, Limits, ProfileId, QuotaUnit, SizeBasis, SuppressionCause, Window,
};
use letterhead_identity::quota::InMemoryQuotaStore;
use letterhead_identity::{Profile, Region, Subject, Values};
use letterhead_mail::DomainName;
use letterhead_transport::Credentials;
use letterhead_transport::smtp::ServerReply;

use super::keys::{FrontKeys, TestKeyError};
use super::suppression::SuppressionList;
use super::{FeedbackByMail, Front};
use crate::behaviour::{Behaviour, Volume};
use crate::dns::SimulatedDns;
use crate::entropy::SeededEntropy;
use crate::provider_events::{Subscriber, Webhook};
use crate::publication;
use crate::session::{MailNeeds, Password, SessionConfig, reply};
use crate::tls_fault::TlsFault;
use crate::world::Outbound;

/// A front that is part of a world.
#[derive(Debug)]
pub(crate) struct FrontHost {
    pub(super) front: Front,
    pub(super) keys: FrontKeys,
    quotas: InMemoryQuotaStore,
    customers: Mutex<Customers>,
    subscribers: Vec<Subscriber>,
    /// By their ids.
    sent: Mutex<BTreeMap<String, Arc<Outbound>>>,
}

/// What the provider keeps for its customer.
#[derive(Debug, Default)]
pub(super) struct Customers {
    pub(super) verified: BTreeSet<Subject>,
    pub(super) issued: BTreeMap<DomainName, Values>,
    pub(super) suppressed: SuppressionList,
    /// Those of a day that failed for good.
    pub(super) bounced: Volume,
}

impl FrontHost {
    /// Puts a front into a world.
    ///
    /// # Errors
    ///
    /// When a built-in test key cannot be read.
    pub(crate) fn new(
        front: Front,
        dns: &SimulatedDns,
        entropy: &SeededEntropy,
    ) -> Result<Self, TestKeyError> {
        publication::publish_host(dns, &front.name, front.address);
        let keys = FrontKeys::new(&front, dns, entropy)?;
        let mut suppressed = SuppressionList::default();
        for address in &front.suppressed {
            suppressed.add(address, SuppressionCause::Manual);
        }
        let customers = Customers {
            verified: front.verified.clone(),
            issued: BTreeMap::new(),
            suppressed,
            bounced: Volume::default(),
        };
        let subscriber = |(position, webhook): (usize, &Webhook)| {
            let label = format!("webhooks/{}/{position}", front.name);
            Subscriber::new(webhook.clone(), entropy.derive(&label))
        };
        let webhooks = front.webhooks.iter().enumerate();
        let subscribers = webhooks.map(subscriber).collect::<Result<_, _>>()?;
        Ok(Self {
            front,
            quotas: InMemoryQuotaStore::new(),
            keys,
            customers: Mutex::new(customers),
            subscribers,
            sent: Mutex::default(),
        })
    }

    /// The webhooks that it tells things.
    pub(crate) fn subscribers(&self) -> &[Subscriber] {
        &self.subscribers
    }

    /// Whether bounces and complaints come back as mail.
    pub(crate) fn reports_by_mail(&self) -> bool {
        self.front.feedback_by_mail == FeedbackByMail::Sent
    }

    pub(crate) fn name(&self) -> &DomainName {
        &self.front.name
    }

    pub(crate) fn address(&self) -> IpAddr {
        self.front.address
    }

    /// The domains whose SPF records the profile's customers include in theirs.
    pub(crate) fn included_domains(&self) -> impl Iterator<Item = DomainName> {
        let terms = self.front.profile.spf().iter();
        // What has a placeholder or a macro is no name.
        terms.filter_map(|rule| rule.term.strip_prefix("include:")?.parse().ok())
    }

    /// The domain of the envelope senders that mail leaves with, where the profile has one.
    pub(crate) fn return_path_domain(&self) -> Option<&DomainName> {
        self.front.profile.return_path().map(|rule| &rule.domain)
    }

    pub(crate) fn assumed(&self) -> Option<IpAddr> {
        self.front.assumed_client
    }

    pub(crate) fn own_behaviour(&self) -> Option<&Behaviour> {
        let behaviour = &self.front.answers;
        behaviour.has_rules().then_some(behaviour)
    }

    pub(crate) fn wrong_tls(&self) -> Option<TlsFault> {
        self.front.tls_fault
    }

    pub(crate) fn session_config(&self) -> SessionConfig {
        let config = self.front.session.clone();
        let config = config.ask_at_all(self.front.answers.stages());
        match self.message_limit(QuotaUnit::Octets) {
            Some(octets) => config.maximum_octets(octets),
            None => config,
        }
    }

    /// What a client of this host logs in with: the first login.
    pub(crate) fn credentials(&self) -> Option<Credentials> {
        let (user, password) = self.front.logins.first_key_value()?;
        Some(Credentials::new(user.clone(), password.expose().into()))
    }

    /// Whether this user has this password.
    pub(super) fn knows(&self, user: &str, password: &Password) -> bool {
        self.front.logins.get(user) == Some(password)
    }

    /// What a client has to do before it hands in mail.
    pub(super) fn mail_needs(&self) -> MailNeeds {
        self.front.session.needed_for_mail()
    }

    pub(super) fn profile(&self) -> &Profile {
        &self.front.profile
    }

    pub(crate) fn provider(&self) -> &ProfileId {
        self.front.profile.id()
    }

    pub(super) fn region(&self) -> Option<&Region> {
        self.front.region.as_ref()
    }

    /// The limits that hold for the customer.
    pub(super) fn limits(&self) -> Option<&Limits> {
        self.front.limits.as_ref()
    }

    /// What the customer has sent under them.
    pub(super) fn quotas(&self) -> &InMemoryQuotaStore {
        &self.quotas
    }

    /// The limit on one message, where it is known.
    pub(super) fn message_limit(&self, unit: QuotaUnit) -> Option<u64> {
        let mut quotas = self.limits().into_iter().flat_map(Limits::quotas);
        quotas.find_map(|quota| {
            let is_meant = quota.window == Window::Message
                && quota.unit == unit
                && quota.basis == SizeBasis::Encoded;
            quota.maximum.known().filter(|_| is_meant)
        })
    }

    /// How many connections there may be at once, where that is known, and what further ones are told.
    pub(crate) fn connections(&self) -> Option<(u64, ServerReply)> {
        let mut quotas = self.limits().into_iter().flat_map(Limits::quotas);
        let maximum = quotas.find_map(|quota| {
            let is_meant = quota.window == Window::AtOnce && quota.unit == QuotaUnit::Connections;
            quota.maximum.known().filter(|_| is_meant)
        })?;
        let refusal = self.refusal(Condition::TooManyConnections, "");
        let fallback = || reply(421, (4, 7, 0), "too many connections");
        Some((maximum, refusal.unwrap_or_else(fallback)))
    }

    /// Keeps what went out, for what comes back about it.
    pub(super) fn remember(&self, id: String, outbound: Arc<Outbound>) {
        let mut sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        sent.insert(id, outbound);
    }

    /// What went out with this id.
    pub(super) fn sent(&self, id: &str) -> Option<Arc<Outbound>> {
        let sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        sent.get(id).cloned()
    }

    /// What went out that is so.
    pub(super) fn sent_that(&self, is_it: impl Fn(&Outbound) -> bool) -> Option<Arc<Outbound>> {
        let sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        sent.values().find(|outbound| is_it(outbound)).cloned()
    }

    /// The provider's own words for a refusal.
    pub(super) fn refusal(&self, condition: Condition, from: &str) -> Option<ServerReply> {
        let refusals = self.front.profile.refusals().iter();
        let refusal = refusals
            .into_iter()
            .find(|refusal| refusal.condition == condition)?;
        let region = self.front.region.as_ref().map_or("unknown", Region::as_str);
        // The address last, so that braces in it are just braces.
        let text = refusal.text.replace("{region}", region);
        let text = text.replace("{from}", from);
        Some(ServerReply::new(refusal.code, refusal.enhanced, &text))
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Customers> {
        self.customers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
