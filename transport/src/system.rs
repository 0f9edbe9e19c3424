//! The real clock and the real source of randomness.

use std::time::SystemTime;

use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use letterhead_mail::{BoxFuture, Clock, Entropy};

/// The system's wall clock, waiting on tokio's timer.
///
/// Waiting needs a tokio runtime with its timer enabled.
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct SystemClock;

impl SystemClock {
    /// The clock.
    #[must_use]
    pub fn new() -> Self {
        Self
    }
}

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the implementation through which time is read"
    )]
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }

    fn sleep_until(&self, deadline: SystemTime) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            // The wall clock may be set back during the wait, so it is read again behind it.
            while let Ok(wait) = deadline.duration_since(self.now()) {
                if wait.is_zero() {
                    break;
                }
                tokio::time::sleep(wait).await;
            }
        })
    }
}

/// The system's random generator, by way of AWS-LC.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct SystemEntropy {
    random: SystemRandom,
}

impl SystemEntropy {
    /// The generator.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl std::fmt::Debug for SystemEntropy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SystemEntropy")
    }
}

impl Entropy for SystemEntropy {
    #[expect(
        clippy::expect_used,
        reason = "AWS-LC itself ends the process when the system gives no randomness; predictable octets must not be used instead"
    )]
    fn fill(&self, buffer: &mut [u8]) {
        self.random
            .fill(buffer)
            .expect("the system's random generator works");
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use letterhead_mail::{Clock, Entropy};

    use super::{SystemClock, SystemEntropy};

    #[test]
    fn random_octets_differ() {
        let (mut one, mut other) = ([0; 32], [0; 32]);
        SystemEntropy::new().fill(&mut one);
        SystemEntropy::new().fill(&mut other);
        assert_ne!(one, other);
    }

    #[tokio::test]
    async fn a_deadline_in_the_past_is_ready_at_once_and_others_are_reached() {
        let clock = SystemClock::new();
        let start = clock.now();
        clock.sleep_until(start - Duration::from_secs(9)).await;
        let deadline = start + Duration::from_millis(5);
        clock.sleep_until(deadline).await;
        assert!(clock.now() >= deadline);
    }
}
