//! What is to be done with the SPF record that is published now.

use letterhead_dns::record::Txt;
use letterhead_dns::{LookupError, Name, Overlay, Record, RecordData, RecordType, Resolver, Zone};
use letterhead_spf::merge::{Change, Merged, Notice};
use letterhead_spf::record::domain_spec::DomainSpec;
use letterhead_spf::{
    Code, Directive, Finding, Mechanism, MergeError, Selection, Severity, audit, merge, select,
};

use super::SpfChange;
use crate::dns_plan::DnsPlan;
use crate::dns_plan::plain::printable;
use crate::lookup::records_at;

pub(super) async fn spf_change(
    plan: &DnsPlan,
    resolver: &dyn Resolver,
) -> (SpfChange, Vec<Notice>) {
    if plan.spf().is_empty() {
        return (SpfChange::NotNeeded, Vec::new());
    }
    let terms: Option<Vec<_>> = plan
        .spf()
        .iter()
        .map(|planned| planned.term.clone())
        .collect();
    let Some(terms) = terms else {
        return (SpfChange::Awaiting, Vec::new());
    };
    let owner = plan.domain().as_name();
    let texts = match texts_at(owner, resolver).await {
        Ok(texts) => texts,
        Err(error) => return (SpfChange::Unknown(error), Vec::new()),
    };
    let (change, notices) = merged(&texts, &terms, resolver).await;
    let record = match &change {
        SpfChange::New { record } => record,
        SpfChange::Replace { merged, .. } => merged,
        _ => return (change, notices),
    };
    match records_at(owner, RecordType::CNAME, resolver).await {
        Ok(aliases) => {
            if let Some(alias) = aliases.first() {
                let problem = format!(
                    "{owner} is an alias of {alias}, and no record can stand beside an alias"
                );
                return (blocked(&texts, problem), Vec::new());
            }
        }
        Err(error) => return (SpfChange::Unknown(error), Vec::new()),
    }
    match over_the_limit(plan, record, resolver).await {
        Some(problem) => (blocked(&texts, problem), Vec::new()),
        None => (change, notices),
    }
}

async fn texts_at(name: &Name, resolver: &dyn Resolver) -> Result<Vec<Vec<u8>>, LookupError> {
    let found = records_at(name, RecordType::TXT, resolver).await?;
    Ok(found.iter().filter_map(joined_text).collect())
}

fn joined_text(data: &RecordData) -> Option<Vec<u8>> {
    match data {
        RecordData::Txt(text) => Some(text.joined()),
        _ => None,
    }
}

async fn merged(
    texts: &[Vec<u8>],
    terms: &[Directive],
    resolver: &dyn Resolver,
) -> (SpfChange, Vec<Notice>) {
    let present = match select(texts) {
        Selection::None => None,
        Selection::One(record) => Some(record.to_string()),
        Selection::Invalid(error) => {
            let problem = format!("the domain's SPF record is broken: {error}");
            return (blocked(texts, problem), Vec::new());
        }
        Selection::Several(count) => {
            let problem = format!(
                "the domain has {count} SPF records, a permanent error for every check; leave one"
            );
            return (blocked(texts, problem), Vec::new());
        }
    };
    let problem = match (merge(present.as_deref(), terms), present) {
        (Ok(merged), None) => {
            let record = merged.record;
            return (SpfChange::New { record }, merged.notices);
        }
        (Ok(merged), Some(current)) => {
            let change = if current == merged.record {
                SpfChange::Present { current }
            } else {
                SpfChange::Replace {
                    current,
                    merged: merged.record,
                }
            };
            return (change, merged.notices);
        }
        (Err(MergeError::Redirect { target }), Some(current)) => {
            match merged_at(&target, terms, resolver).await {
                Ok(Some(merged)) if merged.change == Change::Unchanged => {
                    return (SpfChange::Present { current }, merged.notices);
                }
                Ok(_) => MergeError::Redirect { target },
                Err(error) => return (SpfChange::Unknown(error), Vec::new()),
            }
        }
        (Err(problem), _) => problem,
    };
    (blocked(texts, problem.to_string()), Vec::new())
}

/// The record that decides in place of one that ends in `redirect`, with the terms added; `None` where they cannot be
/// added to it, or where who sends decides which record it is.
async fn merged_at(
    target: &DomainSpec,
    terms: &[Directive],
    resolver: &dyn Resolver,
) -> Result<Option<Merged>, LookupError> {
    let Some(name) = literal_name(target) else {
        return Ok(None);
    };
    Ok(match select(&texts_at(&name, resolver).await?) {
        Selection::One(record) => merge(Some(record.as_str()), terms).ok(),
        Selection::None | Selection::Invalid(_) | Selection::Several(_) => None,
    })
}

/// What is wrong with a record that has ten terms or fewer of its own and, with those of the records it includes, more
/// than a check evaluates ([RFC 7208 §4.6.4](https://www.rfc-editor.org/rfc/rfc7208#section-4.6.4)).
async fn over_the_limit(plan: &DnsPlan, record: &str, resolver: &dyn Resolver) -> Option<String> {
    let text = RecordData::Txt(Txt::split(record.as_bytes()));
    let mut zone = Zone::new();
    zone.insert(Record::new(plan.domain().as_name().clone(), 0, text));
    for target in absent_includes(plan, resolver).await {
        zone.insert(Record::new(
            target,
            0,
            RecordData::Txt(Txt::split(b"v=spf1 -all")),
        ));
    }
    let audit = audit(plan.domain(), &Overlay::new(&zone, resolver)).await;
    // Hosts of an IPv4-only sender have no AAAA, which is void for IPv6 clients and nobody's mistake: a warning.
    let is_over = |finding: &Finding<Code>| {
        finding.severity == Severity::Error
            && matches!(
                finding.code,
                Code::TooManyLookups | Code::TooManyVoidLookups | Code::Loop
            )
    };
    let finding = audit.lint().into_iter().find(is_over)?;
    Some(format!(
        "with the terms added, checks would end in a permanent error: {}; {}",
        finding.problem, finding.remedy
    ))
}

/// The records that the wanted terms include and that are not there. Whoever asks for a term has its record, and a zone
/// that is looked at offline may hold the domain's own records only: they count as included, and as nothing more.
async fn absent_includes(plan: &DnsPlan, resolver: &dyn Resolver) -> Vec<Name> {
    let mut absent = Vec::new();
    let terms = plan
        .spf()
        .iter()
        .filter_map(|planned| planned.term.as_ref());
    for term in terms {
        if let Mechanism::Include(target) = term.mechanism()
            && let Some(name) = literal_name(target)
            && let Ok(found) = texts_at(&name, resolver).await
            && matches!(select(&found), Selection::None)
        {
            absent.push(name);
        }
    }
    absent
}

/// The name that is meant whoever sends; `None` where it depends on that.
fn literal_name(target: &DomainSpec) -> Option<Name> {
    let text = target.literal()?.trim_end_matches('.');
    Name::from_labels(text.split('.')).ok()
}

/// Shows the texts that SPF is concerned with, broken ones included.
fn blocked(texts: &[Vec<u8>], problem: String) -> SpfChange {
    SpfChange::Blocked {
        current: texts
            .iter()
            .filter(|text| !matches!(select([text]), Selection::None))
            .map(|text| printable(text))
            .collect(),
        problem,
    }
}
