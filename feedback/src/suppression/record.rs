//! What is known of one address, and how changes are merged into it.

mod lift;
mod soft_bounces;
mod wire;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use letterhead_mail::{EmailAddress, TenantId};
use serde::{Deserialize, Serialize};

pub use lift::Lift;
pub use soft_bounces::SoftBounceRule;
use soft_bounces::{SoftBounce, SoftBounces};

use crate::event::{Event, EventId};
use crate::suppression::moment::Moment;
use crate::suppression::{
    Applied, Change, ChangeAction, Coverage, Evidence, Suppression, SuppressionKey,
    SuppressionReason, SuppressionScope,
};
use crate::text;

/// All that is known of one address of one tenant: its suppressions, what was lifted, its soft bounces.
///
/// It is merged, not rewritten: of two events the newer counts, of two lifts the later, and a soft bounce is in or out by
/// its time. So the same changes in another order, or some of them twice, come to the same record. What that rests on: an
/// event has one time. One without a time of its own has that of its first arrival, and is known again by its id as long
/// as it is among the last few; a delivery before anything else is known of an address leaves no record; and beyond
/// [`MAX_SOFT_BOUNCES`](Self::MAX_SOFT_BOUNCES) the oldest soft bounces are forgotten.
///
/// It is written by serde for stores that keep it in a column, as a map of short lists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "wire::Written", into = "wire::Written")]
pub struct SuppressionRecord {
    key: SuppressionKey,
    state: State,
}

/// A record without its key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct State {
    /// One for each reason and coverage, in that order; none that was lifted.
    pub(crate) entries: Vec<Entry>,
    /// The latest for each reason and coverage.
    lifts: Vec<Lift>,
    soft_bounces: SoftBounces,
    /// The suppression that the soft bounces come to.
    counted: Option<Box<Entry>>,
    /// Events that no longer show elsewhere, oldest first.
    spent: Vec<EventId>,
}

/// One suppression of an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) reason: SuppressionReason,
    pub(crate) coverage: Coverage,
    pub(crate) at: Moment,
    pub(crate) until: Option<Moment>,
    pub(crate) event: EventId,
    pub(crate) note: Option<Arc<str>>,
}

impl SuppressionRecord {
    /// The most soft bounces that are remembered of one address; the newest.
    pub const MAX_SOFT_BOUNCES: usize = 64;
    /// The most events that are remembered only to be known again.
    pub const MAX_SPENT_EVENTS: usize = 16;
    /// The most suppressions of one address, for different reasons, streams and providers. Of more the oldest go.
    pub const MAX_SUPPRESSIONS: usize = 256;

    /// A record of which nothing is known yet.
    #[must_use]
    pub fn new(key: SuppressionKey) -> Self {
        Self::of(key, State::default())
    }

    /// What it is kept under.
    #[must_use]
    pub fn key(&self) -> &SuppressionKey {
        &self.key
    }

    /// Merges a change, whose tenant and key a store has looked the record up by.
    pub fn apply(&mut self, change: &Change) -> Applied {
        self.state.apply(change)
    }

    /// Whether nothing is known: a store need not keep it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.state.is_empty()
    }

    /// The suppressions that were not lifted, also those that have come to their end since; the greatest reason last.
    pub fn suppressions(&self, tenant: &TenantId) -> impl Iterator<Item = Suppression> {
        let whole = SuppressionScope::new(tenant.clone());
        self.entries()
            .map(move |entry| entry.suppression(&whole, &self.key, self.key.address()))
    }

    /// What was lifted, and who decided it.
    #[must_use]
    pub fn lifts(&self) -> &[Lift] {
        &self.state.lifts
    }

    /// The times of the soft bounces that are remembered, oldest first.
    pub fn soft_bounces(&self) -> impl Iterator<Item = SystemTime> {
        self.state.soft_bounces.times().map(Moment::time)
    }

    /// Whether this event is known to have been applied.
    #[must_use]
    pub fn knows(&self, event: EventId) -> bool {
        self.state.knows(event)
    }

    pub(crate) fn of(key: SuppressionKey, state: State) -> Self {
        Self { key, state }
    }

    /// The entries; of the two that repeated soft bounces can have, the newer.
    pub(crate) fn entries(&self) -> impl Iterator<Item = &Entry> {
        let (counted, entries) = (self.state.counted.as_deref(), &self.state.entries);
        let same =
            move |entry: &&Entry| counted.is_some_and(|counted| counted.place() == entry.place());
        let stated = entries.iter().find(same);
        let newest = counted
            .into_iter()
            .chain(stated)
            .max_by_key(|entry| entry.age());
        newest
            .into_iter()
            .chain(entries.iter().filter(move |entry| !same(entry)))
    }
}

