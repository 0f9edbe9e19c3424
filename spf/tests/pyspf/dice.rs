//! Choices that the number of a case decides.

use proptest::prelude::Rng as _;
use proptest::test_runner::{RngAlgorithm, TestRng};

/// Draws from proptest's generator, seeded with the number of the case: any case can be made again by itself.
pub(crate) struct Dice(TestRng);

impl Dice {
    pub(crate) fn of_case(number: u64) -> Self {
        let mut seed = [0; 32];
        seed[..8].copy_from_slice(&SEED.to_be_bytes());
        seed[8..16].copy_from_slice(&number.to_be_bytes());
        Self(TestRng::from_seed(RngAlgorithm::ChaCha, &seed))
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        let end = u32::try_from(end).expect("choices are few");
        usize::try_from(self.0.next_u32() % end).expect("choices are few")
    }

    pub(crate) fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    pub(crate) fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }

    /// One of the choices, as often as the weight beside it says.
    pub(crate) fn weigh<T: Copy>(&mut self, choices: &[(usize, T)]) -> T {
        let mut at = self.below(choices.iter().map(|(weight, _)| weight).sum());
        for (weight, choice) in choices {
            if at < *weight {
                return *choice;
            }
            at -= weight;
        }
        unreachable!("`at` is below the sum of the weights")
    }

    /// The text with some letters in the other case.
    pub(crate) fn recase(&mut self, text: &str) -> String {
        text.chars()
            .map(|letter| match self.below(3) {
                0 => letter.to_ascii_uppercase(),
                _ => letter,
            })
            .collect()
    }
}

const SEED: u64 = 7208;
