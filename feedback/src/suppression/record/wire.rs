//! How a record is written for a store.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::soft_bounces::{SoftBounce, SoftBounces};
use super::{Entry, Lift, State, SuppressionRecord, shown};
use crate::event::{EventId, EventIdError};
use crate::suppression::moment::Moment;
use crate::suppression::{Coverage, SuppressionKeyError, SuppressionReason};

/// A record in serde's data model. What is empty is left out.
#[derive(Serialize, Deserialize)]
pub(super) struct Written {
    key: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    entries: Vec<WrittenEntry>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    counted: Option<WrittenEntry>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    lifts: Vec<WrittenLift>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    soft_bounces: Vec<WrittenBounce>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reset: Option<Moment>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    streak: Option<Moment>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    spent: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct WrittenEntry {
    reason: SuppressionReason,
    #[serde(flatten)]
    coverage: Coverage,
    at: Moment,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    until: Option<Moment>,
    event: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct WrittenLift {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<SuppressionReason>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    coverage: Option<Coverage>,
    at: Moment,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct WrittenBounce {
    at: Moment,
    event: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

/// Why what a store has written is no record.
#[derive(Debug, thiserror::Error)]
pub(super) enum WrittenError {
    #[error("its key is none")]
    Key(#[from] SuppressionKeyError),
    #[error("it names an event by what is no id")]
    Event(#[from] EventIdError),
}

impl TryFrom<Written> for SuppressionRecord {
    type Error = WrittenError;

    fn try_from(written: Written) -> Result<Self, WrittenError> {
        let mut state = State::default();
        for lift in written.lifts {
            let note = shown(lift.note.as_deref());
            let lift = Lift::new(lift.reason, lift.coverage, lift.at, note);
            Lift::remember(&mut state.lifts, lift);
        }
        for entry in written.entries {
            state.suppress(entry.try_into()?);
        }
        let counted = written.counted.map(TryInto::try_into).transpose()?;
        state.counted = counted.map(Box::new);
        let bounces = written.soft_bounces.into_iter().map(|bounce| {
            let event = bounce.event.parse()?;
            Ok(SoftBounce::new(
                bounce.at,
                event,
                shown(bounce.note.as_deref()),
            ))
        });
        let bounces = bounces.collect::<Result<_, EventIdError>>()?;
        // One without the other is no streak.
        let streak = written.streak.filter(|_| state.counted.is_some());
        if streak.is_none() {
            state.counted = None;
        }
        state.soft_bounces = SoftBounces::of(bounces, written.reset, streak);
        state.spent.clear();
        let surplus = written.spent.len().saturating_sub(Self::MAX_SPENT_EVENTS);
        for id in written.spent.iter().skip(surplus) {
            state.spent.push(id.parse()?);
        }
        Ok(Self::of(written.key.parse()?, state))
    }
}

impl From<SuppressionRecord> for Written {
    fn from(record: SuppressionRecord) -> Self {
        let SuppressionRecord { key, state } = record;
        let bounces = state.soft_bounces.bounces().iter();
        Self {
            key: key.to_string(),
            counted: state.counted.map(|entry| (*entry).into()),
            lifts: state.lifts.iter().map(WrittenLift::from).collect(),
            soft_bounces: bounces.map(WrittenBounce::from).collect(),
            reset: state.soft_bounces.reset_at(),
            streak: state.soft_bounces.streak(),
            spent: state.spent.iter().map(EventId::to_string).collect(),
            entries: state.entries.into_iter().map(WrittenEntry::from).collect(),
        }
    }
}

impl TryFrom<WrittenEntry> for Entry {
    type Error = EventIdError;

    fn try_from(written: WrittenEntry) -> Result<Self, EventIdError> {
        Ok(Self {
            reason: written.reason,
            coverage: written.coverage,
            at: written.at,
            until: written.until,
            event: written.event.parse()?,
            note: shown(written.note.as_deref()),
        })
    }
}

impl From<Entry> for WrittenEntry {
    fn from(entry: Entry) -> Self {
        Self {
            reason: entry.reason,
            coverage: entry.coverage,
            at: entry.at,
            until: entry.until,
            event: entry.event.to_string(),
            note: owned(entry.note.as_ref()),
        }
    }
}

impl From<&Lift> for WrittenLift {
    fn from(lift: &Lift) -> Self {
        Self {
            reason: lift.reason(),
            coverage: lift.coverage().cloned(),
            at: lift.moment(),
            note: lift.note().map(str::to_owned),
        }
    }
}

impl From<&SoftBounce> for WrittenBounce {
    fn from(bounce: &SoftBounce) -> Self {
        Self {
            at: bounce.at,
            event: bounce.event.to_string(),
            note: owned(bounce.note.as_ref()),
        }
    }
}

fn owned(note: Option<&Arc<str>>) -> Option<String> {
    note.map(|note| note.as_ref().to_owned())
}
