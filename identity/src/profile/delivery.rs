//! What becomes of mail on its way through a provider.

use std::fmt;

use letterhead_dns::DomainName;
use letterhead_mail::{EmailAddress, EnhancedCode, HeaderName, ReplyCode};
use serde::Deserialize;
use serde::de::{Deserializer, Error, Unexpected, Visitor};

use super::section::{all_parsed, parsed};

/// What happens to header fields on the way.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Headers {
    /// Fields that the provider replaces; a signature of the sender's must not cover them.
    #[serde(default, deserialize_with = "all_parsed")]
    pub overwritten: Vec<HeaderName>,
    /// The Message-IDs it may write, the commonest first; none where the sender's own stays.
    ///
    /// `{reply-id}` is the last word of its reply to the message, `{region}` the provider's region that took it.
    #[serde(default)]
    pub message_ids: Vec<String>,
    /// Where this was read.
    pub source: String,
}

impl Headers {
    /// The Message-IDs that recipients may see, in the order of the templates, worked out from the text of the reply
    /// that accepted the message and the region it was sent through; none where the sender's own stays.
    ///
    /// A template with `{region}` is left out where no region is given, or one that is not a word of ASCII letters,
    /// digits and hyphens. A reply without a word gives none.
    #[must_use]
    pub fn message_ids_from_reply(&self, reply_text: &str, region: Option<&str>) -> Vec<String> {
        let Some(id) = reply_text.split_ascii_whitespace().next_back() else {
            return Vec::new();
        };
        let region = region.filter(|region| is_region(region));
        self.message_ids
            .iter()
            .filter_map(|template| {
                let template = if template.contains(REGION) {
                    template.replace(REGION, region?)
                } else {
                    template.clone()
                };
                // Last, so that braces in what the server wrote are just braces.
                Some(template.replace(REPLY_ID, id))
            })
            .collect()
    }
}

fn is_region(text: &str) -> bool {
    let allowed = |octet: u8| octet.is_ascii_alphanumeric() || octet == b'-';
    !text.is_empty() && text.bytes().all(allowed)
}

const REGION: &str = "{region}";

const REPLY_ID: &str = "{reply-id}";

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
        deserializer.deserialize_any(AmountVisitor)
    }
}

struct AmountVisitor;

impl Visitor<'_> for AmountVisitor {
    type Value = Amount;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number from 0, \"unlimited\" or \"unknown\"")
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Amount, E> {
        Ok(Amount::Known(number))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Amount, E> {
        u64::try_from(number)
            .map(Amount::Known)
            .map_err(|_| E::invalid_value(Unexpected::Signed(number), &self))
    }

    fn visit_str<E: Error>(self, word: &str) -> Result<Amount, E> {
        match word {
            "unlimited" => Ok(Amount::Unlimited),
            "unknown" => Ok(Amount::Unknown),
            other => Err(E::invalid_value(Unexpected::Str(other), &self)),
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
