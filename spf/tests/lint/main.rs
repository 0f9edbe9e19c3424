//! What lint finds, where, and what it says to do.

mod published;
mod text;

use letterhead_dns::Txt;
use letterhead_spf::{Code, Directive, Finding};

fn text(record: &str) -> Txt {
    Txt::split(record.as_bytes())
}

fn directives(terms: &[&str]) -> Vec<Directive> {
    terms
        .iter()
        .map(|term| term.parse().expect("a directive"))
        .collect()
}

/// Code, place and remedy of each finding.
fn shown(findings: &[Finding<Code>]) -> Vec<String> {
    findings
        .iter()
        .map(|finding| {
            let span = finding.span.clone().map_or_else(
                || String::from("-"),
                |span| format!("{}..{}", span.start, span.end),
            );
            format!("{} {span}: {}", finding.code, finding.remedy)
        })
        .collect()
}
