//! Names of profiles.

use std::fmt;

/// The name of a profile, such as `amazon-ses`: lower-case letters, digits and hyphens.
#[derive(
    Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(try_from = "String", into = "String")]
pub struct ProfileId(Box<str>);

impl ProfileId {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Both names, joined by a hyphen.
    pub(crate) fn joined(&self, other: &Self) -> Self {
        Self(format!("{self}-{other}").into())
    }
}

impl fmt::Display for ProfileId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl std::str::FromStr for ProfileId {
    type Err = ProfileIdError;

    fn from_str(text: &str) -> Result<Self, ProfileIdError> {
        let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if text.is_empty() || !text.bytes().all(allowed) {
            return Err(ProfileIdError);
        }
        Ok(Self(text.into()))
    }
}

impl TryFrom<String> for ProfileId {
    type Error = ProfileIdError;

    fn try_from(text: String) -> Result<Self, ProfileIdError> {
        text.parse()
    }
}

impl From<ProfileId> for String {
    fn from(id: ProfileId) -> Self {
        id.0.into()
    }
}

/// Text that is not the name of a profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a profile's name is made of lower-case letters, digits and hyphens")]
#[non_exhaustive]
pub struct ProfileIdError;
