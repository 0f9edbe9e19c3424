//! What is wrong with a policy record: as far as its text tells, and with what the DNS says.

pub mod code;
mod near_miss;
mod published;
mod tags;
mod txt;

use letterhead_dns::{Finding, Txt};

use crate::lint::code::Code;
pub use crate::lint::published::lint_published;
use crate::record::Record;

/// Looks for what is wrong with the DMARC record among the TXT records of a name, which is `_dmarc` below the domain.
///
/// Only the text is looked at; [`lint_published`] also asks the DNS. Findings come in the order of the record, those about
/// the whole last.
///
/// ```
/// use letterhead_dmarc::lint;
/// use letterhead_dns::Txt;
///
/// let findings = lint(&[Txt::split(b"v=DMARC1; p=reject; sp=none; rua=mailto:dmarc@example.org")]);
/// assert_eq!(
///     findings[0].to_string(),
///     "warning weaker-subdomains 20..27 `sp=none`: none is asked for mail as subdomains and reject for other mail, \
///      so that forgers take those; remove it, or write `sp=reject`"
/// );
/// assert!(lint(&[Txt::split(b"v=DMARC1; p=reject; rua=mailto:dmarc@example.org")]).is_empty());
/// ```
#[must_use]
pub fn lint(texts: &[Txt]) -> Vec<Finding<Code>> {
    let mut findings = in_text(texts);
    if !texts.iter().any(|text| read(text).is_some()) {
        findings.push(Finding::new(
            Code::NoRecord,
            "",
            String::from(
                "there is no DMARC record, so that nothing is asked for mail that is forged",
            ),
            String::from(FIRST_RECORD),
        ));
    }
    findings
}

/// Everything but that there is no record.
fn in_text(texts: &[Txt]) -> Vec<Finding<Code>> {
    let mut findings: Vec<Finding<Code>> = texts
        .iter()
        .filter_map(|text| near_miss::near_miss(&text.joined()))
        .collect();
    let records: Vec<(&Txt, Record)> = texts
        .iter()
        .filter_map(|text| Some((text, read(text)?)))
        .collect();
    for (text, record) in &records {
        findings.extend(txt::bad_split(text));
        findings.extend(txt::cut(text));
        findings.extend(tags::lint(record, &text.joined()));
    }
    if records.len() > 1 {
        findings.push(Finding::new(
            Code::SeveralRecords,
            "",
            format!(
                "there are {} DMARC records, which are all discarded as if there were none",
                records.len()
            ),
            String::from("leave one"),
        ));
    }
    findings
}

fn read(text: &Txt) -> Option<Record> {
    Record::try_from(text.joined().as_slice()).ok()
}

/// What to publish first.
const FIRST_RECORD: &str = "publish `v=DMARC1; p=none; rua=mailto:…` with an address that takes reports, and strengthen it once they show only own mail failing";
