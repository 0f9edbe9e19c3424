//! The receiver's own verdicts beside the other implementation's.

use letterhead_dkim::{BodyCanonicalization, Cause, DkimResult};
use letterhead_dmarc::{Applicability, Query, QueryOutcome};
use letterhead_identity::Authenticated;
use letterhead_spf::check::reason::Reason;
use letterhead_spf::record::parse_error::ParseErrorKind;

use super::other::{Other, OtherSignature};
use super::{Disagreement, Judged, KnownError};
use crate::session::ReceivedMessage;

/// Where they differ.
pub(super) fn disagreements(
    own: &Authenticated,
    other: &Other,
    received: &ReceivedMessage,
) -> Vec<Disagreement> {
    let mut found: Vec<Disagreement> = Vec::new();
    found.extend(spf(&own.spf, other));
    let mut others: Vec<&OtherSignature> = other.dkim.iter().collect();
    for verdict in &own.dkim {
        found.extend(dkim(verdict, &mut others, received));
    }
    let of_dmarc = dmarc(own, other, &found);
    found.extend(of_dmarc);
    found
}

fn spf(own: &letterhead_spf::Verdict, other: &Other) -> Option<Disagreement> {
    if own.result.as_str() == other.spf {
        return None;
    }
    let trace = own.trace().to_string();
    let known = match &own.decided_by().reason {
        Reason::TooManyVoidLookups { .. } => Some(KnownError::VoidLookups),
        Reason::Syntax(error) if *error.kind() == ParseErrorKind::DomainEnd => {
            Some(KnownError::LoneLabel)
        }
        Reason::Syntax(_) => Some(KnownError::LenientSyntax),
        _ if trace.contains("exists:") => Some(KnownError::Exists),
        _ if ["-include:", "~include:", "?include:"]
            .iter()
            .any(|include| trace.contains(include)) =>
        {
            Some(KnownError::IncludeQualifier)
        }
        _ => None,
    };
    Some(Disagreement {
        about: Judged::Spf,
        own: own.result.as_str().to_owned(),
        other: other.spf.to_owned(),
        known,
    })
}

/// Takes the other's opinion on this signature out of `others`.
fn dkim(
    own: &letterhead_dkim::Verdict,
    others: &mut Vec<&OtherSignature>,
    received: &ReceivedMessage,
) -> Option<Disagreement> {
    let domain = own.domain().map(ToString::to_string).unwrap_or_default();
    let selector = own.selector().map(ToString::to_string).unwrap_or_default();
    let place = others.iter().position(|other| {
        other.opinion.domain.eq_ignore_ascii_case(&domain)
            && other.opinion.selector.eq_ignore_ascii_case(&selector)
    });
    let other = place.map(|place| others.remove(place));
    let said = other.map_or("none", |other| other.opinion.result.as_str());
    let result = own.result();
    if Class::of_own(result) == Class::of_other(said) {
        return None;
    }
    let hashes_white_space = ends_in_white_space(received.message.body())
        && own.signature().is_none_or(|signature| {
            signature.canonicalization().body() == BodyCanonicalization::Relaxed
        });
    let known = match own.cause() {
        _ if other.is_some_and(|other| other.is_expired) => Some(KnownError::MachineClock),
        Cause::Expired => Some(KnownError::MachineClock),
        Cause::AlgorithmNotUsable | Cause::KeyTooSmall => Some(KnownError::WeakSignature),
        Cause::FromNotSigned => Some(KnownError::FromNotSigned),
        Cause::SeveralKeys => Some(KnownError::SeveralKeys),
        Cause::KeyLookupFailed if said == "neutral" => Some(KnownError::BodyBeforeKey),
        Cause::Verified if hashes_white_space => Some(KnownError::WhiteSpaceLines),
        _ => None,
    };
    Some(Disagreement {
        about: Judged::Dkim { domain, selector },
        own: result.to_string(),
        other: said.to_owned(),
        known,
    })
}

