//! What a profile allows a tenant to register.

mod violation;

use letterhead_dns::DomainName;

pub use violation::RuleViolation;

use crate::identity::{Identity, is_same_but_for_case};
use crate::profile::{
    Amount, Case, Counted, IdentityRule, Maximum, Need, Per, Profile, SharedPart, Unique,
};
use crate::subject::Subject;
use crate::word::ModeName;

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
    check_subject(profile, rule, new)?;
    check_placement(profile, new)?;
    let own: Vec<&Identity> = existing
        .iter()
        .filter(|identity| identity.profile == new.profile)
        .collect();
    check_unique(profile, rule, &own, new)?;
    check_environments(profile, rule, &own, new)?;
    check_exclusions(profile, &own, new)?;
    profile
        .maxima()
        .iter()
        .filter(|maximum| maximum.kind == new.kind)
        .try_for_each(|maximum| check_maximum(maximum, &own, new))
}

/// What is allowed and better done otherwise.
#[must_use]
pub fn advise(profile: &Profile, identity: &Identity) -> Vec<String> {
    let mut advice = Vec::new();
    if let (Some(compartments), Some(compartment)) = (profile.compartments(), &identity.compartment)
        && compartments.is_root(compartment)
    {
        advice.push(compartments.root_advice.clone().unwrap_or_else(|| {
            format!(
                "{} would better not be kept in the root compartment",
                identity.subject
            )
        }));
    }
    let unknown =
        |maximum: &&Maximum| maximum.kind == identity.kind && maximum.count == Amount::Unknown;
    for maximum in profile.maxima().iter().filter(unknown) {
        advice.push(format!(
            "how many identities of kind {} a {} may have is not known here",
            maximum.kind, maximum.per
        ));
    }
    advice
}

/// Whether what is to be registered can be of its kind, and anybody's.
fn check_subject(
    profile: &Profile,
    rule: &IdentityRule,
    new: &Identity,
) -> Result<(), RuleViolation> {
    if !rule.covers.fits(&new.subject) {
        return Err(RuleViolation::WrongSubject {
            kind: new.kind.clone(),
            subject: new.subject.clone(),
        });
    }
    let provider_owned = profile
        .identities()
        .iter()
        .any(|rule| rule.owns(&new.subject));
    if provider_owned || !rule.provider_owned.is_empty() {
        return Err(RuleViolation::ProviderOwned {
            subject: new.subject.clone(),
        });
    }
    check_denied(profile, &new.subject)
}

/// Whether a subject can be anybody's.
pub(crate) fn check_denied(profile: &Profile, subject: &Subject) -> Result<(), RuleViolation> {
    match profile.denial(subject.domain()) {
        Some(denied) => Err(RuleViolation::Denied {
            subject: subject.clone(),
            domain: denied.domain.clone(),
        }),
        None => Ok(()),
    }
}

fn check_placement(profile: &Profile, new: &Identity) -> Result<(), RuleViolation> {
    let need = profile.compartments().map(|known| known.identities);
    match (&new.compartment, need) {
        (None, Some(Need::Required)) => return Err(RuleViolation::NoCompartment),
        (Some(id), Some(_)) => profile.check_compartment(id)?,
        (Some(id), None) => {
            return Err(RuleViolation::NoCompartments {
                compartment: id.clone(),
            });
        }
        (None, Some(Need::Optional) | None) => {}
    }
    match &new.mode {
        Some(mode) => check_mode(profile, mode),
        None => Ok(()),
    }
}

/// Whether an identity can be connected in a mode.
pub(crate) fn check_mode(profile: &Profile, mode: &ModeName) -> Result<(), RuleViolation> {
    let names = || profile.modes().iter().map(|known| &known.name);
    if !names().any(|known| known == mode) {
        return Err(RuleViolation::UnknownMode {
            mode: mode.clone(),
            known: names().cloned().collect(),
        });
    }
    let mut refused = profile.refused_modes().iter();
    match refused.find(|refused| refused.name == *mode) {
        Some(refused) => Err(RuleViolation::RefusedMode {
            mode: mode.clone(),
            note: refused.note.clone(),
        }),
        None => Ok(()),
    }
}

