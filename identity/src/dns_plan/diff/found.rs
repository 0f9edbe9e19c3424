//! What is published now.

use letterhead_dkim::PublicKeyRecord;
use letterhead_dmarc::DiscoveryOutcome;
use letterhead_dns::record::Txt;
use letterhead_dns::{DomainName, Record, RecordData, RecordType, Resolver};
use letterhead_spf::merge::Change;
use letterhead_spf::{Directive, Mechanism, merge};

use super::{DiffRow, Status};
use crate::dns_plan::planned::is_spf;
use crate::dns_plan::{DnsPlan, PlannedData, PlannedRecord, TTL};
use crate::lookup::records_at;
use crate::profile::Purpose;

pub(super) async fn row(
    plan: &DnsPlan,
    planned: &PlannedRecord,
    resolver: &dyn Resolver,
) -> DiffRow {
    let found = match &planned.data {
        PlannedData::Ready(record) => look(plan, planned, record, resolver).await,
        PlannedData::Awaiting { .. } => Found::of(Status::Awaiting),
    };
    let publish = match (&planned.data, &found.status) {
        (
            PlannedData::Ready(record),
            Status::Missing | Status::Wrong(_) | Status::Conflicting(_),
        ) if found.problem.is_none() => {
            let data = found.instead.unwrap_or_else(|| record.data.clone());
            Some(Record::new(record.name.clone(), TTL, data))
        }
        _ => None,
    };
    DiffRow {
        planned: planned.clone(),
        status: found.status,
        publish,
        problem: found.problem,
    }
}

/// How a record stands, and what is to be done about it.
struct Found {
    status: Status,
    /// What to publish, where it is not what was planned.
    instead: Option<RecordData>,
    /// Why nothing can be published before its owner has decided.
    problem: Option<String>,
}

impl Found {
    fn of(status: Status) -> Self {
        Self {
            status,
            instead: None,
            problem: None,
        }
    }

    fn for_its_owner(status: Status, problem: impl Into<String>) -> Self {
        Self {
            problem: Some(problem.into()),
            ..Self::of(status)
        }
    }
}

async fn look(
    plan: &DnsPlan,
    planned: &PlannedRecord,
    record: &Record,
    resolver: &dyn Resolver,
) -> Found {
    let present = match records_at(&record.name, record.data.record_type(), resolver).await {
        Ok(present) => present,
        Err(error) => return Found::of(Status::Unknown(error)),
    };
    let aliases = match &record.data {
        RecordData::Cname(_) => present.clone(),
        _ => Vec::new(),
    };
    let found = match (planned.purpose, &record.data) {
        (Purpose::Dmarc, RecordData::Txt(_)) => policy(record, present, resolver).await,
        (Purpose::Ownership, RecordData::Txt(text)) => Found::of(proof(text, &present)),
        (_, RecordData::Txt(text)) if is_spf(&text.joined()) => spf(text, present),
        (_, data) => compare(plan, record, data, present),
    };
    let may_be_shut_out = match found.status {
        Status::Missing | Status::Wrong(_) => true,
        Status::Present => !aliases.is_empty(),
        _ => false,
    };
    if !may_be_shut_out {
        return found;
    }
    match in_the_way(record, &aliases, resolver).await {
        Some(status) => Found::of(status),
        None => found,
    }
}

/// How the text is split into strings is nobody's business, and nor is how a key record is spaced.
fn is_same(one: &RecordData, other: &RecordData) -> bool {
    match (one, other) {
        (RecordData::Txt(one), RecordData::Txt(other)) => {
            let (one, other) = (one.joined(), other.joined());
            let key = |text: &[u8]| PublicKeyRecord::parse(text).ok();
            one == other || key(&one).is_some_and(|one| key(&other) == Some(one))
        }
        (one, other) => one == other,
    }
}

/// Records of which no other may stand at the name, but those that are planned there too.
fn compare(
    plan: &DnsPlan,
    record: &Record,
    wanted: &RecordData,
    present: Vec<RecordData>,
) -> Found {
    let is_planned = |data: &RecordData| {
        plan.records().iter().any(|planned| match &planned.data {
            PlannedData::Ready(other) => other.name == record.name && is_same(&other.data, data),
            PlannedData::Awaiting { .. } => false,
        })
    };
    let is_there = present.iter().any(|data| is_same(wanted, data));
    let others: Vec<RecordData> = present
        .into_iter()
        .filter(|data| !is_planned(data))
        .collect();
    let gets_all_mail =
        matches!(wanted, RecordData::Mx { .. }) && record.name == *plan.domain().as_name();
    match (is_there, others.is_empty()) {
        (true, true) => Found::of(Status::Present),
        (false, true) => Found::of(Status::Missing),
        // Which servers get the domain's own mail is for its owner to say.
        (true, false) if gets_all_mail => Found::of(Status::Present),
        (false, false) if gets_all_mail => Found::for_its_owner(
            Status::Conflicting(others),
            format!(
                "other servers get the domain's mail; publish MX {wanted} only if this one is to get it"
            ),
        ),
        (true, false) => Found::of(Status::Conflicting(others)),
        (false, false) => Found::of(Status::Wrong(others)),
    }
}

/// A proof of ownership stands among other texts, which are not ours to take away.
fn proof(wanted: &Txt, present: &[RecordData]) -> Status {
    let is_wanted = |data: &RecordData| matches!(data, RecordData::Txt(text) if text.joined() == wanted.joined());
    if present.iter().any(is_wanted) {
        Status::Present
    } else {
        Status::Missing
    }
}

