//! The DNS as it would be with some records changed.

use crate::future::BoxFuture;
use crate::name::Name;
use crate::record::RecordType;
use crate::resolver::{Answer, LookupError, Resolver};
use crate::zone::Zone;

/// Answers from a zone where that has records, or a fault, for the name and type asked for, and from another resolver for
/// everything else: what a check would say once the zone's records are published.
///
/// The record sets of the zone stand in for those of the same name and type below. An alias that the resolver below
/// follows by itself does not lead back into the zone.
///
/// ```
/// use letterhead_dns::{Overlay, RecordType, Resolver, Zone, block_on_ready};
///
/// let published: Zone = "example.org TXT \"v=spf1 mx ~all\"\nexample.org MX 10 mail.example.org".parse()?;
/// let planned: Zone = "example.org TXT \"v=spf1 mx include:amazonses.com ~all\"".parse()?;
/// let overlay = Overlay::new(&planned, &published);
/// let name = "example.org".parse()?;
/// let texts = block_on_ready(overlay.lookup(&name, RecordType::TXT)).expect("ready at once")?;
/// assert_eq!(texts.texts().next().as_deref(), Some(&b"v=spf1 mx include:amazonses.com ~all"[..]));
/// let exchangers = block_on_ready(overlay.lookup(&name, RecordType::MX)).expect("ready at once")?;
/// assert_eq!(exchangers.records().len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Overlay<'a> {
    zone: &'a Zone,
    below: &'a dyn Resolver,
}

impl<'a> Overlay<'a> {
    /// The zone over the other resolver.
    #[must_use]
    pub fn new(zone: &'a Zone, below: &'a dyn Resolver) -> Self {
        Self { zone, below }
    }
}

impl Resolver for Overlay<'_> {
    fn lookup<'a>(
        &'a self,
        name: &'a Name,
        record_type: RecordType,
    ) -> BoxFuture<'a, Result<Answer, LookupError>> {
        if self.zone.has(name, record_type) {
            self.zone.lookup(name, record_type)
        } else {
            self.below.lookup(name, record_type)
        }
    }

    fn lookup_now(
        &self,
        name: &Name,
        record_type: RecordType,
    ) -> Option<Result<Answer, LookupError>> {
        if self.zone.has(name, record_type) {
            self.zone.lookup_now(name, record_type)
        } else {
            self.below.lookup_now(name, record_type)
        }
    }
}
