//! Outcomes and what they mean for another try.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What became of a recipient.
#[expect(
    clippy::exhaustive_enums,
    reason = "whoever decides on an outcome must have decided on all of them"
)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// A server took responsibility. That is not delivery: a bounce may still come.
    Accepted,
    /// Refused for now, or nothing was transferred; another try may succeed.
    Deferred,
    /// Refused for good. Of the address this says something only where it
    /// [concerns the recipient](super::RecipientReport::concerns): a rejected log-in is your own set-up.
    Rejected,
    /// The message was sent to its end and no answer came: it may have been accepted. Sending again may duplicate it.
    InDoubt,
    /// Nothing was tried for this recipient.
    NotAttempted(NotAttemptedReason),
}

impl Outcome {
    /// The outcome in the four classes that a decision to send again needs: accepted is done; deferred, cancelled and
    /// postponed not yet; rejected, suppressed, unsupported and withheld refused; in doubt unknown.
    #[must_use]
    pub fn class(self) -> OutcomeClass {
        match self {
            Self::Accepted => OutcomeClass::Done,
            Self::Deferred => OutcomeClass::NotYet,
            Self::Rejected => OutcomeClass::Refused,
            Self::InDoubt => OutcomeClass::Unknown,
            Self::NotAttempted(reason) => match reason {
                NotAttemptedReason::Suppressed
                | NotAttemptedReason::Unsupported
                | NotAttemptedReason::Withheld => OutcomeClass::Refused,
                NotAttemptedReason::Cancelled | NotAttemptedReason::Postponed => {
                    OutcomeClass::NotYet
                }
            },
        }
    }

    /// Whether it is certain that no server took responsibility.
    #[must_use]
    pub fn is_proven_not_accepted(self) -> bool {
        match self.class() {
            OutcomeClass::NotYet | OutcomeClass::Refused => true,
            OutcomeClass::Done | OutcomeClass::Unknown => false,
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Accepted => "accepted",
            Self::Deferred => "deferred",
            Self::Rejected => "rejected",
            Self::InDoubt => "in doubt",
            Self::NotAttempted(NotAttemptedReason::Suppressed) => "not attempted (suppressed)",
            Self::NotAttempted(NotAttemptedReason::Unsupported) => "not attempted (unsupported)",
            Self::NotAttempted(NotAttemptedReason::Cancelled) => "not attempted (cancelled)",
            Self::NotAttempted(NotAttemptedReason::Withheld) => "not attempted (withheld)",
            Self::NotAttempted(NotAttemptedReason::Postponed) => "not attempted (postponed)",
        })
    }
}

/// The classes of outcomes that a decision to send again needs.
#[expect(
    clippy::exhaustive_enums,
    reason = "whoever decides to send again must have decided on all of them"
)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OutcomeClass {
    /// Accepted; sending again duplicates.
    Done,
    /// Not accepted, and another try may succeed.
    NotYet,
    /// Not accepted, and another try will fail the same way.
    Refused,
    /// Perhaps accepted; sending again may duplicate.
    Unknown,
}

/// What an outcome is about.
#[expect(
    clippy::exhaustive_enums,
    reason = "a dialogue is with a server, about a message, for a recipient"
)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Concern {
    /// The server could not be spoken to as it should be: name, network, TLS, credentials. The message and its recipients
    /// had nothing to do with it.
    Connection,
    /// The message, its sender or its content.
    Message,
    /// This recipient.
    Recipient,
}

/// Why nothing was tried for a recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum NotAttemptedReason {
    /// The address is on the suppression list.
    Suppressed,
    /// The server lacks an extension that this message or address needs.
    Unsupported,
    /// The attempt ended before this recipient's turn.
    Cancelled,
    /// A guard of the sender's own does not let mail out to this address: staging, a sink for load tests.
    Withheld,
    /// The sender's own pace or caution put it off: a rate limit, a server that has been failing.
    Postponed,
}
