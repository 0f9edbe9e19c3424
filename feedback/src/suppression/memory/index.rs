use std::hash::{BuildHasher, RandomState};

/// Finds rows by the hash of their key: four octets a place, a third to two thirds of them taken. The keys are in
/// the rows, and only they can tell two of one hash apart.
#[derive(Debug, Default)]
pub(super) struct Index {
    hasher: RandomState,
    /// Row numbers from 1; 0 is empty. As many as a power of two. A row is at the place its hash says or, with no empty one
    /// between, behind it.
    places: Vec<u32>,
    rows: usize,
}

impl Index {
    /// The row of this key, where `is_it` says whether a row is.
    pub(super) fn find(&self, key: &[u8], is_it: impl Fn(u32) -> bool) -> Option<u32> {
        let place = self.place_of(key, is_it)?;
        self.row_at(place)
    }

    /// Adds a row that is not there; `key_of` gives the keys of others.
    pub(super) fn insert<'k>(&mut self, key: &[u8], row: u32, key_of: impl Fn(u32) -> &'k [u8]) {
        if (self.rows + 1) * 4 > self.places.len() * 3 {
            let larger = (self.places.len() * 2).max(8);
            let old = std::mem::replace(&mut self.places, vec![0; larger]);
            for row in old.into_iter().filter_map(|stored| stored.checked_sub(1)) {
                self.put(key_of(row), row);
            }
        }
        self.put(key, row);
        self.rows += 1;
    }

    /// Removes the row of this key.
    pub(super) fn remove<'k>(&mut self, key: &[u8], row: u32, key_of: impl Fn(u32) -> &'k [u8]) {
        let Some(mut place) = self.place_of(key, |other| other == row) else {
            return;
        };
        self.rows -= 1;
        self.set(place, 0);
        // Those right behind may have been pushed there by it.
        loop {
            place = self.next(place);
            let Some(row) = self.row_at(place) else {
                return;
            };
            self.set(place, 0);
            self.put(key_of(row), row);
        }
    }

    fn put(&mut self, key: &[u8], row: u32) {
        let mut place = self.first(key);
        while self.row_at(place).is_some() {
            place = self.next(place);
        }
        self.set(place, row.saturating_add(1));
    }

    fn place_of(&self, key: &[u8], is_it: impl Fn(u32) -> bool) -> Option<usize> {
        if self.places.is_empty() {
            return None;
        }
        let mut place = self.first(key);
        loop {
            if is_it(self.row_at(place)?) {
                return Some(place);
            }
            place = self.next(place);
        }
    }

    fn first(&self, key: &[u8]) -> usize {
        // What does not fit into the number of places is cut off in any case.
        let hash = usize::try_from(self.hasher.hash_one(key) & 0xffff_ffff).unwrap_or(0);
        hash & self.places.len().wrapping_sub(1)
    }

    fn next(&self, place: usize) -> usize {
        (place + 1) & self.places.len().wrapping_sub(1)
    }

    fn row_at(&self, place: usize) -> Option<u32> {
        self.places.get(place)?.checked_sub(1)
    }

    fn set(&mut self, place: usize, value: u32) {
        if let Some(stored) = self.places.get_mut(place) {
            *stored = value;
        }
    }
}
