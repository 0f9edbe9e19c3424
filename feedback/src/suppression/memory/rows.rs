use std::cmp::Ordering;
use std::collections::HashMap;
use std::num::{NonZeroU32, NonZeroU64, NonZeroUsize};
use std::sync::Arc;

use super::InMemorySuppressionStore;
use super::chunk::{Chunk, Row};
use super::index::Index;
use super::interned::Interned;
use crate::event::EventId;
use crate::suppression::key::domain_of;
use crate::suppression::moment::Moment;
use crate::suppression::record::{Entry, State};
use crate::suppression::{
    Applied, Change, Coverage, Cursor, Page, SuppressionFilter, SuppressionKey, SuppressionRecord,
};

/// The records of one tenant.
///
/// Nearly all of them are one suppression and nothing else. Those are rows of 48 octets, their keys side by side in a text
/// for each thousand rows, and their notes and streams, which repeat, in a table; any other record is kept whole. A note
/// that quotes the key has a mark in its place, so that it repeats, too.
#[derive(Debug, Default)]
pub(super) struct Rows {
    chunks: Vec<Chunk>,
    index: Index,
    /// Row numbers in the order of their keys, without the fresh ones.
    order: Vec<u32>,
    /// Rows that came since, in the order they came.
    fresh: Vec<u32>,
    whole: HashMap<u32, Box<State>>,
    /// Where a row was erased.
    free: Vec<u32>,
    texts: Interned,
}

impl Rows {
    /// What is known of the key.
    pub(super) fn find(&self, key: &str) -> Option<State> {
        self.state(self.row_of(key)?)
    }

    pub(super) fn apply(&mut self, change: &Change) -> Applied {
        let key = change.key.as_str();
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
        let begun = |row: &u32| after.is_some_and(|after| self.key(*row) <= after.as_bytes());
        let start = self.order.partition_point(begun);
        let mut rows = self.order.iter().skip(start);
        let mut records = Vec::new();
        let mut last = None;
        for row in rows.by_ref().take(InMemorySuppressionStore::MAX_LOOKED_AT) {
            last = Some(*row);
            let key = self.key_text(*row);
            if !filter.admits_domain(domain_of(key)) {
                continue;
            }
            let Some(state) = self.state(*row) else {
                continue;
            };
            let record = SuppressionRecord::of(SuppressionKey::stored(key), state);
            if filter.admits_record(&record) {
                records.push(record);
            }
            if records.len() >= limit.get() {
                break;
            }
        }
        let last = last.filter(|_| rows.next().is_some());
        let next = last.map(|row| Cursor::after(SuppressionKey::stored(self.key_text(row))));
        Page::new(records, next)
    }

    fn row_of(&self, key: &str) -> Option<u32> {
        self.index
            .find(key.as_bytes(), |row| self.key(row) == key.as_bytes())
    }

