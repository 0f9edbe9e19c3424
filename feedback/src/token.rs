//! Texts that prove that we wrote them: what a report or a request brings back from a message of ours.

mod complaint;
mod error;
mod key;
mod mailing;
mod seal;
mod sealed;
#[cfg(test)]
mod spoiled;

pub use complaint::{ComplaintTokens, TokenTooLong};
pub use error::TokenError;
pub use key::{RepeatedTokenKey, TokenKey, TokenKeyId, TokenKeyIdError, TokenKeys};
pub use mailing::Mailing;

pub(crate) use key::Purpose;
pub(crate) use sealed::{Payload, open, seal};
#[cfg(test)]
pub(crate) use spoiled::spoiled;

/// The one thing that these readings agree on. What cannot be read does not hide what can; where nothing can be read,
/// the first reason that says more than "not ours" is given.
pub(crate) fn agreed<T: PartialEq>(
    readings: impl Iterator<Item = Result<T, TokenError>>,
) -> Result<T, TokenError> {
    let mut found = None;
    let mut reason = TokenError::NotOurs;
    for reading in readings {
        match reading {
            Ok(read) => {
                if found.as_ref().is_some_and(|other| *other != read) {
                    return Err(TokenError::Ambiguous);
                }
                found = Some(read);
            }
            Err(error) if reason == TokenError::NotOurs => reason = error,
            Err(_) => {}
        }
    }
    found.ok_or(reason)
}
