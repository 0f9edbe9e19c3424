//! What is wrong with a record, as far as its text tells.

pub mod code;
mod published;
mod syntax;
mod terms;

use letterhead_dns::{Finding, Txt};

use crate::limits::ADVISED_OCTETS;
use crate::lint::code::Code;
use crate::merge::{Change, MergeError, Notice, merge};
use crate::record::Record;
use crate::record::parser;
use crate::record::term::{Directive, Mechanism, Qualifier};

/// Looks for what is wrong with the SPF record among the TXT records of a name, and whether it authorises everyone wanted.
///
/// Only the text is looked at; [`Audit::lint`](crate::Audit::lint) also knows what the DNS says about it. Findings come in
/// the order of the record.
///
/// ```
/// use letterhead_dns::Txt;
/// use letterhead_spf::lint;
///
/// let wanted = ["a:zgateway.zuora.com".parse()?];
/// let findings = lint(&[Txt::split(b"v=spf1 mx -all")], &wanted);
/// assert_eq!(
///     findings[0].to_string(),
///     "error not-authorised `a:zgateway.zuora.com`: the record does not pass it; \
///      publish `v=spf1 mx a:zgateway.zuora.com -all` in place of this record"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn lint(texts: &[Txt], wanted: &[Directive]) -> Vec<Finding<Code>> {
    let mut findings = in_text(texts);
    match texts
        .iter()
        .find(|text| parser::has_version(&text.joined()))
    {
        None => findings.push(no_record(wanted)),
        Some(text) => {
            if let Ok(record) = Record::try_from(text.joined().as_slice()) {
                findings.extend(wanted_in_text(&record, wanted));
            }
        }
    }
    findings
}

/// Everything but whether wanted senders are authorised.
fn in_text(texts: &[Txt]) -> Vec<Finding<Code>> {
    let mut findings = Vec::new();
    let joined: Vec<Vec<u8>> = texts.iter().map(Txt::joined).collect();
    let records: Vec<&[u8]> = joined
        .iter()
        .map(Vec::as_slice)
        .filter(|text| parser::has_version(text))
        .collect();
    findings.extend(joined.iter().filter_map(|text| near_miss(text)));
    if records.len() > 1 {
        findings.push(several(&records));
    }
    for text in texts {
        let octets = text.joined();
        if !parser::has_version(&octets) {
            continue;
        }
        findings.extend(syntax::bad_split(text));
        match Record::try_from(octets.as_slice()) {
            Ok(record) => findings.extend(terms::lint(&record)),
            Err(error) => findings.extend(syntax::findings(&octets, error)),
        }
    }
    let octets: usize = joined.iter().map(Vec::len).sum();
    if octets > ADVISED_OCTETS && !records.is_empty() {
        let problem = format!(
            "the TXT records of the name have {octets} octets, and above {ADVISED_OCTETS} their answer may not fit into a UDP message"
        );
        let remedy = String::from(
            "move networks into a record of their own that is included, and other texts to other names",
        );
        findings.push(Finding::new(Code::LongRecord, "", problem, remedy));
    }
    findings
}

fn no_record(wanted: &[Directive]) -> Finding<Code> {
    let remedy = match merge(None, wanted) {
        Ok(merged) => format!(
            "publish `{}` once it names every service that sends for the domain now",
            merged.record
        ),
        Err(_) => String::from(
            "publish one that names every service that sends for the domain, or `v=spf1 -all` if none does",
        ),
    };
    let problem = String::from("the domain has no SPF record");
    Finding::new(Code::NoRecord, "", problem, remedy)
}

/// Text that is no record, for a reason that its author did not mean.
fn near_miss(octets: &[u8]) -> Option<Finding<Code>> {
    if parser::has_version(octets) {
        return None;
    }
    let text = String::from_utf8_lossy(octets);
    let start = text
        .trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '\u{feff}'));
    let squeezed: String = start
        .chars()
        .filter(|c| !c.is_whitespace())
        .take(5)
        .collect::<String>()
        .to_ascii_lowercase();
    let inside = text.to_ascii_lowercase();
    let remedy = if inside.contains(" txt ") && inside.contains("v=spf1") {
        "publish only what stands behind `TXT`, from `v=spf1` on"
    } else if squeezed.starts_with("v=spf") {
        "begin it with `v=spf1` and a space, and nothing in front"
    } else if ["spf1", "vspf", "v:spf", "v-spf", "v=sfp", "v=psf"]
        .iter()
        .any(|near| squeezed.starts_with(near))
    {
        "begin it with `v=spf1` and a space"
    } else {
        return None;
    };
    let problem = String::from("it looks like an SPF record, and checks do not take it for one");
    Some(Finding::new(
        Code::NearMiss,
        text,
        problem,
        remedy.to_owned(),
    ))
}

