//! The words that profiles coin: kinds of identity, environments, regions, features.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Defines types for text of one form: `$is_valid` says which, `$error` that it is not.
macro_rules! text_types {
    ($is_valid:path, $error:ident: $($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Box<str>);

        impl $name {
            /// The word.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = $error;

            fn from_str(text: &str) -> Result<Self, $error> {
                if $is_valid(text) {
                    Ok(Self(text.into()))
                } else {
                    Err($error)
                }
            }
        }

        impl TryFrom<String> for $name {
            type Error = $error;

            fn try_from(text: String) -> Result<Self, $error> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(word: $name) -> Self {
                word.0.into()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
    )*};
}

pub(crate) use text_types;

text_types! { is_word, WordError:
    /// A kind of identity as its profile names it, such as `domain`, `email` or `approved-sender`.
    IdentityKind;
    /// A receiver of mail whose rules are known, such as `google`.
    ReceiverName;
    /// A rule of a receiver's, such as `dmarc` or `one-click-unsubscribe`.
    RuleName;
    /// A deployment of a provider's product, such as `production` or `api-sandbox`.
    Environment;
    /// A place a provider takes mail at, such as `eu-west-1`, by its name or its short code.
    Region;
    /// Where the hosts of several regions are, as far as an SPF record tells them apart, such as `europe`.
    Location;
    /// A part of an application that sends, such as `notification` or `workflow`.
    Feature;
    /// Something that has to be done in order, such as `set-up` or `disconnect`.
    ProcedureName;
    /// A part of it, such as `forwarding`.
    StepName;
    /// What makes a step apply, such as `microsoft`.
    StepCondition;
    /// Something a tenant turns on for an identity, such as `digital-signatures`.
    SwitchName;
    /// A way in which an identity is connected, such as `outbound-only`.
    ModeName;
    /// What an account is, as far as its limits depend on it, such as `sandbox`, `trial` or `enterprise`.
    Tier;
    /// A kind of credentials, such as `smtp-password`.
    CredentialKind;
    /// Something that can be done with a provider's account, such as `create-identity`.
    OperationName;
    /// A way to do it, such as `console` or `api`.
    Way;
    /// What a policy lets somebody do with resources, such as `use`.
    PolicyVerb;
    /// A type of resource that a policy is about, such as `approved-senders`.
    ResourceType;
}

/// Text that is not one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected 1 to 63 letters, digits, hyphens and underscores")]
#[non_exhaustive]
pub struct WordError;

fn is_word(text: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    !text.is_empty() && text.len() <= 63 && text.bytes().all(allowed)
}
