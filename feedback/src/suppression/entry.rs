use std::fmt;
use std::str::FromStr;
use std::time::SystemTime;

use letterhead_mail::EmailAddress;

use crate::event::{Event, EventId};
use crate::text;

/// An address that must not be written to, since when, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppression {
    address: EmailAddress,
    reason: SuppressionReason,
    since: SystemTime,
    evidence: Evidence,
}

impl Suppression {
    /// A suppression, for stores that read one back.
    #[must_use]
    pub fn new(
        address: EmailAddress,
        reason: SuppressionReason,
        since: SystemTime,
        evidence: Evidence,
    ) -> Self {
        Self {
            address,
            reason,
            since,
            evidence,
        }
    }

    /// The address.
    #[must_use]
    pub fn address(&self) -> &EmailAddress {
        &self.address
    }

    /// Why.
    #[must_use]
    pub fn reason(&self) -> SuppressionReason {
        self.reason
    }

    /// Since when: the time of the event, not of its arrival.
    #[must_use]
    pub fn since(&self) -> SystemTime {
        self.since
    }

    /// What it rests on.
    #[must_use]
    pub fn evidence(&self) -> &Evidence {
        &self.evidence
    }

    /// The same suppression of an address spelled in another way.
    pub(crate) fn spelled(mut self, address: &EmailAddress) -> Self {
        self.address = address.clone();
        self
    }
}

/// `joe@example.org: hard-bounce (smtp; 550 5.1.1 no such user)`.
impl fmt::Display for Suppression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.address, self.reason)?;
        match self.evidence.diagnostic() {
            Some(diagnostic) => write!(f, " ({diagnostic})"),
            None => Ok(()),
        }
    }
}

/// What a suppression rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    event: EventId,
    diagnostic: Option<String>,
}

impl Evidence {
    /// The id of the event or of the manual decision, and its words: control characters become spaces, what goes beyond
    /// [`Event::MAX_DIAGNOSTIC`] characters is cut.
    #[must_use]
    pub fn new(event: EventId, diagnostic: Option<&str>) -> Self {
        Self {
            event,
            diagnostic: diagnostic.and_then(|words| text::shown(words, Event::MAX_DIAGNOSTIC)),
        }
    }

    /// The event's id.
    #[must_use]
    pub fn event(&self) -> EventId {
        self.event
    }

    /// The reporter's words, or the note of whoever suppressed the address by hand.
    #[must_use]
    pub fn diagnostic(&self) -> Option<&str> {
        self.diagnostic.as_deref()
    }
}

/// Why an address is suppressed, weakest first: of two reasons for one address a store keeps the greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum SuppressionReason {
    /// Too many soft bounces in too little time.
    RepeatedSoftBounce,
    /// The sending provider has it on its own suppression list, for a reason it keeps to itself.
    Provider,
    /// The address is dead.
    HardBounce,
    /// Somebody decided so.
    Manual,
    /// The recipient wants no more of this mail.
    Unsubscribe,
    /// The recipient called the mail spam.
    Complaint,
}

impl SuppressionReason {
    const ALL: [Self; 6] = [
        Self::RepeatedSoftBounce,
        Self::Provider,
        Self::HardBounce,
        Self::Manual,
        Self::Unsubscribe,
        Self::Complaint,
    ];

    /// A stable name, such as `hard-bounce`, which reads back.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RepeatedSoftBounce => "repeated-soft-bounce",
            Self::Provider => "provider",
            Self::HardBounce => "hard-bounce",
            Self::Manual => "manual",
            Self::Unsubscribe => "unsubscribe",
            Self::Complaint => "complaint",
        }
    }
}

impl fmt::Display for SuppressionReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for SuppressionReason {
    type Err = SuppressionReasonError;

    fn from_str(text: &str) -> Result<Self, SuppressionReasonError> {
        let found = Self::ALL.into_iter().find(|reason| reason.as_str() == text);
        found.ok_or(SuppressionReasonError)
    }
}

/// Text that names no suppression reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a suppression reason is one of repeated-soft-bounce, provider, hard-bounce, manual, unsubscribe and complaint"
)]
#[non_exhaustive]
pub struct SuppressionReasonError;

#[cfg(test)]
mod tests {
    use super::SuppressionReason;

    #[test]
    fn reasons_read_back() {
        for reason in SuppressionReason::ALL {
            assert_eq!(reason.to_string().parse(), Ok(reason));
        }
        assert!("Manual".parse::<SuppressionReason>().is_err());
    }
}
