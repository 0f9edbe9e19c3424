//! What an event has changed, and why it changed nothing.

use std::fmt;

use super::SuppressionReason;

/// What recording an event has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Decision {
    /// The address is suppressed for this reason: newly, or now by a newer event.
    Suppressed(SuppressionReason),
    /// A soft bounce was counted; so many count together with the newest now.
    SoftBounceCounted(u32),
    /// The soft bounces before this delivery are forgotten, and a suppression that they came to.
    SoftBouncesReset,
    /// A hard bounce that suppresses nobody yet, because its domain suddenly has too many: it is [held](super::SuppressionList::held).
    Held,
    /// Nothing was changed.
    Ignored(Ignored),
}

/// Why an event has changed nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Ignored {
    /// Its kind says nothing about whether the address may be written to.
    Kind,
    /// It is a refusal for policy (x.7.x), of the sender's address (x.1.7, x.1.8), or of mail called spam or blocked: not
    /// about the recipient.
    Policy,
    /// It is less proven than the policy asks for.
    NotProven,
    /// It does not say which address it is about.
    NoRecipient,
    /// It is about one of several addresses, and nobody knows which.
    Ambiguous,
    /// It was recorded before, or what it would change is so already.
    AlreadyKnown,
    /// A newer decision stands.
    Stale,
    /// Its domain has too many hard bounces, and more are held already than may be. Keep it, and record it again later.
    TooManyHeld,
}

/// `suppressed (hard-bounce)`, `soft bounces: 3`, `ignored: it is less proven than the policy asks for`.
impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Suppressed(reason) => write!(f, "suppressed ({reason})"),
            Self::SoftBounceCounted(count) => write!(f, "soft bounces: {count}"),
            Self::SoftBouncesReset => f.write_str("soft bounces forgotten"),
            Self::Held => f.write_str("held, because its domain suddenly has too many"),
            Self::Ignored(why) => write!(f, "ignored: {why}"),
        }
    }
}

impl fmt::Display for Ignored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Kind => "it says nothing about whether the address may be written to",
            Self::Policy => "it is about the sender or the mail, not the recipient",
            Self::NotProven => "it is less proven than the policy asks for",
            Self::NoRecipient => "it does not say which address it is about",
            Self::Ambiguous => "it is about one of several addresses, and nobody knows which",
            Self::AlreadyKnown => "it was known before",
            Self::Stale => "a newer decision stands",
            Self::TooManyHeld => "its domain has too many, and no more can be held",
        })
    }
}
