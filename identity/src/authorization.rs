//! Who may send as whom.

use letterhead_dns::DomainName;
use letterhead_mail::{EmailAddress, TenantId};

use crate::identity::{Identity, Subject};
use crate::profile::{
    MadeBy, Profile, ProfileId, SignatureRule, SignatureWhen, UnknownEnvironment,
};
use crate::store::StoreError;
use crate::verification::VerificationState;
use crate::word::Environment;

/// Proof that a tenant may send as a From address: only [`Registry::authorize`](crate::Registry::authorize) makes one.
#[derive(Debug, Clone)]
pub struct Authorization {
    identity: Identity,
    from: EmailAddress,
    signatures: Vec<ExpectedSignature>,
}

impl Authorization {
    /// `identity` is verified and covers `from`.
    pub(crate) fn new(profile: &Profile, identity: Identity, from: EmailAddress) -> Self {
        let signatures = profile
            .signatures()
            .iter()
            .filter_map(|rule| expected(rule, &identity))
            .collect();
        Self {
            identity,
            from,
            signatures,
        }
    }

    /// The identity that covers the address: the most granular one.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        &self.identity
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

fn expected(rule: &SignatureRule, identity: &Identity) -> Option<ExpectedSignature> {
    let own_domain = match &identity.subject {
        Subject::Domain(domain) => Some(domain),
        Subject::Address(_) => None,
    };
    match rule.when {
        SignatureWhen::Always => {}
        SignatureWhen::DomainIdentity => {
            own_domain?;
        }
    }
    let domain = if rule.domain == SignatureRule::IDENTITY_DOMAIN {
        own_domain?.clone()
    } else {
        rule.domain.parse().ok()?
    };
    Some(ExpectedSignature {
        domain,
        made_by: rule.made_by,
    })
}

/// Why a tenant may not send as an address.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NotAuthorized {
    /// None of the tenant's identities covers the address.
    #[error(
        "{tenant} has no identity under {profile} that covers {from}{}",
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
    #[error("{identity} covers {from}, but it is not verified: {state}")]
    NotVerified {
        /// The identity.
        identity: Subject,
        /// As whom.
        from: EmailAddress,
        /// How far it is.
        state: VerificationState,
    },
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

fn known(identities: &[Subject]) -> String {
    if identities.is_empty() {
        return "; it has none there".to_owned();
    }
    let names: Vec<String> = identities.iter().map(Subject::to_string).collect();
    format!("; it has {}", names.join(", "))
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
