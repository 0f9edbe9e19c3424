//! Text that was meant to be a record and is none.

use letterhead_dns::Finding;

use crate::lint::code::Code;
use crate::lint::txt::begins_with_tag;
use crate::record::{Applicability, Record};

/// Says what keeps text from being a record, if it looks as if it was meant to be one.
pub(super) fn near_miss(octets: &[u8]) -> Option<Finding<Code>> {
    if Record::try_from(octets).is_ok() {
        return None;
    }
    let text = String::from_utf8_lossy(octets);
    let front = text.trim_start_matches(is_in_front);
    let squeezed: String = front
        .chars()
        .filter(|c| !c.is_whitespace())
        .collect::<String>()
        .to_ascii_lowercase();
    let Some(rest) = after_version(front) else {
        return without_version(&text, &squeezed);
    };
    let advice = if front.len() != text.len() {
        "begin it with `v=DMARC1;` and nothing in front"
    } else if !squeezed.starts_with("v=dmarc1") {
        "begin it with `v=DMARC1;`, the only version there is"
    } else if rest.starts_with('\\') {
        "remove the backslashes: the semicolons were escaped once too often"
    } else if !text.contains("DMARC1") {
        "write `DMARC1` in capitals"
    } else {
        "write a semicolon behind `v=DMARC1`"
    };
    Some(finding(Code::NearMiss, &text, remedy(advice, rest)))
}

fn without_version(text: &str, squeezed: &str) -> Option<Finding<Code>> {
    if squeezed.contains("v=dmarc1") {
        let advice = "put `v=DMARC1;` in front of everything else";
        return Some(finding(Code::NearMiss, text, advice.to_owned()));
    }
    let is_policy = ["p=none", "p=quarantine", "p=reject"]
        .iter()
        .any(|policy| squeezed.starts_with(policy));
    if is_policy {
        let advice = "begin it with `v=DMARC1;`";
        return Some(finding(Code::NearMiss, text, remedy(advice, text)));
    }
    // A tag of one letter could be anything's.
    let is_piece = begins_with_tag(text.as_bytes()) && squeezed.find('=').is_some_and(|at| at > 1);
    is_piece.then(|| {
        let advice = "join it to the record, as another character-string of the same TXT record";
        let mut finding = finding(Code::TxtCut, text, advice.to_owned());
        "it looks like the rest of a DMARC record in a TXT record of its own, which is no part of the record"
            .clone_into(&mut finding.problem);
        finding
    })
}

fn finding(code: Code, text: &str, remedy: String) -> Finding<Code> {
    let problem =
        String::from("it looks like a DMARC record, and receivers do not take it for one");
    Finding::new(code, text, problem, remedy)
}

/// What stands behind something that looks like the version.
fn after_version(front: &str) -> Option<&str> {
    let lower = front.to_ascii_lowercase();
    let mut at = 0;
    if lower.starts_with('v') {
        at = skip(&lower, 1, |c| c.is_whitespace() || matches!(c, '=' | ':'));
    }
    let name = lower.get(at..)?;
    if !name.starts_with("dmarc") {
        return None;
    }
    let end = skip(&lower, at.checked_add("dmarc".len())?, |c| {
        c.is_ascii_digit()
    });
    front.get(end..)
}

/// The offset behind the characters from `start` on that are to be skipped.
fn skip(text: &str, start: usize, is_skipped: fn(char) -> bool) -> usize {
    let rest = text.get(start..).unwrap_or_default();
    let kept = rest.trim_start_matches(is_skipped).len();
    text.len().saturating_sub(kept)
}

/// The advice, and the record that is meant where there is no doubt about it.
fn remedy(advice: &str, rest: &str) -> String {
    let rest = rest
        .replace("\\;", ";")
        .replace(['"', '\u{feff}'], "")
        .replace('\t', " ");
    let rest = rest
        .trim_start_matches([';', ',', ':', '.', ' ', '\t'])
        .trim_end();
    let candidates = [
        format!("v=DMARC1; {rest}"),
        format!("v=DMARC1; {}", rest.replace(',', ";")),
    ];
    let meant = candidates.iter().find(|text| {
        text.parse::<Record>().is_ok_and(|record| {
            record.policy().is_some()
                && record.notes().is_empty()
                && record.applicability() == Applicability::Applies
        })
    });
    match meant {
        Some(meant) => format!("{advice}: `{meant}`"),
        None => advice.to_owned(),
    }
}

fn is_in_front(c: char) -> bool {
    c.is_whitespace() || matches!(c, '"' | '\'' | '\u{feff}' | ';')
}