/// An SPF record of a name other than the domain's, such as a return path: it has the terms wanted, beside whatever else
/// it has, and it is the only one.
fn spf(wanted: &Txt, present: Vec<RecordData>) -> Found {
    let records: Vec<(RecordData, Vec<u8>)> = present
        .into_iter()
        .filter_map(|data| match &data {
            RecordData::Txt(text) if is_spf(&text.joined()) => {
                let text = text.joined();
                Some((data, text))
            }
            _ => None,
        })
        .collect();
    let text = match records.as_slice() {
        [] => return Found::of(Status::Missing),
        [(_, text)] => text.clone(),
        _ => {
            let several = records.into_iter().map(|(data, _)| data).collect();
            return Found::for_its_owner(
                Status::Conflicting(several),
                "the name has several SPF records, a permanent error for every check; leave one",
            );
        }
    };
    let there = records.into_iter().map(|(data, _)| data).collect();
    if text == wanted.joined() {
        return Found::of(Status::Present);
    }
    match merged(&text, &wanted.joined()) {
        Ok(None) => Found::of(Status::Present),
        Ok(Some(record)) => Found {
            instead: Some(RecordData::Txt(Txt::split(record.as_bytes()))),
            ..Found::of(Status::Wrong(there))
        },
        Err(problem) => Found::for_its_owner(Status::Wrong(there), problem),
    }
}

/// The record with the terms of another added; `None` where it has them.
fn merged(current: &[u8], wanted: &[u8]) -> Result<Option<String>, String> {
    let broken = |_| "the SPF record of the name is broken; correct it first".to_owned();
    let current: &str = str::from_utf8(current).map_err(|_| {
        "the SPF record of the name has octets outside ASCII; correct it first".to_owned()
    })?;
    let wanted: letterhead_spf::Record = str::from_utf8(wanted)
        .map_err(|_| "the SPF record wanted is broken".to_owned())?
        .parse()
        .map_err(|error| format!("the SPF record wanted is broken: {error}"))?;
    let _: letterhead_spf::Record = current.parse().map_err(broken)?;
    let terms: Vec<Directive> = wanted
        .directives()
        .filter(|directive| *directive.mechanism() != Mechanism::All)
        .cloned()
        .collect();
    let merged = merge(Some(current), &terms).map_err(|error| error.to_string())?;
    Ok((merged.change != Change::Unchanged).then_some(merged.record))
}

/// Any policy that applies is the domain's own decision, or that of a domain above it; the plan's is advice where there
/// is none.
async fn policy(wanted: &Record, present: Vec<RecordData>, resolver: &dyn Resolver) -> Found {
    let to_put_right =
        "what is there is no policy that applies; put it right, or leave one of several";
    let mut own = present;
    own.retain(|data| match data {
        RecordData::Txt(text) => {
            letterhead_dmarc::Record::try_from(text.joined().as_slice()).is_ok()
        }
        _ => false,
    });
    if own.len() > 1 {
        return Found::for_its_owner(Status::Wrong(own), to_put_right);
    }
    let author_domain = DomainName::try_from(&wanted.name)
        .ok()
        .and_then(|name| name.parent());
    let Some(author_domain) = author_domain else {
        return Found::of(if own.is_empty() {
            Status::Missing
        } else {
            Status::Present
        });
    };
    match letterhead_dmarc::discover(&author_domain, resolver)
        .await
        .outcome()
    {
        DiscoveryOutcome::Found(_) => Found::of(Status::Present),
        DiscoveryOutcome::DoesNotApply(_) if !own.is_empty() => {
            Found::for_its_owner(Status::Wrong(own), to_put_right)
        }
        DiscoveryOutcome::DoesNotApply(_) | DiscoveryOutcome::NoRecord => {
            Found::of(Status::Missing)
        }
        DiscoveryOutcome::Failed(error) => Found::of(Status::Unknown(error.clone())),
    }
}

/// What has to go before the record can stand: an alias leaves no room for anything else, and finds none beside anything
/// else ([RFC 2181 §10.1](https://www.rfc-editor.org/rfc/rfc2181#section-10.1)). `aliases` are those at the name, where an
/// alias is wanted.
async fn in_the_way(
    record: &Record,
    aliases: &[RecordData],
    resolver: &dyn Resolver,
) -> Option<Status> {
    if record.data.record_type() != RecordType::CNAME {
        return match records_at(&record.name, RecordType::CNAME, resolver).await {
            Ok(found) if found.is_empty() => None,
            Ok(found) => Some(Status::Conflicting(found)),
            Err(error) => Some(Status::Unknown(error)),
        };
    }
    let mut others = Vec::new();
    for other in [
        RecordType::A,
        RecordType::AAAA,
        RecordType::MX,
        RecordType::TXT,
    ] {
        match resolver.lookup(&record.name, other).await {
            // An alias that is there is followed, and its target's records are not this name's.
            Ok(answer) if answer.aliases().is_empty() => {
                others.extend(answer.records().iter().cloned());
            }
            Ok(_) => {}
            Err(error) if error.is_no_such_name() || !aliases.is_empty() => {}
            Err(error) => return Some(Status::Unknown(error)),
        }
    }
    if others.is_empty() {
        return None;
    }
    others.extend(
        aliases
            .iter()
            .filter(|alias| **alias != record.data)
            .cloned(),
    );
    Some(Status::Conflicting(others))
}
