//! Who may send as whom.

use std::sync::Arc;
use std::time::SystemTime;

use letterhead_dns::DomainName;
use letterhead_mail::{EmailAddress, TenantId};

use crate::identity::Identity;
use crate::profile::{
    FeatureNotOffered, MadeBy, Profile, ProfileId, RegionError, SignatureRule, SignatureWhen,
    UnknownEnvironment, VerifiedBy,
};
use crate::store::StoreError;
use crate::subject::Subject;
use crate::verification::Verification;
use crate::word::{Environment, Region};

/// Proof that a tenant may send as a From address: only [`Registry::authorize`](crate::Registry::authorize) and its like
/// make one.
#[derive(Debug, Clone)]
pub struct Authorization {
    identity: Identity,
    from: EmailAddress,
    signatures: Vec<ExpectedSignature>,
    substitution: Option<Substitution>,
}

impl Authorization {
    /// `identity` may be used and covers `from`; `others` are those that the tenant has beside it there.
    pub(crate) fn new(
        profile: &Profile,
        identity: Identity,
        others: &[Identity],
        from: EmailAddress,
    ) -> Self {
        let signatures = signatures(profile, &identity, others, &from);
        Self {
            identity,
            from,
            signatures,
            substitution: None,
        }
    }

    pub(crate) fn in_place_of(self, substitution: Substitution) -> Self {
        Self {
            substitution: Some(substitution),
            ..self
        }
    }

    /// The identity that covers the address: the most granular one.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// The profile whose rules hold.
    #[must_use]
    pub fn profile(&self) -> &ProfileId {
        &self.identity.profile
    }

    /// The address that was authorised.
    #[must_use]
    pub fn from(&self) -> &EmailAddress {
        &self.from
    }

    /// The signatures that mail under it carries, and who makes each.
    #[must_use]
    pub fn signatures(&self) -> &[ExpectedSignature] {
        &self.signatures
    }

    /// The address that was asked for, where this is another.
    #[must_use]
    pub fn substitution(&self) -> Option<&Substitution> {
        self.substitution.as_ref()
    }
}

/// Another address than the one that was asked for.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Substitution {
    /// The one that was asked for.
    pub requested: EmailAddress,
    /// Why it may not be used.
    pub because: Arc<NotAuthorized>,
}

/// A signature that mail is to carry.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExpectedSignature {
    /// The signing domain.
    pub domain: DomainName,
    /// Who makes it.
    pub made_by: MadeBy,
}

/// The signatures that a profile's rules give for mail from an address.
pub(crate) fn signatures(
    profile: &Profile,
    identity: &Identity,
    others: &[Identity],
    from: &EmailAddress,
) -> Vec<ExpectedSignature> {
    let signing = [identity]
        .into_iter()
        .chain(others)
        .filter(|other| other.region == identity.region)
        .filter_map(|other| {
            let rule = profile.identity(&other.kind)?;
            let Subject::Domain(domain) = &other.subject else {
                return None;
            };
            let granularity = other.covers(from, rule)?;
            other.may_send(rule).then_some((granularity, domain))
        })
        .max_by_key(|(granularity, _)| *granularity)
        .map(|(_, domain)| domain);
    let expected = |rule: &SignatureRule| {
        let own_domain = match rule.when {
            SignatureWhen::Always => signing.or_else(|| identity.subject.domain()),
            SignatureWhen::DomainIdentity => Some(signing?),
            SignatureWhen::SwitchedOn => {
                let is_on = rule
                    .switch
                    .as_ref()
                    .is_some_and(|switch| identity.switches.contains(switch));
                is_on.then(|| identity.subject.domain())?
            }
            SignatureWhen::Never => return None,
        };
        let domain = if rule.domain == SignatureRule::IDENTITY_DOMAIN {
            own_domain?.clone()
        } else {
            rule.domain.parse().ok()?
        };
        Some(ExpectedSignature {
            domain,
            made_by: rule.made_by,
        })
    };
    profile.signatures().iter().filter_map(expected).collect()
}

