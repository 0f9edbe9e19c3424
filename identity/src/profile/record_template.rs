//! What an identity needs in the DNS, and the signatures that rest on it.

use std::fmt;

use letterhead_dns::{DomainName, RecordType};
use serde::de::{Deserializer, Error as _};
use serde::{Deserialize, Serialize};

use super::identity_rule::Per;
use super::section::{line, optional_line, parsed};
use crate::template::placeholders;
use crate::word::{IdentityKind, Location, SwitchName};

/// A value that records are made of.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ValueRule {
    /// Its name, as it stands in braces in templates. `domain` is always there, and `region` where the profile has regions:
    /// they are the identity's.
    pub name: String,
    /// What it is where nothing else is said.
    #[serde(default, deserialize_with = "optional_line")]
    pub default: Option<String>,
    /// Who says what it is.
    pub issued_by: Option<ValueIssuer>,
    /// How many there are of it.
    pub count: Option<usize>,
    /// Where this was read.
    pub source: String,
}

impl ValueRule {
    /// Who says what it is, for whoever fills it in.
    #[must_use]
    pub fn said_by(&self) -> &'static str {
        match self.issued_by {
            Some(ValueIssuer::Provider) => "the provider says it",
            Some(ValueIssuer::SupportRequest) => "the provider's support says it when asked",
            Some(ValueIssuer::Sender) => "you choose it",
            None => "you know it",
        }
    }
}

/// Who says what a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum ValueIssuer {
    /// The provider issues it for each identity.
    Provider,
    /// The provider's support issues it when asked; until then it is not known.
    SupportRequest,
    /// The sender chooses it.
    Sender,
}

/// A DNS record that an identity needs.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct RecordTemplate {
    /// What it is for.
    pub purpose: Purpose,
    /// The record type: CNAME, MX or TXT.
    #[serde(deserialize_with = "record_type")]
    pub kind: RecordType,
    /// The owner name, with values in braces.
    #[serde(deserialize_with = "line")]
    pub owner: String,
    /// The data as a master file has it (text without quotes for TXT), with values in braces.
    #[serde(deserialize_with = "line")]
    pub value: String,
    /// The values of which there are several: one record for each.
    #[serde(default)]
    pub each: Vec<String>,
    /// The kinds of identity that need it; where nothing is said, all, but for DKIM and ownership only those of a whole
    /// domain.
    pub kinds: Option<Vec<IdentityKind>>,
    /// What has to be turned on for it to be needed.
    pub switch: Option<SwitchName>,
    /// The value that the tenant chooses it with: without one, it is not needed.
    pub with: Option<String>,
    /// Within what its values are issued; where nothing is said, for one identity.
    #[serde(default = "per_identity")]
    pub per: Per,
    /// Whether the identity can do without it.
    pub necessity: Necessity,
    /// A remark for whoever publishes it.
    #[serde(default, deserialize_with = "optional_line")]
    pub note: Option<String>,
    /// Where this was read.
    pub source: String,
}

impl RecordTemplate {
    /// Whether its records are made of a value.
    pub(crate) fn uses(&self, name: &str) -> bool {
        let mut used = placeholders(&self.owner).chain(placeholders(&self.value));
        used.any(|used| used == name)
    }
}

/// What a record is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Purpose {
    /// Proof of ownership.
    Ownership,
    /// A DKIM key.
    Dkim,
    /// The SPF policy.
    Spf,
    /// A custom MAIL FROM domain.
    MailFrom,
    /// The DMARC policy.
    Dmarc,
}

impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Ownership => "ownership",
            Self::Dkim => "DKIM",
            Self::Spf => "SPF",
            Self::MailFrom => "MAIL FROM",
            Self::Dmarc => "DMARC",
        })
    }
}

/// Whether something can be done without.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Necessity {
    /// It must be there.
    Required,
    /// It should be there.
    Advised,
}

impl fmt::Display for Necessity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Required => "required",
            Self::Advised => "advised",
        })
    }
}

/// A term that the domain's SPF record needs.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct SpfRule {
    /// The term, with values in braces.
    #[serde(deserialize_with = "line")]
    pub term: String,
    /// Where the sending hosts are that it is for; `None` for all. In a region whose location is not known, every term is
    /// wanted.
    pub location: Option<Location>,
    /// What has to be turned on for it to be needed.
    pub switch: Option<SwitchName>,
    /// Whether sending can do without it.
    pub necessity: Necessity,
    /// A remark for whoever publishes it.
    #[serde(default, deserialize_with = "optional_line")]
    pub note: Option<String>,
    /// Where this was read.
    pub source: String,
}

/// A DKIM signature that mail carries.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct SignatureRule {
    /// The signing domain, or `{identity-domain}`.
    #[serde(deserialize_with = "signing_domain")]
    pub domain: String,
    /// When it is made.
    pub when: SignatureWhen,
    /// What has to be turned on for it to be made, where it is made [so](SignatureWhen::SwitchedOn).
    pub switch: Option<SwitchName>,
    /// Who makes it.
    pub made_by: MadeBy,
    /// Where this was read.
    pub source: String,
}

impl SignatureRule {
    /// What stands for the domain of the identity that mail is sent under.
    pub const IDENTITY_DOMAIN: &str = "{identity-domain}";
}

/// When a signature is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum SignatureWhen {
    /// On every message.
    Always,
    /// On messages whose From address is under a verified domain identity.
    DomainIdentity,
    /// On messages from an identity for which the rule's switch is on; the domain is the identity's or its address's.
    SwitchedOn,
    /// Never, although one might expect it.
    Never,
}

/// Who makes a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum MadeBy {
    /// The application, with a key of its own, before it submits.
    Sender,
    /// The provider, after submission.
    Provider,
}

fn per_identity() -> Per {
    Per::Identity
}

fn record_type<'de, D: Deserializer<'de>>(deserializer: D) -> Result<RecordType, D::Error> {
    match parsed(deserializer)? {
        kind @ (RecordType::CNAME | RecordType::MX | RecordType::TXT) => Ok(kind),
        other => Err(D::Error::custom(format!(
            "{other} records are not planned; write CNAME, MX or TXT"
        ))),
    }
}

fn signing_domain<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text != SignatureRule::IDENTITY_DOMAIN {
        text.parse::<DomainName>().map_err(D::Error::custom)?;
    }
    Ok(text)
}