impl Entry {
    /// As a suppression of mail of this scope's tenant.
    pub(crate) fn suppression(
        &self,
        mail: &SuppressionScope,
        key: &SuppressionKey,
        address: Option<EmailAddress>,
    ) -> Suppression {
        Suppression::kept(
            (key.clone(), address),
            mail.with_coverage(self.coverage.clone()),
            self.reason,
            (self.at, self.until),
            Evidence::kept(self.event, self.note.clone()),
        )
    }

    /// Where it stands among a record's entries.
    fn place(&self) -> impl Ord + '_ {
        (self.reason, self.coverage.names())
    }

    /// Which of two for the same reason and coverage is kept.
    fn age(&self) -> (Moment, EventId) {
        (self.at, self.event)
    }
}

impl State {
    /// One suppression and nothing else.
    pub(crate) fn of_entry(entry: Entry) -> Self {
        Self {
            entries: vec![entry],
            ..Self::default()
        }
    }

    /// The entry, where there is one and nothing else.
    pub(crate) fn sole_entry(&self) -> Option<&Entry> {
        let [entry] = self.entries.as_slice() else {
            return None;
        };
        let bare = self.counted.is_none()
            && self.lifts.is_empty()
            && self.spent.is_empty()
            && self.soft_bounces == SoftBounces::default();
        bare.then_some(entry)
    }

    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    pub(crate) fn apply(&mut self, change: &Change) -> Applied {
        let (id, at) = (change.id, change.moment());
        match &change.action {
            ChangeAction::Suppress {
                reason,
                coverage,
                until,
                note,
            } => {
                if self.knows(id) {
                    return Applied::Unchanged;
                }
                self.suppress(Entry {
                    reason: *reason,
                    coverage: coverage.clone(),
                    at,
                    until: until.map(Moment::of),
                    event: id,
                    note: shown(note.as_deref()),
                })
            }
            ChangeAction::CountSoftBounce { rule, lasts, note } => {
                if self.knows(id) {
                    return Applied::Unchanged;
                }
                let bounce = SoftBounce::new(at, id, shown(note.as_deref()));
                self.count(bounce, rule, *lasts)
            }
            ChangeAction::ResetSoftBounces => self.reset(at),
            ChangeAction::Lift {
                reason,
                coverage,
                note,
            } => {
                let lift = Lift::new(*reason, coverage.clone(), at, shown(note.as_deref()));
                self.lift(lift)
            }
            ChangeAction::Erase if self.is_empty() => Applied::Unchanged,
            ChangeAction::Erase => {
                *self = Self::default();
                Applied::Done
            }
        }
    }

    fn knows(&self, id: EventId) -> bool {
        self.counted.as_ref().is_some_and(|entry| entry.event == id)
            || self.entries.iter().any(|entry| entry.event == id)
            || self.soft_bounces.knows(id)
            || self.spent.contains(&id)
    }

    fn spend(&mut self, id: EventId) {
        if self.spent.len() >= SuppressionRecord::MAX_SPENT_EVENTS {
            self.spent.remove(0);
        }
        self.spent.push(id);
    }

    fn suppress(&mut self, entry: Entry) -> Applied {
        if self.closed(entry.reason, &entry.coverage) >= Some(entry.at) {
            self.spend(entry.event);
            return Applied::Stale;
        }
        let place = self
            .entries
            .binary_search_by(|stands| stands.place().cmp(&entry.place()));
        match place {
            Ok(place) => {
                let Some(stands) = self.entries.get_mut(place) else {
                    return Applied::Unchanged;
                };
                if stands.age() > entry.age() {
                    self.spend(entry.event);
                    return Applied::Unchanged;
                }
                let older = std::mem::replace(stands, entry).event;
                self.spend(older);
            }
            Err(place) => {
                self.entries.insert(place, entry);
                self.make_room();
            }
        }
        Applied::Done
    }

