//! How the known errors of SPF are recognised.

use letterhead_spf::SpfResult;
use letterhead_spf::check::reason::Reason;
use letterhead_spf::check::trace::{Outcome, Trace};
use letterhead_spf::record::parse_error::ParseErrorKind;

use super::Scene;

pub(super) fn void_lookups(scene: &Scene<'_>) -> bool {
    let reason = &scene.ours.spf.decided_by().reason;
    matches!(reason, Reason::TooManyVoidLookups { .. })
}

pub(super) fn lone_label(scene: &Scene<'_>) -> bool {
    let reason = &scene.ours.spf.decided_by().reason;
    matches!(reason, Reason::Syntax(error) if *error.kind() == ParseErrorKind::DomainEnd)
}

pub(super) fn lax_record(scene: &Scene<'_>) -> bool {
    let reason = &scene.ours.spf.decided_by().reason;
    matches!(reason, Reason::Syntax(_))
}

pub(super) fn modifier_values(scene: &Scene<'_>) -> bool {
    scene.theirs.spf == SpfResult::PermError
        && any_term(scene.ours.spf.trace(), |term| {
            let (name, value) = term.split_once('=').unwrap_or((term, "-"));
            let is_name = name
                .chars()
                .all(|letter| letter.is_ascii_alphanumeric() || "-_.".contains(letter));
            is_name && (value.is_empty() || value.contains('/'))
        })
}

pub(super) fn nested_include(scene: &Scene<'_>) -> bool {
    has_include_in_include(scene.ours.spf.trace(), Standing::Own)
}

/// How an evaluation came by a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Own,
    Included,
}

/// Whether an include that matched stands in a record that was included.
fn has_include_in_include(trace: &Trace, standing: Standing) -> bool {
    trace.steps().iter().any(|step| {
        let Some(nested) = step.nested() else {
            return false;
        };
        let below = match step.outcome() {
            Outcome::Followed(_) => standing,
            _ => Standing::Included,
        };
        let matched = matches!(step.outcome(), Outcome::Matched);
        (standing == Standing::Included && matched) || has_include_in_include(nested, below)
    })
}

pub(super) fn several_spf_records(scene: &Scene<'_>) -> bool {
    let reason = &scene.ours.spf.decided_by().reason;
    matches!(reason, Reason::SeveralRecords(_))
}

pub(super) fn client_names(scene: &Scene<'_>) -> bool {
    any_term(scene.ours.spf.trace(), |term| {
        let term = term.to_ascii_lowercase();
        let name = term.trim_start_matches(['+', '-', '~', '?']);
        name.starts_with("ptr") || term.contains("%{p")
    })
}

/// Whether a term of a record that was read is of this kind.
fn any_term(trace: &Trace, is_it: fn(&str) -> bool) -> bool {
    let is_here = trace.record().is_some_and(|record| {
        let mut terms = record.terms().iter().map(|term| record.text_of(term));
        terms.any(is_it)
    });
    let mut below = trace.steps().iter().filter_map(|step| step.nested());
    is_here || below.any(|nested| any_term(nested, is_it))
}
