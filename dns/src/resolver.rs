//! The seam to the DNS.

use std::any::Any;
use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use crate::future::BoxFuture;
use crate::name::Name;
use crate::record::{RecordData, RecordType, Txt};

/// Looks names up. Held as `Arc<dyn Resolver>`.
///
/// An implementation follows CNAMEs and reports the chain. It answers the question asked and nothing else: the records
/// of an [`Answer`] all have the type that was asked for.
pub trait Resolver: fmt::Debug + Send + Sync {
    /// Asks for the records of `record_type` at `name`.
    ///
    /// A name that exists without such a record (NODATA) is an [`Answer`] without records. A name that does not exist,
    /// a failure that may pass, and a reply that makes no sense are the three kinds of [`LookupError`].
    fn lookup<'a>(
        &'a self,
        name: &'a Name,
        record_type: RecordType,
    ) -> BoxFuture<'a, Result<Answer, LookupError>>;

    /// What [`lookup`](Self::lookup) comes to, where that is known without waiting; `None` says nothing about the name.
    ///
    /// Who has the answer from here does not ask `lookup` for it, so a resolver that counts or logs questions does so here
    /// too. A resolver in memory spares its callers a future for each question; without this method, every question waits.
    fn lookup_now(
        &self,
        _name: &Name,
        _record_type: RecordType,
    ) -> Option<Result<Answer, LookupError>> {
        None
    }
}

impl<R: Resolver + ?Sized> Resolver for &R {
    fn lookup<'a>(
        &'a self,
        name: &'a Name,
        record_type: RecordType,
    ) -> BoxFuture<'a, Result<Answer, LookupError>> {
        (**self).lookup(name, record_type)
    }

    fn lookup_now(
        &self,
        name: &Name,
        record_type: RecordType,
    ) -> Option<Result<Answer, LookupError>> {
        (**self).lookup_now(name, record_type)
    }
}

impl<R: Resolver + ?Sized> Resolver for Arc<R> {
    fn lookup<'a>(
        &'a self,
        name: &'a Name,
        record_type: RecordType,
    ) -> BoxFuture<'a, Result<Answer, LookupError>> {
        (**self).lookup(name, record_type)
    }

    fn lookup_now(
        &self,
        name: &Name,
        record_type: RecordType,
    ) -> Option<Result<Answer, LookupError>> {
        (**self).lookup_now(name, record_type)
    }
}

impl<R: Resolver + ?Sized> Resolver for Box<R> {
    fn lookup<'a>(
        &'a self,
        name: &'a Name,
        record_type: RecordType,
    ) -> BoxFuture<'a, Result<Answer, LookupError>> {
        (**self).lookup(name, record_type)
    }

    fn lookup_now(
        &self,
        name: &Name,
        record_type: RecordType,
    ) -> Option<Result<Answer, LookupError>> {
        (**self).lookup_now(name, record_type)
    }
}

const _: fn(&dyn Resolver) = |_| {};

/// What the DNS answered: the records asked for (none is NODATA) and how they were found.
///
/// A clone shares everything, [what was read](Self::derived) from the records included.
#[derive(Clone)]
pub struct Answer {
    found: Arc<Found>,
}

#[derive(Clone)]
struct Found {
    records: Arc<[RecordData]>,
    aliases: Vec<Name>,
    ttl: Duration,
    security: Security,
    /// What somebody read from the records.
    derived: OnceLock<Arc<dyn Any + Send + Sync>>,
}

impl Answer {
    /// An answer with these records, no aliases, a time to live of zero and unchecked security.
    #[must_use]
    pub fn new(records: Vec<RecordData>) -> Self {
        Self::from_shared(records.into())
    }

    /// [`new`](Self::new) for a resolver that keeps the records. One that keeps the answer and gives out clones of it keeps
    /// what was [read](Self::derived) from the records, too.
    #[must_use]
    pub fn from_shared(records: Arc<[RecordData]>) -> Self {
        Self {
            found: Arc::new(Found {
                records,
                aliases: Vec::new(),
                ttl: Duration::ZERO,
                security: Security::Unchecked,
                derived: OnceLock::new(),
            }),
        }
    }

    /// With the CNAME chain that led to the records: the target of each alias, in order.
    #[must_use]
    pub fn with_aliases(mut self, aliases: Vec<Name>) -> Self {
        Arc::make_mut(&mut self.found).aliases = aliases;
        self
    }

