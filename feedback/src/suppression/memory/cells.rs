use std::collections::HashMap;

use super::row::Row;

/// Rows, each with its key right behind it, so that a look at one goes to one place in memory: in chunks of 64 KB, which do
/// not move when there are more of them. A row's number says where it is, in words of eight octets.
#[derive(Debug, Default)]
pub(super) struct Cells {
    chunks: Vec<Vec<u64>>,
    /// Numbers of rows that were erased, by the words of their keys.
    free: HashMap<usize, Vec<u32>>,
}

impl Cells {
    /// Adds a row without content, and says its number.
    pub(super) fn add(&mut self, key: &[u64]) -> u32 {
        if let Some(number) = self.free.get_mut(&key.len()).and_then(Vec::pop) {
            self.set_key(number, key);
            return number;
        }
        let words = Row::WORDS + key.len();
        if self
            .chunks
            .last()
            .is_none_or(|last| last.len() + words > CHUNK)
        {
            if let Some(full) = self.chunks.last_mut() {
                full.shrink_to_fit();
            }
            // A tenant with few rows has room for few.
            let room = if self.chunks.is_empty() { words } else { CHUNK };
            self.chunks.push(Vec::with_capacity(room));
        }
        let before = self.chunks.len().saturating_sub(1) * CHUNK;
        let Some(chunk) = self.chunks.last_mut() else {
            return 0;
        };
        let number = u32::try_from(before + chunk.len()).unwrap_or(u32::MAX);
        chunk.extend(Row::default().words(key.len()));
        chunk.extend_from_slice(key);
        number
    }

    pub(super) fn row(&self, number: u32) -> Option<Row> {
        let (row, _) = self.cell(number).split_first_chunk()?;
        Some(Row::of_words(row))
    }

    pub(super) fn set_row(&mut self, number: u32, row: &Row) {
        let words = row.words(self.key(number).len());
        if let Some(own) = self.cell_mut(number).first_chunk_mut() {
            *own = words;
        }
    }

    pub(super) fn key(&self, number: u32) -> &[u64] {
        let cell = self.cell(number).split_first_chunk();
        let key = cell.and_then(|(row, rest)| rest.get(..Row::key_words(row)));
        key.unwrap_or_default()
    }

    /// Leaves nothing of a row and its key.
    pub(super) fn erase(&mut self, number: u32) {
        let words = self.key(number).len();
        let cell = self.cell_mut(number).iter_mut();
        cell.take(Row::WORDS + words).for_each(|word| *word = 0);
        self.free.entry(words).or_default().push(number);
    }

    /// Gives an erased row a key as long as the one that it had.
    fn set_key(&mut self, number: u32, key: &[u64]) {
        let row = Row::default().words(key.len());
        let cell = self.cell_mut(number).iter_mut();
        for (own, word) in cell.zip(row.iter().chain(key)) {
            *own = *word;
        }
    }

    /// The row and what is behind it.
    fn cell(&self, number: u32) -> &[u64] {
        let (chunk, place) = place_of(number);
        let chunk = self.chunks.get(chunk);
        chunk
            .and_then(|chunk| chunk.get(place..))
            .unwrap_or_default()
    }

    fn cell_mut(&mut self, number: u32) -> &mut [u64] {
        let (chunk, place) = place_of(number);
        let chunk = self.chunks.get_mut(chunk);
        chunk
            .and_then(|chunk| chunk.get_mut(place..))
            .unwrap_or_default()
    }
}

/// The chunk of a row and its place there.
fn place_of(number: u32) -> (usize, usize) {
    let number = usize::try_from(number).unwrap_or(usize::MAX);
    (number / CHUNK, number % CHUNK)
}

/// The words of a chunk.
const CHUNK: usize = 8_192;

#[cfg(test)]
mod tests {
    use super::super::key_words::{KeyWords, text_of};
    use super::super::row::Row;
    use super::Cells;

    #[test]
    fn every_row_keeps_its_key_and_an_erased_place_is_used_again() {
        let mut cells = Cells::default();
        let keys: Vec<String> = (0..5_000)
            .map(|n| format!("u{n}@{}.example", "x".repeat(n % 60)))
            .collect();
        let numbers: Vec<u32> = keys
            .iter()
            .map(|key| cells.add(KeyWords::of(key).as_slice()))
            .collect();
        for (key, number) in keys.iter().zip(&numbers) {
            assert_eq!(text_of(cells.key(*number)), *key);
        }
        let (Some(first), Some(second)) = (numbers.first(), numbers.get(1)) else {
            panic!("5,000 numbers");
        };
        cells.erase(*first);
        assert!(cells.key(*first).is_empty());
        let again = cells.add(KeyWords::of("v0@.example").as_slice());
        assert_eq!(again, *first);
        assert_eq!(text_of(cells.key(again)), "v0@.example");
        assert_eq!(text_of(cells.key(*second)), "u1@x.example");
        let row = Row {
            event: [7, 8],
            ..Row::default()
        };
        cells.set_row(again, &row);
        assert_eq!(cells.row(again), Some(row));
        assert_eq!(text_of(cells.key(again)), "v0@.example");
    }
}
