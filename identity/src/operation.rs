//! Doing something with a provider's account: which ways there are, how many things at a time, and the HTTP request for
//! it.
//!
//! Nothing is sent here. A request has no host and is not signed: both are the HTTP client's.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::slice;
use std::time::{Duration, SystemTime};

use crate::placement::{Compartment, LabelError};
use crate::profile::{Operation, Profile};
use crate::rules::RuleViolation;
use crate::template::Template;
use crate::word::{OperationName, Way};

/// An HTTP request to a provider's API.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ApiRequest {
    /// The method.
    pub method: String,
    /// The path, percent-encoded.
    pub path: String,
    /// The body, a JSON object; `None` where there is none.
    pub body: Option<String>,
}

impl Operation {
    /// Whether it can be done in a way.
    ///
    /// # Errors
    ///
    /// When it cannot, with the ways there are.
    pub fn check_way(&self, way: &Way) -> Result<(), OperationError> {
        if self.through.contains(way) {
            return Ok(());
        }
        Err(OperationError::NoSuchWay {
            operation: self.name.clone(),
            way: way.clone(),
            through: self.through.clone(),
            note: self.note.clone(),
        })
    }

    /// Things to do it to, as many at a time as may be. One at a time where nobody says.
    pub fn batches<'a, T>(&self, things: &'a [T]) -> slice::Chunks<'a, T> {
        things.chunks(self.batch.map_or(1, std::num::NonZeroUsize::get))
    }

    /// When it has an effect, as a rule, if it is done at this time: what is refused before then is worth another try.
    /// `None` where nobody says.
    #[must_use]
    pub fn takes_effect(&self, done: SystemTime) -> Option<SystemTime> {
        done.checked_add(Duration::from_secs(u64::from(self.takes_effect_seconds?)))
    }

    /// The HTTP request for it. Values go where their names stand in braces: percent-encoded into the path, and as JSON
    /// text into the body.
    ///
    /// # Errors
    ///
    /// When no request is known, a value is missing or empty, or one cannot stand in a path.
    pub fn request(&self, values: &BTreeMap<String, String>) -> Result<ApiRequest, OperationError> {
        let (Some(method), Some(path)) = (&self.method, &self.path) else {
            return Err(OperationError::NoRequest {
                operation: self.name.clone(),
                through: self.through.clone(),
                note: self.note.clone(),
            });
        };
        let path = Template(path).replace(|name| {
            let value = self.value(values, name)?;
            // They would go away, and the one before them with it, percent-encoded or not.
            if matches!(value, "." | "..") {
                return Err(OperationError::NotInPath {
                    operation: self.name.clone(),
                    name: name.to_owned(),
                });
            }
            Ok(Cow::Owned(percent_encoded(value)))
        })?;
        let body = match &self.body {
            None => None,
            Some(members) => Some(self.json(members, values)?),
        };
        Ok(ApiRequest {
            method: method.clone(),
            path,
            body,
        })
    }

    fn json(
        &self,
        members: &BTreeMap<String, String>,
        values: &BTreeMap<String, String>,
    ) -> Result<String, OperationError> {
        let value_of = |name: &str| self.value(values, name).map(Cow::Borrowed);
        let members = members.iter().map(|(name, template)| {
            let text = Template(template).replace(value_of)?;
            Ok((name.clone(), text.into()))
        });
        let object: serde_json::Map<String, serde_json::Value> =
            members.collect::<Result<_, OperationError>>()?;
        Ok(serde_json::Value::Object(object).to_string())
    }

    fn value<'v>(
        &self,
        values: &'v BTreeMap<String, String>,
        name: &str,
    ) -> Result<&'v str, OperationError> {
        match values.get(name).map(String::as_str) {
            Some("") | None => Err(OperationError::NoValue {
                operation: self.name.clone(),
                name: name.to_owned(),
            }),
            Some(value) => Ok(value),
        }
    }
}

impl Profile {
    /// The HTTP request for an operation; see [`Operation::request`]. A value named `compartment` has to have the form of
    /// a compartment's id.
    ///
    /// # Errors
    ///
    /// When nothing is known of the operation, or it has no such request.
    pub fn api_request(
        &self,
        operation: &OperationName,
        values: &BTreeMap<String, String>,
    ) -> Result<ApiRequest, OperationError> {
        let Some(known) = self.operation(operation) else {
            return Err(OperationError::Unknown {
                operation: operation.clone(),
                known: self
                    .operations()
                    .iter()
                    .map(|known| known.name.clone())
                    .collect(),
            });
        };
        if let Some(compartment) = values.get(COMPARTMENT).filter(|id| !id.is_empty()) {
            let compartment: Compartment = compartment.parse()?;
            self.check_compartment(&compartment)?;
        }
        known.request(values)
    }
}

/// Why something cannot be done so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OperationError {
    /// Nothing is known of it.
    #[error("nothing is known here of {operation}; known are: {}", join(known))]
    Unknown {
        /// What was to be done.
        operation: OperationName,
        /// What is known.
        known: Vec<OperationName>,
    },
    /// It is done in other ways.
    #[error(
        "{operation} cannot be done through {way}, only through: {}{}",
        join(through),
        remark(note.as_deref())
    )]
    NoSuchWay {
        /// What was to be done.
        operation: OperationName,
        /// How.
        way: Way,
        /// How it can be done.
        through: Vec<Way>,
        /// Why.
        note: Option<String>,
    },
    /// No HTTP request is known for it.
    #[error(
        "no request is known for {operation}, which is done through: {}{}",
        join(through),
        remark(note.as_deref())
    )]
    NoRequest {
        /// What was to be done.
        operation: OperationName,
        /// How it can be done.
        through: Vec<Way>,
        /// Why.
        note: Option<String>,
    },
    /// A value is missing or empty.
    #[error("{operation} needs a value for {name}")]
    NoValue {
        /// What was to be done.
        operation: OperationName,
        /// The value's name.
        name: String,
    },
    /// A value that would change which path it is.
    #[error("the value of {name} cannot stand in the path of {operation}")]
    NotInPath {
        /// What was to be done.
        operation: OperationName,
        /// The value's name.
        name: String,
    },
    /// The compartment's id cannot be one.
    #[error("the value of {COMPARTMENT} is no id")]
    NoLabel(#[from] LabelError),
    /// The compartment's id does not have the form of one.
    #[error(transparent)]
    Compartment(#[from] RuleViolation),
}

/// All but the [unreserved](https://www.rfc-editor.org/rfc/rfc3986#section-2.3) characters.
fn percent_encoded(value: &str) -> String {
    let mut encoded = String::with_capacity(value.len());
    for octet in value.bytes() {
        if octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(octet));
        } else {
            encoded.push_str(&format!("%{octet:02X}"));
        }
    }
    encoded
}

fn join(words: &[impl ToString]) -> String {
    let words: Vec<String> = words.iter().map(ToString::to_string).collect();
    words.join(", ")
}

fn remark(note: Option<&str>) -> String {
    note.map_or_else(String::new, |note| format!(" ({note})"))
}

/// The value that has to have the form of a compartment's id.
const COMPARTMENT: &str = "compartment";

#[cfg(test)]
mod tests;