fn check_unique(
    profile: &Profile,
    rule: &IdentityRule,
    own: &[&Identity],
    new: &Identity,
) -> Result<(), RuleViolation> {
    let wider: Vec<&Unique> = profile
        .uniques()
        .iter()
        .filter(|unique| unique.kind == new.kind)
        .collect();
    let is_duplicate = |identity: &&&Identity| {
        let is_near =
            identity.environment_group == new.environment_group && identity.region == new.region;
        let is_counted = wider
            .iter()
            .any(|unique| identity.kind == unique.kind && is_counted(identity, unique.per, new));
        (is_near || is_counted) && is_same_subject(&identity.subject, &new.subject, rule.case)
    };
    match own.iter().find(is_duplicate) {
        Some(duplicate) => Err(RuleViolation::Duplicate {
            subject: duplicate.subject.clone(),
            http_status: wider.iter().find_map(|unique| unique.http_status),
        }),
        None => Ok(()),
    }
}

fn check_environments(
    profile: &Profile,
    rule: &IdentityRule,
    own: &[&Identity],
    new: &Identity,
) -> Result<(), RuleViolation> {
    let (Some(environments), Some(group)) = (profile.environments(), &new.environment_group) else {
        return Ok(());
    };
    for apart in environments
        .never_share
        .iter()
        .filter(|set| set.contains(group))
    {
        let is_elsewhere = |identity: &&&Identity| {
            identity
                .environment_group
                .as_ref()
                .is_some_and(|other| other != group && apart.contains(other))
                && is_same_subject(&identity.subject, &new.subject, rule.case)
        };
        if let Some(other) = own.iter().find(is_elsewhere)
            && let Some(environment) = &other.environment_group
        {
            return Err(RuleViolation::OtherEnvironment {
                subject: other.subject.clone(),
                environment: environment.clone(),
            });
        }
    }
    Ok(())
}

fn check_exclusions(
    profile: &Profile,
    own: &[&Identity],
    new: &Identity,
) -> Result<(), RuleViolation> {
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
    Ok(())
}

/// What is registered in two groups of environments or two regions is one identity to the tenant, so it is counted once.
fn check_maximum(
    maximum: &Maximum,
    own: &[&Identity],
    new: &Identity,
) -> Result<(), RuleViolation> {
    // A number that is not known is the provider's to enforce.
    let Amount::Known(count) = maximum.count else {
        return Ok(());
    };
    let counted = own
        .iter()
        .filter(|identity| identity.kind == maximum.kind)
        .filter(|identity| is_counted(identity, maximum.per, new));
    let (others, is_counted_already) = match maximum.counts {
        Counted::Identities => distinct(counted.map(|identity| &identity.subject), &new.subject),
        Counted::Domains => match new.subject.domain() {
            Some(domain) => {
                let domains = counted.filter_map(|identity| identity.subject.domain());
                distinct::<DomainName>(domains, domain)
            }
            None => return Ok(()),
        },
    };
    if is_counted_already || others < count {
        return Ok(());
    }
    Err(RuleViolation::Maximum {
        kind: maximum.kind.clone(),
        counts: maximum.counts,
        per: maximum.per,
        count,
        new: new.subject.clone(),
    })
}

/// How many different ones there are, and whether this is one of them.
fn distinct<'a, T: Ord + 'a>(all: impl Iterator<Item = &'a T>, this: &T) -> (u64, bool) {
    let mut all: Vec<&T> = all.collect();
    all.sort();
    all.dedup();
    let number = u64::try_from(all.len()).unwrap_or(u64::MAX);
    (number, all.contains(&this))
}

/// Whether an identity is among those that a rule looks at for a new one. No rule looks at one identity only: reading a
/// profile refuses it.
fn is_counted(identity: &Identity, per: Per, new: &Identity) -> bool {
    match per {
        Per::Tenant | Per::Identity => true,
        Per::EnvironmentGroup => identity.environment_group == new.environment_group,
        Per::Region => identity.region == new.region,
        Per::Domain => identity.subject.domain() == new.subject.domain(),
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
