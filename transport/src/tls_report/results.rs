//! Counting.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::num::NonZeroUsize;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use letterhead_mail::DomainName;

use super::day::UtcDay;
use super::policy::ReportedPolicy;
use super::report::TlsReport;
use super::result_type::TlsResultType;

/// How TLS to the hosts of domains went, by domain, day and policy, until somebody takes the
/// [reports](Self::take_reports).
///
/// [`MxTransport`](crate::mx::MxTransport) counts each message that is brought to a host as a session, also where several go over
/// one connection, and those failures only that happen in TLS: a host that is not reached is not counted.
///
/// It is bounded: a day's results of a domain that do not fit displace the oldest, and failures that differ in more ways than
/// [`MAX_FAILURES`](Self::MAX_FAILURES) are counted by their type alone.
///
/// ```
/// use letterhead_transport::tls_report::{ReportedPolicy, TlsReporter, TlsResultType, TlsResults, TlsSessionFailure};
/// use std::time::{Duration, UNIX_EPOCH};
///
/// let results = TlsResults::default();
/// let (domain, policy) = ("example.org".parse()?, ReportedPolicy::none());
/// results.success(UNIX_EPOCH, &domain, &policy);
/// let failure = TlsSessionFailure::new(TlsResultType::StartTlsNotSupported).with_host("mx.example.org");
/// results.failure(UNIX_EPOCH, &domain, &policy, failure);
///
/// let next_day = UNIX_EPOCH + Duration::from_secs(86_400);
/// let reports = results.take_reports(next_day);
/// let reporter = TlsReporter::new("Example", "tls@example.com".parse()?);
/// let json = reports[0].to_json(&reporter);
/// assert!(json.contains("\"total-failure-session-count\":1"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct TlsResults {
    most: NonZeroUsize,
    days: Mutex<BTreeMap<(UtcDay, DomainName), Tallies>>,
}

/// The tallies of a domain and a day.
pub(super) type Tallies = BTreeMap<ReportedPolicy, Tally>;

/// What happened under a policy.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) successes: u64,
    pub(super) failures: BTreeMap<TlsSessionFailure, u64>,
}

/// What went wrong, and where ([RFC 8460 §4.3](https://www.rfc-editor.org/rfc/rfc8460#section-4.3)).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TlsSessionFailure {
    pub(super) result_type: TlsResultType,
    pub(super) host: Option<Box<str>>,
    pub(super) receiver: Option<IpAddr>,
    pub(super) sender: Option<IpAddr>,
    pub(super) information: Option<Box<str>>,
}

impl TlsSessionFailure {
    /// A failure of this type.
    #[must_use]
    pub fn new(result_type: TlsResultType) -> Self {
        Self {
            result_type,
            host: None,
            receiver: None,
            sender: None,
            information: None,
        }
    }

    /// With the host in the domain's MX record.
    #[must_use]
    pub fn with_host(mut self, host: &str) -> Self {
        self.host = Some(host.into());
        self
    }

    /// With the address that was connected to.
    #[must_use]
    pub fn with_receiver(mut self, address: IpAddr) -> Self {
        self.receiver = Some(address);
        self
    }

    /// With the address that was connected from.
    #[must_use]
    pub fn with_sender(mut self, address: IpAddr) -> Self {
        self.sender = Some(address);
        self
    }

    /// With a few words for whoever reads the report. Failures with different words are counted apart.
    #[must_use]
    pub fn with_information(mut self, words: &str) -> Self {
        self.information = Some(words.into());
        self
    }
}

impl Default for TlsResults {
    fn default() -> Self {
        Self::new(const { NonZeroUsize::new(10_000).unwrap() })
    }
}

impl TlsResults {
    /// How many different failures of a domain, a day and a policy are told apart.
    pub const MAX_FAILURES: usize = 100;

    /// Holds the results of at most so many domains and days, 10 000 by [`default`](Self::default).
    #[must_use]
    pub fn new(most: NonZeroUsize) -> Self {
        Self {
            most,
            days: Mutex::default(),
        }
    }

    /// Counts a session with TLS as the policy asks for it.
    pub fn success(&self, at: SystemTime, domain: &DomainName, policy: &ReportedPolicy) {
        self.with_tally(at, domain, policy, |tally| {
            tally.successes = tally.successes.saturating_add(1);
        });
    }

    /// Counts a session that failed.
    pub fn failure(
        &self,
        at: SystemTime,
        domain: &DomainName,
        policy: &ReportedPolicy,
        failure: TlsSessionFailure,
    ) {
        self.with_tally(at, domain, policy, |tally| {
            let is_new = !tally.failures.contains_key(&failure);
            let failure = if is_new && tally.failures.len() >= Self::MAX_FAILURES {
                TlsSessionFailure::new(failure.result_type)
            } else {
                failure
            };
            let count = tally.failures.entry(failure).or_default();
            *count = count.saturating_add(1);
        });
    }

    /// Takes out the reports about all days that are over at this time, the oldest first. What is taken is forgotten here.
    pub fn take_reports(&self, now: SystemTime) -> Vec<TlsReport> {
        let today = UtcDay::of(now);
        let mut days = self.days();
        let mut reports = Vec::new();
        while let Some(first) = days.first_entry().filter(|entry| entry.key().0 < today) {
            let ((day, domain), tallies) = first.remove_entry();
            reports.push(TlsReport::new(day, domain, tallies));
        }
        reports
    }

    fn with_tally(
        &self,
        at: SystemTime,
        domain: &DomainName,
        policy: &ReportedPolicy,
        count: impl FnOnce(&mut Tally),
    ) {
        let key = (UtcDay::of(at), domain.clone());
        let mut days = self.days();
        if !days.contains_key(&key) && days.len() >= self.most.get() {
            days.pop_first();
        }
        let tallies = days.entry(key).or_default();
        match tallies.get_mut(policy) {
            Some(tally) => count(tally),
            None => count(tallies.entry(policy.clone()).or_default()),
        }
    }

    /// What is counted is whole between any two statements.
    fn days(&self) -> MutexGuard<'_, BTreeMap<(UtcDay, DomainName), Tallies>> {
        self.days.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
