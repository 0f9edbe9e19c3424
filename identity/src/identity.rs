//! Sender identities.

use std::collections::BTreeSet;
use std::fmt;
use std::time::SystemTime;

use letterhead_dns::DomainName;
use letterhead_mail::submission::TokenError;
use letterhead_mail::{EmailAddress, IdentityName, TenantId};
use serde::{Deserialize, Serialize};

use crate::awaited_link::AwaitedLink;
use crate::placement::{Brand, Compartment, CredentialId};
use crate::profile::{Case, Coverage, IdentityRule, PlusLabels, ProfileId};
use crate::subject::Subject;
use crate::value::Values;
use crate::verification::Verification;
use crate::word::{Environment, IdentityKind, ModeName, Region, SwitchName};

/// Something a tenant may send as, once it is verified: an address, or all addresses of a domain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Identity {
    /// Whose it is.
    pub tenant: TenantId,
    /// Under which provider's rules it was registered.
    pub profile: ProfileId,
    /// What kind of identity it is there.
    pub kind: IdentityKind,
    /// The address or domain.
    pub subject: Subject,
    /// The group of environments it is verified for; `None` where the profile has only one environment.
    pub environment_group: Option<Environment>,
    /// The region it was registered in, and can be used in only; `None` where none was named.
    pub region: Option<Region>,
    /// The part of the provider's account it is kept in.
    pub compartment: Option<Compartment>,
    /// The brand it speaks for.
    pub brand: Option<Brand>,
    /// The way in which it is connected; `None` where the profile has only one.
    pub mode: Option<ModeName>,
    /// The credentials that its mail is submitted with, if they are its own.
    pub credential: Option<CredentialId>,
    /// How far it is proven.
    pub verification: Verification,
    /// When it was turned off; it keeps what it is proven by. `None` while it can be used.
    pub disabled: Option<SystemTime>,
    /// What was turned on for it.
    #[serde(default)]
    pub switches: BTreeSet<SwitchName>,
    /// The mailed link that is awaited, if one is.
    pub link: Option<AwaitedLink>,
    /// When it was registered.
    pub created: SystemTime,
    /// Values that were issued for it and that its DNS records are made of, by name.
    pub values: Values,
}

impl Identity {
    /// What tells it apart from the tenant's other identities.
    #[must_use]
    pub fn key(&self) -> IdentityKey {
        IdentityKey {
            profile: self.profile.clone(),
            environment_group: self.environment_group.clone(),
            region: self.region.clone(),
            subject: self.subject.clone(),
        }
    }

    /// One that the provider owns and every tenant may use.
    pub(crate) fn provider_owned(
        tenant: TenantId,
        profile: ProfileId,
        rule: &IdentityRule,
        subject: Subject,
        now: SystemTime,
    ) -> Self {
        Self {
            tenant,
            profile,
            kind: rule.kind.clone(),
            subject,
            environment_group: None,
            region: None,
            compartment: None,
            brand: None,
            mode: None,
            credential: None,
            verification: Verification::default(),
            disabled: None,
            switches: BTreeSet::new(),
            link: None,
            created: now,
            values: Values::new(),
        }
    }

    /// Whether mail may be sent under it, as far as its own state goes.
    #[must_use]
    pub fn may_send(&self, rule: &IdentityRule) -> bool {
        self.disabled.is_none() && self.verification.missing_to_send(rule).next().is_none()
    }

    /// Its name on submissions: the address or domain.
    ///
    /// # Errors
    ///
    /// Never for an address or domain that was parsed: both are shorter than a name may be.
    pub fn name(&self) -> Result<IdentityName, TokenError> {
        self.subject.to_string().parse()
    }

    /// How closely it covers a From address under its kind's rule; `None` if it does not cover it. The highest is the
    /// most granular.
    #[must_use]
    pub fn covers(&self, from: &EmailAddress, rule: &IdentityRule) -> Option<Granularity> {
        match (&self.subject, rule.covers) {
            (Subject::Address(address), Coverage::ExactAddress) => {
                same_address(address, from, rule)
            }
            (Subject::Domain(domain), Coverage::Domain) => {
                (from.domain_name()? == domain).then(|| Granularity::of(domain))
            }
            (Subject::Domain(domain), Coverage::DomainAndSubdomains) => from
                .domain_name()?
                .is_at_or_below(domain)
                .then(|| Granularity::of(domain)),
            (Subject::Address(_), Coverage::Domain | Coverage::DomainAndSubdomains)
            | (Subject::Domain(_), Coverage::ExactAddress) => None,
        }
    }
}

/// Compared as written first, so that the address itself goes before one that only stands for it.
fn same_address(
    registered: &EmailAddress,
    from: &EmailAddress,
    rule: &IdentityRule,
) -> Option<Granularity> {
    if registered == from {
        return Some(Granularity(Closeness::Address));
    }
    let is_same = |from: &EmailAddress| match rule.case {
        Case::Sensitive => registered == from,
        Case::Insensitive => is_same_but_for_case(registered, from),
    };
    if is_same(from) {
        return Some(Granularity(Closeness::AddressInOtherCase));
    }
    match rule.plus_labels {
        PlusLabels::Covered if registered.label().is_none() && is_same(&from.without_label()) => {
            Some(Granularity(Closeness::AddressWithoutLabel))
        }
        PlusLabels::Covered | PlusLabels::NotCovered => None,
    }
}

/// Whether two addresses differ in case at most.
pub(crate) fn is_same_but_for_case(one: &EmailAddress, other: &EmailAddress) -> bool {
    // Of ASCII only: other letters that fold alike may be other mailboxes.
    one.domain() == other.domain() && one.local_part().eq_ignore_ascii_case(other.local_part())
}

/// How closely an identity covers an address: an exact address is closer than one that only stands for it, that one
/// closer than any domain, and a longer domain closer than a shorter one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Granularity(Closeness);

/// From the furthest to the closest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Closeness {
    /// A domain of so many labels.
    Domain(usize),
    AddressWithoutLabel,
    AddressInOtherCase,
    Address,
}

impl Granularity {
    fn of(domain: &DomainName) -> Self {
        Self(Closeness::Domain(domain.labels().count()))
    }
}

/// What tells a tenant's identities apart.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[non_exhaustive]
pub struct IdentityKey {
    /// The profile it is registered under.
    pub profile: ProfileId,
    /// The group of environments.
    pub environment_group: Option<Environment>,
    /// The region.
    pub region: Option<Region>,
    /// The address or domain.
    pub subject: Subject,
}

impl IdentityKey {
    /// The key of an identity under a profile that has one environment and one region only.
    #[must_use]
    pub fn new(profile: ProfileId, subject: impl Into<Subject>) -> Self {
        Self {
            profile,
            environment_group: None,
            region: None,
            subject: subject.into(),
        }
    }

    /// In this group of environments, as [`Profile::environment_group`](crate::Profile::environment_group) names it.
    #[must_use]
    pub fn environment_group(mut self, group: Environment) -> Self {
        self.environment_group = Some(group);
        self
    }

    /// In this region, as [`Profile::region`](crate::Profile::region) names it.
    #[must_use]
    pub fn region(mut self, region: Region) -> Self {
        self.region = Some(region);
        self
    }
}

/// `yourcompany.example under zuora-advanced (production)`.
impl fmt::Display for IdentityKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} under {}", self.subject, self.profile)?;
        match (&self.environment_group, &self.region) {
            (Some(group), Some(region)) => write!(f, " ({group}, {region})"),
            (Some(group), None) => write!(f, " ({group})"),
            (None, Some(region)) => write!(f, " ({region})"),
            (None, None) => Ok(()),
        }
    }
}
