use std::cell::OnceCell;

use letterhead_mail::{DomainName, EmailAddress, IdentityName, Mailbox, Submission, TenantId};

use super::sender_check::SenderStatus;

/// What a [`Router`](super::Router) goes by.
///
/// A domain is that domain alone and none below it. Where a rule is about From, every author has to match, so that
/// nothing goes out with the credentials of one in the name of another; a From that cannot be read for certain
/// ([`Message::authors`](letterhead_mail::Message::authors)) matches nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum RoutingRule {
    /// Submissions on behalf of this tenant.
    Tenant(TenantId),
    /// Submissions of this channel.
    Channel(String),
    /// Submissions that this identity authorises.
    Identity(IdentityName),
    /// Submissions with this tag.
    Tag {
        /// The name of the tag.
        name: String,
        /// Its value.
        value: String,
    },
    /// Messages from this address.
    FromAddress(EmailAddress),
    /// Messages from addresses at this domain.
    FromDomain(DomainName),
    /// Envelopes whose sender, where bounces go, is at this domain.
    SenderDomain(DomainName),
    /// Recipients at this domain; other recipients of the submission go elsewhere.
    RecipientDomain(DomainName),
}

impl RoutingRule {
    /// Whether it takes this recipient of the submission.
    pub(super) fn takes(&self, facts: &Facts<'_>, recipient: &EmailAddress) -> bool {
        let submission = facts.submission;
        match self {
            Self::Tenant(tenant) => facts.is_usable() && submission.tenant == *tenant,
            Self::Channel(channel) => submission.channel.as_ref() == Some(channel),
            Self::Tag { name, value } => submission
                .tags
                .iter()
                .any(|tag| tag.0 == *name && tag.1 == *value),
            Self::Identity(identity) => {
                facts.is_usable() && submission.identity.as_ref() == Some(identity)
            }
            Self::FromAddress(from) => {
                facts.is_usable() && facts.all_authors(|author| author == from)
            }
            Self::FromDomain(domain) => {
                facts.is_usable() && facts.all_authors(|author| is_at(author, domain))
            }
            Self::SenderDomain(domain) => {
                let sender = submission.envelope.sender().address();
                facts.is_usable() && sender.is_some_and(|sender| is_at(sender, domain))
            }
            Self::RecipientDomain(domain) => is_at(recipient, domain),
        }
    }
}

/// What rules ask of a submission.
pub(super) struct Facts<'a> {
    submission: &'a Submission,
    status: SenderStatus,
    /// Read when the first rule asks for it; nobody where From cannot be read.
    authors: OnceCell<Vec<Mailbox>>,
}

impl<'a> Facts<'a> {
    pub(super) fn new(submission: &'a Submission, status: SenderStatus) -> Self {
        Self {
            submission,
            status,
            authors: OnceCell::new(),
        }
    }

    fn is_usable(&self) -> bool {
        match self.status {
            SenderStatus::Usable => true,
            SenderStatus::Unusable => false,
        }
    }

    fn all_authors(&self, matches: impl Fn(&EmailAddress) -> bool) -> bool {
        let authors = self
            .authors
            .get_or_init(|| self.submission.message.authors().unwrap_or_default());
        !authors.is_empty() && authors.iter().all(|author| matches(author.address()))
    }
}

fn is_at(address: &EmailAddress, domain: &DomainName) -> bool {
    address.domain_name() == Some(domain)
}
