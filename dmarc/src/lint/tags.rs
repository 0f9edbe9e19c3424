//! What is wrong with the tags of a record.

use std::ops::Range;

use letterhead_dns::Finding;

use crate::alignment_mode::AlignmentMode;
use crate::lint::code::Code;
use crate::policy::Policy;
use crate::record::parser::{TagPlace, places};
use crate::record::{Applicability, Note, NoteKind, PublicSuffix, Record, TestMode};

/// The tags of DMARC, today's and older ones.
pub(super) const KNOWN: &[&str] = &[
    "v", "p", "sp", "np", "psd", "t", "adkim", "aspf", "rua", "ruf", "fo", "pct", "rf", "ri",
];

pub(super) fn lint(record: &Record, octets: &[u8]) -> Vec<Finding<Code>> {
    let text = Text {
        octets,
        places: places(octets),
    };
    let mut findings: Vec<Finding<Code>> = record
        .notes()
        .iter()
        .map(|note| of_note(record, note, &text))
        .collect();
    findings.extend(unknown(record, &text));
    findings.extend(order(&text));
    if record.applicability() == Applicability::Applies {
        findings.extend(policy(record, &text));
        findings.extend(subdomains(record, &text));
        findings.extend(test_mode(record, &text));
    }
    findings.extend(alignment(record, &text));
    findings.extend(suffix(record, &text));
    findings.extend(failure_reports(record, &text));
    findings.sort_by_key(|finding| finding.span.as_ref().map_or(usize::MAX, |span| span.start));
    findings
}

/// The octets of a record and where its tags are.
struct Text<'a> {
    octets: &'a [u8],
    places: Vec<TagPlace>,
}

impl Text<'_> {
    fn tag(&self, code: Code, name: &str, problem: String, remedy: String) -> Finding<Code> {
        match self.places.iter().find(|place| place.name == name) {
            Some(place) => self.at(code, place.span.clone(), problem, remedy),
            None => Finding::new(code, "", problem, remedy),
        }
    }

    fn at(&self, code: Code, span: Range<usize>, problem: String, remedy: String) -> Finding<Code> {
        let octets = self.octets.get(span.clone()).unwrap_or_default();
        Finding::new(code, String::from_utf8_lossy(octets), problem, remedy).at(span)
    }

    /// From an offset to the next of these octets, or to the end, without spaces there.
    fn until(&self, start: usize, ends: &[u8]) -> Range<usize> {
        let rest = self.octets.get(start..).unwrap_or_default();
        let length = rest
            .iter()
            .position(|octet| ends.contains(octet))
            .unwrap_or(rest.len());
        let piece = rest.get(..length).unwrap_or_default();
        start..start.saturating_add(piece.trim_ascii_end().len())
    }
}

/// A finding for what the reader passed over.
fn of_note(record: &Record, note: &Note, text: &Text<'_>) -> Finding<Code> {
    let piece = text.until(note.offset(), b";");
    match note.kind() {
        NoteKind::ObsoleteTag { name: "pct", value } if &**value != "100" => {
            let remedy = match (&**value, record.policy()) {
                ("0", Some(Policy::Quarantine | Policy::Reject)) => {
                    "write `t=y` in its place, or remove it"
                }
                _ => "remove it, and ask for the weaker policy until all mail passes",
            };
            let problem = String::from(
                "it is obsolete: receivers apply the policy to all mail, and older ones to that part in a hundred",
            );
            text.at(Code::ObsoletePercentage, piece, problem, remedy.to_owned())
        }
        NoteKind::ObsoleteTag { .. } => {
            let problem = String::from("it is obsolete and has no effect");
            text.at(Code::ObsoleteTag, piece, problem, String::from("remove it"))
        }
        NoteKind::ObsoleteSizeLimit { limit } => {
            let problem = format!("the size limit !{limit} is obsolete and has no effect");
            let span = text.until(note.offset(), b",;");
            text.at(
                Code::ObsoleteSizeLimit,
                span,
                problem,
                format!("remove `!{limit}`"),
            )
        }
        NoteKind::RepeatedTag { name } if name.eq_ignore_ascii_case("v") => {
            let problem =
                String::from("a second version in the middle, as when two records were joined");
            let remedy = String::from("leave one record that says what is meant");
            text.at(Code::RepeatedTag, piece, problem, remedy)
        }
        NoteKind::RepeatedTag { name } => {
            let problem = format!("{name} was there before and the first one counts");
            text.at(
                Code::RepeatedTag,
                piece,
                problem,
                String::from("leave the one that is meant"),
            )
        }
        NoteKind::InvalidValue {
            name: name @ ("p" | "sp" | "np"),
            ..
        } => {
            let problem = match record.applicability() {
                Applicability::DoesNotApply(_) => {
                    "it is no policy and there is no valid rua address, so that DMARC does not apply at all"
                }
                _ => "it is no policy, so that the whole record acts as p=none",
            };
            let remedy = format!("write `{name}=none`, `{name}=quarantine` or `{name}=reject`");
            text.tag(Code::InvalidPolicy, name, problem.to_owned(), remedy)
        }
        NoteKind::InvalidValue { name, .. } => {
            let (default, values) = match *name {
                "psd" => ("u", "`psd=n`, `psd=y` or `psd=u`"),
                "t" => ("n", "`t=y` or `t=n`"),
                "fo" => (
                    "0",
                    "`0`, `1`, `d` and `s` with colons between, and not both `0` and `1`",
                ),
                _ => ("r", "`r` for relaxed or `s` for strict"),
            };
            let problem =
                format!("it is not a value of {name}, so that {name}={default} takes over");
            text.tag(Code::InvalidValue, name, problem, format!("write {values}"))
        }
        NoteKind::InvalidReportUri { error, .. } => {
            let span = text.until(note.offset(), b",;");
            let remedy =
                String::from("write `mailto:` and an address, with a comma to the next one");
            text.at(
                Code::InvalidReportUri,
                span,
                format!("no reports go there: {error}"),
                remedy,
            )
        }
        NoteKind::NotATag => {
            let problem = String::from("it is not a tag and has no effect");
            text.at(
                Code::NotATag,
                piece,
                problem,
                String::from("write name=value, or remove it"),
            )
        }
    }
}

