//! Findings about keys, which are too long to show.

use letterhead_dns::Finding;

use crate::lint::code::Code;

/// A finding about these octets of a record.
pub(super) fn finding(
    code: Code,
    text: &[u8],
    problem: impl Into<String>,
    remedy: impl Into<String>,
) -> Finding<Code> {
    Finding::new(code, excerpt(text), problem, remedy)
}

/// Text for people: keys are long, so the middle is left out.
fn excerpt(text: &[u8]) -> String {
    let whole = String::from_utf8_lossy(text);
    let count = whole.chars().count();
    if count <= LONGEST {
        return whole.into_owned();
    }
    let start: String = whole.chars().take(LONGEST / 2).collect();
    let end: String = whole.chars().skip(count - LONGEST / 4).collect();
    format!("{start}…{end}")
}

/// In characters.
const LONGEST: usize = 64;
