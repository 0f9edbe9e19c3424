use crate::token::TokenError;
use crate::unsubscribe::Unsubscribe;

/// Why a request unsubscribes nobody.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UnsubscribeError {
    /// The token is not valid.
    #[error("the link to unsubscribe is not valid")]
    Token(#[source] TokenError),
    /// The body is longer than [`Unsubscribe::MAX_BODY`].
    #[error(
        "the body of the request is longer than {} octets",
        Unsubscribe::MAX_BODY
    )]
    BodyTooLong,
    /// The body is not a form.
    #[error(
        "the body of the request is neither application/x-www-form-urlencoded nor multipart/form-data"
    )]
    NotAForm,
    /// The form does not hold what one-click unsubscription sends.
    #[error("the body of the request does not hold List-Unsubscribe=One-Click")]
    NotOneClick,
}

impl UnsubscribeError {
    /// The HTTP status that says so: 400, 404, 410, 413 or 415.
    #[must_use]
    pub fn http_status(&self) -> u16 {
        match self {
            Self::Token(TokenError::Expired | TokenError::UnknownKey(_)) => 410,
            Self::Token(_) => 404,
            Self::BodyTooLong => 413,
            Self::NotAForm => 415,
            Self::NotOneClick => 400,
        }
    }
}

/// Why links cannot begin so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UnsubscribeUrlError {
    /// It is not `https:`, which one-click unsubscription asks for.
    #[error("the link to unsubscribe must begin with https://")]
    NotHttps,
    /// The host is missing or is none, or has a user name in front.
    #[error("the link to unsubscribe has no host after https://, or a user name in front of it")]
    Host,
    /// The port is not a number up to 65,535.
    #[error("the port in the link to unsubscribe is not a number up to 65535")]
    Port,
    /// It holds something that a link in a header cannot hold.
    #[error(
        "the link to unsubscribe holds {character:?} at octet {offset}; write it as % and two hexadecimal digits"
    )]
    Character {
        /// The character.
        character: char,
        /// Octets from the start.
        offset: usize,
    },
    /// It has a fragment, which is not sent to the server.
    #[error("the link to unsubscribe has a fragment, behind which no server would see the token")]
    Fragment,
    /// The token would become part of the last word.
    #[error("the link to unsubscribe must end with '/' or '=': the token is put right behind it")]
    End,
    /// It leaves too little room for a token.
    #[error("the link to unsubscribe is longer than {MAX_URL} octets without the token")]
    TooLong,
}

/// A link to unsubscribe that no line of a header could hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the link to unsubscribe would be longer than a line of the header can hold; use shorter ids or a shorter link"
)]
#[non_exhaustive]
pub struct UnsubscribeFieldsError;

/// The longest beginning of a link, in octets.
pub(super) const MAX_URL: usize = 500;
