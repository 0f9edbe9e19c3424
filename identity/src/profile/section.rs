//! The sections of a profile, and how a profile takes over those of its upstream.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserializer, Error};
use serde::{Deserialize, Serialize};

use super::{
    Authentication, Channel, Compartments, CredentialRule, Denied, Endpoint, Environments,
    Exclusive, Forwarding, Headers, IdentityRule, Maximum, Mode, ObsoleteTerm, Operation,
    Permission, PreservedHeader, Procedure, ProfileId, Quota, RecordTemplate, Refusal, RefusedMode,
    Regions, Relay, ReturnPath, SignatureRule, SimulatedAddress, SpfRule, SuppressionRule, Switch,
    Threshold, Tls, Unique, ValueRule, VolumeTest,
};

/// Defines a profile's file from the list of its sections, so that each is named once: those that stand there at most
/// once (`[name]`), and those that are lists (`[[name]]`).
macro_rules! sections {
    (
        one { $($one:ident: $one_type:ty,)* }
        many { $($many:ident: $many_type:ty,)* }
    ) => {
        /// The file as it stands; `None` for a section that is not given. An empty list is given, and says that there is
        /// none.
        #[derive(Debug, Clone, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub(super) struct Sections {
            pub(super) schema: u32,
            pub(super) id: ProfileId,
            pub(super) title: String,
            pub(super) upstream: Option<ProfileId>,
            #[serde(default)]
            pub(super) sources: BTreeMap<String, Source>,
            $(pub(super) $one: Option<$one_type>,)*
            $(pub(super) $many: Option<Vec<$many_type>>,)*
        }

        impl Sections {
            /// Every section that is given here, and the upstream's for each that is not.
            pub(super) fn over(mut self, upstream: &Self) -> Self {
                for (name, source) in &upstream.sources {
                    self.sources.entry(name.clone()).or_insert_with(|| source.clone());
                }
                $(
                    if self.$one.is_none() {
                        self.$one.clone_from(&upstream.$one);
                    }
                )*
                $(
                    if self.$many.is_none() {
                        self.$many.clone_from(&upstream.$many);
                    }
                )*
                self
            }

            /// The first source that is named and not defined in the same file.
            pub(super) fn undefined_source(&self) -> Option<&str> {
                let defined = |name: &String| self.sources.contains_key(name);
                $(
                    if let Some(section) = &self.$one
                        && !defined(&section.source)
                    {
                        return Some(&section.source);
                    }
                )*
                $(
                    for row in self.$many.iter().flatten() {
                        if !defined(&row.source) {
                            return Some(&row.source);
                        }
                    }
                )*
                None
            }
        }
    };
}

sections! {
    one {
        authentication: Authentication,
        environments: Environments,
        regions: Regions,
        compartments: Compartments,
        channel: Channel,
        headers: Headers,
        return_path: ReturnPath,
        suppression: SuppressionRule,
        tls: Tls,
        relay: Relay,
        forwarding: Forwarding,
        volume_test: VolumeTest,
    }
    many {
        identity: IdentityRule,
        maximum: Maximum,
        unique: Unique,
        exclusive: Exclusive,
        denied: Denied,
        mode: Mode,
        refused_mode: RefusedMode,
        switch: Switch,
        value: ValueRule,
        record: RecordTemplate,
        spf: SpfRule,
        obsolete: ObsoleteTerm,
        signature: SignatureRule,
        quota: Quota,
        threshold: Threshold,
        credential: CredentialRule,
        operation: Operation,
        permission: Permission,
        endpoint: Endpoint,
        refusal: Refusal,
        simulator: SimulatedAddress,
        preserved: PreservedHeader,
        procedure: Procedure,
    }
}

/// Where a value was read, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Source {
    /// The page.
    pub url: String,
    /// The day it was read or published, `YYYY-MM-DD`.
    pub as_of: Day,
}

/// A calendar day as `YYYY-MM-DD`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
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
        let year: u16 = text
            .get(..4)
            .and_then(|year| year.parse().ok())
            .unwrap_or(0);
        let is_leap =
            year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let days = match number(5..7) {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            4 | 6 | 9 | 11 => 30,
            2 if is_leap => 29,
            2 => 28,
            _ => 0,
        };
        if shape && (1..=days).contains(&number(8..10)) {
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
