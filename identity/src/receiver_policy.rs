//! What receivers ask of those who send to them, as data.
//!
//! A policy is a TOML file with `schema = 1`, in the manner of a [profile](crate::profile): every section names the source
//! it was taken from, and what a receiver does not publish is left out or `"unknown"`, which never means that nothing is
//! asked.

mod built_in;
mod error;
mod remedy;

use std::collections::BTreeMap;

use letterhead_dns::DomainName;
use serde::Deserialize;

pub use error::ReceiverPolicyError;

use crate::profile::{Amount, Source};
use crate::word::{ReceiverName, RuleName};

/// One receiver's rules for senders.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReceiverPolicy {
    schema: u32,
    id: ReceiverName,
    title: String,
    sources: BTreeMap<String, Source>,
    mailboxes: Mailboxes,
    bulk: Option<BulkRule>,
    complaint_rate: Option<ComplaintRate>,
    #[serde(default)]
    requirement: Vec<Requirement>,
    #[serde(default)]
    refusal: Vec<ReceiverRefusal>,
}

impl ReceiverPolicy {
    /// A policy that comes with the library; [`ReceiverPolicy::built_in_names`] lists them.
    ///
    /// # Errors
    ///
    /// When there is no such policy.
    pub fn built_in(name: &str) -> Result<Self, ReceiverPolicyError> {
        built_in::load(name)
    }

    /// The names of the policies that come with the library.
    pub fn built_in_names() -> impl Iterator<Item = &'static str> {
        built_in::FILES.iter().map(|(name, _)| *name)
    }

    /// All policies that come with the library.
    #[must_use]
    pub fn all_built_in() -> Vec<Self> {
        Self::built_in_names()
            .filter_map(|name| Self::built_in(name).ok())
            .collect()
    }

    /// Reads a policy from TOML.
    ///
    /// ```
    /// use letterhead_identity::ReceiverPolicy;
    ///
    /// let policy = ReceiverPolicy::from_toml(r#"
    /// schema = 1
    /// id = "ours"
    /// title = "Our own gateway"
    /// sources.manual = { url = "https://intranet.example/mail", as_of = "2026-01-01" }
    /// mailboxes = { domains = ["yourcompany.example"], source = "manual" }
    ///
    /// [[requirement]]
    /// rule = "dmarc"
    /// policy = "quarantine"
    /// source = "manual"
    /// "#)?;
    /// assert_eq!(policy.requirements().len(), 1);
    /// // What is not there is not known.
    /// assert!(policy.bulk().is_none());
    /// # Ok::<(), letterhead_identity::receiver_policy::ReceiverPolicyError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// TOML that does not parse or has a key or value that the schema does not know, a source that is named and not
    /// defined, or a wrong schema number.
    pub fn from_toml(text: &str) -> Result<Self, ReceiverPolicyError> {
        let policy: Self = toml::from_str(text).map_err(|error| ReceiverPolicyError::Syntax {
            problem: error.to_string(),
        })?;
        if policy.schema != SCHEMA {
            return Err(ReceiverPolicyError::Schema {
                found: policy.schema,
            });
        }
        let named = [&policy.mailboxes.source]
            .into_iter()
            .chain(policy.bulk.iter().map(|bulk| &bulk.source))
            .chain(policy.complaint_rate.iter().map(|rate| &rate.source))
            .chain(policy.requirement.iter().map(|row| &row.source))
            .chain(policy.refusal.iter().map(|row| &row.source))
            .find(|name| !policy.sources.contains_key(*name));
        if let Some(name) = named {
            return Err(ReceiverPolicyError::NoSource { name: name.clone() });
        }
        Ok(policy)
    }

    /// Its name.
    #[must_use]
    pub fn id(&self) -> &ReceiverName {
        &self.id
    }

    /// Whose mailboxes it is for, for people.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Where rules that name this source were read, and when.
    #[must_use]
    pub fn source(&self, name: &str) -> Option<&Source> {
        self.sources.get(name)
    }

    /// The mailboxes it is for.
    #[must_use]
    pub fn mailboxes(&self) -> &Mailboxes {
        &self.mailboxes
    }

    /// From when on a sender counts as one of bulk mail; `None` where nothing is said.
    #[must_use]
    pub fn bulk(&self) -> Option<&BulkRule> {
        self.bulk.as_ref()
    }

    /// How many recipients may complain; `None` where nothing is said.
    #[must_use]
    pub fn complaint_rate(&self) -> Option<&ComplaintRate> {
        self.complaint_rate.as_ref()
    }

    /// What it asks for.
    #[must_use]
    pub fn requirements(&self) -> &[Requirement] {
        &self.requirement
    }

    /// How it refuses mail that does not meet its rules.
    #[must_use]
    pub fn refusals(&self) -> &[ReceiverRefusal] {
        &self.refusal
    }
}

