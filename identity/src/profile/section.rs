//! The sections of a profile, as they stand in the file.

use std::collections::BTreeMap;
use std::fmt;

use letterhead_dns::{DomainName, RecordType};
use letterhead_mail::{EmailAddress, EnhancedCode, HeaderName, ReplyCode};
use serde::Deserialize;
use serde::de::{Deserializer, Error};

use crate::identity::{Environment, IdentityKind};

/// All sections of one profile.
#[derive(Debug, Clone, Default)]
pub(super) struct Sections {
    pub(super) sources: BTreeMap<String, Source>,
    pub(super) environments: Option<Environments>,
    pub(super) identity: Vec<IdentityRule>,
    pub(super) maximum: Vec<Maximum>,
    pub(super) exclusive: Vec<Exclusive>,
    pub(super) value: Vec<ValueRule>,
    pub(super) record: Vec<RecordTemplate>,
    pub(super) spf: Vec<SpfRule>,
    pub(super) signature: Vec<SignatureRule>,
    pub(super) headers: Option<Headers>,
    pub(super) return_path: Option<ReturnPath>,
    pub(super) quota: Vec<Quota>,
    pub(super) endpoint: Vec<Endpoint>,
    pub(super) refusal: Vec<Refusal>,
    pub(super) simulator: Vec<SimulatedAddress>,
}

impl Sections {
    /// Puts every section that `own` gives in place of the upstream's.
    pub(super) fn replace_with(&mut self, own: Self) {
        fn list<T>(base: &mut Vec<T>, own: Vec<T>) {
            if !own.is_empty() {
                *base = own;
            }
        }
        self.sources.extend(own.sources);
        self.environments = own.environments.or(self.environments.take());
        list(&mut self.identity, own.identity);
        list(&mut self.maximum, own.maximum);
        list(&mut self.exclusive, own.exclusive);
        list(&mut self.value, own.value);
        list(&mut self.record, own.record);
        list(&mut self.spf, own.spf);
        list(&mut self.signature, own.signature);
        self.headers = own.headers.or(self.headers.take());
        self.return_path = own.return_path.or(self.return_path.take());
        list(&mut self.quota, own.quota);
        list(&mut self.endpoint, own.endpoint);
        list(&mut self.refusal, own.refusal);
        list(&mut self.simulator, own.simulator);
    }

    /// The first source that is named and not defined in the same file.
    pub(super) fn undefined_source(&self) -> Option<&str> {
        let named = (self.environments.iter().map(|section| &section.source))
            .chain(self.identity.iter().map(|section| &section.source))
            .chain(self.maximum.iter().map(|section| &section.source))
            .chain(self.exclusive.iter().map(|section| &section.source))
            .chain(self.value.iter().map(|section| &section.source))
            .chain(self.record.iter().map(|section| &section.source))
            .chain(self.spf.iter().map(|section| &section.source))
            .chain(self.signature.iter().map(|section| &section.source))
            .chain(self.headers.iter().map(|section| &section.source))
            .chain(self.return_path.iter().map(|section| &section.source))
            .chain(self.quota.iter().map(|section| &section.source))
            .chain(self.endpoint.iter().map(|section| &section.source))
            .chain(self.refusal.iter().map(|section| &section.source))
            .chain(self.simulator.iter().map(|section| &section.source));
        named
            .map(String::as_str)
            .find(|name| !self.sources.contains_key(*name))
    }
}

/// Where a value was read, and when.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Source {
    /// The page.
    pub url: String,
    /// The day it was read or published, `YYYY-MM-DD`.
    pub as_of: Day,
}

/// A calendar day as `YYYY-MM-DD`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub struct Day(String);

impl TryFrom<String> for Day {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, &'static str> {
        let shape = text.len() == 10
            && text.bytes().enumerate().all(|(at, b)| match at {
                4 | 7 => b == b'-',
                _ => b.is_ascii_digit(),
            });
        if shape { Ok(Self(text)) } else { Err("a day is written YYYY-MM-DD") }
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

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

/// Whether case in a local part matters.
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
    /// Within what.
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

/// A value that records are made of.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ValueRule {
    /// Its name, as it stands in braces in templates.
    pub name: String,
    /// What it is where nothing else is said.
    pub default: Option<String>,
    /// Who says what it is.
    pub issued_by: Option<ValueIssuer>,
    /// How many there are of it.
    pub count: Option<usize>,
    /// Where this was read.
    pub source: String,
}

/// Who says what a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum ValueIssuer {
    /// The provider issues it for each identity.
    Provider,
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
    /// The record type.
    #[serde(deserialize_with = "parsed")]
    pub kind: RecordType,
    /// The owner name, with values in braces.
    pub owner: String,
    /// The data as a master file has it (text without quotes for TXT), with values in braces.
    pub value: String,
    /// The values of which there are several: one record for each.
    #[serde(default)]
    pub each: Vec<String>,
    /// Within what its values are issued.
    pub per: Per,
    /// Whether the identity can do without it.
    pub necessity: Necessity,
    /// A remark for whoever publishes it.
    pub note: Option<String>,
    /// Where this was read.
    pub source: String,
}

