//! Submissions, and a transport that says what it is told to.

use std::sync::Mutex;

use crate::submission::submission_of;
use letterhead_mail::{
    BoxFuture, EmailAddress, Outcome, Phase, RecipientReport, Report, Submission, Transport,
};

pub(crate) fn address(text: &str) -> EmailAddress {
    text.parse().unwrap()
}

pub(crate) fn submission(recipients: &[&str]) -> Submission {
    submission_of("From: s@x.example\r\n\r\nHello\r\n.\r\n", recipients)
}

pub(crate) fn outcomes(report: &Report) -> Vec<(String, Outcome)> {
    let row = |row: &RecipientReport| (row.recipient().to_string(), row.outcome());
    report.rows().iter().map(row).collect()
}

/// A report with these rows.
pub(crate) fn report(rows: &[(&str, Outcome)]) -> Report {
    let row = |(text, outcome): &(&str, Outcome)| {
        RecipientReport::new(address(text), *outcome, Phase::Final)
    };
    Report::new(rows.iter().map(row).collect())
}

/// Gives the same report for every submission, and keeps what it was given.
#[derive(Debug)]
pub(crate) struct Scripted {
    report: Report,
    pub(crate) given: Mutex<Vec<Submission>>,
}

impl Scripted {
    pub(crate) fn new(rows: &[(&str, Outcome)]) -> Self {
        Self {
            report: report(rows),
            given: Mutex::new(Vec::new()),
        }
    }
}

impl Transport for Scripted {
    fn send<'a>(&'a self, submission: &'a Submission) -> BoxFuture<'a, Report> {
        self.given.lock().unwrap().push(submission.clone());
        Box::pin(std::future::ready(self.report.clone()))
    }
}
