//! Ordinary mail, written for this test: mail of people and machines that speaks of bounces, quotes them, passes them on
//! or only sounds like one. None of it is taken for a report.
//!
//! Each mail stands behind a line `%%% none` or `%%% auto-replied`.

use letterhead_feedback::{ReportKind, read_report};

const FILES: [&str; 3] = [
    include_str!("mails/ordinary/people.txt"),
    include_str!("mails/ordinary/machines.txt"),
    include_str!("mails/ordinary/notices.txt"),
];

fn mails() -> Vec<(&'static str, &'static str)> {
    let mut mails = Vec::new();
    for file in FILES {
        for sample in file.split("%%% ").filter(|sample| !sample.is_empty()) {
            mails.push(sample.split_once('\n').unwrap());
        }
    }
    mails
}

#[test]
fn ordinary_mail_is_not_taken_for_a_report() {
    let mails = mails();
    assert!(mails.len() >= 60, "{}", mails.len());
    for (expected, mail) in mails {
        for end in ["\n", "\r\n", "\r"] {
            let reading = read_report(mail.replace('\n', end).as_bytes());
            let kind = match expected {
                "none" => ReportKind::NotAReport,
                _ => ReportKind::AutoReply,
            };
            assert_eq!(reading.kind, kind, "{mail}\n{:#?}", reading.events);
        }
    }
}
