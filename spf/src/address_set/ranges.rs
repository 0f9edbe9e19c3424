//! Sets of numbers as ranges.

/// The numbers that addresses are: how wide, and how to count them.
pub(super) trait Bits: Copy + Ord + Into<u128> {
    const ZERO: Self;
    const MAX: Self;
    const WIDTH: u32;

    fn next(self) -> Option<Self>;
    fn previous(self) -> Option<Self>;
    /// How many of the lowest bits are zero.
    fn trailing_zeros(self) -> u32;
    /// This number with its `count` lowest bits set.
    fn with_low_bits(self, count: u32) -> Self;
    /// This number with its `count` lowest bits cleared.
    fn without_low_bits(self, count: u32) -> Self;
}

/// A number with its `count` lowest bits set.
macro_rules! low_bits {
    ($number:ty, $count:expr) => {
        <$number>::MAX
            .checked_shr(<$number>::BITS.saturating_sub($count))
            .unwrap_or(0)
    };
}

macro_rules! bits {
    ($number:ty) => {
        impl Bits for $number {
            const ZERO: Self = 0;
            const MAX: Self = Self::MAX;
            const WIDTH: u32 = Self::BITS;

            fn next(self) -> Option<Self> {
                self.checked_add(1)
            }

            fn previous(self) -> Option<Self> {
                self.checked_sub(1)
            }

            fn trailing_zeros(self) -> u32 {
                self.trailing_zeros()
            }

            fn with_low_bits(self, count: u32) -> Self {
                self | low_bits!($number, count)
            }

            fn without_low_bits(self, count: u32) -> Self {
                self & !low_bits!($number, count)
            }
        }
    };
}

bits!(u32);
bits!(u128);

/// First and last number of the network of this address and prefix length.
pub(super) fn span<N: Bits>(address: N, prefix: u8) -> (N, N) {
    let free = N::WIDTH.saturating_sub(u32::from(prefix));
    (address.without_low_bits(free), address.with_low_bits(free))
}

/// A set of numbers: first and last of each range, in order, with at least one number missing between two ranges.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ranges<N>(Vec<(N, N)>);

impl<N> Default for Ranges<N> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<N: Bits> Ranges<N> {
    pub(super) fn all() -> Self {
        Self(vec![(N::ZERO, N::MAX)])
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn contains(&self, number: N) -> bool {
        let after = self.0.partition_point(|(first, _)| *first <= number);
        after
            .checked_sub(1)
            .and_then(|index| self.0.get(index))
            .is_some_and(|(_, last)| number <= *last)
    }

    pub(super) fn count(&self) -> u128 {
        self.0.iter().fold(0, |count: u128, (first, last)| {
            let (first, last): (u128, u128) = ((*first).into(), (*last).into());
            count.saturating_add((last - first).saturating_add(1))
        })
    }

    pub(super) fn union(&self, other: &Self) -> Self {
        self.0.iter().chain(&other.0).copied().collect()
    }

    pub(super) fn intersection(&self, other: &Self) -> Self {
        let mut common = Vec::new();
        let (mut own, mut others) = (self.0.iter().peekable(), other.0.iter().peekable());
        while let (Some(one), Some(two)) = (own.peek(), others.peek()) {
            let (first, last) = (one.0.max(two.0), one.1.min(two.1));
            if first <= last {
                common.push((first, last));
            }
            if one.1 < two.1 {
                own.next();
            } else {
                others.next();
            }
        }
        Self(common)
    }

    pub(super) fn difference(&self, other: &Self) -> Self {
        self.intersection(&other.complement())
    }

    fn complement(&self) -> Self {
        let mut missing = Vec::with_capacity(self.0.len() + 1);
        let mut from = Some(N::ZERO);
        for (first, last) in &self.0 {
            if let (Some(from), Some(before)) = (from, first.previous())
                && from <= before
            {
                missing.push((from, before));
            }
            from = last.next();
        }
        if let Some(from) = from {
            missing.push((from, N::MAX));
        }
        Self(missing)
    }

    /// First address and prefix length of the fewest networks.
    pub(super) fn networks(&self) -> impl Iterator<Item = (N, u32)> {
        self.0.iter().flat_map(|(first, last)| Networks {
            rest: Some((*first, *last)),
        })
    }
}

/// Ranges in any order, overlapping or not.
impl<N: Bits> FromIterator<(N, N)> for Ranges<N> {
    fn from_iter<I: IntoIterator<Item = (N, N)>>(ranges: I) -> Self {
        let mut sorted: Vec<(N, N)> = ranges.into_iter().collect();
        sorted.sort_unstable();
        let mut merged: Vec<(N, N)> = Vec::with_capacity(sorted.len());
        for (first, last) in sorted {
            match merged.last_mut() {
                // Nothing is missing between the range before and this one.
                Some(before) if before.1.next().is_none_or(|next| first <= next) => {
                    before.1 = before.1.max(last);
                }
                _ => merged.push((first, last)),
            }
        }
        Self(merged)
    }
}

/// Cuts a range into networks, the largest that fits first.
struct Networks<N> {
    rest: Option<(N, N)>,
}

impl<N: Bits> Iterator for Networks<N> {
    type Item = (N, u32);

    fn next(&mut self) -> Option<(N, u32)> {
        let (first, last) = self.rest?;
        // As many free bits as the first number allows, fewer where the network would go beyond the last.
        let mut free = first.trailing_zeros().min(N::WIDTH);
        while first.with_low_bits(free) > last {
            free -= 1;
        }
        let end = first.with_low_bits(free);
        self.rest = end
            .next()
            .filter(|next| *next <= last)
            .map(|next| (next, last));
        Some((first, N::WIDTH - free))
    }
}
