//! Where the policy of a domain stands.

use letterhead_dns::{DomainName, LookupError, Resolver};

use crate::record::{Applicability, PublicSuffix, Record, Subject};

mod query;
pub(crate) mod walk;

pub use query::{Query, QueryOutcome};
use walk::{Existence, Walker};

/// Finds the policy record for an author domain
/// ([RFC 9989 §4.10.1](https://www.rfc-editor.org/rfc/rfc9989#section-4.10.1)): its own, else that of its organizational
/// domain, else that of its public suffix.
///
/// At most eight lookups find the record. One more asks whether the author domain exists, only where `sp` and `np`
/// differ and the answers so far do not tell.
pub async fn discover(author_domain: &DomainName, resolver: &dyn Resolver) -> Discovery {
    let mut walker = Walker::new(resolver);
    let found = discover_with(author_domain, &mut walker).await;
    let outcome = match found.existence_error {
        Some(error) => DiscoveryOutcome::Failed(error),
        None => found.outcome,
    };
    Discovery {
        outcome,
        queries: walker.into_queries(),
    }
}

/// Finds the organizational domain of a domain by walking up the tree
/// ([RFC 9989 §4.10.2](https://www.rfc-editor.org/rfc/rfc9989#section-4.10.2)), with at most eight lookups.
///
/// # Errors
///
/// The first lookup that failed; without its answer any name could be the one.
pub async fn organizational_domain(
    domain: &DomainName,
    resolver: &dyn Resolver,
) -> Result<OrganizationalDomain, LookupError> {
    let mut walker = Walker::new(resolver);
    let found = walker.organizational_domain(domain).await?;
    Ok(OrganizationalDomain {
        domain: found.domain,
        decided_by: found.decided_by,
        queries: walker.into_queries(),
    })
}

/// What discovery came to, and the failure to find out whether the author domain exists, which a message that passes
/// does not depend on.
pub(crate) struct Found {
    pub(crate) outcome: DiscoveryOutcome,
    pub(crate) existence_error: Option<LookupError>,
}

pub(crate) async fn discover_with(author_domain: &DomainName, walker: &mut Walker<'_>) -> Found {
    let (outcome, existence_error) = match find_policy(author_domain, walker).await {
        Err(error) => (DiscoveryOutcome::Failed(error), None),
        Ok(None) => (DiscoveryOutcome::NoRecord, None),
        Ok(Some((policy, existence_error))) => match policy.record.applicability() {
            Applicability::Applies | Applicability::ActsAsNone(_) => {
                (DiscoveryOutcome::Found(Box::new(policy)), existence_error)
            }
            Applicability::DoesNotApply(_) => {
                (DiscoveryOutcome::DoesNotApply(Box::new(policy)), None)
            }
        },
    };
    Found {
        outcome,
        existence_error,
    }
}

async fn find_policy(
    author_domain: &DomainName,
    walker: &mut Walker<'_>,
) -> Result<Option<(PolicyRecord, Option<LookupError>)>, LookupError> {
    if let Some(record) = walker.record_at(author_domain).await? {
        let policy = PolicyRecord {
            domain: author_domain.clone(),
            record,
            source: PolicySource::AuthorDomain,
            subject: Subject::PolicyDomain,
        };
        return Ok(Some((policy, None)));
    }
    // Nothing stands at the author domain, so that a walk from there finds what a walk from its parent finds.
    let found = walker.walk(author_domain).await?;
    let organizational = walk::select(author_domain, &found);
    let own = found
        .iter()
        .find(|(domain, _)| *domain == organizational.domain);
    let suffix = found
        .iter()
        .find(|(_, record)| record.public_suffix() == PublicSuffix::Yes);
    let (found, source) = match (own, suffix) {
        (Some(own), _) => (own, PolicySource::OrganizationalDomain),
        (None, Some(suffix)) => (suffix, PolicySource::PublicSuffixDomain),
        (None, None) => return Ok(None),
    };
    let (domain, record) = found.clone();
    let (subject, existence_error) = if record.requested_policy(Subject::ExistingSubdomain)
        == record.requested_policy(Subject::NonexistentSubdomain)
    {
        (Subject::Subdomain, None)
    } else {
        match walker.existence(author_domain).await {
            Ok(Existence::Exists) => (Subject::ExistingSubdomain, None),
            Ok(Existence::DoesNotExist) => (Subject::NonexistentSubdomain, None),
            Err(error) => (Subject::UndeterminedSubdomain, Some(error)),
        }
    };
    let policy = PolicyRecord {
        domain,
        record,
        source,
        subject,
    };
    Ok(Some((policy, existence_error)))
}

/// What [`discover`] found, and how.
#[derive(Debug, Clone)]
pub struct Discovery {
    outcome: DiscoveryOutcome,
    queries: Vec<Query>,
}

impl Discovery {
    /// What was found.
    #[must_use]
    pub fn outcome(&self) -> &DiscoveryOutcome {
        &self.outcome
    }

    /// The lookups, in order.
    #[must_use]
    pub fn queries(&self) -> &[Query] {
        &self.queries
    }
}

/// Whether a policy applies to an author domain.
#[expect(
    clippy::exhaustive_enums,
    reason = "callers decide differently for each and must not miss one"
)]
#[derive(Debug, Clone)]
pub enum DiscoveryOutcome {
    /// This one does.
    Found(Box<PolicyRecord>),
    /// A record was found, but its policy is broken and it wants no reports: DMARC does not apply.
    DoesNotApply(Box<PolicyRecord>),
    /// There is none: DMARC does not apply.
    NoRecord,
    /// A lookup failed, so that it is not known.
    Failed(LookupError),
}

/// A policy record and where it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyRecord {
    domain: DomainName,
    record: Record,
    source: PolicySource,
    subject: Subject,
}

impl PolicyRecord {
    /// The domain that publishes it, without `_dmarc`.
    #[must_use]
    pub fn domain(&self) -> &DomainName {
        &self.domain
    }

    /// The record.
    #[must_use]
    pub fn record(&self) -> &Record {
        &self.record
    }

    /// What that domain is to the author domain.
    #[must_use]
    pub fn source(&self) -> PolicySource {
        self.source
    }

    /// What the author domain is to that domain, which decides between `p`, `sp` and `np`.
    #[must_use]
    pub fn subject(&self) -> Subject {
        self.subject
    }
}

/// Whose record applies.
#[expect(
    clippy::exhaustive_enums,
    reason = "the three places, and their order, are the rule"
)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PolicySource {
    /// The author domain's own.
    AuthorDomain,
    /// That of its organizational domain.
    OrganizationalDomain,
    /// That of the public suffix above it.
    PublicSuffixDomain,
}

/// An organizational domain and how it was found.
#[derive(Debug, Clone)]
pub struct OrganizationalDomain {
    domain: DomainName,
    decided_by: Option<DomainName>,
    queries: Vec<Query>,
}

impl OrganizationalDomain {
    /// The organizational domain.
    #[must_use]
    pub fn domain(&self) -> &DomainName {
        &self.domain
    }

    /// The name whose record decided it, without `_dmarc`; `None` where there is no record, and the domain stands for
    /// itself.
    #[must_use]
    pub fn decided_by(&self) -> Option<&DomainName> {
        self.decided_by.as_ref()
    }

    /// The lookups, in order.
    #[must_use]
    pub fn queries(&self) -> &[Query] {
        &self.queries
    }
}
