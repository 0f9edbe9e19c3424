//! Searches in octets, many at a time.
//!
//! Whether to stop at an octet depends on it and on the one after it. Blocks are tested as a whole, which the compiler
//! turns into vector code; where the first stop is near, words of eight octets are faster, so both take turns.

/// What a search stops at.
pub(crate) trait Stop {
    /// Whether it stops at `octet`, which `next` follows. Without branches, so that it can be made into vector code.
    fn at(octet: u8, next: u8) -> bool;

    /// The high bit of each octet of `word` at which it stops; `next` has the octets that follow each.
    fn among(word: u64, next: u64) -> u64;
}

/// A control character other than those of white space.
pub(crate) struct Control;

impl Stop for Control {
    #[inline]
    fn at(octet: u8, _: u8) -> bool {
        let white_space = (octet == b'\t') | (octet == b'\r') | (octet == b'\n');
        ((octet < b' ') & !white_space) | (octet == 0x7f)
    }

    #[inline]
    fn among(word: u64, _: u64) -> u64 {
        let low = at_most_space(word) & !equal(word, b' ');
        let delete = equal(word, 0x7f);
        if low == 0 {
            return delete;
        }
        let line = equal(word, b'\r') | equal(word, b'\n');
        (low & !line & !equal(word, b'\t')) | delete
    }
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

/// Whether the search stops anywhere; the last octet is taken to be followed by `end`. Costs less than to say where.
#[inline]
pub(crate) fn any<S: Stop>(data: &[u8], end: u8) -> bool {
    let Some((last, own)) = data.split_last() else {
        return false;
    };
    let next = data.get(1..).unwrap_or_default();
    if S::at(*last, end) {
        return true;
    }
    let (Some(last_own), Some(last_next)) = (own.last_chunk::<STEP>(), next.last_chunk::<STEP>())
    else {
        return own.iter().zip(next).any(|(own, next)| S::at(*own, *next));
    };
    if holds::<S, STEP>(last_own, last_next) {
        return true;
    }
    let (mut own, mut next) = (own, next);
    if own.len() >= BLOCK {
        let blocks = without::<S>(data);
        own = own.get(blocks..).unwrap_or_default();
        next = next.get(blocks..).unwrap_or_default();
    }
    let (own, next) = (own.as_chunks::<STEP>().0, next.as_chunks::<STEP>().0);
    let mut steps = own.iter().zip(next);
    steps.any(|(own, next)| holds::<S, STEP>(own, next))
}

/// A bit for each octet of the block at the front of `data` at which to stop; the lowest is for the first one.
#[inline]
pub(crate) fn stops<S: Stop>(data: &[u8; 2 * BLOCK]) -> u64 {
    let block = |place| {
        let octets = data.get(place..).and_then(<[u8]>::first_chunk);
        octets.copied().unwrap_or([0; BLOCK])
    };
    // Copies, which vector code need not fear to overwrite.
    let (mut flags, next) = (block(0), block(1));
    for (flag, next) in flags.iter_mut().zip(next) {
        *flag = u8::from(S::at(*flag, next));
    }
    bits(&flags)
}

/// Where an octet occurs, in order.
pub(crate) struct Places<'a, const OCTET: u8> {
    data: &'a [u8],
    /// Where the block starts.
    block: usize,
    /// A bit for each place left in the block.
    left: u64,
}

impl<'a, const OCTET: u8> Places<'a, OCTET> {
    #[inline]
    pub(crate) fn of(data: &'a [u8]) -> Self {
        Self {
            data,
            block: 0,
            left: octets::<OCTET>(data),
        }
    }

    /// Goes on to the next block that has a place; apart, so that what is done for each place stays short.
    #[inline(never)]
    fn turn(&mut self) -> Option<()> {
        while self.left == 0 {
            self.block += BLOCK;
            self.left = octets::<OCTET>(self.data.get(self.block..)?);
        }
        Some(())
    }
}

impl<const OCTET: u8> Iterator for Places<'_, OCTET> {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        if self.left == 0 {
            self.turn()?;
        }
        let place = self.left.trailing_zeros() as usize;
        self.left &= self.left - 1;
        Some(self.block + place)
    }
}

