//! pyspf in a Python process.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::thread;

use letterhead_dns::{Name, RecordData, Zone};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::world::Case;

/// What pyspf says of one question.
#[derive(Debug, Deserialize)]
pub(crate) struct Opinion {
    pub(crate) result: String,
    pub(crate) explanation: Option<String>,
    /// Its sentence about an error.
    pub(crate) problem: Option<String>,
    /// The names and types it looked up.
    pub(crate) asked: BTreeSet<(String, String)>,
    /// How many terms it counted as lookups.
    pub(crate) lookups: usize,
    /// Where its limit of void lookups was the problem: what it says without that limit.
    pub(crate) without_void_limit: Option<Box<Self>>,
}

impl Opinion {
    pub(crate) fn has_problem(&self, words: &str) -> bool {
        self.problem
            .as_ref()
            .is_some_and(|problem| problem.contains(words))
    }
}

/// Why nothing can be asked; `None` where it can.
pub(crate) fn missing() -> Option<&'static str> {
    let output = Command::new("python3")
        .args(["-c", "import spf, dns.resolver"])
        .output();
    match output {
        Err(_) => Some("python3 is missing"),
        Ok(output) if !output.status.success() => Some("python3 has no pyspf and dnspython"),
        Ok(_) => None,
    }
}

/// Asks everything in one process; the opinions are in the order of the questions.
pub(crate) fn opinions(cases: &[Case]) -> Vec<Opinion> {
    let mut child = Command::new("python3")
        .args(["-c", SCRIPT])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 starts");
    let mut input = child.stdin.take().expect("a pipe");
    let lines: Vec<String> = cases.iter().map(|case| encode(case).to_string()).collect();
    // Written beside the reading, because a pipe that nobody reads fills up.
    let writer = thread::spawn(move || {
        for line in lines {
            writeln!(input, "{line}").expect("the script reads all");
        }
    });
    let output = child.wait_with_output().expect("the script ends");
    assert!(output.status.success(), "the script fails");
    writer.join().expect("all is written");
    let text = String::from_utf8(output.stdout).expect("JSON");
    text.lines()
        .map(|line| serde_json::from_str(line).expect("an opinion"))
        .collect()
}

/// A name as pyspf writes it: labels between dots, in lower case.
pub(crate) fn plain(name: &Name) -> String {
    let labels: Vec<String> = name
        .labels()
        .map(|label| latin(label).to_ascii_lowercase())
        .collect();
    labels.join(".")
}

fn encode(case: &Case) -> Value {
    let queries: Vec<Value> = case
        .asks
        .iter()
        .map(|ask| json!([ask.client.to_string(), ask.sender, ask.helo]))
        .collect();
    json!({"records": records(&case.zone), "faults": faults(&case.zone), "queries": queries})
}

fn records(zone: &Zone) -> Vec<Value> {
    zone.records()
        .map(|record| {
            let value = match &record.data {
                RecordData::A(address) => json!(address.to_string()),
                RecordData::Aaaa(address) => json!(address.to_string()),
                RecordData::Cname(name) => json!(plain(name)),
                RecordData::Mx {
                    preference,
                    exchange,
                } => json!([preference, exchange.to_string()]),
                RecordData::Ptr(name) => json!(name.to_string().trim_end_matches('.')),
                RecordData::Txt(text) => text.strings().map(latin).collect(),
                other => panic!("no case has {other}"),
            };
            json!([
                plain(&record.name),
                record.data.record_type().to_string(),
                value
            ])
        })
        .collect()
}

fn faults(zone: &Zone) -> Vec<Value> {
    zone.faults()
        .map(|(name, record_type, _)| json!([plain(name), record_type.to_string()]))
        .collect()
}

/// A character for each octet.
fn latin(octets: &[u8]) -> String {
    octets.iter().copied().map(char::from).collect()
}

const SCRIPT: &str = include_str!("../peers/spf_judge.py");