    /// With how long the answer holds; for an empty one this is the negative time to live.
    #[must_use]
    pub fn with_ttl(mut self, ttl: Duration) -> Self {
        Arc::make_mut(&mut self.found).ttl = ttl;
        self
    }

    /// With what DNSSEC said.
    #[must_use]
    pub fn with_security(mut self, security: Security) -> Self {
        Arc::make_mut(&mut self.found).security = security;
        self
    }

    /// The records, all of the type asked for. Empty where the name exists without one.
    #[must_use]
    pub fn records(&self) -> &[RecordData] {
        &self.found.records
    }

    /// The [records](Self::records), to be kept.
    #[must_use]
    pub fn shared_records(&self) -> Arc<[RecordData]> {
        Arc::clone(&self.found.records)
    }

    /// The targets of the CNAMEs followed, in order; the last one owns the records.
    #[must_use]
    pub fn aliases(&self) -> &[Name] {
        &self.found.aliases
    }

    /// How long the answer holds.
    #[must_use]
    pub fn ttl(&self) -> Duration {
        self.found.ttl
    }

    /// What DNSSEC said of it.
    #[must_use]
    pub fn security(&self) -> Security {
        self.found.security
    }

    /// Whether the name exists without a record of this type.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.found.records.is_empty()
    }

    /// What `read` makes of the records. It is kept with the answer, for its clones as well, and made once as long as
    /// everybody who asks reads the same type; what a second type is made of is read each time.
    ///
    /// It is no part of the answer: two that are equal may differ in it.
    ///
    /// ```
    /// use letterhead_dns::{Answer, RecordData};
    ///
    /// let answer = Answer::new(vec![RecordData::A([192, 0, 2, 1].into())]);
    /// let clone = answer.clone();
    /// assert_eq!(*answer.derived(<[RecordData]>::len), 1);
    /// assert_eq!(*clone.derived(|_| -> usize { unreachable!("it is known") }), 1);
    /// ```
    #[must_use]
    pub fn derived<T: Any + Send + Sync>(&self, read: impl FnOnce(&[RecordData]) -> T) -> Arc<T> {
        match self.found.derived.get() {
            Some(kept) => match Arc::clone(kept).downcast() {
                Ok(known) => known,
                Err(_) => Arc::new(read(self.records())),
            },
            None => {
                let made = Arc::new(read(self.records()));
                // Who was faster has made the same.
                let _ = self.found.derived.set(Arc::<T>::clone(&made));
                made
            }
        }
    }

    /// What is [derived](Self::derived) and kept, borrowed, which costs less than sharing it. `None` where it is another type
    /// that is kept.
    #[must_use]
    pub fn derived_ref<T: Any + Send + Sync>(
        &self,
        read: impl FnOnce(&[RecordData]) -> T,
    ) -> Option<&T> {
        let kept = self
            .found
            .derived
            .get_or_init(|| Arc::new(read(self.records())));
        (**kept).downcast_ref()
    }

    /// The TXT records.
    pub fn txts(&self) -> impl Iterator<Item = &Txt> {
        self.records().iter().filter_map(|record| match record {
            RecordData::Txt(text) => Some(text),
            _ => None,
        })
    }

    /// The TXT records, each with its character-strings joined.
    pub fn texts(&self) -> impl Iterator<Item = &[u8]> {
        self.txts().map(Txt::octets)
    }
}

impl PartialEq for Answer {
    fn eq(&self, other: &Self) -> bool {
        self.records() == other.records()
            && self.aliases() == other.aliases()
            && self.ttl() == other.ttl()
            && self.security() == other.security()
    }
}

impl Eq for Answer {}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer")
            .field("records", &self.records())
            .field("aliases", &self.aliases())
            .field("ttl", &self.ttl())
            .field("security", &self.security())
            .finish()
    }
}

/// What DNSSEC said of an answer ([RFC 4033 §5](https://www.rfc-editor.org/rfc/rfc4033#section-5)).
///
/// A bogus answer is not here: it is a temporary [`LookupError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Security {
    /// A chain of signatures from a trust anchor to the answer was checked.
    Secure,
    /// The zone is proven to be unsigned.
    Insecure,
    /// Nobody checked.
    Unchecked,
}

/// Why there is no answer. A clone shares everything.
#[derive(Debug, Clone)]
pub struct LookupError {
    failure: Arc<Failure>,
}

