//! Searches in octets, many at a time.
//!
//! Whether to stop at an octet depends on it and on the one after it. Blocks are tested as a whole, which the compiler
//! turns into vector code; where stops are frequent, words of eight octets are faster, so both take turns.

use std::marker::PhantomData;

/// What a search stops at.
pub(crate) trait Stop {
    /// Whether it stops at `octet`, which `next` follows. Without branches, so that it can be made into vector code.
    fn at(octet: u8, next: u8) -> bool;

    /// The high bit of each octet of `word` at which it stops; `next` has the octets that follow each.
    fn among(word: u64, next: u64) -> u64;
}

/// Where the search stops first; the last octet is taken to be followed by `end`.
#[inline]
pub(crate) fn first<S: Stop>(data: &[u8], end: u8) -> Option<usize> {
    let mut position = 0;
    let mut rest = data;
    'blocks: loop {
        for _ in 0..WORDS {
            let (Some(own), Some(next)) = (word(rest), rest.get(1..).and_then(word)) else {
                break 'blocks;
            };
            let found = S::among(own, next);
            if found != 0 {
                return Some(position + place(found));
            }
            position += 8;
            rest = data.get(position..)?;
        }
        position += without::<S>(rest);
        rest = data.get(position..)?;
    }
    let Some(last) = data.last_chunk() else {
        let next = data.iter().skip(1).copied().chain([end]);
        return data
            .iter()
            .zip(next)
            .position(|(own, next)| S::at(*own, next));
    };
    // The last word, which overlaps what has been searched.
    let own = u64::from_le_bytes(*last);
    let found = S::among(own, own >> 8 | u64::from(end) << 56);
    (found != 0).then(|| data.len() - 8 + place(found))
}

/// The stops in octets in which they are frequent: where they are is found out for a block at a time, without branches.
pub(crate) struct Stops<'a, S> {
    data: &'a [u8],
    end: u8,
    /// Where the block starts that was looked at.
    block: usize,
    /// A bit for each of its octets at which to stop.
    found: u64,
    kind: PhantomData<S>,
}

impl<'a, S: Stop> Stops<'a, S> {
    /// The last octet of `data` is taken to be followed by `end`.
    pub(crate) fn of(data: &'a [u8], end: u8) -> Self {
        let mut stops = Self {
            data,
            end,
            block: 0,
            found: 0,
            kind: PhantomData,
        };
        stops.look();
        stops
    }

    /// The first stop that is not before `position`, which never goes back.
    #[inline]
    pub(crate) fn next_from(&mut self, position: usize) -> Option<usize> {
        loop {
            let skipped = position.saturating_sub(self.block);
            if skipped < BLOCK {
                let left = self.found >> skipped << skipped;
                if left != 0 {
                    return Some(self.block + left.trailing_zeros() as usize);
                }
            }
            self.block += (skipped / BLOCK).max(1) * BLOCK;
            self.look();
            if self.block >= self.data.len() {
                return None;
            }
        }
    }

    /// How many octets from a stop on, the one that was found last, are stops, as far as the block goes.
    #[inline]
    pub(crate) fn run(&self, stop: usize) -> usize {
        let place = stop.saturating_sub(self.block) % BLOCK;
        (self.found >> place).trailing_ones() as usize
    }

    /// Looks at the block.
    #[inline]
    fn look(&mut self) {
        let rest = self.data.get(self.block..).unwrap_or_default();
        let next = rest.get(1..).unwrap_or_default();
        self.found = match (rest.first_chunk(), next.first_chunk()) {
            (Some(own), Some(next)) => stops::<S>(own, next),
            _ => self.at_the_end(rest),
        };
    }

    #[cold]
    fn at_the_end(&self, rest: &[u8]) -> u64 {
        let next = rest.iter().skip(1).copied().chain([self.end]);
        let stops = rest.iter().zip(next).map(|(own, next)| S::at(*own, next));
        stops
            .take(BLOCK)
            .enumerate()
            .fold(0, |found, (place, stop)| found | u64::from(stop) << place)
    }
}

/// A bit for each octet of a block at which to stop.
#[inline]
fn stops<S: Stop>(own: &[u8; BLOCK], next: &[u8; BLOCK]) -> u64 {
    let mut flags = [0; BLOCK];
    for ((flag, own), next) in flags.iter_mut().zip(own).zip(next) {
        *flag = u8::from(S::at(*own, *next));
    }
    // Moves the flags of eight octets side by side into the highest one.
    const SIDE_BY_SIDE: u64 = 0x0102_0408_1020_4080;
    let (words, _) = flags.as_chunks();
    words.iter().rev().fold(0, |found, word| {
        found << 8 | u64::from_le_bytes(*word).wrapping_mul(SIDE_BY_SIDE) >> 56
    })
}