fn unknown(record: &Record, text: &Text<'_>) -> Vec<Finding<Code>> {
    record
        .unknown_tags()
        .iter()
        .map(|tag| {
            let name = tag.name().to_ascii_lowercase();
            let remedy = match KNOWN.iter().find(|known| is_one_edit(&name, known)) {
                Some(known) => format!("write `{known}=` if that is meant, or remove it"),
                None => String::from("remove it"),
            };
            let problem = String::from("DMARC has no such tag, and it has no effect");
            text.tag(Code::UnknownTag, &name, problem, remedy)
        })
        .collect()
}

/// Whether one character more, less or other makes one word of the other; not for words of one letter.
fn is_one_edit(written: &str, known: &str) -> bool {
    if written.len() < 2 || known.len() < 2 {
        return false;
    }
    let front = written
        .bytes()
        .zip(known.bytes())
        .take_while(|(a, b)| a == b)
        .count();
    let back = written
        .bytes()
        .rev()
        .zip(known.bytes().rev())
        .take_while(|(a, b)| a == b)
        .count();
    let longer = written.len().max(known.len());
    written.len().abs_diff(known.len()) <= 1 && front + back + 1 >= longer
}

/// Older receivers want `p` right behind the version.
fn order(text: &Text<'_>) -> Option<Finding<Code>> {
    let second = text.places.get(1)?;
    if second.name == "p" || !text.places.iter().any(|place| place.name == "p") {
        return None;
    }
    let problem = String::from(
        "receivers that know only the DMARC of RFC 7489 take no record whose p is not the second tag",
    );
    let remedy = String::from("put it right behind `v=DMARC1;`");
    Some(text.tag(Code::PolicyOrder, "p", problem, remedy))
}

fn policy(record: &Record, text: &Text<'_>) -> Vec<Finding<Code>> {
    let mut findings = Vec::new();
    if record.policy().is_none() {
        findings.push(Finding::new(
            Code::PolicyMissing,
            "",
            String::from(
                "there is no p, which is p=none, and older receivers take no record without it",
            ),
            String::from(
                "write `p=none;`, `p=quarantine;` or `p=reject;` right behind `v=DMARC1;`",
            ),
        ));
    }
    let has_reports = !record.aggregate_reports().is_empty();
    let is_monitoring = record.policy().unwrap_or(Policy::None) == Policy::None;
    let (code, problem, remedy) = match (is_monitoring, has_reports) {
        (true, true) => (
            Code::Monitoring,
            "nothing is asked for mail that is forged",
            "once reports show that all own mail passes, go on to `p=quarantine` and `p=reject`",
        ),
        (true, false) => (
            Code::MonitoringBlind,
            "nothing is asked for mail that is forged, and no reports tell about it",
            "add `rua=mailto:` and an address, or ask for `p=reject`",
        ),
        (false, true) => return findings,
        (false, false) => (
            Code::NoReports,
            "no reports tell which own mail fails",
            "add `rua=mailto:` and an address",
        ),
    };
    findings.push(text.tag(code, "p", problem.to_owned(), remedy.to_owned()));
    findings
}

