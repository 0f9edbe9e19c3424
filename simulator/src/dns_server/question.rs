//! Answering one question from the zone, with the alias chain that a response shows.

use hickory_proto::op::{Query, ResponseCode};
use hickory_proto::rr::{DNSClass, Record};
use letterhead_dns::zone::Fault;
use letterhead_dns::{LookupErrorKind, Name, RecordData, RecordType, Zone};

use super::wire;
use crate::dns::SimulatedDns;

/// What is sent back.
pub(super) enum Outcome {
    /// Nothing at all: the question is lost.
    Silence,
    /// A response with this code and these sections.
    Response {
        code: ResponseCode,
        answers: Vec<Record>,
        authority: Vec<Record>,
    },
}

impl Outcome {
    pub(super) fn failure(code: ResponseCode) -> Self {
        Self::Response {
            code,
            answers: Vec::new(),
            authority: Vec::new(),
        }
    }
}

pub(super) fn ask(dns: &SimulatedDns, query: &Query) -> Outcome {
    if query.query_class() != DNSClass::IN {
        return Outcome::failure(ResponseCode::Refused);
    }
    let Ok(name) = Name::from_labels(query.name().iter()) else {
        return Outcome::failure(ResponseCode::FormErr);
    };
    let record_type = RecordType::new(query.query_type().into());
    let zone = dns.read();
    let chain = Chain::follow(&zone, name.clone(), record_type);
    let found = zone.answer(&name, record_type);
    let sections = match found {
        Ok(found) => {
            let ttl = u32::try_from(found.ttl().as_secs()).unwrap_or(u32::MAX);
            let mut answers = chain.records();
            let own = found
                .records()
                .iter()
                .map(|data| wire::record(chain.end(), ttl, data));
            answers.extend(own);
            let authority = found
                .is_empty()
                .then(|| start_of_authority(&zone, chain.end()));
            Some((ResponseCode::NoError, answers, authority))
        }
        Err(error) => match error.kind() {
            LookupErrorKind::NoSuchName => Some((
                ResponseCode::NXDomain,
                chain.records(),
                Some(start_of_authority(&zone, chain.end())),
            )),
            LookupErrorKind::Temporary | LookupErrorKind::Malformed => None,
        },
    };
    let Some((code, answers, authority)) = sections else {
        return match chain.fault {
            Some(Fault::Timeout) => Outcome::Silence,
            _ => Outcome::failure(ResponseCode::ServFail),
        };
    };
    let records = answers.into_iter().collect::<Option<Vec<_>>>();
    let authority = authority.into_iter().collect::<Option<Vec<_>>>();
    match (records, authority) {
        (Some(answers), Some(authority)) => Outcome::Response {
            code,
            answers,
            authority,
        },
        _ => Outcome::failure(ResponseCode::ServFail),
    }
}

/// The aliases from a name to where its records are.
struct Chain {
    start: Name,
    links: Vec<(u32, Name)>,
    /// The fault met on the way.
    fault: Option<Fault>,
}

impl Chain {
    fn follow(zone: &Zone, start: Name, record_type: RecordType) -> Self {
        let mut chain = Self {
            start,
            links: Vec::new(),
            fault: None,
        };
        loop {
            let owner = &chain.end().clone();
            chain.fault = fault(zone, owner, record_type);
            if chain.fault.is_some()
                || record_type == RecordType::CNAME
                || chain.links.len() == Zone::MAX_ALIASES
                || zone
                    .answer(owner, record_type)
                    .is_ok_and(|found| found.aliases().is_empty())
            {
                return chain;
            }
            let Ok(alias) = zone.answer(owner, RecordType::CNAME) else {
                return chain;
            };
            let ttl = u32::try_from(alias.ttl().as_secs()).unwrap_or(u32::MAX);
            let Some(RecordData::Cname(target)) = alias.records().first() else {
                return chain;
            };
            chain.links.push((ttl, target.clone()));
        }
    }

    /// The name that the records belong to.
    fn end(&self) -> &Name {
        self.links.last().map_or(&self.start, |(_, target)| target)
    }

    fn records(&self) -> Vec<Option<Record>> {
        let owners = std::iter::once(&self.start).chain(self.links.iter().map(|(_, name)| name));
        owners
            .zip(&self.links)
            .map(|(owner, (ttl, target))| {
                wire::record(owner, *ttl, &RecordData::Cname(target.clone()))
            })
            .collect()
    }
}

fn fault(zone: &Zone, name: &Name, record_type: RecordType) -> Option<Fault> {
    zone.faults()
        .find(|(owner, of_type, _)| *owner == name && *of_type == record_type)
        .map(|(_, _, fault)| fault)
}

/// The SOA of the nearest zone above the name. Where none is published it is the root's, which forbids keeping the
/// answer: what does not exist now may be published a moment later.
fn start_of_authority(zone: &Zone, name: &Name) -> Option<Record> {
    let mut apex = Some(name.clone());
    while let Some(owner) = apex {
        if let Ok(found) = zone.answer(&owner, RecordType::SOA)
            && found.aliases().is_empty()
            && let Some(data @ RecordData::Soa { minimum, .. }) = found.records().first()
        {
            let ttl = u32::try_from(found.ttl().as_secs()).unwrap_or(u32::MAX);
            return wire::record(&owner, ttl.min(*minimum), data);
        }
        apex = owner.parent();
    }
    let root = RecordData::Soa {
        primary: Name::ROOT,
        responsible: Name::ROOT,
        serial: 1,
        refresh: 3600,
        retry: 600,
        expire: 86_400,
        minimum: 0,
    };
    wire::record(&Name::ROOT, 0, &root)
}
