//! What can be an identity, and how many there may be.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::value::{SeqAccessDeserializer, StrDeserializer};
use serde::de::{Deserializer, Error as _, SeqAccess, Visitor};

use super::native_state::CommonState;
use super::quota::Amount;
use crate::subject::Subject;
use crate::word::IdentityKind;

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
    /// What proves it, each by itself; nothing where it needs no proof.
    #[serde(deserialize_with = "one_or_several")]
    pub verified_by: Vec<VerifiedBy>,
    /// The proofs that mail may not be sent without; all of them, where nothing is said.
    pub needed_to_send: Option<Vec<VerifiedBy>>,
    /// How long it may stay unproven, in hours.
    pub deadline_hours: Option<u32>,
    /// Those that the provider owns, which every tenant may send as and nobody can register or change.
    #[serde(default)]
    pub provider_owned: Vec<Subject>,
    /// The provider's own names for the states of verification. It may have others.
    #[serde(default)]
    pub states: BTreeMap<String, CommonState>,
    /// Where this was read.
    pub source: String,
}

impl IdentityRule {
    /// Whether this is one that the provider owns.
    #[must_use]
    pub fn owns(&self, subject: &Subject) -> bool {
        self.provider_owned.contains(subject)
    }
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

impl Coverage {
    /// Whether an identity of this subject can cover so much: an address covers itself, a domain its addresses.
    pub(crate) fn fits(self, subject: &Subject) -> bool {
        match self {
            Self::ExactAddress => matches!(subject, Subject::Address(_)),
            Self::Domain | Self::DomainAndSubdomains => matches!(subject, Subject::Domain(_)),
        }
    }
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
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum VerifiedBy {
    /// The required DNS records are published.
    Dns,
    /// The owner of the address follows a link mailed to it, and confirms.
    MailLink,
    /// A test mail to the address was forwarded to the provider.
    InboundTestMail,
    /// A test mail from the address left through its servers.
    OutboundTestMail,
}

impl fmt::Display for VerifiedBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Dns => "DNS records",
            Self::MailLink => "a mailed link",
            Self::InboundTestMail => "an inbound test mail",
            Self::OutboundTestMail => "an outbound test mail",
        })
    }
}

/// How many identities of a kind there may be.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Maximum {
    /// Of which kind.
    pub kind: IdentityKind,
    /// What is counted of them.
    #[serde(default)]
    pub counts: Counted,
    /// Within what; never one identity.
    #[serde(deserialize_with = "counted_in")]
    pub per: Per,
    /// How many.
    pub count: Amount,
    /// A remark, such as how to have more.
    pub note: Option<String>,
    /// Where this was read.
    pub source: String,
}

/// What is counted of identities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Counted {
    /// Each.
    #[default]
    Identities,
    /// The domains they are at, each once.
    Domains,
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
    /// One region.
    Region,
    /// One domain.
    Domain,
}

impl fmt::Display for Per {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Identity => "identity",
            Self::Tenant => "tenant",
            Self::EnvironmentGroup => "group of environments",
            Self::Region => "region",
            Self::Domain => "domain",
        })
    }
}

/// An identity that may exist only once within more than its own group of environments and region.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Unique {
    /// Of which kind.
    pub kind: IdentityKind,
    /// Within what; never one identity.
    #[serde(deserialize_with = "counted_in")]
    pub per: Per,
    /// The status with which the provider's API refuses a second one.
    pub http_status: Option<u16>,
    /// Where this was read.
    pub source: String,
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
            "identities are counted per \"tenant\", \"environment-group\", \"region\" or \"domain\"",
        )),
        per => Ok(per),
    }
}

/// A word, or a list of words.
fn one_or_several<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<VerifiedBy>, D::Error> {
    struct OneOrSeveral;

    impl<'de> Visitor<'de> for OneOrSeveral {
        type Value = Vec<VerifiedBy>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a proof or a list of proofs")
        }

        fn visit_str<E: serde::de::Error>(self, word: &str) -> Result<Self::Value, E> {
            VerifiedBy::deserialize(StrDeserializer::new(word)).map(|proof| vec![proof])
        }

        fn visit_seq<A: SeqAccess<'de>>(self, words: A) -> Result<Self::Value, A::Error> {
            Vec::deserialize(SeqAccessDeserializer::new(words))
        }
    }

    deserializer.deserialize_any(OneOrSeveral)
}
