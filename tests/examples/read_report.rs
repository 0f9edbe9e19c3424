//! `read_report` writes one JSON line for each recipient.

use serde_json::{Value, json};

use crate::{run, run_with, text};

fn lines(output: &std::process::Output) -> Vec<Value> {
    text(&output.stdout)
        .lines()
        .map(|line| serde_json::from_str(line).expect("a line is JSON"))
        .collect()
}

#[test]
fn every_recipient_of_a_bounce_has_a_line() {
    let file = "feedback/tests/mails/several_recipients.eml";
    let output = run("read_report", &[file]);
    assert_eq!(output.status.code(), Some(0));
    let lines = lines(&output);
    assert_eq!(
        lines[0],
        json!({
            "file": file, "kind": "bounced", "recipient": lines[0]["recipient"], "status": "5.1.1", "code": 550,
            "reason": "user_unknown", "hard": true, "message_id": "<invoice-1@mail.example.com>"
        })
    );
    let kinds: Vec<&str> = lines
        .iter()
        .filter_map(|line| line["kind"].as_str())
        .collect();
    assert!(
        kinds.contains(&"deferred") && kinds.contains(&"delivered"),
        "{kinds:?}"
    );
    assert!(lines.iter().all(|line| line["recipient"].is_string()));
}

#[test]
fn kinds_are_told_apart_and_ordinary_mail_is_no_report() {
    let mails = "feedback/tests/mails";
    for (file, kind) in [
        ("complaint.eml", "complained"),
        ("absence.eml", "auto_replied"),
        ("ordinary.eml", "not_a_report"),
    ] {
        let lines = lines(&run("read_report", &[&format!("{mails}/{file}")]));
        assert_eq!(lines.len(), 1, "{file}");
        assert_eq!(lines[0]["kind"], kind, "{file}");
        assert_eq!(lines[0]["hard"], false, "{file}");
    }
}

#[test]
fn a_mailbox_is_read_mail_by_mail_from_standard_input() {
    let bounce = |joe: &str| {
        format!(
            "From MAILER-DAEMON Thu Apr 29 23:34:45 2027\nFrom: MAILER-DAEMON@x.example\nSubject: failure notice\n\n\
             Hi. This is the qmail-send program at x.example.\n\n<{joe}@example.org>:\n\
             Sorry, no mailbox here by that name. (#5.1.1)\n\n"
        )
    };
    let mailbox = format!("{}{}", bounce("joe"), bounce("ann"));
    for ends in ["\n", "\r\n", "\r"] {
        let output = run_with("read_report", &[], mailbox.replace('\n', ends).as_bytes());
        let lines = lines(&output);
        let recipients: Vec<&str> = lines
            .iter()
            .filter_map(|line| line["recipient"].as_str())
            .collect();
        assert_eq!(
            recipients,
            ["joe@example.org", "ann@example.org"],
            "{ends:?}"
        );
    }
}

#[test]
fn a_provider_s_events_are_read_from_its_json() {
    let events = br#"[{"email":"joe@example.org","timestamp":1795334400,"event":"bounce","type":"bounce","status":"5.1.1",
        "reason":"550 5.1.1 no such user","sg_event_id":"e1","sg_message_id":"m1"},
        {"email":"ann@example.org","timestamp":1795334400,"event":"spamreport","sg_event_id":"e2"}]"#;
    let output = run_with("read_report", &["--provider", "sendgrid"], events);
    let lines = lines(&output);
    assert_eq!(
        (&lines[0]["kind"], &lines[0]["hard"]),
        (&json!("bounced"), &json!(true))
    );
    assert_eq!(lines[1]["kind"], "complained");
    let broken = run_with("read_report", &["--provider", "ses"], b"{\"eventType\":");
    assert_eq!(broken.status.code(), Some(2));
    assert!(
        text(&broken.stderr).contains("line 1"),
        "{}",
        text(&broken.stderr)
    );
}

#[test]
fn what_cannot_be_read_is_said_and_the_rest_is_read() {
    let output = run(
        "read_report",
        &["no-such-file.eml", "feedback/tests/mails/complaint.eml"],
    );
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(lines(&output).len(), 1);
    assert!(text(&output.stderr).contains("no-such-file.eml"));
    let output = run("read_report", &["--provider", "acme"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("sparkpost"));
}
