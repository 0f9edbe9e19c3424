//! The simulated DNS.

use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use letterhead_dns::zone::Fault;
use letterhead_dns::{Answer, BoxFuture, LookupError, Name, Record, RecordType, Resolver, Zone};

/// All the DNS there is in a simulation: one [`Zone`] behind a handle, whose clones show the same records.
///
/// What is published is found from the next lookup on. A name that nobody published does not exist; nothing is ever
/// asked of the real DNS. [`serve`](crate::Simulator::serve) answers from the same zone over UDP and TCP.
///
/// ```
/// use letterhead_dns::{Name, RecordType, Resolver, block_on_ready};
/// use letterhead_simulator::SimulatedDns;
///
/// let dns = SimulatedDns::new();
/// dns.publish_zone("example.org. 300 IN TXT \"v=spf1 -all\"".parse()?);
/// let name: Name = "example.org".parse()?;
/// let answer = block_on_ready(dns.lookup(&name, RecordType::TXT)).expect("it never waits")?;
/// assert_eq!(answer.records().len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct SimulatedDns {
    zone: Arc<RwLock<Zone>>,
}

impl SimulatedDns {
    /// A DNS without records.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a record.
    pub fn publish(&self, record: Record) {
        self.write().insert(record);
    }

    /// Adds the records and faults of a zone.
    pub fn publish_zone(&self, zone: Zone) {
        self.write().extend(zone);
    }

    /// Takes out the records of one type at one name, and returns them.
    #[expect(
        clippy::must_use_candidate,
        reason = "it is called for what it does to the zone"
    )]
    pub fn remove(&self, name: &Name, record_type: RecordType) -> Vec<Record> {
        self.write().remove(name, record_type)
    }

    /// Puts these records in the place of all others of the same types at the same names, such as a key that is rotated, and
    /// returns those that stood there. Faults of the zone are added.
    ///
    /// ```
    /// use letterhead_dns::RecordType;
    /// use letterhead_simulator::SimulatedDns;
    ///
    /// let dns = SimulatedDns::new();
    /// dns.publish_zone("example.org. TXT \"v=spf1 +all\"\nexample.org. A 192.0.2.1".parse()?);
    /// let before = dns.replace("example.org. TXT \"v=spf1 -all\"".parse()?);
    /// assert_eq!(before.len(), 1);
    /// assert_eq!(dns.snapshot().records().count(), 2);
    /// # Ok::<(), letterhead_dns::zone::ZoneError>(())
    /// ```
    #[expect(
        clippy::must_use_candidate,
        reason = "it is called for what it does to the zone"
    )]
    pub fn replace(&self, zone: Zone) -> Vec<Record> {
        let sets: BTreeSet<(Name, RecordType)> = zone
            .records()
            .map(|record| (record.name.clone(), record.data.record_type()))
            .collect();
        let mut own = self.write();
        let before = sets
            .iter()
            .flat_map(|(name, record_type)| own.remove(name, *record_type));
        let before = before.collect();
        own.extend(zone);
        before
    }

    /// Makes the lookup of one type at one name fail until [`clear_fault`](Self::clear_fault).
    pub fn set_fault(&self, name: Name, record_type: RecordType, fault: Fault) {
        self.write().set_fault(name, record_type, fault);
    }

    /// Ends a fault, and returns it if there was one.
    #[expect(
        clippy::must_use_candidate,
        reason = "it is called for what it does to the zone"
    )]
    pub fn clear_fault(&self, name: &Name, record_type: RecordType) -> Option<Fault> {
        self.write().clear_fault(name, record_type)
    }

    /// A copy of everything that is published at this moment. It prints as master-file text.
    #[must_use]
    pub fn snapshot(&self) -> Zone {
        self.read().clone()
    }

    /// The same at this moment, and another from then on.
    #[cfg(feature = "cross-check")]
    pub(crate) fn copy(&self) -> Self {
        Self {
            zone: Arc::new(RwLock::new(self.snapshot())),
        }
    }

    pub(crate) fn read(&self) -> RwLockReadGuard<'_, Zone> {
        self.zone.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Zone> {
        self.zone.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// The answer, without a future around it.
    pub(crate) fn answer(
        &self,
        name: &Name,
        record_type: RecordType,
    ) -> Result<Answer, LookupError> {
        self.read().answer(name, record_type)
    }
}

impl Resolver for SimulatedDns {
    fn lookup<'a>(
        &'a self,
        name: &'a Name,
        record_type: RecordType,
    ) -> BoxFuture<'a, Result<Answer, LookupError>> {
        Box::pin(std::future::ready(self.answer(name, record_type)))
    }

    fn lookup_now(
        &self,
        name: &Name,
        record_type: RecordType,
    ) -> Option<Result<Answer, LookupError>> {
        Some(self.answer(name, record_type))
    }
}
