//! Which ways of authentication a channel's mail needs.

use std::fmt;

use serde::Deserialize;

use super::Profile;

/// What whoever runs a channel asks its senders to set up.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Authentication {
    /// Whether one of them is enough.
    pub needs: Needs,
    /// The ways, at least one.
    pub of: Vec<AuthenticationMethod>,
    /// Where this was read.
    pub source: String,
}

/// How many of several.
#[expect(
    clippy::exhaustive_enums,
    reason = "one of them or all of them; a channel that needs two of three would be two sections"
)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Needs {
    /// One of them; the others are advised.
    Any,
    /// Each of them.
    All,
}

/// A way in which mail is authenticated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum AuthenticationMethod {
    /// The sending hosts may use the envelope sender's domain ([RFC 7208](https://www.rfc-editor.org/rfc/rfc7208)).
    Spf,
    /// A signature of the From domain's ([RFC 6376](https://www.rfc-editor.org/rfc/rfc6376)).
    Dkim,
}

impl AuthenticationMethod {
    /// The word in a profile.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Spf => "spf",
            Self::Dkim => "dkim",
        }
    }
}

/// In capitals.
impl fmt::Display for AuthenticationMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Spf => "SPF",
            Self::Dkim => "DKIM",
        })
    }
}

impl Profile {
    /// Which ways of authentication mail needs here; `None` where nothing is asked for.
    #[must_use]
    pub fn authentication(&self) -> Option<&Authentication> {
        self.sections.authentication.as_ref()
    }
}
