//! Whether a bulk run fits into a provider's limits, before it is started.
//!
//! ```
//! use std::time::Duration;
//!
//! use letterhead_identity::{Profile, Run, plan_capacity};
//!
//! let profile = Profile::built_in("amazon-ses")?;
//! let hour = Duration::from_hours(1);
//! let runs = [Run::new("invoice", 12_000, hour), Run::new("payment", 3_000, hour).recipients(60)];
//! let plan = plan_capacity(&profile, None, &runs)?;
//! println!("{plan}");
//! let over = plan.over().next().map(ToString::to_string).unwrap_or_default();
//! assert!(over.starts_with("50 recipients a message (account): 60 planned, over by 10"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod demand;
mod table;

use std::time::Duration;

use serde::{Serialize, Serializer};

use crate::profile::{
    Amount, Profile, ProfileId, QuotaPer, QuotaUnit, Source, UnknownTier, Window,
};
use crate::word::Tier;
use demand::Planned;

/// One kind of mail that is planned: so many messages for one event, evenly over some time.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Run {
    /// The event, in the caller's words, such as `invoice`, `payment` or `account statement`.
    pub event: String,
    /// How many messages.
    pub messages: u64,
    /// Over how much time; zero for all at once.
    pub over: Duration,
    /// How many recipients a message has. Default: 1.
    pub recipients: u64,
    /// How many of all its recipients are outside the sender's domain; `None` where nobody knows.
    pub external: Option<u64>,
    /// To how many different addresses it goes in all; `None` where nobody knows.
    pub unique: Option<u64>,
    /// How many octets a message has as transferred; `None` where nobody knows.
    pub octets: Option<u64>,
}

impl Run {
    /// So many messages to one recipient each.
    #[must_use]
    pub fn new(event: &str, messages: u64, over: Duration) -> Self {
        Self {
            event: event.to_owned(),
            messages,
            over,
            recipients: 1,
            external: None,
            unique: None,
            octets: None,
        }
    }

    /// With so many recipients a message.
    #[must_use]
    pub fn recipients(mut self, a_message: u64) -> Self {
        self.recipients = a_message;
        self
    }

    /// With so many recipients outside the sender's domain, of the whole run.
    #[must_use]
    pub fn external(mut self, in_all: u64) -> Self {
        self.external = Some(in_all);
        self
    }

    /// To so many different addresses in the whole run.
    #[must_use]
    pub fn unique(mut self, in_all: u64) -> Self {
        self.unique = Some(in_all);
        self
    }

    /// With messages of at most so many octets as transferred.
    #[must_use]
    pub fn octets(mut self, a_message: u64) -> Self {
        self.octets = Some(a_message);
        self
    }
}

/// Compares what is planned with every limit of a profile.
///
/// All runs are taken to begin together and to be one account's, user's and identity's, so the answer errs on the side of
/// caution. Within a run messages are spread evenly: a window that is shorter than the run sees its share, rounded up.
/// What was sent before, and by others from the same account, is not part of it; a [`QuotaStore`](crate::QuotaStore)
/// keeps count of that.
///
/// # Errors
///
/// A tier that the profile does not name.
pub fn plan_capacity(
    profile: &Profile,
    tier: Option<&Tier>,
    runs: &[Run],
) -> Result<CapacityPlan, UnknownTier> {
    let limits = profile.limits(tier)?;
    let rows = limits.quotas().iter().map(|quota| {
        let planned = demand::planned(quota, runs);
        CapacityRow {
            unit: quota.unit,
            window: quota.window,
            per: quota.per,
            maximum: quota.maximum,
            planned: planned.in_window,
            events: demand::by_event(quota, runs),
            verdict: verdict(quota.window, quota.maximum, &planned),
            note: quota.note.clone(),
            source: profile.source(&quota.source).cloned(),
        }
    });
    Ok(CapacityPlan {
        profile: profile.id().clone(),
        tier: tier.cloned(),
        rows: rows.collect(),
    })
}