/// Which octet of a word the lowest high bit belongs to.
fn place(found: u64) -> usize {
    found.trailing_zeros() as usize / 8
}

/// How many octets at the start of `data` there are, in whole blocks, before the block with the first stop.
fn without<S: Stop>(data: &[u8]) -> usize {
    let next = data.get(1..).unwrap_or_default();
    let blocks = data.as_chunks::<BLOCK>().0.iter();
    blocks
        .zip(next.as_chunks::<BLOCK>().0)
        .take_while(|(own, next)| {
            let stops = own.iter().zip(*next).map(|(own, next)| S::at(*own, *next));
            !stops.fold(false, |any, stop| any | stop)
        })
        .count()
        * BLOCK
}

/// Eight octets, the first one lowest.
fn word(data: &[u8]) -> Option<u64> {
    data.first_chunk().map(|octets| u64::from_le_bytes(*octets))
}

/// The high bit of every octet of `word` that is `octet`, and of no other.
pub(crate) const fn equal(word: u64, octet: u8) -> u64 {
    let difference = word ^ u64::from_ne_bytes([octet; 8]);
    !(((difference & LOW) + LOW) | difference | LOW)
}

/// The high bit of every octet of `word` that is at most a space, and of no other.
pub(crate) const fn at_most_space(word: u64) -> u64 {
    const OVER: u64 = u64::from_ne_bytes([0x80 - (b' ' + 1); 8]);
    !(((word & LOW) + OVER) | word | LOW)
}

const LOW: u64 = u64::from_ne_bytes([0x7f; 8]);
const BLOCK: usize = 64;
const WORDS: usize = 4;

#[cfg(test)]
mod tests {
    use proptest::prelude::{ProptestConfig, prop, prop_assert_eq, proptest};

    use super::*;

    struct SpaceBeforeSpace;

    impl Stop for SpaceBeforeSpace {
        fn at(octet: u8, next: u8) -> bool {
            (octet == b' ') & (next <= b' ')
        }

        fn among(word: u64, next: u64) -> u64 {
            equal(word, b' ') & at_most_space(next)
        }
    }

    const STOPS: &[&[u8]] = &[b"  ", b" x", b" \r", b" !", b"!  ", b" \x80"];

    #[test]
    fn words_tell_every_octet_apart() {
        for octet in 0..=u8::MAX {
            for shift in [0, 24, 56] {
                let word = u64::from(octet) << shift | !(0xff << shift);
                let high = 0x80 << shift;
                assert_eq!(equal(word, b' '), if octet == b' ' { high } else { 0 });
                assert_eq!(at_most_space(word), if octet <= b' ' { high } else { 0 });
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]

        #[test]
        fn the_first_stop_is_found_wherever_it_is(
            before in 0..300usize,
            stop in prop::sample::select(STOPS),
            after in 0..100usize,
            end in prop::sample::select(&b" x"[..]),
        ) {
            let data = [&b"x".repeat(before)[..], stop, &b"y".repeat(after)[..]].concat();
            let next = data.iter().skip(1).copied().chain([end]);
            let expected = data.iter().zip(next).position(|(own, next)| SpaceBeforeSpace::at(*own, next));
            prop_assert_eq!(first::<SpaceBeforeSpace>(&data, end), expected);
        }

        #[test]
        fn all_stops_are_found_one_after_the_other(
            runs in prop::collection::vec((0..150usize, prop::sample::select(STOPS)), 0..8),
            after in 0..100usize,
            end in prop::sample::select(&b" x"[..]),
            step in 1..70usize,
        ) {
            let mut data: Vec<u8> = runs
                .iter()
                .flat_map(|(before, stop)| [&b"x".repeat(*before)[..], stop].concat())
                .collect();
            data.extend(b"y".repeat(after));
            let next = data.iter().skip(1).copied().chain([end]);
            let all: Vec<usize> = data
                .iter()
                .zip(next)
                .enumerate()
                .filter(|(_, (own, next))| SpaceBeforeSpace::at(**own, *next))
                .map(|(place, _)| place)
                .collect();
            let mut stops = Stops::<SpaceBeforeSpace>::of(&data, end);
            let mut position = 0;
            while position <= data.len() {
                let expected = all.iter().copied().find(|place| *place >= position);
                prop_assert_eq!(stops.next_from(position), expected);
                if let Some(stop) = expected {
                    let run = all.iter().skip_while(|place| **place < stop);
                    let run = run.zip(stop..).take_while(|(place, next)| *place == next).count();
                    prop_assert_eq!(stops.run(stop), run.min(BLOCK - stop % BLOCK));
                }
                position += step;
            }
        }
    }
}
