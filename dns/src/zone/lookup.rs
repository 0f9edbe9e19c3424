//! Finding an answer in a zone.

use std::collections::BTreeMap;
use std::future::ready;
use std::ops::Bound;
use std::time::Duration;

use super::{Fault, Node, RecordSet, Zone};
use crate::future::BoxFuture;
use crate::name::Name;
use crate::record::{Record, RecordData, RecordType};
use crate::resolver::{Answer, LookupError, LookupErrorKind, Resolver};

impl Resolver for Zone {
    fn lookup<'a>(
        &'a self,
        name: &'a Name,
        record_type: RecordType,
    ) -> BoxFuture<'a, Result<Answer, LookupError>> {
        Box::pin(ready(self.answer(name, record_type)))
    }

    fn lookup_now(
        &self,
        name: &Name,
        record_type: RecordType,
    ) -> Option<Result<Answer, LookupError>> {
        Some(self.answer(name, record_type))
    }
}

impl Zone {
    /// What [`lookup`](Resolver::lookup) comes to: a zone never waits.
    ///
    /// # Errors
    ///
    /// As a lookup: no such name, a fault, an alias that leads nowhere, or data that is not valid for its type.
    pub fn answer(&self, name: &Name, record_type: RecordType) -> Result<Answer, LookupError> {
        let failure = |kind| LookupError::new(name.clone(), record_type, kind);
        let mut aliases: Vec<Name> = Vec::new();
        let mut ttl = u32::MAX;
        loop {
            let owner = aliases.last().unwrap_or(name);
            if let Some(fault) = self.fault(owner, record_type) {
                let kind = match fault {
                    Fault::ServFail | Fault::Timeout => LookupErrorKind::Temporary,
                    Fault::NoSuchName => LookupErrorKind::NoSuchName,
                };
                return Err(failure(kind).with_source(fault));
            }
            let Some(node) = self.node(owner) else {
                let error = failure(LookupErrorKind::NoSuchName);
                return Err(match aliases.pop() {
                    Some(target) => error.with_source(AliasFailure::MissingTarget(target)),
                    None => error,
                });
            };
            if let Some(records) = node.get(&record_type) {
                let answer = records
                    .answer()
                    .ok_or_else(|| failure(LookupErrorKind::Malformed).with_source(BadData))?
                    .clone();
                if aliases.is_empty() {
                    return Ok(answer);
                }
                let ttl = answer.ttl().min(seconds(ttl));
                return Ok(answer.with_aliases(aliases).with_ttl(ttl));
            }
            let Some(record) = node.get(&RecordType::CNAME).and_then(first) else {
                let ttl = seconds(ttl.min(self.negative_ttl(owner)));
                return Ok(Answer::new(Vec::new()).with_aliases(aliases).with_ttl(ttl));
            };
            let RecordData::Cname(target) = &record.data else {
                return Err(failure(LookupErrorKind::Malformed).with_source(BadData));
            };
            if aliases.len() == Self::MAX_ALIASES {
                return Err(failure(LookupErrorKind::Temporary).with_source(AliasFailure::TooMany));
            }
            ttl = ttl.min(record.ttl);
            aliases.push(target.clone());
        }
    }

    pub(super) fn fault(&self, name: &Name, record_type: RecordType) -> Option<Fault> {
        let faults = self.faults.get(name)?;
        let fault = faults.get(&record_type);
        fault.or_else(|| faults.get(&RecordType::ANY)).copied()
    }

    /// The record sets that answer for this name; `None` when it does not exist and no wildcard covers it.
    fn node(&self, name: &Name) -> Option<&Node> {
        if let Some(node) = self.existing(name) {
            return Some(node);
        }
        let mut encloser = name.parent()?;
        while self.existing(&encloser).is_none() {
            encloser = encloser.parent()?;
        }
        // Where the asterisk does not fit, no record can stand either.
        self.existing(&encloser.prepend(b"*").ok()?)
    }

    /// The record sets at this very name; none, but existing, where only names below it have records.
    fn existing(&self, name: &Name) -> Option<&Node> {
        static NOTHING: Node = BTreeMap::new();
        self.nodes.get(name).or_else(|| {
            let next = self
                .order
                .range((Bound::Excluded(name), Bound::Unbounded))
                .next()?;
            next.is_at_or_below(name).then_some(&NOTHING)
        })
    }

    /// [RFC 2308 §5](https://www.rfc-editor.org/rfc/rfc2308#section-5): the SOA's time to live or its minimum,
    /// whichever is lower.
    fn negative_ttl(&self, name: &Name) -> u32 {
        let mut zone = Some(name.clone());
        while let Some(apex) = zone {
            let soa = self
                .nodes
                .get(&apex)
                .and_then(|node| node.get(&RecordType::SOA))
                .and_then(first);
            if let Some(record) = soa
                && let RecordData::Soa { minimum, .. } = &record.data
            {
                return record.ttl.min(*minimum);
            }
            zone = apex.parent();
        }
        0
    }
}

fn first(records: &RecordSet) -> Option<&Record> {
    records.records().next()
}

fn seconds(seconds: u32) -> Duration {
    Duration::from_secs(u64::from(seconds))
}

/// Why following aliases ended without an answer.
#[derive(Debug, thiserror::Error)]
enum AliasFailure {
    #[error("the name is an alias of {0}, which does not exist")]
    MissingTarget(Name),
    #[error("the name is an alias that loops, or that leads over more than {max} aliases", max = Zone::MAX_ALIASES)]
    TooMany,
}

#[derive(Debug, thiserror::Error)]
#[error("the zone holds octets that are not valid for this type")]
struct BadData;
