//! A quick hash for the names of a zone.

use std::hash::Hasher;

/// Takes the eight octets at a time that [`Name`](crate::Name) gives to hashers. Nothing in it is secret, so whoever chooses
/// the names can make them collide: the names of a zone are its owner's, and what others ask for is not put into it.
#[derive(Default)]
pub(super) struct NameHasher(u64);

impl Hasher for NameHasher {
    fn write_u64(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(26) ^ word).wrapping_mul(FACTOR);
    }

    fn write(&mut self, octets: &[u8]) {
        for octet in octets {
            self.write_u64(u64::from(*octet));
        }
    }

    /// The upper half holds what all octets made of it; hash tables look at the lower bits, too.
    fn finish(&self) -> u64 {
        self.0 ^ self.0 >> 32
    }
}

/// The golden ratio's fraction, which has ones and zeros in no order.
const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::hash::{Hash, Hasher};

    use super::NameHasher;
    use crate::name::Name;

    fn hash(name: &str) -> u64 {
        let mut hasher = NameHasher::default();
        name.parse::<Name>().expect("a name").hash(&mut hasher);
        hasher.finish()
    }

    #[test]
    fn names_that_are_equal_hash_alike() {
        assert_eq!(hash("_SPF.Example.COM"), hash("_spf.example.com."));
    }

    #[test]
    fn numbered_names_spread_over_the_bits_that_tables_use() {
        for suffix in [
            "example.com",
            "x.org",
            "a-much-longer-name.of-a-provider.example",
        ] {
            let hashes: Vec<u64> = (0..256)
                .map(|number| hash(&format!("host{number}.{suffix}")))
                .collect();
            for shift in [0, 57 - 8, 64 - 8] {
                let distinct: BTreeSet<u64> =
                    hashes.iter().map(|hash| hash >> shift & 255).collect();
                // 256 balls thrown into 256 boxes hit about 162.
                assert!(distinct.len() > 130, "{suffix} {shift}: {}", distinct.len());
            }
        }
    }
}
