//! How one name server is asked.

use std::time::Duration;

use hickory_resolver::config::{ResolveHosts, ResolverOpts};

/// How one name server is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct HickoryOptions {
    timeout: Duration,
    retries: usize,
    cached_answers: u64,
}

impl HickoryOptions {
    /// How long to wait for one answer. Two seconds by default; when it is shorter than a server takes, every lookup is
    /// a temporary failure.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How often to ask again after a failure. Zero by default, which fits a server on loopback; across a network a
    /// lost packet is then a temporary failure.
    pub fn retries(mut self, retries: usize) -> Self {
        self.retries = retries;
        self
    }

    /// How many answers to keep for as long as they hold. Zero by default, so that changes are seen at once.
    pub fn cached_answers(mut self, cached_answers: u64) -> Self {
        self.cached_answers = cached_answers;
        self
    }

    pub(super) fn into_resolver_options(self) -> ResolverOpts {
        let mut options = ResolverOpts::default();
        options.timeout = self.timeout;
        options.attempts = self.retries;
        options.cache_size = self.cached_answers;
        options.ndots = 0;
        options.edns0 = true;
        options.use_hosts_file = ResolveHosts::Never;
        options.preserve_intermediates = true;
        options
    }
}

impl Default for HickoryOptions {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(2),
            retries: 0,
            cached_answers: 0,
        }
    }
}