    fn state(&self, number: u32) -> Option<State> {
        let row = self.row(number)?;
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
            until: row.until.map(|until| Moment::from(until.get())),
            event: EventId::of_halves(row.event),
            note: text(row.note).map(|note| with_key(note, self.key_text(number))),
        }))
    }

    /// Makes a row for a key that has none.
    fn add(&mut self, key: &str) -> u32 {
        let number = match self.free.pop() {
            Some(number) => number,
            None => {
                if self.chunks.last().is_none_or(Chunk::is_full) {
                    if let Some(full) = self.chunks.last_mut() {
                        full.shrink();
                    }
                    self.chunks.push(Chunk::new());
                }
                let before = self.chunks.len().saturating_sub(1) * Chunk::ROWS;
                let place = self.chunks.last_mut().map_or(0, Chunk::push);
                u32::try_from(before + place).unwrap_or(u32::MAX)
            }
        };
        let (chunk, place) = place_of(number);
        if let Some(chunk) = self.chunks.get_mut(chunk) {
            chunk.set_key(place, key);
        }
        let chunks = &self.chunks;
        self.index
            .insert(key.as_bytes(), number, |row| key_in(chunks, row));
        self.fresh.push(number);
        if self.fresh.len() > FRESH.max(self.order.len() / 8) {
            self.settle();
        }
        number
    }

    fn keep(&mut self, number: u32, state: State) {
        let old = self.row(number).copied().unwrap_or_default();
        let row = match state.sole_entry() {
            Some(entry) if entry.until != Some(Moment::EPOCH) => {
                self.whole.remove(&number);
                let stream = entry.coverage.stream.as_ref();
                let key = text_in(&self.chunks, number);
                let note = entry.note.as_ref().map(|note| without_key(note, key));
                Row {
                    reason: Some(entry.reason),
                    provider: entry.coverage.provider,
                    event: entry.event.halves(),
                    at: entry.at,
                    until: entry
                        .until
                        .and_then(|until| NonZeroU64::new(until.millis())),
                    stream: stream.and_then(|stream| self.texts.take(stream.as_str())),
                    note: note.and_then(|note| self.texts.take(&note)),
                    ..old
                }
            }
            _ => {
                self.whole.insert(number, Box::new(state));
                old.without_entry()
            }
        };
        self.release(&old);
        self.set_row(number, row);
    }

    fn release(&mut self, row: &Row) {
        for text in [row.stream, row.note].into_iter().flatten() {
            self.texts.release(text);
        }
    }

    /// Leaves nothing of it.
    fn erase(&mut self, key: &str, number: u32) {
        self.settle();
        let place = self
            .order
            .binary_search_by(|row| self.key(*row).cmp(key.as_bytes()));
        if let Ok(place) = place {
            self.order.remove(place);
        }
        let chunks = &self.chunks;
        self.index
            .remove(key.as_bytes(), number, |row| key_in(chunks, row));
        self.whole.remove(&number);
        if let Some(row) = self.row(number).copied() {
            self.release(&row);
        }
        let (chunk, place) = place_of(number);
        if let Some(chunk) = self.chunks.get_mut(chunk) {
            chunk.erase(place);
        }
        self.free.push(number);
    }

    fn row(&self, number: u32) -> Option<&Row> {
        let (chunk, place) = place_of(number);
        self.chunks.get(chunk)?.row(place)
    }

    fn set_row(&mut self, number: u32, row: Row) {
        let (chunk, place) = place_of(number);
        if let Some(chunk) = self.chunks.get_mut(chunk) {
            chunk.set_row(place, row);
        }
    }

    fn key(&self, number: u32) -> &[u8] {
        key_in(&self.chunks, number)
    }

    fn key_text(&self, number: u32) -> &str {
        text_in(&self.chunks, number)
    }

    fn compare(&self, one: u32, other: u32) -> Ordering {
        self.key(one).cmp(self.key(other))
    }
}

/// The chunk of a row and its place there.
fn place_of(number: u32) -> (usize, usize) {
    let number = usize::try_from(number).unwrap_or(usize::MAX);
    (number / Chunk::ROWS, number % Chunk::ROWS)
}

fn key_in(chunks: &[Chunk], number: u32) -> &[u8] {
    let (chunk, place) = place_of(number);
    chunks.get(chunk).map_or(&[], |chunk| chunk.key(place))
}

fn text_in(chunks: &[Chunk], number: u32) -> &str {
    str::from_utf8(key_in(chunks, number)).unwrap_or_default()
}

/// The note with a mark wherever it quotes the key.
fn without_key(note: &str, key: &str) -> String {
    note.replace(key, KEY_MARK)
}

/// The note as it was.
fn with_key(note: &Arc<str>, key: &str) -> Arc<str> {
    if note.contains(KEY_MARK) {
        note.replace(KEY_MARK, key).into()
    } else {
        note.clone()
    }
}

/// No note holds a control character, since changes and records that are read are cleaned of them; nor does a key.
const KEY_MARK: &str = "\0";
/// As many may always be out of order: putting them in order moves all others.
const FRESH: usize = 8_192;
