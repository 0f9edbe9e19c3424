//! What a provider's credentials are like.

use serde::Deserialize;

use super::Profile;
use super::quota::Amount;
use super::section::line;
use crate::word::CredentialKind;

/// One kind of credentials that mail is submitted with.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct CredentialRule {
    /// Its name.
    pub kind: CredentialKind,
    /// What the user name is.
    pub username: UsernameRule,
    /// The user name, where it is the same for everybody.
    pub literal: Option<String>,
    /// What the access keys of users begin with that cannot be used here, such as those that expire.
    #[serde(default)]
    pub refused_prefixes: Vec<String>,
    /// What the password is.
    pub password: PasswordRule,
    /// How it is derived, where it is.
    pub derivation: Option<Derivation>,
    /// What one set of them is meant for.
    pub scope: CredentialScope,
    /// Whether one set may serve more than that.
    #[serde(default)]
    pub sharing: Sharing,
    /// How many sets of them a user may have; `None` where there is no rule.
    pub maximum: Option<Amount>,
    /// How often the provider shows the secret.
    #[serde(default)]
    pub shown: Shown,
    /// Whether they stop working by themselves.
    #[serde(default)]
    pub expires: Expiry,
    /// A remark.
    pub note: Option<String>,
    /// Where this was read.
    pub source: String,
}

impl Profile {
    /// What credentials mail is submitted with; none where the tenant needs none.
    #[must_use]
    pub fn credentials(&self) -> &[CredentialRule] {
        self.sections.credential.as_deref().unwrap_or_default()
    }

    /// The rule for one kind of credentials.
    #[must_use]
    pub fn credential(&self, kind: &CredentialKind) -> Option<&CredentialRule> {
        self.credentials().iter().find(|rule| rule.kind == *kind)
    }
}

/// What a user name is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum UsernameRule {
    /// The provider issues it with the password.
    Issued,
    /// An address.
    EmailAddress,
    /// The id of a user's access key.
    AccessKeyId,
    /// A key for the provider's API.
    ApiKey,
    /// The token of a server, as the provider calls what mail is sorted by.
    ServerToken,
    /// The same for everybody.
    Literal,
}

/// What a password is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum PasswordRule {
    /// The provider issues it.
    Issued,
    /// It is derived from a secret key: see [`Derivation`].
    Derived,
    /// The user name once more.
    SameAsUsername,
    /// That of the mailbox.
    MailboxPassword,
    /// The secret that belongs to the key in the user name.
    SecretKey,
    /// An OAuth 2.0 access token, in place of a password.
    #[serde(rename = "oauth2-token")]
    OAuth2Token,
}

/// The words that a password is derived over; see [`derive_password`](Self::derive_password).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Derivation {
    /// What the scheme puts in front of every secret key.
    #[serde(deserialize_with = "line")]
    pub prefix: String,
    /// The day, which is always the same.
    #[serde(deserialize_with = "line")]
    pub date: String,
    /// The name of the service.
    #[serde(deserialize_with = "line")]
    pub service: String,
    /// What ends the scope of the key.
    #[serde(deserialize_with = "line")]
    pub terminal: String,
    /// The message that is signed.
    #[serde(deserialize_with = "line")]
    pub message: String,
    /// The octet in front of the signature.
    pub version: u8,
}

/// What one set of credentials is meant for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum CredentialScope {
    /// The whole account.
    Account,
    /// One user of the account.
    User,
    /// One address or domain.
    Address,
    /// One brand.
    Brand,
    /// One region.
    Region,
}

/// Whether one set of credentials may serve more than it is meant for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Sharing {
    /// It may.
    #[default]
    Allowed,
    /// It may, and would better not.
    Discouraged,
}

/// How often a provider shows a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Shown {
    /// When it is issued, and never again.
    Once,
    /// Whenever it is asked for.
    Again,
    /// Nobody says.
    #[default]
    Unknown,
}

/// Whether credentials stop working by themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Expiry {
    /// They do not.
    Never,
    /// Nobody says.
    #[default]
    Unknown,
}
