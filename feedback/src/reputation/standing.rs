use std::fmt;
use std::time::SystemTime;

use crate::reputation::{PerMillion, ReputationThreshold};

/// Where an identity stands, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReputationStanding {
    /// What follows.
    pub state: ReputationState,
    /// The threshold that decided it; `None` where all is well. During a pause that only time keeps up, the one that
    /// began it.
    pub decided_by: Option<ReputationThreshold>,
    /// Since when it is paused, where an observation paused it.
    pub paused_since: Option<SystemTime>,
    /// Messages sent, one for each recipient.
    pub sent: u64,
    /// Hard bounces.
    pub bounces: u64,
    /// Soft bounces, which play no part in the bounce rate.
    pub soft_bounces: u64,
    /// Complaints.
    pub complaints: u64,
    /// Whether the rates can be taken at their word.
    pub volume: Volume,
}

impl ReputationStanding {
    /// Messages that have not bounced, as far as is known.
    #[must_use]
    pub fn delivered(&self) -> u64 {
        self.sent
            .saturating_sub(self.bounces)
            .saturating_sub(self.soft_bounces)
    }

    /// Hard bounces of all messages sent; `None` where none was sent.
    #[must_use]
    pub fn bounce_rate(&self) -> Option<PerMillion> {
        PerMillion::of(self.bounces, self.sent)
    }

    /// Complaints of all messages delivered; `None` where none was.
    #[must_use]
    pub fn complaint_rate(&self) -> Option<PerMillion> {
        PerMillion::of(self.complaints, self.delivered())
    }
}

/// What follows from the rates, the worst last.
#[expect(
    clippy::exhaustive_enums,
    reason = "whoever gates by it must know all of them"
)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ReputationState {
    /// Nothing to do.
    Ok,
    /// Somebody should look at it: the provider does.
    Review,
    /// Sending should stop before the provider stops it.
    Pause,
}

impl ReputationState {
    /// A stable name: `ok`, `review` or `pause`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Review => "review",
            Self::Pause => "pause",
        }
    }
}

impl fmt::Display for ReputationState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// How much was sent, as far as it matters to a rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Volume {
    /// Less than the policy's minimum: what is missing was taken for good mail.
    Small,
    /// Enough.
    Representative,
}