/// What a record is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
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
    pub term: String,
    /// Whether sending can do without it.
    pub necessity: Necessity,
    /// A remark for whoever publishes it.
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
    pub domain: String,
    /// When it is made.
    pub when: SignatureWhen,
    /// Who makes it.
    pub made_by: MadeBy,
    /// Where this was read.
    pub source: String,
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

/// What happens to header fields on the way.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Headers {
    /// Fields that the provider replaces; a signature of the sender's must not cover them.
    #[serde(default, deserialize_with = "all_parsed")]
    pub overwritten: Vec<HeaderName>,
    /// The Message-ID it writes, where `{reply-id}` is the last word of its reply to the message.
    pub message_id: Option<String>,
    /// Where this was read.
    pub source: String,
}

impl Headers {
    /// The Message-ID that recipients see, worked out from the text of the reply that accepted the message; `None` where
    /// the sender's own stays.
    #[must_use]
    pub fn message_id_from_reply(&self, reply_text: &str) -> Option<String> {
        let id = reply_text.split_ascii_whitespace().next_back()?;
        Some(self.message_id.as_ref()?.replace("{reply-id}", id))
    }
}

/// The envelope sender that a provider uses in place of the customer's.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ReturnPath {
    /// Its domain.
    #[serde(deserialize_with = "parsed")]
    pub domain: DomainName,
    /// Where this was read.
    pub source: String,
}

/// A limit on what is sent.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Quota {
    /// What is counted.
    pub unit: QuotaUnit,
    /// Over what.
    pub window: Window,
    /// How many there may be.
    pub maximum: Amount,
    /// A remark.
    pub note: Option<String>,
    /// Where this was read.
    pub source: String,
}

/// What a quota counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum QuotaUnit {
    /// Messages.
    Messages,
    /// Recipients.
    Recipients,
    /// Octets of the message as it is transferred.
    Octets,
}

impl fmt::Display for QuotaUnit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Messages => "messages",
            Self::Recipients => "recipients",
            Self::Octets => "octets",
        })
    }
}

/// Over what a quota counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Window {
    /// One message.
    Message,
    /// One second.
    Second,
    /// One minute.
    Minute,
    /// The last 24 hours.
    RollingDay,
}

/// A number that may not be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Amount {
    /// This many.
    Known(u64),
    /// Stated to be without limit.
    Unlimited,
    /// There is a limit and nobody here knows it. It never means unlimited.
    Unknown,
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Number(u64),
            Word(String),
        }
        match Written::deserialize(deserializer)? {
            Written::Number(number) => Ok(Self::Known(number)),
            Written::Word(word) if word == "unlimited" => Ok(Self::Unlimited),
            Written::Word(word) if word == "unknown" => Ok(Self::Unknown),
            Written::Word(word) => Err(D::Error::custom(format!(
                "{word:?} is no amount; write a number, \"unlimited\" or \"unknown\""
            ))),
        }
    }
}

/// A server that takes mail.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Endpoint {
    /// The host, with values in braces.
    pub host: String,
    /// The port.
    pub port: u16,
    /// How the connection is protected.
    pub security: EndpointSecurity,
    /// Where this was read.
    pub source: String,
}

/// How a connection is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum EndpointSecurity {
    /// STARTTLS after connecting.
    Starttls,
    /// TLS from the first octet.
    Implicit,
}

/// How a provider refuses.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Refusal {
    /// What.
    pub condition: Condition,
    /// The reply code.
    pub code: ReplyCode,
    /// The enhanced status code.
    pub enhanced: Option<EnhancedCode>,
    /// The reply's text; `{from}` stands for the address.
    pub text: String,
    /// Where this was read.
    pub source: String,
}

/// What a provider refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Condition {
    /// A From address that no verified identity covers.
    UnverifiedSender,
    /// More recipients than it takes.
    TooManyRecipients,
    /// Wrong credentials.
    Credentials,
}

/// An address of the provider's mailbox simulator. A `+label` in the local part is kept and does not change what it
/// does.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct SimulatedAddress {
    /// The address.
    pub address: EmailAddress,
    /// What becomes of mail to it.
    pub outcome: SimulatedOutcome,
    /// The status a report gives.
    pub status: Option<EnhancedCode>,
    /// The diagnostic a report gives, with its type.
    pub diagnostic: Option<String>,
    /// Where this was read.
    pub source: String,
}

/// What becomes of mail to a simulated mailbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum SimulatedOutcome {
    /// It is taken.
    Delivered,
    /// A delivery status notification comes back.
    Bounced,
    /// A complaint comes back.
    Complained,
}

fn parsed<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: std::str::FromStr<Err: fmt::Display>,
{
    String::deserialize(deserializer)?
        .parse()
        .map_err(D::Error::custom)
}

fn all_parsed<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: std::str::FromStr<Err: fmt::Display>,
{
    let texts = Vec::<String>::deserialize(deserializer)?;
    texts
        .iter()
        .map(|text| text.parse().map_err(D::Error::custom))
        .collect()
}
