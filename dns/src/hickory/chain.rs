//! The aliases from the name asked for to the one that has the records.

use std::time::Duration;

use hickory_resolver::proto::rr;

use super::{Failure, convert};
use crate::name::Name;
use crate::record::{RecordData, RecordType};
use crate::resolver::Answer;
use crate::zone::Zone;

pub(super) struct Chain {
    record_type: RecordType,
    owner: Name,
    aliases: Vec<Name>,
    ttl: Option<u32>,
}

impl Chain {
    pub(super) fn new(name: &Name, record_type: RecordType) -> Self {
        Self {
            record_type,
            owner: name.clone(),
            aliases: Vec::new(),
            ttl: None,
        }
    }

    pub(super) fn record_type(&self) -> RecordType {
        self.record_type
    }

    /// Where the chain has come to.
    pub(super) fn owner(&self) -> &Name {
        &self.owner
    }

    pub(super) fn lower_ttl(&mut self, ttl: u32) {
        self.ttl = Some(self.ttl.map_or(ttl, |lowest| lowest.min(ttl)));
    }

    /// Follows aliases as far as these records lead, in whatever order they stand; whether there was one.
    pub(super) fn follow(&mut self, records: &[rr::Record]) -> Result<bool, Failure> {
        if self.record_type == RecordType::CNAME {
            return Ok(false);
        }
        let before = self.aliases.len();
        while let Some((target, ttl)) = self.next_alias(records)? {
            if self.aliases.len() == Zone::MAX_ALIASES {
                return Err(ChainTooLong.into());
            }
            self.lower_ttl(ttl);
            self.aliases.push(target.clone());
            self.owner = target;
        }
        Ok(self.aliases.len() > before)
    }

    fn next_alias(&self, records: &[rr::Record]) -> Result<Option<(Name, u32)>, Failure> {
        for record in records {
            if let rr::RData::CNAME(target) = &record.data
                && self.owns(record)?
            {
                let target = convert::name(&target.0).map_err(Failure::malformed)?;
                return Ok(Some((target, record.ttl)));
            }
        }
        Ok(None)
    }

    /// The data asked for, at the name the chain has come to.
    pub(super) fn data(&mut self, records: &[rr::Record]) -> Result<Vec<RecordData>, Failure> {
        let mut data = Vec::new();
        for record in records {
            if u16::from(record.record_type()) == self.record_type.number() && self.owns(record)? {
                data.push(convert::data(&record.data).map_err(Failure::malformed)?);
                self.lower_ttl(record.ttl);
            }
        }
        Ok(data)
    }

    fn owns(&self, record: &rr::Record) -> Result<bool, Failure> {
        let owner = convert::name(&record.name).map_err(Failure::malformed)?;
        Ok(owner == self.owner)
    }

    pub(super) fn into_answer(self, records: Vec<RecordData>) -> Answer {
        // There is none where a reply held only what was not asked for.
        let seconds = self.ttl.unwrap_or(0);
        Answer::new(records)
            .with_aliases(self.aliases)
            .with_ttl(Duration::from_secs(u64::from(seconds)))
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the name is an alias that loops, or that leads over more than {max} aliases", max = Zone::MAX_ALIASES)]
pub(super) struct ChainTooLong;
