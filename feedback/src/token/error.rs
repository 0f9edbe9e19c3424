use crate::token::TokenKeyId;

/// Why a token proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// It has not the form of a token: it was not made here, or only a part of it came back.
    #[error("this is no token of ours")]
    NotOurs,
    /// It names a key that is not held here: one that was dropped from the ring too early, or never there.
    #[error(
        "the token was made with key {0}, which is not held here; keep old keys as long as tokens are valid"
    )]
    UnknownKey(TokenKeyId),
    /// It was changed, or made up, or made for another purpose or another address.
    #[error("the token was not made with our key, or has been changed since")]
    Forged,
    /// It was made longer ago than tokens are valid.
    #[error("the token has expired")]
    Expired,
    /// It was made by us, at a time to come: the clocks of two machines differ by more than a day.
    #[error(
        "the token is dated in the future; compare the clocks of the machines that send and that read"
    )]
    NotYet,
    /// It is ours, and the message that it names is not among those it was looked up in.
    #[error(
        "the token is ours, and the message it names is not known; keep what was sent as long as tokens are valid"
    )]
    Unresolved,
    /// There are several tokens, and they name different people.
    #[error("there are several tokens that name different recipients")]
    Ambiguous,
}
