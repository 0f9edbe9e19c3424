//! The verdict in words.

use std::fmt;

use super::{DmarcResult, Identifier, Verdict};
use crate::alignment::Alignment;
use crate::discovery::{PolicyRecord, PolicySource};
use crate::evidence::{EvidenceResult, Origin};
use crate::record::{Applicability, Subject, TestMode};

/// A paragraph on one line: the result, the policy, then each identifier. It holds no control characters.
impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DMARC {} for {}: ", self.result, self.author_domain)?;
        f.write_str(match self.result {
            DmarcResult::Pass => "an authenticated domain speaks for it",
            DmarcResult::Fail if self.identifiers.is_empty() => {
                "there is no SPF or DKIM result to speak for it"
            }
            DmarcResult::Fail => "no domain that passed SPF or DKIM speaks for it",
            DmarcResult::None if self.policy.is_some() => {
                "the record found does not apply, so nothing is asked for"
            }
            DmarcResult::None => "no policy record is published for it, so nothing is asked for",
            DmarcResult::TempError | DmarcResult::PermError => {
                "it cannot be told whether an authenticated domain speaks for it"
            }
        })?;
        f.write_str(".")?;
        if let Some(error) = &self.lookup_error {
            write!(f, " The lookup of {error}.")?;
        }
        if let Some(policy) = &self.policy {
            explain_policy(f, policy)?;
        }
        if self.result == DmarcResult::Fail {
            write!(f, " Receivers are asked for: {}.", self.disposition())?;
        }
        self.identifiers
            .iter()
            .try_for_each(|identifier| explain_identifier(f, identifier))
    }
}

fn explain_policy(f: &mut fmt::Formatter<'_>, policy: &PolicyRecord) -> fmt::Result {
    let (domain, record) = (policy.domain(), policy.record());
    write!(f, " The policy record is at _dmarc.{domain}")?;
    match policy.source() {
        PolicySource::AuthorDomain => {}
        PolicySource::OrganizationalDomain => f.write_str(", the organizational domain")?,
        PolicySource::PublicSuffixDomain => f.write_str(", a public suffix")?,
    }
    match record.applicability() {
        Applicability::DoesNotApply(tag) => {
            return write!(
                f,
                "; its {tag} is not a policy and it names no valid rua address."
            );
        }
        Applicability::ActsAsNone(tag) => {
            return write!(f, "; its {tag} is not a policy, so it acts as p=none.");
        }
        Applicability::Applies => {}
    }
    if policy.subject() == Subject::UndeterminedSubdomain {
        return f.write_str(
            "; whether the author domain exists, which decides what it asks for, is not known.",
        );
    }
    if let Some(requested) = record.requested_policy(policy.subject()) {
        write!(f, "; for ")?;
        f.write_str(match policy.subject() {
            Subject::PolicyDomain => "the domain itself",
            Subject::ExistingSubdomain => "a subdomain that exists",
            Subject::NonexistentSubdomain => "a subdomain that does not exist",
            Subject::Subdomain | Subject::UndeterminedSubdomain => "a subdomain",
        })?;
        write!(f, " it asks for {requested}")?;
        if record.test_mode() == TestMode::On {
            f.write_str(", which is one step weaker than published because it is in test mode")?;
        }
    }
    f.write_str(".")
}

fn explain_identifier(f: &mut fmt::Formatter<'_>, identifier: &Identifier) -> fmt::Result {
    write!(f, " {} {}", identifier.mechanism, identifier.result)?;
    write!(f, " for {}", identifier.domain)?;
    if let Some(selector) = identifier
        .selector()
        .filter(|selector| !selector.is_empty())
    {
        write!(f, " (selector {})", selector.escape_debug())?;
    }
    match (identifier.alignment, identifier.mode) {
        (Alignment::NotEvaluated, _) => {
            if identifier.result == EvidenceResult::Pass {
                f.write_str(", alignment not evaluated")?;
            }
        }
        (alignment, Some(mode)) => write!(f, ", {alignment} ({mode})")?,
        (alignment, None) => write!(f, ", {alignment}")?,
    }
    if identifier.origin == Origin::Caller {
        write!(f, ", {}", identifier.origin)?;
    }
    f.write_str(".")
}
