use std::num::NonZeroU32;
use std::time::Duration;

/// So many messages or recipients in a period.
///
/// The tokens of the [burst](Self::with_burst) can be used at once; they come back at the pace of the rate. So in any one
/// period there are at most the burst and the amount together: with the burst that is the default, twice the amount in the
/// first period after a pause. Where a server counts to the amount and refuses the rest, ask for a burst of 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rate {
    pub(super) unit: RateUnit,
    pub(super) amount: NonZeroU32,
    pub(super) period: RatePeriod,
    pub(super) burst: NonZeroU32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RateUnit {
    Messages,
    Recipients,
}

/// The period of a [`Rate`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RatePeriod {
    /// A second.
    Second,
    /// 60 seconds.
    Minute,
    /// 60 minutes.
    Hour,
    /// 24 hours.
    Day,
}

impl Rate {
    /// So many submissions, whatever the number of their recipients.
    #[must_use]
    pub fn messages(amount: NonZeroU32, period: RatePeriod) -> Self {
        Self {
            unit: RateUnit::Messages,
            amount,
            period,
            burst: amount,
        }
    }

    /// So many recipients of submissions, as most providers count.
    #[must_use]
    pub fn recipients(amount: NonZeroU32, period: RatePeriod) -> Self {
        Self {
            unit: RateUnit::Recipients,
            ..Self::messages(amount, period)
        }
    }

    /// How many may go out at once after a pause; the amount by default. At 1 they go out one by one, evenly; a burst
    /// above the amount lets a quiet period be made up for.
    #[must_use]
    pub fn with_burst(mut self, burst: NonZeroU32) -> Self {
        self.burst = burst;
        self
    }
}

impl RatePeriod {
    pub(super) fn length(self) -> Duration {
        match self {
            Self::Second => Duration::from_secs(1),
            Self::Minute => Duration::from_secs(60),
            Self::Hour => Duration::from_secs(3_600),
            Self::Day => Duration::from_secs(86_400),
        }
    }
}
