//! How connections to a provider, or from it, are encrypted.

use std::fmt;
use std::str::FromStr;

use serde::Deserialize;
use serde::de::{Deserializer, Error};

use super::Profile;
use super::region::Need;

/// How connections are encrypted.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Tls {
    /// Whether they have to be.
    pub needed: Need,
    /// The lowest version that is taken; `None` where nobody says.
    pub floor: Option<TlsVersion>,
    /// The cipher suites that are taken, by their names in
    /// [IANA's registry](https://www.iana.org/assignments/tls-parameters); `None` where nobody says. Lists age: see the
    /// source's date.
    #[serde(default, deserialize_with = "suite_names")]
    pub cipher_suites: Option<Vec<String>>,
    /// A remark.
    pub note: Option<String>,
    /// Where this was read.
    pub source: String,
}

/// A version of TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum TlsVersion {
    /// [RFC 2246](https://www.rfc-editor.org/rfc/rfc2246), withdrawn.
    Tls10,
    /// [RFC 4346](https://www.rfc-editor.org/rfc/rfc4346), withdrawn.
    Tls11,
    /// [RFC 5246](https://www.rfc-editor.org/rfc/rfc5246).
    Tls12,
    /// [RFC 9846](https://www.rfc-editor.org/rfc/rfc9846).
    Tls13,
}

impl FromStr for TlsVersion {
    type Err = TlsVersionError;

    fn from_str(text: &str) -> Result<Self, TlsVersionError> {
        match text {
            "1.0" => Ok(Self::Tls10),
            "1.1" => Ok(Self::Tls11),
            "1.2" => Ok(Self::Tls12),
            "1.3" => Ok(Self::Tls13),
            _ => Err(TlsVersionError),
        }
    }
}

impl fmt::Display for TlsVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Tls10 => "1.0",
            Self::Tls11 => "1.1",
            Self::Tls12 => "1.2",
            Self::Tls13 => "1.3",
        })
    }
}

impl<'de> Deserialize<'de> for TlsVersion {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        super::section::parsed(deserializer)
    }
}

/// Text that is no version of TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a version of TLS is \"1.0\", \"1.1\", \"1.2\" or \"1.3\"")]
#[non_exhaustive]
pub struct TlsVersionError;

impl Profile {
    /// How connections are encrypted; `None` where nothing is known.
    #[must_use]
    pub fn tls(&self) -> Option<&Tls> {
        self.sections.tls.as_ref()
    }
}

fn suite_names<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Vec<String>>, D::Error> {
    let names = Vec::<String>::deserialize(deserializer)?;
    let allowed = |octet: u8| matches!(octet, b'A'..=b'Z' | b'0'..=b'9' | b'_');
    for name in &names {
        let rest = name.strip_prefix("TLS_").unwrap_or_default();
        if rest.is_empty() || !rest.bytes().all(allowed) {
            return Err(D::Error::custom(format!(
                "{name:?} is no cipher suite; write its name as in IANA's registry, such as \
                 TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"
            )));
        }
    }
    Ok(Some(names))
}