#[derive(Debug, Clone)]
struct Failure {
    name: Name,
    record_type: RecordType,
    kind: LookupErrorKind,
    source: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

impl LookupError {
    /// An error of this kind for this question.
    #[must_use]
    pub fn new(name: Name, record_type: RecordType, kind: LookupErrorKind) -> Self {
        Self {
            failure: Arc::new(Failure {
                name,
                record_type,
                kind,
                source: None,
            }),
        }
    }

    /// With what caused it.
    #[must_use]
    pub fn with_source(
        mut self,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Arc::make_mut(&mut self.failure).source = Some(Arc::from(source.into()));
        self
    }

    /// What kind of failure it is.
    #[must_use]
    pub fn kind(&self) -> LookupErrorKind {
        self.failure.kind
    }

    /// The name asked for.
    #[must_use]
    pub fn name(&self) -> &Name {
        &self.failure.name
    }

    /// The type asked for.
    #[must_use]
    pub fn record_type(&self) -> RecordType {
        self.failure.record_type
    }

    /// Whether the name does not exist, as opposed to a failure to find out.
    #[must_use]
    pub fn is_no_such_name(&self) -> bool {
        self.kind() == LookupErrorKind::NoSuchName
    }

    /// Whether asking again later may succeed.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        match self.kind() {
            LookupErrorKind::Temporary => true,
            LookupErrorKind::NoSuchName | LookupErrorKind::Malformed => false,
        }
    }
}

impl fmt::Display for LookupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.name(), self.record_type(), self.kind())
    }
}

// Derived, `source` would be the `Arc` and could not be downcast to what is in it.
impl std::error::Error for LookupError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        let source = self.failure.source.as_deref()?;
        Some(source)
    }
}

/// The three ways in which a lookup fails.
#[expect(
    clippy::exhaustive_enums,
    reason = "callers decide differently for each and must not miss one"
)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LookupErrorKind {
    /// The name does not exist (NXDOMAIN).
    NoSuchName,
    /// No usable answer now: SERVFAIL, refused, a timeout, no network, a bogus signature.
    Temporary,
    /// The reply was not a DNS message, or its data cannot be what the type says; asking again will not help.
    Malformed,
}

impl fmt::Display for LookupErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoSuchName => "no such name",
            Self::Temporary => "temporary failure",
            Self::Malformed => "malformed answer",
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::Answer;
    use crate::record::{RecordData, RecordType};
    use crate::resolver::Resolver;
    use crate::zone::Zone;

    fn count(answer: &Answer) -> Arc<usize> {
        answer.derived(<[RecordData]>::len)
    }

    #[test]
    fn what_is_derived_is_kept_for_clones_and_is_no_part_of_the_answer() {
        let fresh = || Answer::new(vec![RecordData::A([192, 0, 2, 1].into())]);
        let answer = fresh();
        let clone = answer.clone().with_ttl(Duration::from_secs(60));
        let before = answer.clone();
        let kept = count(&answer);
        assert!(Arc::ptr_eq(&kept, &count(&before)));
        assert!(Arc::ptr_eq(
            &kept,
            &count(&answer.clone().with_ttl(Duration::ZERO))
        ));
        // A clone that was changed before went its own way.
        assert!(!Arc::ptr_eq(&kept, &count(&clone)));
        assert_eq!(answer, fresh());
        assert_eq!(format!("{answer:?}"), format!("{:?}", fresh()));
    }

    #[test]
    fn a_second_type_is_derived_each_time() {
        let answer = Answer::new(Vec::new());
        let kept = count(&answer);
        let text = || answer.derived(|records| format!("{records:?}"));
        assert_eq!((&**text(), &**text()), ("[]", "[]"));
        assert!(!Arc::ptr_eq(&text(), &text()));
        assert_eq!(answer.derived_ref(|_| String::new()), None);
        assert_eq!(answer.derived_ref(<[RecordData]>::len), Some(&0));
        assert!(Arc::ptr_eq(&kept, &count(&answer)));
    }

    #[test]
    fn a_zone_keeps_what_is_derived_until_its_records_change() {
        let mut zone: Zone = "a.example A 192.0.2.1".parse().expect("a zone");
        let name = "a.example".parse().expect("a name");
        let ask = |zone: &Zone| {
            let answer = zone.lookup_now(&name, RecordType::A);
            count(&answer.expect("at once").expect("an answer"))
        };
        assert!(Arc::ptr_eq(&ask(&zone), &ask(&zone)));
        assert!(Arc::ptr_eq(&ask(&zone), &ask(&zone.clone())));
        zone.extend("A.example A 192.0.2.2".parse().expect("a zone"));
        assert_eq!(*ask(&zone), 2);
    }
}
