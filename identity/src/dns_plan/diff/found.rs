//! What is published now.

use letterhead_dmarc::DiscoveryOutcome;
use letterhead_dns::{DomainName, LookupError, Name, Record, RecordData, RecordType, Resolver};

use super::Status;
use crate::dns_plan::{PlannedData, PlannedRecord};
use crate::profile::Purpose;

pub(super) async fn status(planned: &PlannedRecord, resolver: &dyn Resolver) -> Status {
    let PlannedData::Ready(record) = &planned.data else {
        return Status::Awaiting;
    };
    let found = match records_at(&record.name, record.data.record_type(), resolver).await {
        Ok(found) => found,
        Err(error) => return Status::Unknown(error),
    };
    let status = match (planned.purpose, &record.data) {
        (Purpose::Dmarc, RecordData::Txt(_)) => policy(record, found, resolver).await,
        (purpose, wanted) => compare(purpose, wanted, found),
    };
    match status {
        Status::Missing | Status::Wrong(_) => in_the_way(record, resolver).await.unwrap_or(status),
        other => other,
    }
}

/// The records of one type; none where the name does not exist.
pub(super) async fn records_at(
    name: &Name,
    record_type: RecordType,
    resolver: &dyn Resolver,
) -> Result<Vec<RecordData>, LookupError> {
    match resolver.lookup(name, record_type).await {
        Ok(answer) => Ok(answer.records().to_vec()),
        Err(error) if error.is_no_such_name() => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

fn compare(purpose: Purpose, wanted: &RecordData, found: Vec<RecordData>) -> Status {
    let is_wanted = |data: &RecordData| match (wanted, data) {
        // How the text is split into strings is nobody's business.
        (RecordData::Txt(wanted), RecordData::Txt(text)) => wanted.joined() == text.joined(),
        (wanted, data) => wanted == data,
    };
    match found.as_slice() {
        [] => Status::Missing,
        [only] if is_wanted(only) => Status::Present,
        // A proof of ownership stands among other texts, which are not ours to take away.
        several if purpose == Purpose::Ownership && matches!(wanted, RecordData::Txt(_)) => {
            if several.iter().any(is_wanted) {
                Status::Present
            } else {
                Status::Missing
            }
        }
        _ => Status::Wrong(found),
    }
}

/// Any policy that applies is the domain's own decision, or that of a domain above it; the plan's is advice where there
/// is none.
async fn policy(wanted: &Record, found: Vec<RecordData>, resolver: &dyn Resolver) -> Status {
    let mut own = found;
    own.retain(|data| match data {
        RecordData::Txt(text) => {
            letterhead_dmarc::Record::try_from(text.joined().as_slice()).is_ok()
        }
        _ => false,
    });
    if own.len() > 1 {
        return Status::Wrong(own);
    }
    let author_domain = DomainName::try_from(&wanted.name)
        .ok()
        .and_then(|name| name.parent());
    let Some(author_domain) = author_domain else {
        return compare(Purpose::Dmarc, &wanted.data, own);
    };
    match letterhead_dmarc::discover(&author_domain, resolver)
        .await
        .outcome()
    {
        DiscoveryOutcome::Found(_) => Status::Present,
        DiscoveryOutcome::DoesNotApply(_) if !own.is_empty() => Status::Wrong(own),
        DiscoveryOutcome::DoesNotApply(_) | DiscoveryOutcome::NoRecord => Status::Missing,
        DiscoveryOutcome::Failed(error) => Status::Unknown(error.clone()),
    }
}

/// What has to go before the record can stand: an alias leaves no room for anything else, and finds none beside anything
/// else ([RFC 2181 §10.1](https://www.rfc-editor.org/rfc/rfc2181#section-10.1)).
async fn in_the_way(record: &Record, resolver: &dyn Resolver) -> Option<Status> {
    let others: &[RecordType] = if record.data.record_type() == RecordType::CNAME {
        // An alias that is there would be followed, and its target's records taken for this name's.
        match records_at(&record.name, RecordType::CNAME, resolver).await {
            Ok(aliases) if aliases.is_empty() => &[
                RecordType::TXT,
                RecordType::A,
                RecordType::AAAA,
                RecordType::MX,
            ],
            Ok(_) => return None,
            Err(error) => return Some(Status::Unknown(error)),
        }
    } else {
        &[RecordType::CNAME]
    };
    for other in others {
        match records_at(&record.name, *other, resolver).await {
            Ok(found) if found.is_empty() => {}
            Ok(found) => return Some(Status::Conflicting(found)),
            Err(error) => return Some(Status::Unknown(error)),
        }
    }
    None
}
