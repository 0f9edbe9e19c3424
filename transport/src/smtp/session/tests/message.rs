//! What a server must offer for a message, and what is sent of it.

use letterhead_mail::{NotAttemptedReason, Outcome, Phase, Submission};

use super::dialogue::{Outcomes, acts, run, settings, submission};
use crate::endpoint::Security;

const UNSUPPORTED: (Outcome, Phase) = (
    Outcome::NotAttempted(NotAttemptedReason::Unsupported),
    Phase::Local,
);
const ACCEPTED: (Outcome, Phase) = (Outcome::Accepted, Phase::Final);

/// A server that offers these, lines apart by spaces, and takes all it is given.
fn send(offered: &str, submission: &Submission) -> Outcomes {
    let mut lines = vec!["250-mx".to_owned()];
    lines.extend(
        offered
            .split_whitespace()
            .map(|keyword| format!("250-{}", keyword.replace('=', " "))),
    );
    lines.push("250 HELP".to_owned());
    let ehlo = lines.join("\r\n");
    let mut replies = vec!["220 mx", &ehlo, "250"];
    replies.extend(submission.envelope.recipients().iter().map(|_| "250"));
    replies.extend(["354", "250", "221"]);
    run(settings(Security::Plaintext), submission, &acts(&replies))
}

const ASCII: &str = "From: s@x.example\r\n\r\nplain\r\n";
const EIGHT_BIT: &str = "From: s@x.example\r\n\r\ncaf\u{e9}\r\n";
const UTF8_HEADER: &str = "From: s@x.example\r\nSubject: caf\u{e9}\r\n\r\nplain\r\n";

#[test]
fn size_is_declared_and_a_known_limit_is_kept() {
    let one = submission(ASCII, "s@x.example", &["a@x.example"]);
    assert!(
        send("SIZE", &one)
            .written
            .contains("MAIL FROM:<s@x.example> SIZE=28\r\n")
    );
    assert!(send("SIZE=28", &one).report.all_accepted());
    let over = send("SIZE=27", &one);
    assert_eq!(over.rows(), [(Outcome::Rejected, Phase::Local)]);
    assert_eq!(
        over.report.rows()[0].to_string(),
        "a@x.example rejected at local: 5.3.4 the message has 28 octets and the server takes 27"
    );
    assert_eq!(over.written, "EHLO client.example.org\r\nQUIT\r\n");
}

#[test]
fn eight_bit_content_needs_8bitmime() {
    let one = submission(EIGHT_BIT, "", &["a@x.example"]);
    assert!(
        send("8BITMIME", &one)
            .written
            .contains("MAIL FROM:<> BODY=8BITMIME\r\n")
    );
    let without = send("SMTPUTF8", &one);
    assert_eq!(without.rows(), [UNSUPPORTED]);
    assert!(!without.written.contains("MAIL"));
}

#[test]
fn headers_and_senders_outside_ascii_need_smtputf8() {
    for one in [
        submission(UTF8_HEADER, "s@x.example", &["a@x.example"]),
        submission(EIGHT_BIT, "\u{e9}@x.example", &["a@x.example"]),
    ] {
        assert!(
            send("8BITMIME SMTPUTF8", &one)
                .written
                .contains(" BODY=8BITMIME SMTPUTF8\r\n")
        );
        assert_eq!(send("8BITMIME", &one).rows(), [UNSUPPORTED]);
        assert_eq!(send("SMTPUTF8", &one).rows(), [UNSUPPORTED]);
    }
}

#[test]
fn a_recipient_that_needs_smtputf8_does_not_cost_the_others() {
    let two = submission(ASCII, "s@x.example", &["\u{e9}@x.example", "a@x.example"]);
    let with = send("SMTPUTF8 PIPELINING", &two);
    assert_eq!(with.rows(), [ACCEPTED; 2]);
    assert!(
        with.written
            .contains("MAIL FROM:<s@x.example> SMTPUTF8\r\nRCPT TO:<\u{e9}@x.example>\r\n")
    );
    let one = submission(ASCII, "s@x.example", &["a@x.example"]);
    assert!(
        !send("SMTPUTF8", &one).written.contains("SMTPUTF8"),
        "not where nothing needs it"
    );

    let without = run(
        settings(Security::Plaintext),
        &two,
        &acts(&["220 mx", "250 mx", "250", "250", "354", "250", "221"]),
    );
    assert_eq!(without.rows(), [UNSUPPORTED, ACCEPTED]);
    assert!(
        without
            .written
            .contains("MAIL FROM:<s@x.example>\r\nRCPT TO:<a@x.example>\r\nDATA\r\n")
    );
}

#[test]
fn nothing_is_sent_where_no_recipient_can_be_named() {
    let one = submission(ASCII, "s@x.example", &["\u{e9}@x.example"]);
    let outcomes = send("PIPELINING", &one);
    assert_eq!(outcomes.rows(), [UNSUPPORTED]);
    assert!(!outcomes.written.contains("MAIL"));
}

#[test]
fn a_quoted_local_part_goes_out_quoted() {
    let one = submission(ASCII, "", &["\"a b\"@x.example"]);
    assert!(
        send("", &one)
            .written
            .contains("RCPT TO:<\"a b\"@x.example>\r\n")
    );
}
