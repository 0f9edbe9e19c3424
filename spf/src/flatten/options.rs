//! How a policy is flattened.

use letterhead_dns::DomainName;

use crate::audit::{Branch, BranchTerm};
use crate::limits::ADVISED_OCTETS;
use crate::record::term::{Mechanism, Term};

/// How a policy is flattened; see each setting for its default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlattenOptions {
    publish_at: Option<DomainName>,
    part_octets: usize,
    kept: Vec<Mechanism>,
}

impl FlattenOptions {
    /// For another domain than the one whose policy it is: the policy stays as it was written at one name, and its copy is
    /// published at another. Default: the same domain.
    #[must_use]
    pub fn publish_at(mut self, domain: DomainName) -> Self {
        self.publish_at = Some(domain);
        self
    }

    /// With parts of this many octets. Default 450, which always fits into a UDP answer; above 1,200 resolvers ask again
    /// over TCP, and receivers whose resolver cannot take mail for unauthorised. At least 100.
    #[must_use]
    pub fn with_part_octets(mut self, octets: usize) -> Self {
        self.part_octets = octets.max(100);
        self
    }

    /// Keeps the terms of this mechanism as they are, such as the `include` of a provider that changes often.
    #[must_use]
    pub fn keep(mut self, mechanism: Mechanism) -> Self {
        self.kept.push(mechanism);
        self
    }

    pub(super) fn published_at(&self) -> Option<&DomainName> {
        self.publish_at.as_ref()
    }

    pub(super) fn part_octets(&self) -> usize {
        self.part_octets
    }

    pub(super) fn keeps(&self, branch: &Branch, term: &BranchTerm) -> bool {
        branch
            .published(term)
            .and_then(Term::directive)
            .is_some_and(|directive| self.kept.contains(directive.mechanism()))
    }
}

impl Default for FlattenOptions {
    fn default() -> Self {
        Self {
            publish_at: None,
            part_octets: ADVISED_OCTETS,
            kept: Vec::new(),
        }
    }
}
