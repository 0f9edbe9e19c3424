use std::fmt;

use letterhead_mail::IdentityName;

use crate::reputation::{PerMillion, ReputationMetric, ReputationStanding};

/// An identity may not send now, because of what came back.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReputationPaused {
    /// Who.
    pub identity: IdentityName,
    /// Where it stands.
    pub standing: ReputationStanding,
}

impl ReputationPaused {
    pub(super) fn new(identity: IdentityName, standing: ReputationStanding) -> Self {
        Self { identity, standing }
    }
}

impl fmt::Display for ReputationPaused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let standing = &self.standing;
        write!(f, "sending as {} is paused", self.identity)?;
        let rate = |metric| match metric {
            ReputationMetric::BounceRate => standing.bounce_rate(),
            ReputationMetric::ComplaintRate => standing.complaint_rate(),
        };
        let shown = |rate: Option<PerMillion>| rate.map(|rate| rate.to_string());
        if let Some(threshold) = standing.decided_by {
            let now = shown(rate(threshold.metric)).unwrap_or_else(|| "unknown".to_owned());
            let limit = shown(threshold.pause).unwrap_or_else(|| "none".to_owned());
            let metric = threshold.metric;
            write!(f, ": its {metric} is {now}, and the limit {limit}")?;
        }
        f.write_str("; find the cause, remove it, and resume")
    }
}

impl std::error::Error for ReputationPaused {}
