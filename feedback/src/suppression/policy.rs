use std::num::NonZeroU32;
use std::time::Duration;

use crate::event::Proof;

/// When an event suppresses an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SuppressionPolicy {
    minimum_proof: Proof,
    soft_bounce_threshold: NonZeroU32,
    soft_bounce_window: Duration,
}

impl SuppressionPolicy {
    /// The weakest proof on which anything is written. Default: [`Proof::KnownMessage`].
    ///
    /// [`Proof::Unproven`] lets anyone who can send mail stop the mail to any address.
    #[must_use]
    pub fn minimum_proof(mut self, proof: Proof) -> Self {
        self.minimum_proof = proof;
        self
    }

    /// How many soft bounces within the [window](Self::soft_bounce_window) suppress an address. Default: 5.
    ///
    /// One loses every mailbox that is full for a day; a very large number writes to abandoned ones for ever.
    #[must_use]
    pub fn soft_bounce_threshold(mut self, bounces: NonZeroU32) -> Self {
        self.soft_bounce_threshold = bounces;
        self
    }

    /// For how long before now a soft bounce counts. Default: 30 days.
    ///
    /// Shorter than the pause between two messages, and nothing is ever counted together.
    #[must_use]
    pub fn soft_bounce_window(mut self, window: Duration) -> Self {
        self.soft_bounce_window = window;
        self
    }

    pub(crate) fn proof(&self) -> Proof {
        self.minimum_proof
    }

    pub(crate) fn threshold(&self) -> NonZeroU32 {
        self.soft_bounce_threshold
    }

    pub(crate) fn window(&self) -> Duration {
        self.soft_bounce_window
    }
}

impl Default for SuppressionPolicy {
    fn default() -> Self {
        Self {
            minimum_proof: Proof::KnownMessage,
            soft_bounce_threshold: NonZeroU32::MIN.saturating_add(4),
            soft_bounce_window: Duration::from_secs(30 * 24 * 60 * 60),
        }
    }
}
