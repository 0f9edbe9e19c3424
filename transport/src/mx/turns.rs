//! How many attempts a domain gets at once.

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use letterhead_mail::AddressDomain;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Lets so many attempts for a domain go on at once; the others wait in the order in which they came. A domain is remembered
/// as long as somebody goes on or waits.
#[derive(Debug)]
pub(super) struct Turns {
    per_domain: NonZeroUsize,
    domains: Mutex<Domains>,
}

#[derive(Debug, Default)]
struct Domains {
    semaphores: HashMap<AddressDomain, Weak<Semaphore>>,
    /// How many there may be before those that nobody uses are swept out.
    sweep_at: usize,
}

/// A turn, until it is dropped.
#[derive(Debug)]
pub(super) struct Turn {
    /// `None` where the semaphore was closed, which nobody does.
    _permit: Option<OwnedSemaphorePermit>,
}

impl Turns {
    pub(super) fn new(per_domain: NonZeroUsize) -> Self {
        Self {
            per_domain,
            domains: Mutex::default(),
        }
    }

    pub(super) async fn take(&self, domain: &AddressDomain) -> Turn {
        let semaphore = self.semaphore(domain);
        Turn {
            _permit: semaphore.acquire_owned().await.ok(),
        }
    }

    fn semaphore(&self, domain: &AddressDomain) -> Arc<Semaphore> {
        // What is behind the lock is whole between any two statements.
        let mut domains = self.domains.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = domains.semaphores.get(domain).and_then(Weak::upgrade) {
            return known;
        }
        if domains.semaphores.len() >= domains.sweep_at {
            domains
                .semaphores
                .retain(|_, known| known.strong_count() > 0);
            domains.sweep_at = (2 * domains.semaphores.len()).max(SWEEP_AT);
        }
        let new = Arc::new(Semaphore::new(
            self.per_domain.get().min(Semaphore::MAX_PERMITS),
        ));
        domains
            .semaphores
            .insert(domain.clone(), Arc::downgrade(&new));
        new
    }
}

const SWEEP_AT: usize = 64;

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;

    use letterhead_dns::block_on_ready;
    use letterhead_mail::AddressDomain;

    use super::Turns;

    fn domain(text: &str) -> AddressDomain {
        text.parse().unwrap()
    }

    #[test]
    fn a_domain_has_so_many_turns_and_others_their_own() {
        let turns = Turns::new(NonZeroUsize::new(2).unwrap());
        let a = domain("a.example");
        let first = block_on_ready(turns.take(&a));
        let second = block_on_ready(turns.take(&a));
        assert!(first.is_some() && second.is_some());
        assert!(block_on_ready(turns.take(&a)).is_none());
        assert!(block_on_ready(turns.take(&domain("b.example"))).is_some());
        drop(first);
        assert!(block_on_ready(turns.take(&a)).is_some());
    }

    #[test]
    fn domains_that_nobody_uses_are_forgotten() {
        let turns = Turns::new(NonZeroUsize::MIN);
        let kept = block_on_ready(turns.take(&domain("kept.example"))).unwrap();
        for number in 0..1_000 {
            assert!(block_on_ready(turns.take(&domain(&format!("d{number}.example")))).is_some());
        }
        assert!(turns.domains.lock().unwrap().semaphores.len() <= super::SWEEP_AT);
        assert!(block_on_ready(turns.take(&domain("kept.example"))).is_none());
        drop(kept);
    }
}
