//! A random order.

use letterhead_mail::Entropy;

/// Puts `items` in a random order (Fisher and Yates).
pub(super) fn shuffle<T>(items: &mut [T], entropy: &dyn Entropy) {
    for last in (1..items.len()).rev() {
        let other = below(last + 1, entropy);
        items.swap(last, other);
    }
}

/// A number below `end`. Of 2⁶⁴ draws the remainder favours no more than a few.
fn below(end: usize, entropy: &dyn Entropy) -> usize {
    let mut octets = [0; 8];
    entropy.fill(&mut octets);
    let end = u64::try_from(end).unwrap_or(u64::MAX).max(1);
    usize::try_from(u64::from_ne_bytes(octets) % end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::shuffle;
    use crate::system::SystemEntropy;

    #[test]
    fn every_order_comes_about_as_often() {
        let mut counts: HashMap<[u8; 3], u32> = HashMap::new();
        for _ in 0..6_000 {
            let mut items = [1, 2, 3];
            shuffle(&mut items, &SystemEntropy::new());
            *counts.entry(items).or_default() += 1;
        }
        assert_eq!(counts.len(), 6);
        // Ten standard deviations.
        assert!(
            counts.values().all(|count| (700..1_300).contains(count)),
            "{counts:?}"
        );
    }
}
