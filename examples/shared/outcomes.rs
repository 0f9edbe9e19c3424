//! What became of every recipient, for scripts and for people.

use letterhead::mail::{Outcome, RecipientReport, ReplyCode, Report};
use serde_json::json;

/// One object in one line.
pub(crate) fn json_line(row: &RecipientReport) -> String {
    let outcome = match row.outcome() {
        Outcome::Accepted => "accepted",
        Outcome::Deferred => "deferred",
        Outcome::Rejected => "rejected",
        Outcome::InDoubt => "in_doubt",
        Outcome::NotAttempted(_) => "not_attempted",
    };
    // `json!` of all of them would sort the keys.
    let members = [
        ("recipient", json!(row.recipient().to_string())),
        ("outcome", json!(outcome)),
        ("phase", json!(row.phase().to_string())),
        ("code", json!(row.code().map(ReplyCode::get))),
        (
            "enhanced",
            json!(row.enhanced().map(|code| code.to_string())),
        ),
        ("text", json!(row.text())),
    ];
    let members = members.map(|(key, value)| format!("\"{key}\":{value}"));
    format!("{{{}}}", members.join(","))
}

/// A table, and below it what is known of the connection and of where the message is kept.
pub(crate) fn table(report: &Report) -> String {
    let mut lines =
        vec![["recipient", "outcome", "phase", "code", "enhanced", "text"].map(str::to_owned)];
    let or_none = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
    lines.extend(report.rows().iter().map(|row| {
        [
            row.recipient().to_string(),
            row.outcome().to_string(),
            row.phase().to_string(),
            or_none(row.code().map(|code| code.to_string())),
            or_none(row.enhanced().map(|code| code.to_string())),
            or_none(row.text().map(str::to_owned)),
        ]
    }));
    let mut widths = [0; 6];
    for line in &lines {
        for (width, cell) in widths.iter_mut().zip(line) {
            *width = cell.chars().count().max(*width);
        }
    }
    let mut text = String::new();
    for line in &lines {
        let cells = line.iter().zip(widths);
        let cells: Vec<String> = cells
            .map(|(cell, width)| format!("{cell:width$}"))
            .collect();
        text.push_str(cells.join("  ").trim_end());
        text.push('\n');
    }
    for fact in facts(report) {
        text.push_str(&fact);
        text.push('\n');
    }
    text
}

/// Each thing once, however many recipients share it.
fn facts(report: &Report) -> Vec<String> {
    let mut facts = Vec::new();
    for row in report.rows() {
        let server = row.server().unwrap_or("the server");
        let tls = row.tls().map(|tls| format!("TLS with {server}: {tls}"));
        let kept = row
            .queue_id()
            .map(|id| format!("queue id at {server}: {id}"));
        for fact in tls.into_iter().chain(kept) {
            if !facts.contains(&fact) {
                facts.push(fact);
            }
        }
    }
    facts
}