/// The mailboxes that a policy is for.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Mailboxes {
    /// Their domains, as far as they are listed. They are given to anyone, so that mail from them through other servers is
    /// taken for forged.
    #[serde(deserialize_with = "domains")]
    pub domains: Vec<DomainName>,
    /// Where this was read.
    pub source: String,
}

/// From when on a sender counts as one of bulk mail.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct BulkRule {
    /// From this many messages a day to the receiver's mailboxes.
    pub from: Amount,
    /// What is counted together.
    pub counted_by: CountedBy,
    /// How long it lasts.
    pub lasts: Lasts,
    /// A remark.
    pub note: Option<String>,
    /// Where this was read.
    pub source: String,
}

/// What is counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum CountedBy {
    /// A From domain that was registered, with all of its subdomains.
    PrimaryDomain,
    /// Each From domain by itself.
    FromDomain,
    /// Nobody says.
    Unknown,
}

/// How long a sender counts as one of bulk mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Lasts {
    /// Once, and for good.
    Forever,
    /// As long as so much is sent.
    WhileSending,
    /// Nobody says.
    Unknown,
}

/// How many recipients may complain, as a part of 1.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ComplaintRate {
    /// To stay below.
    pub good: Option<f64>,
    /// Never to reach.
    pub limit: Option<f64>,
    /// Where this was read.
    pub source: String,
}

/// Something a receiver asks for.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Requirement {
    /// What it is. The preflight looks for the rules of its [table](mod@crate::preflight#rules-of-receivers); it says of any
    /// other that it was not looked at.
    pub rule: RuleName,
    /// Of whom it is asked.
    #[serde(default)]
    pub senders: Senders,
    /// Of which mail.
    #[serde(default)]
    pub mail: MailClass,
    /// Whether it has to be.
    #[serde(default)]
    pub strength: Strength,
    /// The least number, for a rule that has one.
    pub minimum: Option<u64>,
    /// The weakest DMARC policy: `none`, `quarantine` or `reject`.
    pub policy: Option<String>,
    /// Within so many hours, for a rule that has a time.
    pub hours: Option<u32>,
    /// A remark.
    pub note: Option<String>,
    /// Where this was read.
    pub source: String,
}

/// Of whom something is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Senders {
    /// Of everyone.
    #[default]
    All,
    /// Of those who count as senders of bulk mail.
    Bulk,
}

/// Of which mail something is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum MailClass {
    /// Of all.
    #[default]
    All,
    /// Of mail that advertises, and of lists one has subscribed to.
    Promotional,
}

/// Whether something has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Strength {
    /// It has to.
    #[default]
    Required,
    /// It is recommended.
    Advised,
}

/// How a receiver refuses mail that does not meet its rules.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ReceiverRefusal {
    /// The rule that was broken; any other where none is named.
    pub rule: Option<RuleName>,
    /// The reply code.
    pub code: u16,
    /// The enhanced status code.
    pub enhanced: Option<String>,
    /// What the reply says.
    pub text: String,
    /// A remark.
    pub note: Option<String>,
    /// Where this was read.
    pub source: String,
}

fn domains<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<DomainName>, D::Error> {
    let texts = Vec::<String>::deserialize(deserializer)?;
    texts
        .iter()
        .map(|text| text.parse().map_err(serde::de::Error::custom))
        .collect()
}

/// The only schema there is so far.
const SCHEMA: u32 = 1;
