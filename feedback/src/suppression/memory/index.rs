use std::hash::{BuildHasher, Hash, RandomState};

/// Finds rows, or texts, by the hash of their key: four octets a place, three eighths to three quarters of them taken. The
/// keys are in the rows, and only they can tell two of one hash apart.
#[derive(Debug, Default)]
pub(super) struct Index {
    hasher: RandomState,
    /// Row numbers from 1; 0 is empty. As many as a power of two, and a sixteenth of the numbers that rows can have. A row is
    /// at the place its hash says or, with no empty one between, behind it. The bits that no row number needs have other
    /// bits of the hash, so that hardly ever another row than the right one is looked at: rows are far apart in memory.
    places: Vec<u32>,
    rows: usize,
}

impl Index {
    /// The row of this key, where `is_it` says whether a row is.
    pub(super) fn find<K: Hash + ?Sized>(
        &self,
        key: &K,
        is_it: impl Fn(u32) -> bool,
    ) -> Option<u32> {
        self.place_of(key, is_it).map(|(_, row)| row)
    }

    /// Adds a row that is not there; `key_of` gives the keys of others.
    pub(super) fn insert<'k, K: Hash + ?Sized + 'k>(
        &mut self,
        key: &K,
        row: u32,
        key_of: impl Fn(u32) -> &'k K,
    ) {
        while (self.rows + 1) * 4 > self.places.len() * 3 || row >= self.row_bits() {
            let bits = self.row_bits();
            let larger = (self.places.len() * 2).max(8);
            let old = std::mem::replace(&mut self.places, vec![0; larger]);
            for row in old
                .into_iter()
                .filter_map(|stored| (stored & bits).checked_sub(1))
            {
                self.put(key_of(row), row);
            }
        }
        self.put(key, row);
        self.rows += 1;
    }

    /// Removes the row of this key.
    pub(super) fn remove<'k, K: Hash + ?Sized + 'k>(
        &mut self,
        key: &K,
        row: u32,
        key_of: impl Fn(u32) -> &'k K,
    ) {
        let Some((mut place, _)) = self.place_of(key, |other| other == row) else {
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

    fn put<K: Hash + ?Sized>(&mut self, key: &K, row: u32) {
        let (mut place, mark) = self.first(key);
        while self.row_at(place).is_some() {
            place = self.next(place);
        }
        self.set(place, row.saturating_add(1) | mark);
    }

    fn place_of<K: Hash + ?Sized>(
        &self,
        key: &K,
        is_it: impl Fn(u32) -> bool,
    ) -> Option<(usize, u32)> {
        if self.places.is_empty() {
            return None;
        }
        let (mut place, mark) = self.first(key);
        loop {
            let row = self.row_at(place)?;
            let marked = self.places.get(place)? & !self.row_bits() == mark;
            if marked && is_it(row) {
                return Some((place, row));
            }
            place = self.next(place);
        }
    }

    /// The place where a key's row belongs, and the bits of its hash that are kept with it.
    fn first<K: Hash + ?Sized>(&self, key: &K) -> (usize, u32) {
        let hash = self.hasher.hash_one(key);
        // No more than 32 bits are left of either half.
        let half = |half: u64| u32::try_from(half & 0xffff_ffff).unwrap_or(0);
        let place = usize::try_from(half(hash)).unwrap_or(0);
        let mark = half(hash >> 32) & !self.row_bits();
        (place & self.places.len().wrapping_sub(1), mark)
    }

    /// The bits that a row number can have.
    fn row_bits(&self) -> u32 {
        let numbers = self.places.len().saturating_mul(NUMBERS_A_PLACE);
        u32::try_from(numbers).map_or(u32::MAX, |numbers| numbers.saturating_sub(1))
    }

    fn next(&self, place: usize) -> usize {
        (place + 1) & self.places.len().wrapping_sub(1)
    }

    fn row_at(&self, place: usize) -> Option<u32> {
        (self.places.get(place)? & self.row_bits()).checked_sub(1)
    }

    fn set(&mut self, place: usize, value: u32) {
        if let Some(stored) = self.places.get_mut(place) {
            *stored = value;
        }
    }
}

/// More than rows with keys of common lengths need, so that hardly any places are made for the sake of the numbers alone.
const NUMBERS_A_PLACE: usize = 16;
