use std::time::SystemTime;

use letterhead_mail::AddressDomain;

use crate::suppression::key::domain_text;
use crate::suppression::moment::Moment;
use crate::suppression::{
    Coverage, KeyHasher, Suppression, SuppressionKey, SuppressionReason, SuppressionRecord,
};

/// Which suppressions are meant, of a listing or a revocation: those that everything named here is true of. Nothing named
/// is all of them.
///
/// ```
/// use std::time::{Duration, SystemTime};
///
/// use letterhead_feedback::{SuppressionFilter, SuppressionReason};
///
/// let hour = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
/// let mistaken = SuppressionFilter::all()
///     .reason(SuppressionReason::HardBounce)
///     .domain("example.org".parse()?)
///     .from(hour)
///     .before(hour + Duration::from_secs(3_600));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SuppressionFilter {
    reason: Option<SuppressionReason>,
    domain: Option<AddressDomain>,
    /// What keys of the domain end in, in clear and hashed.
    domain_keys: Vec<String>,
    coverage: Option<Coverage>,
    from: Option<Moment>,
    before: Option<Moment>,
}

impl SuppressionFilter {
    /// All suppressions.
    #[must_use]
    pub fn all() -> Self {
        Self::default()
    }

    /// For this reason only.
    #[must_use]
    pub fn reason(mut self, reason: SuppressionReason) -> Self {
        self.reason = Some(reason);
        self
    }

    /// Of addresses of this very domain only.
    #[must_use]
    pub fn domain(mut self, domain: AddressDomain) -> Self {
        self.domain_keys = vec![domain_text(&domain)];
        self.domain = Some(domain);
        self
    }

    /// Of exactly this coverage only: [`Coverage::default`] are those for all mail.
    #[must_use]
    pub fn coverage(mut self, coverage: Coverage) -> Self {
        self.coverage = Some(coverage);
        self
    }

    /// [Since](Suppression::since) this time or later only.
    #[must_use]
    pub fn from(mut self, time: SystemTime) -> Self {
        self.from = Some(Moment::of(time));
        self
    }

    /// [Since](Suppression::since) a time before this only.
    #[must_use]
    pub fn before(mut self, time: SystemTime) -> Self {
        self.before = Some(Moment::of(time));
        self
    }

    /// What the [domains of keys](SuppressionKey::domain) have to be one of; empty where any will do. For a store that has
    /// them in a column of their own.
    #[must_use]
    pub fn key_domains(&self) -> &[String] {
        &self.domain_keys
    }

    /// Whether any suppression of this record is meant.
    #[must_use]
    pub fn admits_record(&self, record: &SuppressionRecord) -> bool {
        let mut entries = record.entries();
        self.admits_key(record.key())
            && entries.any(|entry| self.admits_rest(entry.reason, &entry.coverage, entry.at))
    }

    /// Whether this suppression is meant.
    #[must_use]
    pub fn admits(&self, suppression: &Suppression) -> bool {
        let coverage = suppression.scope().coverage();
        self.admits_key(suppression.key())
            && self.admits_rest(suppression.reason(), coverage, suppression.since_moment())
    }

    /// With the domain also as this hasher makes it.
    pub(crate) fn with_hashes(mut self, hasher: Option<&KeyHasher>) -> Self {
        let hash = hasher.zip(self.domain.as_ref());
        self.domain_keys
            .extend(hash.map(|(hasher, domain)| hasher.domain(domain)));
        self
    }

    pub(crate) fn admits_rest(
        &self,
        reason: SuppressionReason,
        coverage: &Coverage,
        at: Moment,
    ) -> bool {
        self.reason.is_none_or(|only| only == reason)
            && self.coverage.as_ref().is_none_or(|only| only == coverage)
            && self.from.is_none_or(|from| from <= at)
            && self.before.is_none_or(|before| at < before)
    }

    fn admits_key(&self, key: &SuppressionKey) -> bool {
        self.admits_domain(key.domain())
    }

    pub(crate) fn admits_domain(&self, domain: &str) -> bool {
        self.domain_keys.is_empty() || self.domain_keys.iter().any(|own| own == domain)
    }
}
