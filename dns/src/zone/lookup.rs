//! Finding an answer in a zone.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::future::ready;
use std::ops::Bound;
use std::time::Duration;

use super::{RecordSet, Zone};
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
}

impl Zone {
    fn answer(&self, name: &Name, record_type: RecordType) -> Result<Answer, LookupError> {
        let failure = |kind| LookupError::new(name.clone(), record_type, kind);
        let mut owner = Cow::Borrowed(name);
        let mut aliases = Vec::new();
        let mut ttl = u32::MAX;
        loop {
            if let Some(fault) = self.faults.get(&(owner.clone().into_owned(), record_type)) {
                return Err(failure(LookupErrorKind::Temporary).with_source(*fault));
            }
            let Some(node) = self.node(&owner) else {
                let error = failure(LookupErrorKind::NoSuchName);
                return Err(match aliases.pop() {
                    Some(target) => error.with_source(AliasFailure::MissingTarget(target)),
                    None => error,
                });
            };
            if let Some(records) = node.get(&record_type) {
                let data = understood(records)
                    .ok_or_else(|| failure(LookupErrorKind::Malformed).with_source(BadData))?;
                ttl = ttl.min(lowest_ttl(records));
                return Ok(found(data, aliases, ttl));
            }
            let Some(record) = node.get(&RecordType::CNAME).and_then(first) else {
                ttl = ttl.min(self.negative_ttl(&owner));
                return Ok(found(Vec::new(), aliases, ttl));
            };
            let RecordData::Cname(target) = &record.data else {
                return Err(failure(LookupErrorKind::Malformed).with_source(BadData));
            };
            if aliases.len() == Self::MAX_ALIASES {
                return Err(failure(LookupErrorKind::Temporary).with_source(AliasFailure::TooMany));
            }
            ttl = ttl.min(record.ttl);
            aliases.push(target.clone());
            owner = Cow::Owned(target.clone());
        }
    }

    /// The record sets that answer for this name; `None` when it does not exist and no wildcard covers it.
    fn node(&self, name: &Name) -> Option<&BTreeMap<RecordType, RecordSet>> {
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
    fn existing(&self, name: &Name) -> Option<&BTreeMap<RecordType, RecordSet>> {
        static NOTHING: BTreeMap<RecordType, RecordSet> = BTreeMap::new();
        let (first, node) = self
            .names
            .range((Bound::Included(name), Bound::Unbounded))
            .next()?;
        if first == name {
            Some(node)
        } else {
            first.is_at_or_below(name).then_some(&NOTHING)
        }
    }

    /// [RFC 2308 §5](https://www.rfc-editor.org/rfc/rfc2308#section-5): the SOA's time to live or its minimum,
    /// whichever is lower.
    fn negative_ttl(&self, name: &Name) -> u32 {
        let mut zone = Some(Cow::Borrowed(name));
        while let Some(apex) = zone {
            let soa = self
                .names
                .get(apex.as_ref())
                .and_then(|node| node.get(&RecordType::SOA))
                .and_then(first);
            if let Some(record) = soa
                && let RecordData::Soa { minimum, .. } = &record.data
            {
                return record.ttl.min(*minimum);
            }
            zone = apex.parent().map(Cow::Owned);
        }
        0
    }
}

fn first(records: &RecordSet) -> Option<&Record> {
    records.values().next()
}

fn lowest_ttl(records: &RecordSet) -> u32 {
    records.values().map(|record| record.ttl).min().unwrap_or(0)
}

/// The values, unless one is in octets although its type has a form of its own: `Zone::insert` leaves only those that
/// are not valid for their type.
fn understood(records: &RecordSet) -> Option<Vec<RecordData>> {
    let valid = |data: &RecordData| match data {
        RecordData::Unknown { record_type, .. } => !record_type.has_own_form(),
        _ => true,
    };
    records
        .values()
        .map(|record| valid(&record.data).then(|| record.data.clone()))
        .collect()
}

fn found(records: Vec<RecordData>, aliases: Vec<Name>, ttl: u32) -> Answer {
    Answer::new(records)
        .with_aliases(aliases)
        .with_ttl(Duration::from_secs(u64::from(ttl)))
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