/// Why a tenant may not send as an address.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NotAuthorized {
    /// None of the tenant's identities covers the address.
    #[error(
        "the tenant {tenant} has no identity under {profile} that covers {from}{}",
        known(identities)
    )]
    NoIdentity {
        /// Who wanted to send.
        tenant: TenantId,
        /// Under which profile.
        profile: ProfileId,
        /// As whom.
        from: EmailAddress,
        /// What the tenant has there.
        identities: Vec<Subject>,
    },
    /// An identity covers the address and is not verified.
    #[error(
        "{identity} covers {from}, but it is not verified: {verification}{}; {}",
        if *is_overdue { ", overdue" } else { "" },
        next_step(verification)
    )]
    NotVerified {
        /// The identity.
        identity: Subject,
        /// As whom.
        from: EmailAddress,
        /// How far it is.
        verification: Verification,
        /// Whether a proof was awaited until a time that is over.
        is_overdue: bool,
    },
    /// An identity covers the address and was disabled.
    #[error("{identity} covers {from}, but it was disabled")]
    Disabled {
        /// The identity.
        identity: Subject,
        /// As whom.
        from: EmailAddress,
        /// Since when.
        since: SystemTime,
    },
    /// Identities that cover the address are registered in other regions only.
    #[error("{from} cannot be sent as through {}: it is registered in {}", place(region.as_ref()), places(registered))]
    OtherRegion {
        /// As whom.
        from: EmailAddress,
        /// Through which region; `None` if none was named.
        region: Option<Region>,
        /// Where it is registered.
        registered: Vec<Region>,
    },
    /// Nobody may send as an address there.
    #[error("{from} cannot be sent as: nobody may send as addresses of {domain} here")]
    Denied {
        /// As whom.
        from: EmailAddress,
        /// The domain that is denied.
        domain: DomainName,
    },
    /// The part of the application does not send this way.
    #[error(transparent)]
    Feature(#[from] FeatureNotOffered),
    /// The profile does not have the region, or needs one.
    #[error(transparent)]
    Region(#[from] RegionError),
    /// The registry does not have the profile.
    #[error("there is no profile {0} in the registry")]
    NoProfile(ProfileId),
    /// The profile does not have the environment.
    #[error(transparent)]
    Environment(#[from] UnknownEnvironment),
    /// The profile distinguishes environments and none was named.
    #[error("the profile {0} distinguishes environments; say in which one the mail is sent")]
    NoEnvironment(ProfileId),
    /// The store failed, so nothing is known.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl NotAuthorized {
    /// Whether the same may be allowed later without anybody deciding anew: proofs are awaited whose time is not over, or the
    /// store could not be asked.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::NotVerified {
                verification,
                is_overdue,
                ..
            } => !is_overdue && verification.is_awaited(),
            Self::Store(_) => true,
            Self::NoIdentity { .. }
            | Self::Disabled { .. }
            | Self::OtherRegion { .. }
            | Self::Denied { .. }
            | Self::Feature(_)
            | Self::Region(_)
            | Self::NoProfile(_)
            | Self::Environment(_)
            | Self::NoEnvironment(_) => false,
        }
    }
}

fn known(identities: &[Subject]) -> String {
    if identities.is_empty() {
        return "; it has none there".to_owned();
    }
    let names: Vec<String> = identities.iter().map(Subject::to_string).collect();
    format!("; it has {}", names.join(", "))
}

/// What to do about the first proof that is missing.
fn next_step(verification: &Verification) -> &'static str {
    let mut proofs = verification.proofs();
    match proofs.find(|(_, state)| !state.is_verified()) {
        Some((VerifiedBy::MailLink, _)) => {
            "mail the link of Registry::issue_link, and take the answer to Registry::confirm_link"
        }
        Some((VerifiedBy::InboundTestMail | VerifiedBy::OutboundTestMail, _)) => {
            "tell Registry::record_finding once it was seen"
        }
        _ => "publish what Registry::dns_plan says, and let Registry::verify look",
    }
}

fn place(region: Option<&Region>) -> &str {
    region.map_or("no region", Region::as_str)
}

fn places(regions: &[Region]) -> String {
    if regions.is_empty() {
        return "no region".to_owned();
    }
    let names: Vec<&str> = regions.iter().map(Region::as_str).collect();
    names.join(", ")
}

/// The group of environments that counts for a profile; `None` where it does not distinguish any.
pub(crate) fn environment_group(
    profile: &Profile,
    environment: Option<&Environment>,
) -> Result<Option<Environment>, GroupError> {
    match (profile.environments(), environment) {
        (None, _) => Ok(None),
        (Some(_), None) => Err(GroupError::NotNamed),
        (Some(_), Some(environment)) => profile
            .environment_group(environment)
            .map(Some)
            .map_err(GroupError::Unknown),
    }
}

/// Why there is no group; each caller has its own error for it.
pub(crate) enum GroupError {
    NotNamed,
    Unknown(UnknownEnvironment),
}
