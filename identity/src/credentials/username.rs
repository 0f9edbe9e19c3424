//! What a user name and password must be.

use letterhead_mail::EmailAddress;
use letterhead_mail::address::AddressError;

use super::secret::Secret;
use crate::profile::{CredentialRule, PasswordRule, UsernameRule};

impl CredentialRule {
    /// Whether a user name can be one of this kind. Whether it is anybody's, the server says.
    ///
    /// # Errors
    ///
    /// When it is empty, has a character that no user name has, is not what the rule says, or begins with a prefix that
    /// the rule refuses.
    pub fn check_username(&self, username: &str) -> Result<(), UsernameError> {
        if username.is_empty() {
            return Err(UsernameError::Empty);
        }
        if let Some((offset, _)) = username
            .char_indices()
            .find(|(_, character)| character.is_control())
        {
            return Err(UsernameError::Control { offset });
        }
        match self.username {
            UsernameRule::EmailAddress => username
                .parse::<EmailAddress>()
                .map(drop)
                .map_err(UsernameError::NotAddress),
            UsernameRule::Literal => match &self.literal {
                Some(literal) if literal != username => Err(UsernameError::NotLiteral {
                    literal: literal.clone(),
                }),
                Some(_) | None => Ok(()),
            },
            UsernameRule::AccessKeyId | UsernameRule::ApiKey | UsernameRule::ServerToken
                if username.contains(' ') =>
            {
                Err(UsernameError::Space)
            }
            UsernameRule::Issued
            | UsernameRule::AccessKeyId
            | UsernameRule::ApiKey
            | UsernameRule::ServerToken => {
                let refused = |prefix: &&String| username.starts_with(prefix.as_str());
                match self.refused_prefixes.iter().find(refused) {
                    Some(prefix) => Err(UsernameError::Refused {
                        prefix: prefix.clone(),
                    }),
                    None => Ok(()),
                }
            }
        }
    }

    /// Whether a user name and a password can go together: each can be one, and where the password is the user name once
    /// more, it is that.
    ///
    /// # Errors
    ///
    /// What is wrong with the user name, an empty password, or one that is not the user name where it should be.
    pub fn check_pair(&self, username: &str, password: &Secret) -> Result<(), UsernameError> {
        self.check_username(username)?;
        if password.expose().is_empty() {
            return Err(UsernameError::NoPassword);
        }
        if self.password == PasswordRule::SameAsUsername && password.expose() != username {
            return Err(UsernameError::PasswordDiffers);
        }
        Ok(())
    }
}

/// Why a user name, or a password with it, cannot be right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UsernameError {
    /// There is none.
    #[error("the user name is empty")]
    Empty,
    /// A control character or line end.
    #[error("the user name has a control character at octet {offset}; copy it again")]
    Control {
        /// Counted from 0.
        offset: usize,
    },
    /// A key or token with a space in it.
    #[error("a key has no space in it; copy it again")]
    Space,
    /// It has to be an address.
    #[error("the user name has to be an address")]
    NotAddress(#[source] AddressError),
    /// It is the same for everybody.
    #[error("the user name is {literal:?} for everybody; the key is the password")]
    NotLiteral {
        /// What it is.
        literal: String,
    },
    /// Keys like this cannot be used here.
    #[error("keys that begin with {prefix} cannot be used to send; use one that does not expire")]
    Refused {
        /// What it begins with.
        prefix: String,
    },
    /// There is no password.
    #[error("the password is empty")]
    NoPassword,
    /// User name and password are one and the same here.
    #[error("the password has to be the user name once more")]
    PasswordDiffers,
}
