use std::cmp::Ordering;
use std::collections::HashMap;
use std::num::{NonZeroU32, NonZeroUsize};
use std::sync::Arc;

use super::InMemorySuppressionStore;
use super::cells::Cells;
use super::index::Index;
use super::interned::Interned;
use super::key_words::{KeyWords, text_of};
use super::row::Row;
use crate::event::EventId;
use crate::suppression::key::domain_of;
use crate::suppression::moment::Moment;
use crate::suppression::record::{Entry, State};
use crate::suppression::{
    Applied, Change, Coverage, Cursor, Page, SuppressionFilter, SuppressionKey, SuppressionRecord,
};

/// The records of one tenant.
///
/// Nearly all of them are one suppression and nothing else. Those are rows of 40 octets with the key behind them, and their
/// notes and streams, which repeat, in a table; any other record is kept whole. A note that quotes the key has a mark in its
/// place, so that it repeats, too.
#[derive(Debug, Default)]
pub(super) struct Rows {
    cells: Cells,
    index: Index,
    /// Row numbers in the order of their keys, without the fresh ones.
    order: Vec<u32>,
    /// Rows that came since, in the order they came.
    fresh: Vec<u32>,
    whole: HashMap<u32, Box<State>>,
    texts: Interned,
}

impl Rows {
    /// What is known of the key.
    pub(super) fn find(&self, key: &str) -> Option<State> {
        self.state(self.row_of(KeyWords::of(key).as_slice())?)
    }

    pub(super) fn apply(&mut self, change: &Change) -> Applied {
        let key = KeyWords::of(change.key.as_str());
        let key = key.as_slice();
        let known = self.row_of(key);
        if known.is_none() && !change.action.begins_a_record() {
            return Applied::Unchanged;
        }
        let mut state = known.and_then(|row| self.state(row)).unwrap_or_default();
        let applied = state.apply(change);
        match known {
            Some(row) if state.is_empty() => self.erase(key, row),
            Some(row) => self.keep(row, state),
            None if state.is_empty() => {}
            None => {
                let row = self.add(key);
                self.keep(row, state);
            }
        }
        applied
    }

    /// Whether [`page`](Self::page) sees all rows.
    pub(super) fn is_settled(&self) -> bool {
        self.fresh.is_empty()
    }

    /// Puts the fresh rows into order.
    pub(super) fn settle(&mut self) {
        let mut fresh = std::mem::take(&mut self.fresh);
        fresh.sort_unstable_by(|one, other| self.compare(*one, *other));
        let mut merged = Vec::with_capacity(self.order.len() + fresh.len());
        let mut rest = self.order.as_slice();
        for row in fresh {
            let smaller = rest.partition_point(|known| self.compare(*known, row).is_lt());
            let (before, after) = rest.split_at_checked(smaller).unwrap_or((rest, &[]));
            merged.extend_from_slice(before);
            merged.push(row);
            rest = after;
        }
        merged.extend_from_slice(rest);
        self.order = merged;
    }

    /// Records in the order of their keys, of a settled list.
    pub(super) fn page(
        &self,
        filter: &SuppressionFilter,
        after: Option<&str>,
        limit: NonZeroUsize,
    ) -> Page {
        let after = after.map(KeyWords::of);
        let after = after.as_ref().map(KeyWords::as_slice);
        let begun = |row: &u32| after.is_some_and(|after| self.key(*row) <= after);
        let start = self.order.partition_point(begun);
        let mut rows = self.order.iter().skip(start);
        let mut records = Vec::new();
        let mut last = None;
        for row in rows.by_ref().take(InMemorySuppressionStore::MAX_LOOKED_AT) {
            last = Some(*row);
            let key = text_of(self.key(*row));
            if !filter.admits_domain(domain_of(&key)) {
                continue;
            }
            let Some(state) = self.state(*row) else {
                continue;
            };
            let record = SuppressionRecord::of(SuppressionKey::stored(&key), state);
            if filter.admits_record(&record) {
                records.push(record);
            }
            if records.len() >= limit.get() {
                break;
            }
        }
        let last = last.filter(|_| rows.next().is_some());
        let next = last.map(|row| Cursor::after(SuppressionKey::stored(&text_of(self.key(row)))));
        Page::new(records, next)
    }

