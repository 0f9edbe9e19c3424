//! What a profile allows a tenant to register.

use crate::identity::{Identity, Subject, is_same_but_for_case};
use crate::profile::{Case, Coverage, Maximum, Per, Profile, SharedPart, UnknownEnvironment};
use crate::word::IdentityKind;

/// Checks a new identity against a profile's rules and the identities that the tenant has.
///
/// # Errors
///
/// The first rule that it breaks.
pub fn check(
    profile: &Profile,
    existing: &[Identity],
    new: &Identity,
) -> Result<(), RuleViolation> {
    let Some(rule) = profile.identity(&new.kind) else {
        return Err(RuleViolation::UnknownKind {
            kind: new.kind.clone(),
            known: profile
                .identities()
                .iter()
                .map(|rule| rule.kind.clone())
                .collect(),
        });
    };
    let fits = match rule.covers {
        Coverage::ExactAddress => matches!(new.subject, Subject::Address(_)),
        Coverage::Domain | Coverage::DomainAndSubdomains => {
            matches!(new.subject, Subject::Domain(_))
        }
    };
    if !fits {
        return Err(RuleViolation::WrongSubject {
            kind: new.kind.clone(),
            subject: new.subject.clone(),
        });
    }
    let own: Vec<&Identity> = existing
        .iter()
        .filter(|identity| identity.profile == new.profile)
        .collect();
    let is_duplicate = |identity: &&&Identity| {
        identity.environment_group == new.environment_group
            && is_same_subject(&identity.subject, &new.subject, rule.case)
    };
    if let Some(duplicate) = own.iter().find(is_duplicate) {
        return Err(RuleViolation::Duplicate {
            subject: duplicate.subject.clone(),
        });
    }
    for exclusion in profile.exclusions() {
        let other_kind = match &exclusion.kinds {
            [a, b] if *a == new.kind => b,
            [a, b] if *b == new.kind => a,
            [_, _] => continue,
        };
        let SharedPart::Domain = exclusion.share;
        let Some(domain) = new.subject.domain() else {
            continue;
        };
        let shares = |identity: &&&Identity| {
            identity.kind == *other_kind
                && identity.subject != new.subject
                && is_counted(identity, exclusion.per, new)
                && identity.subject.domain() == Some(domain)
        };
        if let Some(other) = own.iter().find(shares) {
            return Err(RuleViolation::Exclusive {
                new: new.subject.clone(),
                existing: other.subject.clone(),
                existing_kind: other.kind.clone(),
            });
        }
    }
    profile
        .maxima()
        .iter()
        .filter(|maximum| maximum.kind == new.kind)
        .try_for_each(|maximum| check_maximum(maximum, &own, new))
}

/// One subject verified in two groups of environments is one identity to the tenant, so it is counted once.
fn check_maximum(
    maximum: &Maximum,
    own: &[&Identity],
    new: &Identity,
) -> Result<(), RuleViolation> {
    let mut subjects: Vec<&Subject> = own
        .iter()
        .filter(|identity| identity.kind == maximum.kind)
        .filter(|identity| is_counted(identity, maximum.per, new))
        .map(|identity| &identity.subject)
        .collect();
    subjects.sort();
    subjects.dedup();
    if subjects.contains(&&new.subject) || subjects.len() < maximum.count {
        return Ok(());
    }
    Err(RuleViolation::Maximum {
        kind: maximum.kind.clone(),
        per: maximum.per,
        count: maximum.count,
        new: new.subject.clone(),
    })
}

/// Whether an identity is among those that a rule looks at for a new one. No rule looks at one identity only: reading a
/// profile refuses it.
fn is_counted(identity: &Identity, per: Per, new: &Identity) -> bool {
    match per {
        Per::Tenant | Per::Identity => true,
        Per::EnvironmentGroup => identity.environment_group == new.environment_group,
    }
}

fn is_same_subject(one: &Subject, other: &Subject, case: Case) -> bool {
    match (one, other, case) {
        (Subject::Address(one), Subject::Address(other), Case::Insensitive) => {
            is_same_but_for_case(one, other)
        }
        _ => one == other,
    }
}

/// A rule of the profile that an identity breaks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RuleViolation {
    /// The profile has no such kind of identity.
    #[error("there is no identity of kind {kind} here; known are: {}", join(known))]
    UnknownKind {
        /// What was asked for.
        kind: IdentityKind,
        /// What there is.
        known: Vec<IdentityKind>,
    },
    /// A domain where an address is needed, or the other way round.
    #[error("{subject} cannot be an identity of kind {kind}")]
    WrongSubject {
        /// The kind.
        kind: IdentityKind,
        /// What was given.
        subject: Subject,
    },
    /// It is registered already.
    #[error("{subject} is registered already")]
    Duplicate {
        /// The identity.
        subject: Subject,
    },
    /// Another kind of identity has the same domain.
    #[error(
        "{new} cannot be registered beside the {existing_kind} identity {existing}: they have the same domain"
    )]
    Exclusive {
        /// What was to be registered.
        new: Subject,
        /// What stands in the way.
        existing: Subject,
        /// Its kind.
        existing_kind: IdentityKind,
    },
    /// There are as many as there may be.
    #[error("{new} would be one too many: at most {count} of kind {kind} a {}", per_name(*per))]
    Maximum {
        /// The kind.
        kind: IdentityKind,
        /// Within what.
        per: Per,
        /// How many there may be.
        count: usize,
        /// What was to be registered.
        new: Subject,
    },
    /// The profile does not have the environment.
    #[error(transparent)]
    Environment(#[from] UnknownEnvironment),
    /// The profile distinguishes environments and none was named.
    #[error("say in which environment the identity is used")]
    NoEnvironment,
}

fn join(kinds: &[IdentityKind]) -> String {
    let names: Vec<&str> = kinds.iter().map(IdentityKind::as_str).collect();
    names.join(", ")
}

fn per_name(per: Per) -> &'static str {
    match per {
        Per::Identity => "identity",
        Per::Tenant => "tenant",
        Per::EnvironmentGroup => "group of environments",
    }
}
