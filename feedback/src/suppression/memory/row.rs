use std::num::NonZeroU32;

use crate::provider::Provider;
use crate::suppression::SuppressionReason;
use crate::suppression::moment::Moment;

/// A suppression, or the place of a record that is kept whole.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) event: [u64; 2],
    pub(super) at: Moment,
    /// Later than 1970.
    pub(super) until: Option<Moment>,
    pub(super) stream: Option<NonZeroU32>,
    pub(super) note: Option<NonZeroU32>,
    /// `None` of a record that is kept whole.
    pub(super) reason: Option<SuppressionReason>,
    pub(super) provider: Option<Provider>,
}

impl Row {
    /// How many words a row is packed into.
    pub(super) const WORDS: usize = 5;

    /// The row packed, with how many words its key has: the last instant that is counted leaves 16 bits of a word free.
    pub(super) fn words(&self, key_words: usize) -> [u64; Self::WORDS] {
        let [first, second] = self.event;
        let until = self.until.map_or(0, Moment::millis);
        let number = |text: Option<NonZeroU32>| text.map_or(0, |number| u64::from(number.get()));
        let reason = code(self.reason, SuppressionReason::ALL);
        let provider = code(self.provider, Provider::ALL);
        let key_words = u64::try_from(key_words).unwrap_or(u64::MAX);
        [
            first,
            second,
            self.at.millis() | reason << MOMENT_BITS | provider << (MOMENT_BITS + 8),
            until | key_words << MOMENT_BITS,
            number(self.stream) | number(self.note) << 32,
        ]
    }

    pub(super) fn of_words([first, second, at, until, texts]: &[u64; Self::WORDS]) -> Self {
        let number = |number: u64| NonZeroU32::new(u32::try_from(number & 0xffff_ffff).ok()?);
        let until = until & MOMENT_MASK;
        Self {
            event: [*first, *second],
            at: Moment::from(at & MOMENT_MASK),
            until: (until > 0).then(|| Moment::from(until)),
            stream: number(*texts),
            note: number(texts >> 32),
            reason: of_code(at >> MOMENT_BITS & 0xff, SuppressionReason::ALL),
            provider: of_code(at >> (MOMENT_BITS + 8), Provider::ALL),
        }
    }

    /// How many words the key behind a packed row has.
    pub(super) fn key_words([_, _, _, until, _]: &[u64; Self::WORDS]) -> usize {
        usize::try_from(until >> MOMENT_BITS).unwrap_or(usize::MAX)
    }
}

/// Numbers from 1; 0 is none.
fn code<T: Copy + PartialEq>(value: Option<T>, all: &[T]) -> u64 {
    let place = value.and_then(|value| all.iter().position(|one| *one == value));
    place.map_or(0, |place| u64::try_from(place + 1).unwrap_or(0))
}

fn of_code<T: Copy>(code: u64, all: &[T]) -> Option<T> {
    all.get(usize::try_from(code).ok()?.checked_sub(1)?)
        .copied()
}

const MOMENT_BITS: u32 = 48;
const MOMENT_MASK: u64 = (1 << MOMENT_BITS) - 1;

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::Row;
    use crate::provider::Provider;
    use crate::suppression::SuppressionReason;
    use crate::suppression::moment::Moment;

    #[test]
    fn rows_are_unpacked_as_they_were() {
        let last = Moment::from(u64::MAX);
        let mut rows = vec![Row::default()];
        for reason in SuppressionReason::ALL {
            for provider in Provider::ALL {
                rows.push(Row {
                    event: [u64::MAX, 1],
                    at: last,
                    until: Some(last),
                    stream: NonZeroU32::new(u32::MAX),
                    note: NonZeroU32::new(1),
                    reason: Some(*reason),
                    provider: Some(*provider),
                });
            }
        }
        for row in rows {
            for key_words in [0, 1, 96] {
                let words = row.words(key_words);
                assert_eq!(Row::of_words(&words), row);
                assert_eq!(Row::key_words(&words), key_words);
            }
        }
    }
}
