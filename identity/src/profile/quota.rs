//! How much may be sent.

use std::fmt;
use std::time::Duration;

use serde::de::{Deserializer, Error, Unexpected, Visitor};
use serde::{Deserialize, Serialize, Serializer};

use crate::word::Tier;

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
    /// Whose mail is counted together.
    #[serde(default)]
    pub per: QuotaPer,
    /// In which tier it holds; `None` for every tier that has no limit of its own.
    pub tier: Option<Tier>,
    /// Which octets are counted; of no meaning for other units.
    #[serde(default)]
    pub basis: SizeBasis,
    /// Whether the provider changes it for a customer.
    #[serde(default)]
    pub changed: Changed,
    /// A remark.
    pub note: Option<String>,
    /// Where this was read.
    pub source: String,
}

impl Quota {
    /// Whether it limits the same thing as the other one, so that at most one of them can hold.
    pub(super) fn is_about_the_same_as(&self, other: &Self) -> bool {
        let what = |quota: &Self| (quota.unit, quota.window, quota.per, quota.basis);
        what(self) == what(other)
    }
}

/// What a quota counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum QuotaUnit {
    /// Messages.
    Messages,
    /// Recipients: one for each address of each message.
    Recipients,
    /// Recipients, each address once however many messages go to it.
    UniqueRecipients,
    /// Recipients outside the sender's own domain.
    ExternalRecipients,
    /// Octets of the message; [`Quota::basis`] says which.
    Octets,
    /// Connections.
    Connections,
}

impl fmt::Display for QuotaUnit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Messages => "messages",
            Self::Recipients => "recipients",
            Self::UniqueRecipients => "unique recipients",
            Self::ExternalRecipients => "external recipients",
            Self::Octets => "octets",
            Self::Connections => "connections",
        })
    }
}

/// Over what a quota counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Window {
    /// One message.
    Message,
    /// Any second.
    Second,
    /// Any minute.
    Minute,
    /// Any hour.
    Hour,
    /// Any 24 hours.
    RollingDay,
    /// One connection.
    Connection,
    /// One moment: how many there may be side by side.
    AtOnce,
    /// The account's whole life.
    Lifetime,
}

impl Window {
    /// How long it is; `None` where it is not a length of time.
    #[must_use]
    pub fn length(self) -> Option<Duration> {
        match self {
            Self::Second => Some(Duration::from_secs(1)),
            Self::Minute => Some(Duration::from_mins(1)),
            Self::Hour => Some(Duration::from_hours(1)),
            Self::RollingDay => Some(Duration::from_hours(24)),
            Self::Message | Self::Connection | Self::AtOnce | Self::Lifetime => None,
        }
    }
}

/// As it follows a number: `200 recipients in 24 hours`.
impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Message => "a message",
            Self::Second => "a second",
            Self::Minute => "a minute",
            Self::Hour => "an hour",
            Self::RollingDay => "in 24 hours",
            Self::Connection => "a connection",
            Self::AtOnce => "at once",
            Self::Lifetime => "in all",
        })
    }
}

/// Whose mail a quota counts together.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum QuotaPer {
    /// All mail of the customer's account at the provider.
    #[default]
    Account,
    /// That of one user, as whom mail is submitted.
    User,
    /// That of one identity.
    Identity,
    /// That of one sending domain.
    Domain,
    /// That of the account in one region.
    Region,
}

impl fmt::Display for QuotaPer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Account => "account",
            Self::User => "user",
            Self::Identity => "identity",
            Self::Domain => "domain",
            Self::Region => "region",
        })
    }
}

/// Which octets of a message are counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum SizeBasis {
    /// Those that are transferred, base64 and quoted-printable included.
    #[default]
    Encoded,
    /// Those of the contents before they are encoded for transfer: never more.
    Raw,
}

/// Whether a provider changes a limit for a customer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Changed {
    /// It is the same for everybody.
    Fixed,
    /// Customers can ask for another.
    OnRequest,
    /// The provider does not say.
    #[default]
    Unknown,
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

impl Amount {
    /// The number, if it is known and there is a limit.
    #[must_use]
    pub fn known(self) -> Option<u64> {
        match self {
            Self::Known(number) => Some(number),
            Self::Unlimited | Self::Unknown => None,
        }
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(number) => number.fmt(f),
            Self::Unlimited => f.pad("unlimited"),
            Self::Unknown => f.pad("unknown"),
        }
    }
}

/// As a profile writes it: a number or a word.
impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Known(number) => serializer.serialize_u64(*number),
            Self::Unlimited => serializer.serialize_str("unlimited"),
            Self::Unknown => serializer.serialize_str("unknown"),
        }
    }
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
