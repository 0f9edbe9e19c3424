use std::fmt;

use crate::reputation::PerMillion;

/// From which rate on somebody who judges a sender looks closer, and from which they may stop it.
///
/// The constants are what was published when they were written down; providers change their minds, so an application
/// that knows better gives its own. Being at a threshold is being over it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct ReputationThreshold {
    /// What is measured.
    pub metric: ReputationMetric,
    /// From here on the sender is looked at.
    pub review: Option<PerMillion>,
    /// From here on it may be stopped.
    pub pause: Option<PerMillion>,
}

impl ReputationThreshold {
    /// What Amazon SES acts on: bounces of 5 % and 10 %, complaints of 0.1 % and 0.5 %. As of July 2025
    /// ([enforcement FAQ](https://docs.aws.amazon.com/ses/latest/dg/faqs-enforcement.html)).
    pub const SES: [Self; 2] = [
        Self::known(ReputationMetric::BounceRate, 50_000, 100_000),
        Self::known(ReputationMetric::ComplaintRate, 1_000, 5_000),
    ];
    /// What Google asks of those who send much to its users: complaints below 0.1 %, and never 0.3 %. As of February
    /// 2024 ([sender guidelines](https://support.google.com/a/answer/81126)). Google tells nobody about single
    /// complaints: what is counted here are those of others.
    pub const GOOGLE: [Self; 1] = [Self::known(ReputationMetric::ComplaintRate, 1_000, 3_000)];

    /// A threshold.
    #[must_use]
    pub const fn new(
        metric: ReputationMetric,
        review: Option<PerMillion>,
        pause: Option<PerMillion>,
    ) -> Self {
        Self {
            metric,
            review,
            pause,
        }
    }

    const fn known(metric: ReputationMetric, review: u32, pause: u32) -> Self {
        Self::new(
            metric,
            Some(PerMillion::known(review)),
            Some(PerMillion::known(pause)),
        )
    }
}

/// What a threshold measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ReputationMetric {
    /// Hard bounces of all messages sent.
    BounceRate,
    /// Complaints of all messages delivered.
    ComplaintRate,
}

impl fmt::Display for ReputationMetric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::BounceRate => "bounce rate",
            Self::ComplaintRate => "complaint rate",
        })
    }
}
