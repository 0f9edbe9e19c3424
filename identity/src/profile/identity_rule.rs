//! What can be an identity, and how many there may be.

use serde::Deserialize;
use serde::de::{Deserializer, Error as _};

use crate::word::{Environment, IdentityKind};

/// The environments a provider distinguishes.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Environments {
    /// All of them.
    pub names: Vec<Environment>,
    /// Groups within which an identity is verified once for all; never across groups.
    #[serde(default)]
    pub share_verification: Vec<Vec<Environment>>,
    /// Where this was read.
    pub source: String,
}

/// One kind of identity.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct IdentityRule {
    /// Its name.
    pub kind: IdentityKind,
    /// Which From addresses it authorises.
    pub covers: Coverage,
    /// Whether case in the local part matters; for exact addresses.
    #[serde(default)]
    pub case: Case,
    /// Whether `local+label` counts as `local`; for exact addresses.
    #[serde(default)]
    pub plus_labels: PlusLabels,
    /// What proves it.
    pub verified_by: VerifiedBy,
    /// How long it may stay unproven, in hours.
    pub deadline_hours: Option<u32>,
    /// Where this was read.
    pub source: String,
}

/// Which From addresses an identity authorises.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Coverage {
    /// One address.
    ExactAddress,
    /// Every address at one domain.
    Domain,
    /// Every address at one domain and at the domains below it, on label boundaries.
    DomainAndSubdomains,
}

/// Whether case in a local part matters. In a domain it never does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Case {
    /// `Billing@` is not `billing@`.
    #[default]
    Sensitive,
    /// `Billing@` is `billing@`.
    Insensitive,
}

/// Whether a plus label makes another address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum PlusLabels {
    /// `billing+may@` is not `billing@`.
    #[default]
    NotCovered,
    /// `billing+may@` is covered by `billing@`.
    Covered,
}

/// What proves an identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum VerifiedBy {
    /// The required DNS records are published.
    Dns,
    /// The owner of the address follows a link mailed to it.
    MailLink,
    /// The provider owns it.
    Preverified,
}

/// How many identities of a kind there may be.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Maximum {
    /// Of which kind.
    pub kind: IdentityKind,
    /// Within what; never one identity.
    #[serde(deserialize_with = "counted_in")]
    pub per: Per,
    /// How many.
    pub count: usize,
    /// Where this was read.
    pub source: String,
}

/// Within what something is counted or issued.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Per {
    /// One identity.
    Identity,
    /// One tenant.
    Tenant,
    /// One group of environments that share verification.
    EnvironmentGroup,
}

/// Two kinds of identity that shut each other out.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Exclusive {
    /// The kinds.
    pub kinds: [IdentityKind; 2],
    /// What they must not have in common.
    pub share: SharedPart,
    /// Within what; never one identity. Where nothing is said, among all identities of a tenant.
    #[serde(default = "per_tenant", deserialize_with = "counted_in")]
    pub per: Per,
    /// Where this was read.
    pub source: String,
}

/// What two identities have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum SharedPart {
    /// The same domain.
    Domain,
}

fn per_tenant() -> Per {
    Per::Tenant
}

fn counted_in<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Per, D::Error> {
    match Per::deserialize(deserializer)? {
        Per::Identity => Err(D::Error::custom(
            "identities are counted per \"tenant\" or per \"environment-group\"",
        )),
        per => Ok(per),
    }
}
