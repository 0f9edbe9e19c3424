//! How the known errors of DMARC are recognised.

use letterhead_dmarc::{Applicability, Record};
use letterhead_dns::{DomainName, LookupError, RecordType};

use super::{Scene, texts};

fn author(scene: &Scene<'_>) -> Option<DomainName> {
    let dmarc = scene.ours.dmarc.as_ref()?;
    Some(dmarc.author_domain().clone())
}

pub(super) fn from_field(scene: &Scene<'_>) -> bool {
    scene.ours.dmarc.is_none()
}

pub(super) fn lone_author_domain(scene: &Scene<'_>) -> bool {
    author(scene).is_some_and(|author| author.labels().count() == 1)
}

pub(super) fn walk_first(scene: &Scene<'_>) -> bool {
    let own = author(scene);
    let has_own = own
        .as_ref()
        .is_some_and(|author| !records_at(scene, author).unwrap_or_default().is_empty());
    let above = std::iter::successors(own, DomainName::parent).skip(1);
    has_own
        && above
            .into_iter()
            .any(|domain| records_at(scene, &domain).is_err())
}

pub(super) fn several_dmarc_records(scene: &Scene<'_>) -> bool {
    any_name(scene, |texts| {
        let records = texts.iter().filter(|text| record(text).is_some());
        records.count() > 1
    })
}

pub(super) fn version_case(scene: &Scene<'_>) -> bool {
    any_name(scene, |texts| {
        texts.iter().any(|text| {
            let version = text.split(|octet| *octet == b';').next();
            let version = version.unwrap_or_default().trim_ascii();
            version.to_ascii_lowercase().starts_with(b"v=dmarc1") && record(text).is_none()
        })
    })
}

pub(super) fn invalid_value(scene: &Scene<'_>) -> bool {
    any_name(scene, |texts| {
        let mut records = texts.iter().filter_map(|text| record(text));
        records.any(|record| !record.notes().is_empty())
    })
}

pub(super) fn no_policy(scene: &Scene<'_>) -> bool {
    let record = scene.ours.dmarc.as_ref().and_then(|dmarc| dmarc.record());
    record.is_some_and(|record| {
        record.policy().is_none() && record.applicability() == Applicability::Applies
    })
}

pub(super) fn unknown_existence(scene: &Scene<'_>) -> bool {
    author(scene).is_some_and(|author| {
        let dns = scene.brought.dns;
        let fails = |record_type| {
            let answer = dns.answer(author.as_name(), record_type);
            answer.is_err_and(|error| !error.is_no_such_name())
        };
        fails(RecordType::A) || fails(RecordType::CNAME)
    })
}

fn record(text: &[u8]) -> Option<Record> {
    Record::try_from(text).ok()
}

/// Whether what stands at a name that DMARC may ask for is of this kind.
fn any_name(scene: &Scene<'_>, is_it: impl Fn(&[Vec<u8>]) -> bool) -> bool {
    let dmarc = scene.ours.dmarc.as_ref();
    let checked = dmarc.map_or(&[][..], |dmarc| dmarc.identifiers());
    let checked = checked.iter().map(|identifier| identifier.domain().clone());
    let starts = author(scene).into_iter().chain(checked);
    starts
        .flat_map(|start| std::iter::successors(Some(start), DomainName::parent))
        .any(|domain| is_it(&records_at(scene, &domain).unwrap_or_default()))
}

/// The texts below `_dmarc` that could be records; a failing lookup is an error.
fn records_at(scene: &Scene<'_>, domain: &DomainName) -> Result<Vec<Vec<u8>>, LookupError> {
    let Ok(name) = domain.prepend("_dmarc") else {
        return Ok(Vec::new());
    };
    texts(scene, &name)
}
