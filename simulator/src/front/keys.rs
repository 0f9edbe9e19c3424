//! The test keys that a provider signs with.

use std::sync::Arc;

use letterhead_dkim::{KeyError, PrivateKey, PublicKeyRecord, Selector, Signer, SigningKey};
use letterhead_dns::{Record, RecordData};
use letterhead_identity::profile::{MadeBy, SignatureWhen};
use letterhead_mail::DomainName;

use super::Front;
use crate::dns::SimulatedDns;
use crate::entropy::SeededEntropy;
use crate::publication;

/// The keys of one front.
#[derive(Debug)]
pub(super) struct FrontKeys {
    /// With the provider's own domains, on every message.
    pub(super) own: Vec<Signer>,
    /// Behind the records that customers publish, in the records' order.
    customer: Vec<Arc<dyn SigningKey>>,
}

impl FrontKeys {
    /// Reads the keys and publishes those of the provider's own domains.
    pub(super) fn new(
        front: &Front,
        dns: &SimulatedDns,
        entropy: &SeededEntropy,
    ) -> Result<Self, TestKeyError> {
        let signs = |when| {
            let rules = front.profile.signatures().iter();
            rules.filter(move |rule| rule.made_by == MadeBy::Provider && rule.when == when)
        };
        let mut own = Vec::new();
        for rule in signs(SignatureWhen::Always) {
            let (Ok(domain), key) = (rule.domain.parse::<DomainName>(), read(PROVIDER)?) else {
                continue;
            };
            let token = entropy.derive(&format!("selector/{domain}")).token(26);
            if let Some(selector) = publish(dns, &token, &domain, key.as_ref()) {
                own.push(Signer::new(domain, selector, key));
            }
        }
        let customer = match signs(SignatureWhen::DomainIdentity).next() {
            Some(_) => CUSTOMER.into_iter().map(read).collect::<Result<_, _>>()?,
            None => Vec::new(),
        };
        Ok(Self { own, customer })
    }

    /// The key behind the record at this place.
    pub(super) fn customer(&self, position: usize) -> Option<&Arc<dyn SigningKey>> {
        self.customer.get(position % self.customer.len().max(1))
    }
}

/// A test key that is part of the library could not be used.
#[derive(Debug, thiserror::Error)]
#[error("a built-in test key cannot be used")]
#[non_exhaustive]
pub struct TestKeyError {
    source: KeyError,
}

pub(crate) fn read(pem: &str) -> Result<Arc<dyn SigningKey>, TestKeyError> {
    match PrivateKey::from_pem(pem) {
        Ok(key) => Ok(Arc::new(key)),
        Err(source) => Err(TestKeyError { source }),
    }
}

/// Publishes a key at `selector._domainkey.domain`.
fn publish(
    dns: &SimulatedDns,
    selector: &str,
    domain: &DomainName,
    key: &dyn SigningKey,
) -> Option<Selector> {
    let selector: Selector = selector.parse().ok()?;
    let owner = selector.record_name(domain).ok()?;
    publish_at(dns, owner, key);
    Some(selector)
}

pub(super) fn publish_at(dns: &SimulatedDns, owner: DomainName, key: &dyn SigningKey) {
    let data = RecordData::Txt(PublicKeyRecord::for_key(key).to_txt());
    dns.publish(Record::new(owner.into(), publication::TTL, data));
}

const PROVIDER: &str = include_str!("../../keys/provider.pem");

const CUSTOMER: [&str; 3] = [
    include_str!("../../keys/customer-1.pem"),
    include_str!("../../keys/customer-2.pem"),
    include_str!("../../keys/customer-3.pem"),
];
