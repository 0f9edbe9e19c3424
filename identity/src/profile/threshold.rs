//! From which bounce and complaint rates on a provider acts.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Profile;

/// The rates at which a provider is content, looks closer, or may stop an account from sending.
///
/// Providers measure over volumes of their own choosing, so a rate over a small number of messages says little.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "Given")]
#[non_exhaustive]
pub struct Threshold {
    /// What is measured.
    pub metric: Metric,
    /// At most this is good.
    pub good: Option<Rate>,
    /// From here on the account is looked at.
    pub review: Option<Rate>,
    /// From here on it may be stopped.
    pub pause: Option<Rate>,
    /// A remark.
    pub note: Option<String>,
    /// Where this was read.
    pub source: String,
}

/// A threshold as it is written; the rates may yet be in no order.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Given {
    metric: Metric,
    good: Option<Rate>,
    review: Option<Rate>,
    pause: Option<Rate>,
    note: Option<String>,
    source: String,
}

impl TryFrom<Given> for Threshold {
    type Error = &'static str;

    fn try_from(given: Given) -> Result<Self, &'static str> {
        let rates = [given.good, given.review, given.pause];
        if !rates.into_iter().flatten().is_sorted() {
            return Err("a threshold's rates rise from good over review to pause");
        }
        Ok(Self {
            metric: given.metric,
            good: given.good,
            review: given.review,
            pause: given.pause,
            note: given.note,
            source: given.source,
        })
    }
}

impl Threshold {
    /// Where a rate stands.
    #[must_use]
    pub fn judge(&self, rate: Rate) -> Standing {
        let from = |bound: Option<Rate>| bound.is_some_and(|bound| rate >= bound);
        if from(self.pause) {
            Standing::Pause
        } else if from(self.review) {
            Standing::Review
        } else {
            match self.good {
                Some(good) if rate > good => Standing::Watch,
                Some(_) => Standing::Good,
                None if self.review.is_none() && self.pause.is_none() => Standing::Unknown,
                None => Standing::Good,
            }
        }
    }
}

impl Profile {
    /// The rates that its provider acts on.
    #[must_use]
    pub fn thresholds(&self) -> &[Threshold] {
        self.sections.threshold.as_deref().unwrap_or_default()
    }

    /// Where an account stands that had `count` bounces or complaints `of` so many messages; the worst where there are
    /// several thresholds. Mail to a provider's mailbox simulator belongs in neither number.
    #[must_use]
    pub fn judge(&self, metric: Metric, count: u64, of: u64) -> Standing {
        let Some(rate) = Rate::of(count, of) else {
            return Standing::Unknown;
        };
        let thresholds = self.thresholds().iter();
        thresholds
            .filter(|threshold| threshold.metric == metric)
            .map(|threshold| threshold.judge(rate))
            .max()
            .unwrap_or(Standing::Unknown)
    }
}

/// What a threshold measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Metric {
    /// Hard bounces of all messages sent.
    BounceRate,
    /// Complaints of all messages delivered.
    ComplaintRate,
}

impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::BounceRate => "bounce rate",
            Self::ComplaintRate => "complaint rate",
        })
    }
}

/// Where an account stands, the worst last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Standing {
    /// Nothing was sent, or no threshold is known.
    Unknown,
    /// Nothing to do.
    Good,
    /// Above what is good, and below what the provider acts on.
    Watch,
    /// The provider looks at the account.
    Review,
    /// The provider may stop the account.
    Pause,
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Unknown => "unknown",
            Self::Good => "good",
            Self::Watch => "watch",
            Self::Review => "under review",
            Self::Pause => "may be paused",
        })
    }
}

/// A part of a whole: 0.05 for five in a hundred.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Rate(f64);

impl Rate {
    /// So many of so many; `None` of nothing. A number that is written in decimals is met exactly.
    #[must_use]
    pub fn of(count: u64, whole: u64) -> Option<Self> {
        (whole > 0).then(|| Self(count as f64 / whole as f64))
    }

    /// The number.
    #[must_use]
    pub fn as_f64(self) -> f64 {
        self.0
    }
}

impl TryFrom<f64> for Rate {
    type Error = &'static str;

    fn try_from(number: f64) -> Result<Self, &'static str> {
        if (0.0..=1.0).contains(&number) {
            Ok(Self(number))
        } else {
            Err("a rate is a number from 0 to 1, such as 0.05")
        }
    }
}

impl From<Rate> for f64 {
    fn from(rate: Rate) -> Self {
        rate.0
    }
}

/// In percent: `0.1%`.
impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = format!("{:.4}", self.0 * 100.0);
        let short = percent.trim_end_matches('0').trim_end_matches('.');
        f.pad(&format!("{short}%"))
    }
}
