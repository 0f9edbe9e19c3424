use letterhead_mail::address::AddressError;

use crate::return_path::ReturnPath;

/// Why there is no such return path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReturnPathError {
    /// The local part of the base leaves no room for a token.
    #[error(
        "the local part of the bounce address is longer than {} octets and leaves no room for a token; choose a shorter one",
        ReturnPath::MAX_BASE
    )]
    BaseTooLong,
    /// The base cannot stand in front of a token without quotes.
    #[error(
        "the local part of the bounce address needs quotes or is not ASCII; choose one of letters, digits, dots and hyphens"
    )]
    BaseNotPlain,
    /// The domain of the base leaves no room.
    #[error(
        "the domain of the bounce address is too long for a local part of 64 octets; choose a shorter one"
    )]
    DomainTooLong,
    /// The recipient's address is too long for the stateless form.
    #[error(
        "the recipient takes {needed} characters and there is room for {room}; allow the opaque form, or choose a shorter bounce address"
    )]
    DoesNotFit {
        /// The characters that the address takes.
        needed: usize,
        /// The characters that there are.
        room: usize,
    },
    /// What was made is no address.
    #[error("a return path below this bounce address is no address")]
    Address(#[source] AddressError),
}
