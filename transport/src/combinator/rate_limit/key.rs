use std::collections::HashMap;
use std::sync::Arc;

use letterhead_mail::{AddressDomain, Envelope, Submission};

/// What has buckets of its own under a [`RateLimit`](super::RateLimit).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RateKey {
    /// Nothing: all submissions share.
    Everything,
    /// Each tenant.
    Tenant,
    /// Each identity; submissions without one share.
    Identity,
    /// Each channel; submissions without one share.
    Channel,
    /// Each domain of envelopes' senders, where bounces go; null senders share.
    SenderDomain,
    /// Each domain of recipients. The submission is sent in its parts, one after another, those that need not wait
    /// first; each part counts as a message.
    RecipientDomain,
}

/// How a submission's key is found.
#[derive(Clone)]
pub(super) enum KeyFunction {
    Of(RateKey),
    By(Arc<dyn Fn(&Submission) -> String + Send + Sync>),
}

impl RateKey {
    /// The key of a submission; recipients have [keys of their own](divide).
    pub(super) fn of(self, submission: &Submission) -> String {
        match self {
            Self::Everything | Self::RecipientDomain => String::new(),
            Self::Tenant => submission.tenant.to_string(),
            Self::Identity => text(submission.identity.as_ref()),
            Self::Channel => text(submission.channel.as_ref()),
            Self::SenderDomain => {
                let sender = submission.envelope.sender().address();
                text(sender.map(|sender| sender.domain()))
            }
        }
    }
}

/// Nothing is a key as well, which no value has.
fn text(value: Option<&impl ToString>) -> String {
    value.map(ToString::to_string).unwrap_or_default()
}

/// The recipients at each domain, as envelopes in the order of their first ones.
pub(super) fn divide(envelope: &Envelope) -> Vec<(String, Envelope)> {
    let mut places: HashMap<&AddressDomain, usize> = HashMap::new();
    let mut parts: Vec<(&AddressDomain, Vec<_>)> = Vec::new();
    for recipient in envelope.recipients() {
        let domain = recipient.address().domain();
        let place = *places.entry(domain).or_insert(parts.len());
        match parts.get_mut(place) {
            Some((_, recipients)) => recipients.push(recipient.clone()),
            None => parts.push((domain, vec![recipient.clone()])),
        }
    }
    parts
        .into_iter()
        .filter_map(|(domain, recipients)| {
            let part = envelope.to_others(recipients).ok()?;
            Some((domain.to_string(), part))
        })
        .collect()
}