/// A bit for each place of an octet in the block at the front of `data`; the lowest is for the first one.
#[inline]
fn octets<const OCTET: u8>(data: &[u8]) -> u64 {
    match data.first_chunk() {
        Some(block) => bits(&block.map(|octet| u8::from(octet == OCTET))),
        None => octets_of_rest::<OCTET>(data),
    }
}

/// The same where there is less than a block.
#[inline(never)]
fn octets_of_rest<const OCTET: u8>(data: &[u8]) -> u64 {
    let found = data.iter().map(|octet| u64::from(*octet == OCTET));
    (0..)
        .zip(found)
        .fold(0, |all, (place, one)| all | one << place)
}

/// The lowest bit of each octet of a block, the first one lowest.
#[inline]
fn bits(flags: &[u8; BLOCK]) -> u64 {
    // Moves the flags of eight octets side by side into the highest one.
    const SIDE_BY_SIDE: u64 = 0x0102_0408_1020_4080;
    let (words, _) = flags.as_chunks();
    let bits = |word| u64::from_le_bytes(word).wrapping_mul(SIDE_BY_SIDE) >> 56;
    (0..)
        .step_by(8)
        .zip(words)
        .fold(0, |found, (place, word)| found | bits(*word) << place)
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
        .take_while(|(own, next)| !holds::<S, BLOCK>(own, next))
        .count()
        * BLOCK
}

/// Whether there is a stop among these octets, which `next` has the ones after of.
#[inline]
fn holds<S: Stop, const LENGTH: usize>(own: &[u8; LENGTH], next: &[u8; LENGTH]) -> bool {
    let stops = own.iter().zip(next).map(|(own, next)| S::at(*own, *next));
    stops.fold(false, |any, stop| any | stop)
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

/// The high bit of every octet of `word` that is no visible character of ASCII, and of no other.
pub(crate) const fn not_graphic(word: u64) -> u64 {
    const ONE: u64 = u64::from_ne_bytes([1; 8]);
    let low = word & LOW;
    ((!(low + OVER)) | (low + ONE) | word) & !LOW
}

/// The high bit of every octet of `word` that is at most a space, and of no other.
pub(crate) const fn at_most_space(word: u64) -> u64 {
    !(((word & LOW) + OVER) | word | LOW)
}

const LOW: u64 = u64::from_ne_bytes([0x7f; 8]);
/// Added to seven bits, makes the high bit say whether they were more than a space.
const OVER: u64 = u64::from_ne_bytes([0x80 - (b' ' + 1); 8]);
/// How many octets are tested as a whole.
pub(crate) const BLOCK: usize = 64;
/// How many are where there is less than a block.
const STEP: usize = 16;
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
                let others = if shift == 0 { !0xff } else { !(0xff << shift) } & !LOW;
                let own = if octet.is_ascii_graphic() { 0 } else { high };
                assert_eq!(not_graphic(word), own | others);
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
            prop_assert_eq!(any::<SpaceBeforeSpace>(&data, end), expected.is_some());
        }

        #[test]
        fn all_places_of_an_octet_are_found(
            pieces in prop::collection::vec(prop::sample::select(STOPS), 0..200),
            gap in 0..200usize,
        ) {
            let data = [pieces.concat(), vec![b'x'; gap], pieces.concat()].concat();
            let expected = data.iter().enumerate().filter(|(_, octet)| **octet == b'!');
            let expected: Vec<usize> = expected.map(|(place, _)| place).collect();
            let mut places = Places::<b'!'>::of(&data);
            prop_assert_eq!(places.by_ref().collect::<Vec<_>>(), expected);
            prop_assert_eq!(places.next(), None);
        }

        #[test]
        fn all_stops_of_a_block_are_found(
            pieces in prop::collection::vec(prop::sample::select(STOPS), 70..80),
            shift in 0..3usize,
        ) {
            let data = pieces.concat();
            let front = data[shift..].first_chunk().unwrap();
            let found = stops::<SpaceBeforeSpace>(front);
            for (place, pair) in front.windows(2).take(BLOCK).enumerate() {
                prop_assert_eq!(found >> place & 1 == 1, SpaceBeforeSpace::at(pair[0], pair[1]));
            }
        }
    }
}
