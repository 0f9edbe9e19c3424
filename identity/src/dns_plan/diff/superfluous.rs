//! What is published and not needed.

use letterhead_dns::record::Txt;
use letterhead_dns::{Name, RecordData, RecordType, Resolver};
use letterhead_spf::{Directive, Selection, select};

use crate::dns_plan::plain::printable;
use crate::dns_plan::{DnsPlan, PlannedData, PlannedRecord};
use crate::lookup::records_at;
use crate::profile::Purpose;

/// Something that is published and not needed: it does no harm beside what is wanted, and may be taken away.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Superfluous {
    /// What it is for.
    pub purpose: Purpose,
    /// The name of the TXT record.
    pub name: Name,
    /// The text, or the term of an SPF record; octets outside ASCII as `\DDD`.
    pub text: String,
    /// Why it is not needed.
    pub note: String,
    /// Where that was read; [`DnsPlan::source`] has the page.
    pub source: String,
}

/// What could not be looked up is not told: nothing depends on it.
pub(super) async fn superfluous(plan: &DnsPlan, resolver: &dyn Resolver) -> Vec<Superfluous> {
    let mut all = Vec::new();
    for planned in plan.records() {
        for other in other_proofs(plan, planned, resolver).await {
            if !all.contains(&other) {
                all.push(other);
            }
        }
    }
    all.extend(obsolete_terms(plan, resolver).await);
    all
}

/// Proofs of ownership of the same form as the one wanted, beside it.
async fn other_proofs(
    plan: &DnsPlan,
    planned: &PlannedRecord,
    resolver: &dyn Resolver,
) -> Vec<Superfluous> {
    let (Some(form), PlannedData::Ready(wanted)) = (&planned.form, &planned.data) else {
        return Vec::new();
    };
    if wanted.data.record_type() != RecordType::TXT {
        return Vec::new();
    }
    let is_planned = |text: &Txt| {
        plan.records().iter().any(|other| match &other.data {
            PlannedData::Ready(other) => {
                other.name == wanted.name
                    && matches!(&other.data, RecordData::Txt(planned) if planned.joined() == text.joined())
            }
            PlannedData::Awaiting { .. } => false,
        })
    };
    let found = records_at(&wanted.name, RecordType::TXT, resolver).await;
    let found = found.unwrap_or_default();
    let others = found.iter().filter_map(|data| match data {
        RecordData::Txt(text) if form.is_form_of(&text.joined()) && !is_planned(text) => Some(text),
        _ => None,
    });
    others
        .map(|text| Superfluous {
            purpose: planned.purpose,
            name: wanted.name.clone(),
            text: printable(&text.joined()),
            note: "another proof of the same form; remove it once nobody is verified by it"
                .to_owned(),
            source: planned.source.clone(),
        })
        .collect()
}

async fn obsolete_terms(plan: &DnsPlan, resolver: &dyn Resolver) -> Vec<Superfluous> {
    if plan.obsolete.is_empty() {
        return Vec::new();
    }
    let owner = plan.domain().as_name();
    let found = records_at(owner, RecordType::TXT, resolver).await;
    let texts = found.unwrap_or_default();
    let texts = texts.iter().filter_map(|data| match data {
        RecordData::Txt(text) => Some(text.joined()),
        _ => None,
    });
    let Selection::One(record) = select(texts) else {
        return Vec::new();
    };
    let is_same = |one: &Directive, other: &Directive| {
        one.mechanism().covers(other.mechanism()) && other.mechanism().covers(one.mechanism())
    };
    let is_wanted = |term: &Directive| {
        let mut wanted = plan
            .spf()
            .iter()
            .filter_map(|planned| planned.term.as_ref());
        wanted.any(|wanted| is_same(wanted, term))
    };
    let mut all = Vec::new();
    for directive in record.directives() {
        let obsolete = plan
            .obsolete
            .iter()
            .find(|obsolete| is_same(&obsolete.term, directive));
        if let Some(obsolete) = obsolete.filter(|obsolete| !is_wanted(&obsolete.term)) {
            all.push(Superfluous {
                purpose: Purpose::Spf,
                name: owner.clone(),
                text: directive.to_string(),
                note: obsolete
                    .note
                    .clone()
                    .unwrap_or_else(|| "the provider no longer asks for it".to_owned()),
                source: obsolete.source.clone(),
            });
        }
    }
    all
}