fn several(records: &[&[u8]]) -> Finding<Code> {
    let problem = format!(
        "the domain has {} SPF records, a permanent error for every check",
        records.len()
    );
    let remedy = joined(records).map_or_else(
        || String::from("leave one that names every sender"),
        |record| format!("leave one: `{record}` passes whoever any of them passes"),
    );
    Finding::new(Code::SeveralRecords, "", problem, remedy)
}

/// One record that passes what each of several passes; `None` where that cannot be said.
fn joined(records: &[&[u8]]) -> Option<String> {
    let parsed: Option<Vec<Record>> = records
        .iter()
        .map(|octets| Record::try_from(*octets).ok())
        .collect();
    let parsed = parsed?;
    let (first, rest) = parsed.split_first()?;
    let passes_only = |record: &Record| {
        record.directives().all(|directive| {
            (directive.qualifier() == Qualifier::Pass) != (*directive.mechanism() == Mechanism::All)
        })
    };
    // A network taken out of a larger one, or an end that passes, decides about what the others pass.
    if !parsed.iter().all(passes_only) {
        return None;
    }
    let mut wanted = Vec::new();
    for record in rest {
        let end = record.all().map_or(usize::MAX, |all| all.span().start);
        for term in record.terms().iter().filter(|term| term.span().start < end) {
            wanted.push(term.directive()?.clone());
        }
    }
    Some(merge(Some(first.as_str()), &wanted).ok()?.record)
}

/// What is wanted and not there. All that is missing is in one remedy, because one record is published for it.
fn wanted_in_text(record: &Record, wanted: &[Directive]) -> Vec<Finding<Code>> {
    let passes_all = record
        .all()
        .and_then(|all| all.directive())
        .is_some_and(|all| all.qualifier() == Qualifier::Pass);
    if passes_all {
        return Vec::new();
    }
    match merge(Some(record.as_str()), wanted) {
        Ok(merged) => {
            let missing = match &merged.change {
                Change::Added(missing) => missing.as_slice(),
                Change::Unchanged | Change::New => &[],
            };
            let mut findings = not_authorised(missing, &publish(&merged.record));
            for notice in &merged.notices {
                if let Notice::Replaced(directive) | Notice::Overruled(directive) = notice {
                    findings.push(contradicted(directive, publish(&merged.record)));
                }
            }
            findings
        }
        Err(error) => {
            let missing: Vec<Directive> = wanted
                .iter()
                .filter(|directive| {
                    merge(Some(record.as_str()), std::slice::from_ref(*directive))
                        .map_or(true, |merged| merged.change != Change::Unchanged)
                })
                .cloned()
                .collect();
            let mut findings = not_authorised(&missing, &error.to_string());
            if let MergeError::Contradicted { obstacle, .. } = &error {
                findings.push(contradicted(obstacle, String::from("remove it")));
            }
            findings
        }
    }
}

fn contradicted(obstacle: &Directive, remedy: String) -> Finding<Code> {
    Finding::new(
        Code::Contradicted,
        obstacle.to_string(),
        String::from(
            "it stands in front of a wanted sender and does not pass it, or not all of it",
        ),
        remedy,
    )
}

fn publish(record: &str) -> String {
    format!("publish `{record}` in place of this record")
}

fn not_authorised(missing: &[Directive], remedy: &str) -> Vec<Finding<Code>> {
    missing
        .iter()
        .map(|directive| {
            Finding::new(
                Code::NotAuthorised,
                directive.to_string(),
                String::from("the record does not pass it"),
                remedy.to_owned(),
            )
        })
        .collect()
}
