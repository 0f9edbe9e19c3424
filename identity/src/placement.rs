//! Where an identity belongs within its tenant.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

macro_rules! labels {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Box<str>);

        impl $name {
            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = LabelError;

            fn from_str(text: &str) -> Result<Self, LabelError> {
                if text.is_empty() || text.len() > MAX_LABEL || !text.bytes().all(|b| b.is_ascii_graphic()) {
                    return Err(LabelError);
                }
                Ok(Self(text.into()))
            }
        }

        impl TryFrom<String> for $name {
            type Error = LabelError;

            fn try_from(text: String) -> Result<Self, LabelError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(label: $name) -> Self {
                label.0.into()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
    )*};
}

labels! {
    /// The part of a provider's account that an identity is kept in, by the provider's id of it.
    Compartment;
    /// The brand that an identity speaks for.
    Brand;
    /// What a set of credentials is known by; not the secret, nor the user name.
    CredentialId;
    /// The user of a provider's account that credentials were issued for.
    UserId;
}

/// The longest label in octets, as long as the ids of cloud providers may be.
const MAX_LABEL: usize = 255;

/// Text that is no label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected 1 to 255 visible ASCII characters")]
#[non_exhaustive]
pub struct LabelError;
