//! Finding the policy of a domain, and keeping it.

mod domain;

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use letterhead_dns::{RecordType, Resolver};
use letterhead_mail::{Clock, DomainName, HttpGet, HttpLimits};

use self::domain::{Domain, Need};
use super::failure::MtaStsFailure;
use super::policy::MtaStsPolicy;
use super::record::MtaStsRecord;
use crate::recently_used::RecentlyUsed;
use crate::time_limit::until;

/// The policies of domains: finds them and keeps them as long as they say
/// ([RFC 8461 §3](https://www.rfc-editor.org/rfc/rfc8461#section-3)).
///
/// For each message the TXT record is looked up; the policy is fetched when the record names another version than the one kept,
/// and once a day, or halfway through a shorter life, so that whoever keeps it from being fetched has to do so for long. A
/// policy that is kept goes on holding when the record is gone or the new text cannot be had. After a failure nothing is
/// fetched from that domain for five minutes, unless the record changes; and nobody else fetches while one does.
#[derive(Debug)]
pub struct MtaStsPolicies {
    resolver: Arc<dyn Resolver>,
    http: Arc<dyn HttpGet>,
    clock: Arc<dyn Clock>,
    fetch_time: Duration,
    kept: Mutex<RecentlyUsed<DomainName, Arc<Domain>>>,
}

/// What is known of the policy of a domain.
#[derive(Debug, Clone)]
pub struct MtaStsFinding {
    policy: Option<Arc<MtaStsPolicy>>,
    failure: Option<MtaStsFailure>,
}

impl MtaStsFinding {
    /// The policy that holds now, whatever its mode.
    #[must_use]
    pub fn policy(&self) -> Option<&Arc<MtaStsPolicy>> {
        self.policy.as_ref()
    }

    /// Why there is none, or why the one there is may be old.
    #[must_use]
    pub fn failure(&self) -> Option<&MtaStsFailure> {
        self.failure.as_ref()
    }
}

impl MtaStsPolicies {
    /// How many domains are remembered, unless [`with_max_domains`](Self::with_max_domains) says otherwise.
    pub const DEFAULT_MAX_DOMAINS: NonZeroUsize = const { NonZeroUsize::new(10_000).unwrap() };

    /// Nothing is known at first.
    pub fn new(resolver: Arc<dyn Resolver>, http: Arc<dyn HttpGet>, clock: Arc<dyn Clock>) -> Self {
        Self {
            resolver,
            http,
            clock,
            fetch_time: Duration::from_secs(60),
            kept: Mutex::new(RecentlyUsed::new(Self::DEFAULT_MAX_DOMAINS)),
        }
    }

    /// How many domains are remembered, of those that have a policy. The one that was not written to the longest is forgotten
    /// first, and then whoever stands between us and that domain can hide that it has one.
    #[must_use]
    pub fn with_max_domains(mut self, most: NonZeroUsize) -> Self {
        self.kept = Mutex::new(RecentlyUsed::new(most));
        self
    }

    /// How long a fetch may take; a minute by default. A message waits for it.
    #[must_use]
    pub fn with_fetch_time(mut self, time: Duration) -> Self {
        self.fetch_time = time;
        self
    }

    /// The policy that holds for this domain now.
    pub async fn find(&self, domain: &DomainName) -> MtaStsFinding {
        let (record, failure) = match self.record(domain).await {
            Ok(record) => (record, None),
            Err(failure) => (None, Some(failure)),
        };
        let Some(record) = record else {
            let known = locked(&self.kept)
                .get(domain)
                .map(|known| Arc::clone(known));
            let policy = known.and_then(|known| known.state().current(self.clock.now()));
            return MtaStsFinding { policy, failure };
        };
        let known = self.entry(domain);
        let need = known.state().finding(record.id(), self.clock.now());
        let turn = match need {
            Need::Nothing(finding) => return finding,
            Need::Refresh(finding) => match known.turn.try_lock() {
                Ok(turn) => turn,
                Err(_) => return finding,
            },
            Need::Policy => known.turn.lock().await,
        };
        // Whoever had the turn before may have fetched it.
        let now = self.clock.now();
        if let Need::Nothing(finding) = known.state().finding(record.id(), now) {
            return finding;
        }
        let fetched = self.fetch(domain).await;
        let finding = known.state().note(record.id(), now, fetched);
        drop(turn);
        finding
    }

    async fn record(&self, domain: &DomainName) -> Result<Option<MtaStsRecord>, MtaStsFailure> {
        // Below a name of the greatest length there is no room for a record.
        let Ok(name) = domain.prepend("_mta-sts") else {
            return Ok(None);
        };
        match self.resolver.lookup(name.as_name(), RecordType::TXT).await {
            Ok(answer) => Ok(MtaStsRecord::from_answer(&answer)),
            Err(error) if error.is_no_such_name() => Ok(None),
            Err(error) => Err(MtaStsFailure::Lookup(error)),
        }
    }

    /// [RFC 8461 §3.3](https://www.rfc-editor.org/rfc/rfc8461#section-3.3).
    async fn fetch(&self, domain: &DomainName) -> Result<MtaStsPolicy, MtaStsFailure> {
        let url = format!("https://mta-sts.{domain}/.well-known/mta-sts.txt");
        tracing::debug!(%domain, "fetching the MTA-STS policy");
        let limits = HttpLimits::new(MtaStsPolicy::MAX_OCTETS, self.fetch_time);
        let deadline = self.clock.now().checked_add(self.fetch_time);
        let response = until(&*self.clock, deadline, self.http.get(&url, limits))
            .await
            .map_err(|_| MtaStsFailure::TimedOut)?
            .map_err(|error| MtaStsFailure::Fetch(Arc::new(error)))?;
        if response.status() != 200 {
            return Err(MtaStsFailure::Status(response.status()));
        }
        if response.media_type().as_deref() != Some("text/plain") {
            return Err(MtaStsFailure::MediaType);
        }
        MtaStsPolicy::parse(response.body()).map_err(MtaStsFailure::Invalid)
    }

    fn entry(&self, domain: &DomainName) -> Arc<Domain> {
        let mut kept = locked(&self.kept);
        if let Some(known) = kept.get(domain) {
            return Arc::clone(known);
        }
        let new = Arc::new(Domain::default());
        kept.insert(domain.clone(), Arc::clone(&new));
        new
    }
}

/// What is behind these locks is whole between any two statements.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
