use std::fmt;
use std::sync::Arc;

/// Randomness, as everything in this family draws it: Message-IDs, boundaries, jitter.
///
/// With the same entropy a message comes out byte for byte the same. `letterhead-transport` has the system's source,
/// `letterhead-simulator` a seeded one.
pub trait Entropy: fmt::Debug + Send + Sync {
    /// Fills `buffer` with octets that nobody can predict (a seeded source in tests excepted).
    fn fill(&self, buffer: &mut [u8]);
}

impl<E: Entropy + ?Sized> Entropy for &E {
    fn fill(&self, buffer: &mut [u8]) {
        (**self).fill(buffer);
    }
}

impl<E: Entropy + ?Sized> Entropy for Arc<E> {
    fn fill(&self, buffer: &mut [u8]) {
        (**self).fill(buffer);
    }
}

const _: fn(&dyn Entropy) = |_| {};
