//! Randomness that comes out the same every time.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use letterhead_mail::Entropy;

/// A stream of octets determined by a seed (the `SplitMix64` generator); a handle, so that clones draw from the same
/// stream. For simulations only: whoever knows the seed knows the octets.
///
/// ```
/// use letterhead_mail::Entropy;
/// use letterhead_simulator::SeededEntropy;
///
/// let (mut one, mut two) = ([0; 16], [0; 16]);
/// SeededEntropy::new(7).fill(&mut one);
/// SeededEntropy::new(7).fill(&mut two);
/// assert_eq!(one, two);
/// ```
#[derive(Debug, Clone)]
pub struct SeededEntropy {
    seed: u64,
    state: Arc<AtomicU64>,
}

impl SeededEntropy {
    /// A stream that begins at `seed`.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            seed,
            state: Arc::new(AtomicU64::new(seed)),
        }
    }

    /// A stream of its own, determined by the seed and `label` and not by what has been drawn so far.
    #[must_use]
    pub fn derive(&self, label: &str) -> Self {
        let seed = label.bytes().fold(mix(self.seed), |hash, octet| {
            mix(hash ^ u64::from(octet)).wrapping_add(GAMMA)
        });
        Self::new(seed)
    }

    /// A stream of its own that goes on from where this one is.
    pub(crate) fn copy(&self) -> Self {
        Self {
            seed: self.seed,
            state: Arc::new(AtomicU64::new(self.state.load(Ordering::Relaxed))),
        }
    }

    /// The next 64 bits of the stream.
    #[must_use]
    pub fn next(&self) -> u64 {
        let before = self.state.fetch_add(GAMMA, Ordering::Relaxed);
        mix(before.wrapping_add(GAMMA))
    }

    /// `length` characters from `a` to `z` and `2` to `7`: five bits each, safe in addresses and DNS labels.
    #[must_use]
    pub fn token(&self, length: usize) -> String {
        const ALPHABET: [char; 32] = [
            'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o', 'p', 'q',
            'r', 's', 't', 'u', 'v', 'w', 'x', 'y', 'z', '2', '3', '4', '5', '6', '7',
        ];
        let mut octets = vec![0; length];
        self.fill(&mut octets);
        octets
            .iter()
            .filter_map(|octet| ALPHABET.get(usize::from(octet & 31)))
            .collect()
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, buffer: &mut [u8]) {
        for chunk in buffer.chunks_mut(8) {
            for (target, octet) in chunk.iter_mut().zip(self.next().to_le_bytes()) {
                *target = octet;
            }
        }
    }
}

/// The finaliser of `SplitMix64`.
fn mix(state: u64) -> u64 {
    let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// The odd constant that `SplitMix64` steps by.
const GAMMA: u64 = 0x9e37_79b9_7f4a_7c15;

#[cfg(test)]
mod tests {
    use super::SeededEntropy;

    /// The first values of the reference implementation for seed 1234567.
    #[test]
    fn the_stream_is_that_of_splitmix64() {
        let entropy = SeededEntropy::new(1_234_567);
        assert_eq!(entropy.next(), 6_457_827_717_110_365_317);
        assert_eq!(entropy.next(), 3_203_168_211_198_807_973);
    }

    #[test]
    fn a_derived_stream_depends_on_seed_and_label_only() {
        let entropy = SeededEntropy::new(1);
        let first = entropy.derive("a").token(26);
        let _drawn = entropy.next();
        assert_eq!(entropy.derive("a").token(26), first);
        assert_ne!(entropy.derive("b").token(26), first);
        assert_ne!(SeededEntropy::new(2).derive("a").token(26), first);
    }
}
