//! The sections of a profile, and how a profile takes over those of its upstream.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error};

use super::{
    Endpoint, Environments, Exclusive, Headers, IdentityRule, Maximum, Quota, RecordTemplate,
    Refusal, ReturnPath, SignatureRule, SimulatedAddress, SpfRule, ValueRule,
};

/// The sections of one profile; `None` for one that is not given. An empty list is given, and says that there is none.
#[derive(Debug, Clone, Default)]
pub(super) struct Sections {
    pub(super) sources: BTreeMap<String, Source>,
    pub(super) environments: Option<Environments>,
    pub(super) identity: Option<Vec<IdentityRule>>,
    pub(super) maximum: Option<Vec<Maximum>>,
    pub(super) exclusive: Option<Vec<Exclusive>>,
    pub(super) value: Option<Vec<ValueRule>>,
    pub(super) record: Option<Vec<RecordTemplate>>,
    pub(super) spf: Option<Vec<SpfRule>>,
    pub(super) signature: Option<Vec<SignatureRule>>,
    pub(super) headers: Option<Headers>,
    pub(super) return_path: Option<ReturnPath>,
    pub(super) quota: Option<Vec<Quota>>,
    pub(super) endpoint: Option<Vec<Endpoint>>,
    pub(super) refusal: Option<Vec<Refusal>>,
    pub(super) simulator: Option<Vec<SimulatedAddress>>,
}

impl Sections {
    /// Every section that is given here, and the upstream's for each that is not.
    pub(super) fn over(self, upstream: Self) -> Self {
        let mut sources = upstream.sources;
        sources.extend(self.sources);
        Self {
            sources,
            environments: self.environments.or(upstream.environments),
            identity: self.identity.or(upstream.identity),
            maximum: self.maximum.or(upstream.maximum),
            exclusive: self.exclusive.or(upstream.exclusive),
            value: self.value.or(upstream.value),
            record: self.record.or(upstream.record),
            spf: self.spf.or(upstream.spf),
            signature: self.signature.or(upstream.signature),
            headers: self.headers.or(upstream.headers),
            return_path: self.return_path.or(upstream.return_path),
            quota: self.quota.or(upstream.quota),
            endpoint: self.endpoint.or(upstream.endpoint),
            refusal: self.refusal.or(upstream.refusal),
            simulator: self.simulator.or(upstream.simulator),
        }
    }

    /// The first source that is named and not defined in the same file.
    pub(super) fn undefined_source(&self) -> Option<&str> {
        let named = (self.environments.iter().map(|section| &section.source))
            .chain(
                self.identity
                    .iter()
                    .flatten()
                    .map(|section| &section.source),
            )
            .chain(self.maximum.iter().flatten().map(|section| &section.source))
            .chain(
                self.exclusive
                    .iter()
                    .flatten()
                    .map(|section| &section.source),
            )
            .chain(self.value.iter().flatten().map(|section| &section.source))
            .chain(self.record.iter().flatten().map(|section| &section.source))
            .chain(self.spf.iter().flatten().map(|section| &section.source))
            .chain(
                self.signature
                    .iter()
                    .flatten()
                    .map(|section| &section.source),
            )
            .chain(self.headers.iter().map(|section| &section.source))
            .chain(self.return_path.iter().map(|section| &section.source))
            .chain(self.quota.iter().flatten().map(|section| &section.source))
            .chain(
                self.endpoint
                    .iter()
                    .flatten()
                    .map(|section| &section.source),
            )
            .chain(self.refusal.iter().flatten().map(|section| &section.source))
            .chain(
                self.simulator
                    .iter()
                    .flatten()
                    .map(|section| &section.source),
            );
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
        let number = |range| {
            text.get(range)
                .and_then(|digits: &str| digits.parse().ok())
                .unwrap_or(0_u8)
        };
        if shape && (1..=12).contains(&number(5..7)) && (1..=31).contains(&number(8..10)) {
            Ok(Self(text))
        } else {
            Err("a day is written YYYY-MM-DD")
        }
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

pub(super) fn parsed<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: std::str::FromStr<Err: fmt::Display>,
{
    String::deserialize(deserializer)?
        .parse()
        .map_err(D::Error::custom)
}

pub(super) fn all_parsed<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
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

/// Text that stands on one line of a zone file: what could end the line there cannot be in a template or note.
pub(super) fn line<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.chars().any(char::is_control) {
        return Err(D::Error::custom(
            "control characters and line ends cannot stand here",
        ));
    }
    Ok(text)
}

pub(super) fn optional_line<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<String>, D::Error> {
    line(deserializer).map(Some)
}