fn subdomains(record: &Record, text: &Text<'_>) -> Vec<Finding<Code>> {
    let domain = record.policy().unwrap_or(Policy::None);
    let existing = record.subdomain_policy().unwrap_or(domain);
    let mut findings = Vec::new();
    if let Some(sp) = record.subdomain_policy() {
        findings.extend(weaker(text, "sp", sp, domain, "subdomains"));
        // Beside an `np` it may be there to be plain.
        if sp == domain && record.nonexistent_subdomain_policy().is_none() {
            findings.push(no_effect(text, "sp", "it says what p says already"));
        }
    }
    if let Some(np) = record.nonexistent_subdomain_policy() {
        findings.extend(weaker(
            text,
            "np",
            np,
            existing.max(domain),
            "subdomains that do not exist",
        ));
        if np == existing {
            findings.push(no_effect(text, "np", "it says what sp or p says already"));
        }
    }
    findings
}

fn weaker(
    text: &Text<'_>,
    tag: &str,
    policy: Policy,
    other: Policy,
    whose: &str,
) -> Option<Finding<Code>> {
    (policy < other).then(|| {
        let problem = format!(
            "{policy} is asked for mail as {whose} and {other} for other mail, so that forgers take those"
        );
        let remedy = format!("remove it, or write `{tag}={other}`");
        text.tag(Code::WeakerSubdomains, tag, problem, remedy)
    })
}

fn no_effect(text: &Text<'_>, tag: &str, problem: &str) -> Finding<Code> {
    text.tag(
        Code::NoEffect,
        tag,
        problem.to_owned(),
        String::from("remove it"),
    )
}

fn test_mode(record: &Record, text: &Text<'_>) -> Option<Finding<Code>> {
    if record.test_mode() == TestMode::Off {
        return None;
    }
    let policies = [
        record.policy(),
        record.subdomain_policy(),
        record.nonexistent_subdomain_policy(),
    ];
    let strongest = policies.into_iter().flatten().max().unwrap_or(Policy::None);
    if strongest == Policy::None {
        return Some(no_effect(text, "t", "there is nothing weaker than none"));
    }
    let problem = format!(
        "in test mode one step less is asked for than is published, {} in place of {strongest}",
        strongest.one_step_weaker()
    );
    let remedy = String::from("remove it once reports show that all own mail passes");
    Some(text.tag(Code::TestMode, "t", problem, remedy))
}

fn alignment(record: &Record, text: &Text<'_>) -> Vec<Finding<Code>> {
    let mut findings = Vec::new();
    for (tag, mode, problem) in [
        (
            "adkim",
            record.dkim_alignment(),
            "a signature counts only with the very domain in From, not with one above or below it",
        ),
        (
            "aspf",
            record.spf_alignment(),
            "SPF counts only with the very domain in From as return path, and providers use one below it",
        ),
    ] {
        if mode == AlignmentMode::Strict {
            let remedy = String::from("remove it unless every sender is known to do so");
            findings.push(text.tag(Code::StrictAlignment, tag, problem.to_owned(), remedy));
        }
    }
    findings
}

fn suffix(record: &Record, text: &Text<'_>) -> Option<Finding<Code>> {
    (record.public_suffix() == PublicSuffix::Yes).then(|| {
        let problem = String::from(
            "it says that others register names below the domain, so that nothing below it aligns with it",
        );
        let remedy = String::from("remove it, unless the domain is a registry's");
        text.tag(Code::PublicSuffix, "psd", problem, remedy)
    })
}

fn failure_reports(record: &Record, text: &Text<'_>) -> Option<Finding<Code>> {
    let has = |name: &str| text.places.iter().any(|place| place.name == name);
    if record.failure_reports().is_empty() {
        return has("fo").then(|| {
            let problem = String::from("it counts only together with a valid ruf");
            text.tag(Code::FoWithoutRuf, "fo", problem, String::from("remove it"))
        });
    }
    let problem = String::from(
        "few receivers send reports on single messages, and these may hold what people wrote",
    );
    let remedy = String::from("remove it unless whoever reads them may read the domain's mail");
    Some(text.tag(Code::FailureReports, "ruf", problem, remedy))
}
