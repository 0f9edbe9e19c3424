//! Records that the way into the DNS has damaged.

use letterhead_dns::{Finding, Txt};

use crate::lint::code::Code;
use crate::lint::tags::KNOWN;

/// Character-strings that begin with a tag although the one before them does not end in a semicolon.
pub(super) fn bad_split(text: &Txt) -> Option<Finding<Code>> {
    let mut joined = Vec::new();
    for string in text.strings() {
        let before = joined.trim_ascii_end();
        if !before.is_empty() && !before.ends_with(b";") && begins_with_tag(string) {
            let start = joined.len();
            return Some(
                Finding::new(
                    Code::TxtSplit,
                    String::from_utf8_lossy(string),
                    String::from(
                        "the character-string begins with a tag, and joined to the one before it becomes part of the value there",
                    ),
                    String::from("end the character-string before it in a semicolon"),
                )
                .at(start..start.saturating_add(string.len())),
            );
        }
        joined.extend_from_slice(string);
    }
    None
}

/// A record that ends in the middle.
pub(super) fn cut(text: &Txt) -> Option<Finding<Code>> {
    let joined = text.joined();
    let end = joined.trim_ascii_end();
    let (problem, remedy) = if end == b"v=DMARC1" {
        (
            "it ends behind the version, as when a semicolon outside quotation marks begins a comment in a zone file",
            "publish the whole record, in quotation marks in a zone file",
        )
    } else if end.ends_with(b"=")
        || end.ends_with(b",")
        || end.ends_with(b"mailto:")
        || end.ends_with(b"@")
    {
        (
            "it ends in the middle of a value",
            "publish the whole record, in several character-strings where it has more than 255 octets",
        )
    } else if text.strings().len() == 1 && joined.len() == 255 {
        (
            "it has exactly 255 octets, the most that one character-string holds, so that its end was probably cut off",
            "compare it with what was meant, and publish the rest as a second character-string of the same TXT record",
        )
    } else {
        return None;
    };
    Some(Finding::new(
        Code::TxtCut,
        String::from_utf8_lossy(&joined),
        problem.to_owned(),
        remedy.to_owned(),
    ))
}

/// Whether text begins with the name of a tag and an equals sign.
pub(super) fn begins_with_tag(text: &[u8]) -> bool {
    let Some(equals) = text.iter().position(|octet| *octet == b'=') else {
        return false;
    };
    let name = text.get(..equals).unwrap_or_default().trim_ascii();
    KNOWN
        .iter()
        .any(|known| known.as_bytes().eq_ignore_ascii_case(name))
}
