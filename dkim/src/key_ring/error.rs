//! Errors of key rings.

use std::time::SystemTime;

use letterhead_dns::domain_name::DomainNameError;

use crate::key_ring::state::Stage;
use crate::publication::{Publication, PublicationError};
use crate::selector::Selector;

/// Why a ring does not do what it was asked for; it is as it was before.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum KeyRingError {
    /// The ring has no key of this selector.
    #[error("no key of this domain has the selector {selector}")]
    Unknown {
        /// The selector.
        selector: Selector,
    },
    /// The selector has been used before; receivers may still remember that key.
    #[error("the selector {selector} has been used before; take a new one")]
    SelectorUsed {
        /// The selector.
        selector: Selector,
    },
    /// The key has been in the ring before, under this selector.
    #[error("the key is that of the selector {selector}; make a new one")]
    KeyUsed {
        /// Its selector.
        selector: Selector,
    },
    /// The RSA key has less than 2048 bits.
    #[error("the RSA key has {bits} bits; signing needs at least 2048")]
    RsaTooSmall {
        /// Its size in bits.
        bits: usize,
    },
    /// Selector and domain are together too long for a name.
    #[error("the selector is too long for the domain")]
    Name(#[from] DomainNameError),
    /// The clock is outside the years that a signature can name.
    #[error("the time cannot be written as seconds since 1970")]
    Time,
    /// The check is about another name or key than the ring has.
    #[error("the check is about another name or key")]
    OtherCheck,
    /// The check could not be made.
    #[error("the record of {selector} could not be checked")]
    Check {
        /// The selector.
        selector: Selector,
        /// Why.
        #[source]
        source: PublicationError,
    },
    /// The key is in another stage than this needs.
    #[error("the key of {selector} is {stage}; {needed}")]
    WrongStage {
        /// The selector.
        selector: Selector,
        /// Its stage.
        stage: Stage,
        /// What is possible.
        needed: &'static str,
    },
    /// The last check did not find the record, or there was none.
    #[error(
        "the record of {selector} has not been found published; publish it, check it, and note the check"
    )]
    NotPublished {
        /// The selector.
        selector: Selector,
    },
    /// What a check found is not the key.
    #[error("the key of {selector} does not sign: {found}")]
    NoMatch {
        /// The selector.
        selector: Selector,
        /// What was found.
        found: Publication,
    },
    /// The record has not been published for long enough.
    #[error("the record of {selector} has not been published for long enough")]
    TooEarly {
        /// The selector.
        selector: Selector,
        /// When it will have been; `None` is never.
        until: Option<SystemTime>,
    },
    /// The last check is too old.
    #[error("the last check of {selector} is too old; check again, and note the check")]
    CheckTooOld {
        /// The selector.
        selector: Selector,
    },
    /// Signatures of the key may still be on their way, or its withdrawal is still to be seen.
    #[error("the record of {selector} is still needed")]
    StillNeeded {
        /// The selector.
        selector: Selector,
        /// When it will not be; `None` is never.
        until: Option<SystemTime>,
    },
    /// A key of the state that signs, or will sign, was not given.
    #[error("the private key of {selector} is missing")]
    KeyMissing {
        /// The selector.
        selector: Selector,
    },
    /// The private key given for this selector is another than that of the state.
    #[error("the private key given for {selector} is another one")]
    OtherKey {
        /// The selector.
        selector: Selector,
    },
}
