use std::time::{Duration, SystemTime};

use crate::event::Proof;
use crate::reputation::{ReputationThreshold, SimulatedRecipients};

/// How reputation is counted and judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReputationPolicy {
    pub(super) thresholds: Vec<ReputationThreshold>,
    pub(super) window_hours: u32,
    pub(super) minimum_volume: u64,
    pub(super) cool_down: Duration,
    pub(super) minimum_proof: Proof,
    pub(super) max_identities: usize,
    pub(super) simulated: SimulatedRecipients,
}

impl ReputationPolicy {
    /// The longest window: 31 days.
    pub const MAX_WINDOW: Duration = Duration::from_secs(31 * 24 * HOUR);

    /// Judged by these thresholds, the worst verdict counting: those of the provider, and those of the receivers. Without
    /// any, everybody is always [`Ok`](crate::ReputationState::Ok).
    #[must_use]
    pub fn new(thresholds: impl IntoIterator<Item = ReputationThreshold>) -> Self {
        Self {
            thresholds: thresholds.into_iter().collect(),
            window_hours: 7 * 24,
            minimum_volume: 1_000,
            cool_down: Duration::from_secs(24 * HOUR),
            minimum_proof: Proof::KnownMessage,
            max_identities: 10_000,
            simulated: SimulatedRecipients::default(),
        }
    }

    /// With one more threshold.
    #[must_use]
    pub fn threshold(mut self, threshold: ReputationThreshold) -> Self {
        self.thresholds.push(threshold);
        self
    }

    /// How far back is counted, in whole hours, begun ones counted; at least one hour, at most
    /// [`MAX_WINDOW`](Self::MAX_WINDOW). Default: 7 days, which holds every day of the week once.
    ///
    /// Short, and a complaint no longer meets the message it is about; long, and a cleaned list is judged by what it was.
    #[must_use]
    pub fn window(mut self, window: Duration) -> Self {
        let window = window.clamp(Duration::from_secs(HOUR), Self::MAX_WINDOW);
        self.window_hours = u32::try_from(window.as_secs().div_ceil(HOUR)).unwrap_or(1);
        self
    }

    /// The number of messages below which a rate is not taken at its word: what is missing is taken for good mail.
    /// Default: 1,000, of which one complaint is 0.1 %.
    ///
    /// Providers speak of a representative volume and do not say how much that is. With 0, one bounce of the first
    /// message pauses; very large, and a small sender with nothing but bounces is never noticed.
    #[must_use]
    pub fn minimum_volume(mut self, messages: u64) -> Self {
        self.minimum_volume = messages;
        self
    }

    /// How long a pause lasts at least. Default: 24 hours.
    #[must_use]
    pub fn cool_down(mut self, cool_down: Duration) -> Self {
        self.cool_down = cool_down;
        self
    }

    /// The weakest proof with which an event counts. Default: [`Proof::KnownMessage`].
    ///
    /// With [`Proof::Unproven`] anyone who can send mail can pause any identity.
    #[must_use]
    pub fn minimum_proof(mut self, proof: Proof) -> Self {
        self.minimum_proof = proof;
        self
    }

    /// How many identities are counted at once. Default: 10,000. For one more, the one that was idle for longest is
    /// forgotten, paused ones excepted.
    ///
    /// One takes 20 octets for each hour of the window in which anything happened.
    #[must_use]
    pub fn max_identities(mut self, identities: usize) -> Self {
        self.max_identities = identities;
        self
    }

    /// Whose mail does not count, sent or come back: the mailboxes of providers' simulators. Default: none.
    #[must_use]
    pub fn simulated(mut self, simulated: SimulatedRecipients) -> Self {
        self.simulated = simulated;
        self
    }

    /// Whether the hour of `at` is still in the window.
    pub(super) fn is_recent(&self, at: SystemTime, now: SystemTime) -> bool {
        hour(at).saturating_add(self.window_hours) > hour(now)
    }
}

/// Whole hours since 1970; a time before that is its first hour, and one in half a million years the last.
pub(super) fn hour(time: SystemTime) -> u32 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH);
    let hours = since.map_or(0, |since| since.as_secs() / HOUR);
    u32::try_from(hours).unwrap_or(u32::MAX)
}

const HOUR: u64 = 60 * 60;