    /// Keeps the number of entries bounded: an address that complains about thousands of streams loses its oldest.
    fn make_room(&mut self) {
        if self.entries.len() <= SuppressionRecord::MAX_SUPPRESSIONS {
            return;
        }
        let oldest = self.entries.iter().enumerate();
        if let Some((place, _)) = oldest.min_by_key(|(_, entry)| entry.age()) {
            self.entries.remove(place);
        }
    }

    fn count(
        &mut self,
        bounce: SoftBounce,
        rule: &SoftBounceRule,
        lasts: Option<Duration>,
    ) -> Applied {
        let reason = SuppressionReason::RepeatedSoftBounce;
        if self.closed(reason, &Coverage::default()) >= Some(bounce.at) {
            self.spend(bounce.event);
            return Applied::Stale;
        }
        if let Some(forgotten) = self.soft_bounces.add(bounce, rule) {
            self.spend(forgotten);
        }
        let Some(last) = self.soft_bounces.judge(rule) else {
            return Applied::Counted(self.soft_bounces.recent(rule));
        };
        let (at, event, note) = (last.at, last.event, last.note.clone());
        self.counted = Some(Box::new(Entry {
            reason,
            coverage: Coverage::default(),
            at,
            until: lasts.map(|lasts| at.after(lasts)),
            event,
            note,
        }));
        Applied::Done
    }

    /// The time up to which events for this reason and of this coverage no longer count.
    fn closed(&self, reason: SuppressionReason, coverage: &Coverage) -> Option<Moment> {
        let lifts = self.lifts.iter();
        let lifted = lifts
            .filter(|lift| lift.concerns(reason, coverage))
            .map(Lift::moment)
            .max();
        match reason {
            SuppressionReason::RepeatedSoftBounce => lifted.max(self.soft_bounces.reset_at()),
            _ => lifted,
        }
    }

    fn lift(&mut self, lift: Lift) -> Applied {
        let at = lift.moment();
        let concerned = |entry: &Entry| lift.concerns(entry.reason, &entry.coverage);
        let newer = self
            .entries
            .iter()
            .any(|entry| concerned(entry) && entry.at > at);
        let mut ended = self.drop_entries(|entry| concerned(entry) && entry.at <= at);
        let counts = lift.concerns(SuppressionReason::RepeatedSoftBounce, &Coverage::default());
        if counts {
            ended |= self.forget_soft_bounces(at);
        }
        Lift::remember(&mut self.lifts, lift);
        match (ended, newer || counts && self.counted.is_some()) {
            (true, _) => Applied::Done,
            (false, true) => Applied::Stale,
            (false, false) => Applied::Unchanged,
        }
    }

    fn reset(&mut self, at: Moment) -> Applied {
        if self.is_empty() || self.soft_bounces.reset_at() >= Some(at) {
            return Applied::Unchanged;
        }
        self.soft_bounces.reset(at);
        self.forget_soft_bounces(at);
        self.drop_entries(|entry| {
            entry.reason == SuppressionReason::RepeatedSoftBounce && entry.at <= at
        });
        Applied::Done
    }

    /// Forgets those up to this time, and says whether that ends the suppression that rests on one of them.
    fn forget_soft_bounces(&mut self, at: Moment) -> bool {
        for id in self.soft_bounces.forget(at) {
            self.spend(id);
        }
        let ended = !self.soft_bounces.is_streak() && self.counted.is_some();
        if ended {
            self.counted = None;
        }
        ended
    }

    fn drop_entries(&mut self, gone: impl Fn(&Entry) -> bool) -> bool {
        let before = self.entries.len();
        let mut spent = Vec::new();
        self.entries.retain(|entry| {
            let gone = gone(entry);
            if gone {
                spent.push(entry.event);
            }
            !gone
        });
        for id in spent {
            self.spend(id);
        }
        self.entries.len() < before
    }
}

fn shown(note: Option<&str>) -> Option<Arc<str>> {
    let shown = note.and_then(|note| text::shown(note, Event::MAX_DIAGNOSTIC));
    shown.map(Arc::from)
}
