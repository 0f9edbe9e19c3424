use std::num::{NonZeroU32, NonZeroU64};

use crate::provider::Provider;
use crate::suppression::SuppressionReason;
use crate::suppression::moment::Moment;

/// A thousand rows and the text of their keys, in allocations of their own: growing moves nothing and wastes at most one.
#[derive(Debug)]
pub(super) struct Chunk {
    rows: Vec<Row>,
    keys: Vec<u8>,
}

/// A suppression, or the place of a record that is kept whole.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Row {
    pub(super) event: [u64; 2],
    pub(super) at: Moment,
    pub(super) until: Option<NonZeroU64>,
    pub(super) stream: Option<NonZeroU32>,
    pub(super) note: Option<NonZeroU32>,
    pub(super) key_start: u32,
    pub(super) key_length: u16,
    /// `None` of a record that is kept whole.
    pub(super) reason: Option<SuppressionReason>,
    pub(super) provider: Option<Provider>,
}

impl Chunk {
    pub(super) const ROWS: usize = 1_024;

    pub(super) fn new() -> Self {
        Self {
            rows: Vec::with_capacity(Self::ROWS),
            keys: Vec::new(),
        }
    }

    pub(super) fn is_full(&self) -> bool {
        self.rows.len() >= Self::ROWS
    }

    /// Gives back the room that no more keys will come to.
    pub(super) fn shrink(&mut self) {
        self.keys.shrink_to_fit();
    }

    /// Adds a row without a key, and says its place.
    pub(super) fn push(&mut self) -> usize {
        self.rows.push(Row::default());
        self.rows.len() - 1
    }

    pub(super) fn row(&self, place: usize) -> Option<&Row> {
        self.rows.get(place)
    }

    /// All of the row but its key.
    pub(super) fn set_row(&mut self, place: usize, row: Row) {
        if let Some(own) = self.rows.get_mut(place) {
            let (key_start, key_length) = (own.key_start, own.key_length);
            *own = Row {
                key_start,
                key_length,
                ..row
            };
        }
    }

    pub(super) fn key(&self, place: usize) -> &[u8] {
        let key = self.rows.get(place).and_then(|row| {
            let start = usize::try_from(row.key_start).ok()?;
            self.keys.get(start..start + usize::from(row.key_length))
        });
        key.unwrap_or_default()
    }

    /// Gives a row without a key one.
    pub(super) fn set_key(&mut self, place: usize, key: &str) {
        let start = u32::try_from(self.keys.len());
        // No key is longer than `SuppressionKey::MAX_LENGTH`.
        let length = u16::try_from(key.len());
        if let (Some(row), Ok(start), Ok(length)) = (self.rows.get_mut(place), start, length) {
            row.key_start = start;
            row.key_length = length;
            self.keys.extend_from_slice(key.as_bytes());
        }
    }

    /// Leaves an empty row, and nothing of its key.
    pub(super) fn erase(&mut self, place: usize) {
        let Some(row) = self.rows.get_mut(place) else {
            return;
        };
        let gone = std::mem::take(row);
        let start = usize::try_from(gone.key_start).unwrap_or(usize::MAX);
        let end = start.saturating_add(usize::from(gone.key_length));
        if self.keys.get(start..end).is_none() {
            return;
        }
        self.keys.drain(start..end);
        for row in &mut self.rows {
            if row.key_start > gone.key_start {
                row.key_start -= u32::from(gone.key_length);
            }
        }
    }
}

impl Row {
    /// The place of a record that is kept whole.
    pub(super) fn without_entry(self) -> Self {
        Self {
            key_start: self.key_start,
            key_length: self.key_length,
            ..Self::default()
        }
    }
}

const _: () = assert!(size_of::<Row>() <= 48);
