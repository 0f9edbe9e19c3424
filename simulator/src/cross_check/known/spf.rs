//! How the known errors of SPF are recognised.

use std::net::IpAddr;

use letterhead_dns::DomainName;
use letterhead_spf::check::reason::Reason;
use letterhead_spf::check::trace::{Outcome, Trace};
use letterhead_spf::record::parse_error::ParseErrorKind;
use letterhead_spf::{Directive, Mechanism, SpfResult, TermKind};

use super::{Scene, texts};

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
        || any_trace(scene.ours.spf.trace(), &|trace| {
            has_odd_version(scene, trace)
        })
}

/// White space other than a space behind the version, so that it is none.
fn has_odd_version(scene: &Scene<'_>, trace: &Trace) -> bool {
    let domain = trace.domain().parse::<DomainName>();
    let texts = domain.map(|domain| texts(scene, &domain).unwrap_or_default());
    texts.unwrap_or_default().iter().any(|text| {
        let version = text.split_at_checked(b"v=spf1".len());
        version.is_some_and(|(version, rest)| {
            let next = rest.first();
            version.eq_ignore_ascii_case(b"v=spf1")
                && next.is_some_and(|octet| octet.is_ascii_whitespace() && *octet != b' ')
        })
    })
}

pub(super) fn modifier_values(scene: &Scene<'_>) -> bool {
    let has_one = |trace: &Trace| {
        trace.record().is_some_and(|record| {
            let terms = record.terms().iter();
            let mut modifiers = terms.filter(|term| matches!(term.kind(), TermKind::Modifier(_)));
            modifiers.any(|term| is_odd_modifier(record.text_of(term)))
        })
    };
    scene.theirs.spf == SpfResult::PermError && any_trace(scene.ours.spf.trace(), &has_one)
}

fn is_odd_modifier(text: &str) -> bool {
    let (name, value) = text.split_once('=').unwrap_or((text, ""));
    // These two are read as RFC 6652 has them.
    let is_number = name.eq_ignore_ascii_case("rp") || name.eq_ignore_ascii_case("rr");
    is_number || value.is_empty() || value.contains('/')
}

/// Whether the client has an IPv4 address that is in an IPv6 network when it is written as one.
pub(super) fn mapped_address(scene: &Scene<'_>) -> bool {
    let IpAddr::V4(client) = scene.brought.client.to_canonical() else {
        return false;
    };
    let client = client.to_ipv6_mapped();
    any_trace(scene.ours.spf.trace(), &|trace| {
        trace.record().is_some_and(|record| {
            let mut mechanisms = record.directives().map(Directive::mechanism);
            mechanisms.any(|mechanism| {
                matches!(mechanism, Mechanism::Ip6(network) if network.contains(client))
            })
        })
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
    any_trace(scene.ours.spf.trace(), &|trace| {
        trace.record().is_some_and(|record| {
            let mut terms = record.terms().iter().map(|term| record.text_of(term));
            terms.any(|term| {
                let term = term.to_ascii_lowercase();
                let name = term.trim_start_matches(['+', '-', '~', '?']);
                name.starts_with("ptr") || term.contains("%{p")
            })
        })
    })
}

/// Whether an evaluation is of this kind, or one that hangs below its terms.
fn any_trace(trace: &Trace, is_it: &dyn Fn(&Trace) -> bool) -> bool {
    let mut below = trace.steps().iter().filter_map(|step| step.nested());
    is_it(trace) || below.any(|nested| any_trace(nested, is_it))
}
