//! What can be done with a provider's account, and how.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _};

use super::Profile;
use super::section::optional_line;
use crate::word::{OperationName, Way};

/// Something that can be done with a provider's account.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Operation {
    /// Its name.
    pub name: OperationName,
    /// The ways to do it; there are no others.
    pub through: Vec<Way>,
    /// How many things it is done to at a time; `None` where nobody says.
    pub batch: Option<NonZeroUsize>,
    /// After how many seconds it has an effect, as a rule.
    pub takes_effect_seconds: Option<u32>,
    /// The method of its HTTP request.
    #[serde(default, deserialize_with = "method")]
    pub method: Option<String>,
    /// The path of its HTTP request, with values in braces.
    #[serde(default, deserialize_with = "path")]
    pub path: Option<String>,
    /// The members of the JSON object that is the request's body, with values in braces; `None` where it has none.
    pub body: Option<BTreeMap<String, String>>,
    /// A remark, such as why there is no other way.
    #[serde(default, deserialize_with = "optional_line")]
    pub note: Option<String>,
    /// Where this was read.
    pub source: String,
}

impl Profile {
    /// What is known of what can be done with the provider's account. It can usually do more.
    #[must_use]
    pub fn operations(&self) -> &[Operation] {
        self.sections.operation.as_deref().unwrap_or_default()
    }

    /// What is known of one thing to do.
    #[must_use]
    pub fn operation(&self, name: &OperationName) -> Option<&Operation> {
        self.operations()
            .iter()
            .find(|operation| operation.name == *name)
    }
}

fn method<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.is_empty() || !text.bytes().all(|octet| octet.is_ascii_uppercase()) {
        return Err(D::Error::custom("a method is written in capital letters"));
    }
    Ok(Some(text))
}

fn path<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let text = String::deserialize(deserializer)?;
    if !text.starts_with('/') || !text.bytes().all(|octet| octet.is_ascii_graphic()) {
        return Err(D::Error::custom(
            "a path begins with a slash and is made of visible ASCII characters",
        ));
    }
    Ok(Some(text))
}
