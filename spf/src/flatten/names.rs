//! Names for the records that a flattened policy includes.

use letterhead_dns::{DomainName, LookupError, RecordType, Resolver};

use super::{FlatRecord, FlattenError};
use crate::audit::Audit;
use crate::record::parser::has_version;
use crate::record::select::{Selection, select};

/// Finds names that nothing else uses.
pub(super) struct Names<'a> {
    audit: &'a Audit,
    target: &'a DomainName,
    resolver: &'a dyn Resolver,
    number: usize,
}

impl<'a> Names<'a> {
    pub(super) fn new(
        audit: &'a Audit,
        target: &'a DomainName,
        resolver: &'a dyn Resolver,
    ) -> Self {
        Self {
            audit,
            target,
            resolver,
            number: 0,
        }
    }

    /// A part at the next free name. A name is free when it is not part of the policy, and has no TXT record or this very
    /// one: whatever else stands there may be another policy's, and records of this one are needed until the new one of
    /// the domain is there.
    pub(super) async fn part(&mut self, text: String) -> Result<FlatRecord, FlattenError> {
        while self.number < MAX_NUMBER {
            self.number += 1;
            let name = self.name(self.number)?;
            if self.is_in_policy(&name) {
                continue;
            }
            let is_free = match self.texts(&name).await {
                Ok(None) => false,
                Ok(Some(texts)) => texts.is_empty() || texts == [text.as_bytes()],
                Err(error) => error.is_no_such_name(),
            };
            if is_free {
                return Ok(FlatRecord {
                    name,
                    text,
                    replaces: Vec::new(),
                });
            }
        }
        let domain = self.target.clone();
        Err(FlattenError::NoFreeName { domain })
    }

    /// The SPF records at the name, whole or broken.
    pub(super) async fn replaces(&self, name: &DomainName) -> Vec<String> {
        let texts = self.texts(name).await.ok().flatten().unwrap_or_default();
        let records = texts.iter().filter(|text| has_version(text));
        records
            .map(|text| String::from_utf8_lossy(text).into_owned())
            .collect()
    }

    /// Names made here before that the domain's record includes now, and the parts do not use.
    pub(super) async fn obsolete(&self, parts: &[FlatRecord]) -> Vec<DomainName> {
        let texts = self.texts(self.target).await.ok().flatten();
        let Selection::One(record) = select(texts.unwrap_or_default()) else {
            return Vec::new();
        };
        let mut obsolete = Vec::new();
        for number in 1..=MAX_NUMBER {
            let Ok(name) = self.name(number) else { break };
            let is_included = record.directives().any(|directive| {
                let literal = directive
                    .mechanism()
                    .domain()
                    .and_then(|domain| domain.literal());
                literal.is_some_and(|domain| domain.eq_ignore_ascii_case(name.as_str()))
            });
            if is_included && parts.iter().all(|part| part.name != name) {
                obsolete.push(name);
            }
        }
        obsolete
    }

    fn name(&self, number: usize) -> Result<DomainName, FlattenError> {
        let label = format!("_spf{number}");
        self.target.prepend(&label).map_err(FlattenError::Name)
    }

    fn is_in_policy(&self, name: &DomainName) -> bool {
        let mut found = false;
        self.audit.tree.visit(&mut |branch| {
            found |= branch.domain.eq_ignore_ascii_case(name.as_str());
        });
        found
    }

    /// The TXT records at the name; `None` where it is an alias.
    async fn texts(&self, name: &DomainName) -> Result<Option<Vec<Vec<u8>>>, LookupError> {
        let answer = self
            .resolver
            .lookup(name.as_name(), RecordType::TXT)
            .await?;
        let is_own = answer.aliases().is_empty();
        Ok(is_own.then(|| answer.texts().map(<[u8]>::to_vec).collect()))
    }
}

/// As many names are tried: several times the parts that a policy can have.
const MAX_NUMBER: usize = 60;