/// What the words for results come down to. Where a signature does not hold, implementations differ in what they call it.
#[derive(PartialEq, Eq)]
enum Class {
    Holds,
    NotKnown,
    Fails,
}

impl Class {
    fn of_own(result: DkimResult) -> Self {
        match result {
            DkimResult::Pass => Self::Holds,
            DkimResult::TempError => Self::NotKnown,
            DkimResult::Fail | DkimResult::Neutral | DkimResult::Policy | DkimResult::PermError => {
                Self::Fails
            }
        }
    }

    fn of_other(word: &str) -> Self {
        match word {
            "pass" => Self::Holds,
            "temperror" => Self::NotKnown,
            _ => Self::Fails,
        }
    }
}

/// Whether lines of white space come last, behind text or alone.
fn ends_in_white_space(body: &[u8]) -> bool {
    let mut lines = body.rsplit(|octet| *octet == b'\n');
    // Behind the last line end there is nothing.
    lines.next();
    let is_blank = |line: &&[u8]| line.iter().all(u8::is_ascii_whitespace);
    lines
        .take_while(is_blank)
        .any(|line| !line.strip_suffix(b"\r").unwrap_or(line).is_empty())
}

/// DMARC, where SPF and DKIM differ in this already.
fn dmarc(own: &Authenticated, other: &Other, before: &[Disagreement]) -> Option<Disagreement> {
    let said = words(own);
    if said == other.dmarc {
        return None;
    }
    let follows = !before.is_empty() && before.iter().all(|one| one.known.is_some());
    let is_testing = own.dkim.iter().any(letterhead_dkim::Verdict::is_testing);
    let verdict = own.dmarc.as_ref();
    let record_error = verdict.and_then(|verdict| record_error(verdict, &other.dmarc));
    let known = match record_error {
        Some(known) => Some(known),
        None if is_testing => Some(KnownError::TestingKey),
        None if follows => Some(KnownError::Follows),
        None => None,
    };
    Some(Disagreement {
        about: Judged::Dmarc,
        own: said,
        other: other.dmarc.clone(),
        known,
    })
}

/// The result and the policy asked for, as the other's are written.
fn words(own: &Authenticated) -> String {
    let Some(verdict) = &own.dmarc else {
        return "none".to_owned();
    };
    let result = verdict.result().to_string();
    match verdict.requested_policy() {
        Some(policy) if result != "none" => format!("{result} ({policy})"),
        _ => result,
    }
}

/// What the other takes otherwise in the record that applies, or on the way to it, and says `said` of therefore.
fn record_error(verdict: &letterhead_dmarc::Verdict, said: &str) -> Option<KnownError> {
    let author = verdict.author_domain();
    let is = |word: &str| said.starts_with(word);
    if author.labels().count() == 1 && is("none") {
        return Some(KnownError::TopLevelAuthor);
    }
    let outcomes = || verdict.queries().iter().map(Query::outcome);
    let has = |wanted: fn(&QueryOutcome) -> bool| outcomes().any(wanted);
    if has(|outcome| matches!(outcome, QueryOutcome::SeveralRecords(_))) {
        return Some(KnownError::SeveralRecords);
    }
    let Some(record) = verdict.record() else {
        let is_no_record = has(|outcome| matches!(outcome, QueryOutcome::NoRecord));
        let is_invalid = is("permerror").then_some(KnownError::InvalidTag);
        return is_invalid.or_else(|| is_no_record.then_some(KnownError::VersionCase));
    };
    if record.policy().is_none() && record.applicability() == Applicability::Applies {
        return Some(KnownError::MissingPolicy);
    }
    if !record.notes().is_empty() {
        return Some(KnownError::InvalidTag);
    }
    if is("temperror") && verdict.policy_domain() == Some(author) {
        return Some(KnownError::WalksFirst);
    }
    let asks_more = record.nonexistent_subdomain_policy() != record.subdomain_policy();
    (asks_more && verdict.policy_domain() != Some(author)).then_some(KnownError::NonExistentDomain)
}