    fn row_of(&self, key: &[u64]) -> Option<u32> {
        self.index.find(key, |row| self.key(row) == key)
    }

    fn state(&self, number: u32) -> Option<State> {
        let row = self.cells.row(number)?;
        let Some(reason) = row.reason else {
            return self.whole.get(&number).map(|state| (**state).clone());
        };
        let text = |number: Option<NonZeroU32>| self.texts.text(number?);
        Some(State::of_entry(Entry {
            reason,
            coverage: Coverage {
                stream: text(row.stream).and_then(|stream| stream.parse().ok()),
                provider: row.provider,
            },
            at: row.at,
            until: row.until,
            event: EventId::of_halves(row.event),
            note: text(row.note).map(|note| with_key(note, self.key(number))),
        }))
    }

    /// Makes a row for a key that has none.
    fn add(&mut self, key: &[u64]) -> u32 {
        let number = self.cells.add(key);
        let cells = &self.cells;
        self.index.insert(key, number, |row| cells.key(row));
        self.fresh.push(number);
        if self.fresh.len() > FRESH.max(self.order.len() / 8) {
            self.settle();
        }
        number
    }

    fn keep(&mut self, number: u32, state: State) {
        let old = self.cells.row(number).unwrap_or_default();
        let row = match state.sole_entry() {
            Some(entry) if entry.until != Some(Moment::EPOCH) => {
                self.whole.remove(&number);
                let stream = entry.coverage.stream.as_ref();
                let note = entry.note.as_ref();
                let note = note.map(|note| without_key(note, &text_of(self.key(number))));
                Row {
                    reason: Some(entry.reason),
                    provider: entry.coverage.provider,
                    event: entry.event.halves(),
                    at: entry.at,
                    until: entry.until,
                    stream: stream.and_then(|stream| self.texts.take(stream.as_str())),
                    note: note.and_then(|note| self.texts.take(&note)),
                }
            }
            _ => {
                self.whole.insert(number, Box::new(state));
                Row::default()
            }
        };
        self.release(&old);
        self.cells.set_row(number, &row);
    }

    fn release(&mut self, row: &Row) {
        for text in [row.stream, row.note].into_iter().flatten() {
            self.texts.release(text);
        }
    }

    /// Leaves nothing of it.
    fn erase(&mut self, key: &[u64], number: u32) {
        self.settle();
        let place = self.order.binary_search_by(|row| self.key(*row).cmp(key));
        if let Ok(place) = place {
            self.order.remove(place);
        }
        let cells = &self.cells;
        self.index.remove(key, number, |row| cells.key(row));
        self.whole.remove(&number);
        if let Some(row) = self.cells.row(number) {
            self.release(&row);
        }
        self.cells.erase(number);
    }

    fn key(&self, number: u32) -> &[u64] {
        self.cells.key(number)
    }

    fn compare(&self, one: u32, other: u32) -> Ordering {
        self.key(one).cmp(self.key(other))
    }
}

/// The note with a mark wherever it quotes the key.
fn without_key(note: &str, key: &str) -> String {
    note.replace(key, KEY_MARK)
}

/// The note as it was.
fn with_key(note: &Arc<str>, key: &[u64]) -> Arc<str> {
    if note.contains(KEY_MARK) {
        note.replace(KEY_MARK, &text_of(key)).into()
    } else {
        note.clone()
    }
}

/// No note holds a control character, since changes and records that are read are cleaned of them; nor does a key.
const KEY_MARK: &str = "\0";
/// As many may always be out of order: putting them in order moves all others.
const FRESH: usize = 8_192;
