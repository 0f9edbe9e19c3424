//! What the parts of a preflight share.

use letterhead_dns::{DomainName, Resolver};

use super::finding::Finding;
use super::request::PreflightRequest;
use crate::dns_plan::{DnsDiff, DnsPlan};

/// A preflight on its way.
pub(super) struct Inspection<'a> {
    pub(super) request: &'a PreflightRequest<'a>,
    pub(super) resolver: &'a dyn Resolver,
    /// The From domain, where there is one.
    pub(super) author: Option<DomainName>,
    /// What the identity needs; `None` where that cannot be said.
    pub(super) plan: Option<DnsPlan>,
    /// The plan as it stands in the DNS.
    pub(super) diff: Option<DnsDiff>,
    pub(super) findings: Vec<Finding>,
}

impl Inspection<'_> {
    /// Adds a finding, or its sources to one that says the same.
    pub(super) fn add(&mut self, finding: Finding) {
        let same = self
            .findings
            .iter_mut()
            .find(|known| known.says_the_same(&finding));
        let Some(known) = same else {
            return self.findings.push(finding);
        };
        known.severity = known.severity.max(finding.severity);
        for source in finding.sources {
            if !known.sources.contains(&source) {
                known.sources.push(source);
            }
        }
    }

    /// Whether the provider replaces header fields of this name.
    pub(super) fn is_replaced(&self, name: &str) -> bool {
        let headers = self.request.profile.headers();
        let mut replaced = headers.iter().flat_map(|headers| &headers.overwritten);
        replaced.any(|other| other.as_str().eq_ignore_ascii_case(name))
    }
}
