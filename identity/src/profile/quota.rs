//! How much may be sent.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, Unexpected, Visitor};

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
