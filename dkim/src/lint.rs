//! What is wrong with the key records at a name, as far as their text tells.

pub mod code;
mod excerpt;
mod key_data;
mod tags;

use letterhead_dns::{Finding, Severity, Txt};

use crate::lint::code::Code;
use crate::lint::excerpt::finding;
use crate::public_key_record::PublicKeyRecord;
use crate::tag_list;

/// Looks for what is wrong with the key record among the TXT records of a name.
///
/// A finding of severity [`Error`](Severity::Error) means that no signature of the key verifies; without one, the name
/// has one key record, and a signature under it verifies unless the key is revoked.
///
/// ```
/// use letterhead_dkim::lint;
/// use letterhead_dns::Txt;
///
/// let record = Txt::split(b"v=DKIM1; k=ed25519; t=y; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=");
/// let findings = lint(&[record]);
/// assert_eq!(
///     findings[0].to_string(),
///     "warning testing `t=y`: the domain says that it is testing DKIM, and receivers may treat its signed mail as \
///      unsigned; take `y` out of `t=` once signatures verify"
/// );
/// ```
#[must_use]
pub fn lint(texts: &[Txt]) -> Vec<Finding<Code>> {
    let mut findings = Vec::new();
    let texts: Vec<Vec<u8>> = texts.iter().map(Txt::joined).collect();
    let kinds: Vec<Kind> = texts.iter().map(|text| Kind::of(text)).collect();
    let count = |wanted: Kind| kinds.iter().filter(|kind| **kind == wanted).count();
    let (records, broken) = (count(Kind::Record), count(Kind::Broken));
    if records + broken == 0 {
        findings.push(finding(
            Code::NoRecord,
            b"",
            "there is no key record at the name",
            "publish the record of the key",
        ));
    }
    if records > 1 {
        findings.push(finding(
            Code::SeveralRecords,
            b"",
            format!("{records} key records are at one name, and receivers need not try more than one, or any"),
            "leave one and give each further key a selector of its own",
        ));
    }
    for (text, kind) in texts.iter().zip(&kinds) {
        match kind {
            // Beside a good record a broken one is passed over.
            Kind::Broken if records > 0 => {
                findings.extend(tags::lint(text).into_iter().map(|mut finding| {
                    finding.severity = finding.severity.min(Severity::Warning);
                    finding
                }))
            }
            Kind::Record | Kind::Broken => findings.extend(tags::lint(text)),
            Kind::Base64 if broken > 0 && records == 0 => findings.push(finding(
                Code::Scattered,
                text,
                "this looks like the rest of a key, in a TXT record of its own",
                "publish one TXT record of several strings, not several records",
            )),
            Kind::Base64 | Kind::Foreign => findings.push(finding(
                Code::ForeignText,
                text,
                "this text at the name is no key record",
                "remove it, or the wildcard it comes from",
            )),
        }
    }
    findings
}

/// What a text at the name of a key is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A key record.
    Record,
    /// Meant as a key record.
    Broken,
    /// Nothing but Base64.
    Base64,
    /// Something else.
    Foreign,
}

impl Kind {
    fn of(text: &[u8]) -> Self {
        if PublicKeyRecord::parse(text).is_ok() {
            return Self::Record;
        }
        let has_version = text
            .windows(VERSION.len())
            .any(|part| part.eq_ignore_ascii_case(VERSION));
        let other_version = tag_list::parse(text).is_ok_and(|tags| {
            tags.iter()
                .any(|tag| tag.name == b"v" && !tag.value.starts_with(b"DKIM"))
        });
        let has_key = text.split(|octet| *octet == b';').any(|part| {
            let part = part.trim_ascii();
            let part = part.strip_prefix(b"\"").unwrap_or(part);
            part.strip_prefix(b"p")
                .is_some_and(|rest| rest.trim_ascii_start().starts_with(b"="))
        });
        if has_version || (has_key && !other_version) {
            Self::Broken
        } else if text.len() >= SHORTEST_PIECE && text.iter().all(|octet| is_base64(*octet)) {
            Self::Base64
        } else {
            Self::Foreign
        }
    }
}

fn is_base64(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || matches!(octet, b'+' | b'/' | b'=' | b' ' | b'"')
}

const VERSION: &[u8] = b"DKIM1";

/// In octets: shorter texts of letters and digits are words, such as the proof of a domain's ownership.
const SHORTEST_PIECE: usize = 40;

#[cfg(test)]
mod tests;
