//! Where secrets are.

use std::fmt;
use std::path::PathBuf;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};

/// Where a secret is; never the secret.
#[derive(Debug, Clone)]
pub(super) enum SecretSource {
    /// In this variable.
    Variable(String),
    /// In this file.
    File(PathBuf),
}

impl<'de> Deserialize<'de> for SecretSource {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SourceVisitor)
    }
}

/// Says nothing of a value that stands where the place of one should.
struct SourceVisitor;

const FORM: &str = "write where the secret is: { env = \"VARIABLE\" } or { file = \"PATH\" }";

impl<'de> Visitor<'de> for SourceVisitor {
    type Value = SecretSource;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("{ env = \"VARIABLE\" } or { file = \"PATH\" }")
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<SecretSource, E> {
        Err(E::custom(format_args!(
            "a secret does not stand here; {FORM}"
        )))
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<SecretSource, E> {
        self.visit_str("")
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<SecretSource, E> {
        self.visit_str("")
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<SecretSource, E> {
        self.visit_str("")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<SecretSource, A::Error> {
        let Some(key) = map.next_key::<String>()? else {
            return Err(A::Error::custom(FORM));
        };
        let source = match key.as_str() {
            "env" => SecretSource::Variable(map.next_value()?),
            "file" => SecretSource::File(map.next_value()?),
            _ => return Err(A::Error::custom(FORM)),
        };
        match map.next_key::<String>()? {
            None => Ok(source),
            Some(_) => Err(A::Error::custom(format_args!(
                "a secret is in one place; {FORM}"
            ))),
        }
    }
}