fn verdict(window: Window, maximum: Amount, planned: &Planned) -> Verdict {
    let amount = match planned.in_window {
        _ if matches!(window, Window::Connection | Window::AtOnce) => return Verdict::ByTransport,
        Quantity::Exactly(amount) | Quantity::AtMost(amount) => Some(amount),
        Quantity::NotKnown => None,
    };
    let maximum = match (maximum, amount) {
        (Amount::Unlimited, _) => return Verdict::Within,
        (Amount::Unknown, _) => {
            return Verdict::Unknown {
                because: NotKnown::Limit,
            };
        }
        (Amount::Known(_), None) => {
            return Verdict::Unknown {
                because: NotKnown::Plan,
            };
        }
        (Amount::Known(maximum), Some(amount)) if amount <= maximum => return Verdict::Within,
        (Amount::Known(maximum), Some(_)) => maximum,
    };
    match planned.in_window {
        Quantity::Exactly(amount) => Verdict::Over {
            by: amount - maximum,
            reached_after: (window != Window::Message)
                .then(|| planned.reaches(maximum, window))
                .flatten(),
            takes_at_limit: planned.takes_at(maximum, window),
        },
        Quantity::AtMost(_) | Quantity::NotKnown => Verdict::Unknown {
            because: NotKnown::Plan,
        },
    }
}

/// What is planned beside what is allowed, limit by limit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct CapacityPlan {
    /// Whose limits they are.
    pub profile: ProfileId,
    /// For an account of this tier.
    pub tier: Option<Tier>,
    /// A row for each limit.
    pub rows: Vec<CapacityRow>,
}

impl CapacityPlan {
    /// Whether every limit is known and kept.
    #[must_use]
    pub fn is_within(&self) -> bool {
        self.rows
            .iter()
            .all(|row| matches!(row.verdict, Verdict::Within | Verdict::ByTransport))
    }

    /// The limits that would be passed.
    pub fn over(&self) -> impl Iterator<Item = &CapacityRow> {
        let is_over = |row: &&CapacityRow| matches!(row.verdict, Verdict::Over { .. });
        self.rows.iter().filter(is_over)
    }
}

/// One limit, and what is planned under it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct CapacityRow {
    /// What is counted.
    pub unit: QuotaUnit,
    /// Over what.
    pub window: Window,
    /// Whose mail is counted together.
    pub per: QuotaPer,
    /// How many there may be.
    pub maximum: Amount,
    /// How many there would be in the fullest window; for a limit on one message, in the largest one.
    pub planned: Quantity,
    /// What each event has of that, in the order of the runs.
    pub events: Vec<EventShare>,
    /// Whether that fits.
    pub verdict: Verdict,
    /// The profile's remark on the limit.
    pub note: Option<String>,
    /// The page that the limit was read on, and when.
    pub source: Option<Source>,
}

/// What one event has of a window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct EventShare {
    /// The event.
    pub event: String,
    /// How much.
    pub planned: Quantity,
}

/// How much is planned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Quantity {
    /// This many.
    Exactly(u64),
    /// No more than this: how many they are is not known more closely.
    AtMost(u64),
    /// The runs do not say.
    NotKnown,
}

/// Whether a plan keeps a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Verdict {
    /// It does.
    Within,
    /// It does not.
    Over {
        /// By how much.
        by: u64,
        /// How long after the beginning the limit is reached; `None` for one on a single message.
        #[serde(rename = "reached_after_seconds", serialize_with = "seconds")]
        reached_after: Option<Duration>,
        /// How long the runs would take at the limit; `None` where they would never be done.
        #[serde(rename = "takes_at_limit_seconds", serialize_with = "seconds")]
        takes_at_limit: Option<Duration>,
    },
    /// Nobody can say. That never means that it does.
    Unknown {
        /// What is not known.
        because: NotKnown,
    },
    /// It limits connections, which whoever sends opens as he likes: the transport has to keep it.
    ByTransport,
}

/// What is missing for a verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum NotKnown {
    /// What the provider allows.
    Limit,
    /// How much of this is planned.
    Plan,
}

#[expect(clippy::ref_option, reason = "serde calls it with the field")]
fn seconds<S: Serializer>(duration: &Option<Duration>, to: S) -> Result<S::Ok, S::Error> {
    duration.map(|duration| duration.as_secs()).serialize(to)
}
