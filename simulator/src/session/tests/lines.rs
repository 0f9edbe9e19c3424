use letterhead_transport::smtp::DataFindingKind;

use super::{SMUGGLING, config, open};
use crate::session::{Finding, LinePolicy};

const NEXT: &[u8] =
    b"MAIL FROM:<evil@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\nSubject: two\r\n.\r\n";

#[test]
fn whatever_the_policy_only_crlf_dot_crlf_ends_the_data() {
    for policy in [
        LinePolicy::Reject,
        LinePolicy::AcceptAndReport,
        LinePolicy::Normalise,
    ] {
        for ending in SMUGGLING {
            let mut run = open(config().line_policy(policy));
            run.say(b"DATA\r\n");
            let codes = run.say(&[b"Subject: one\r\n\r\nx", ending.as_bytes(), NEXT].concat());
            let is_taken = policy != LinePolicy::Reject;
            let expected = if is_taken { "250 2.0.0" } else { "554 5.6.0" };
            assert_eq!(codes, [expected], "{policy:?} {ending:?}");
            assert_eq!(run.stored.len(), usize::from(is_taken));
            // What tried to be a second message is a part of the first.
            for message in &run.stored {
                let text = String::from_utf8_lossy(message);
                assert!(text.contains("MAIL FROM:<evil@b.example>\r\n"), "{text:?}");
            }
        }
    }
}

#[test]
fn flaws_are_kept_as_findings_or_forgotten() {
    let long = "x".repeat(1_500);
    let content = format!("Subject: a\0b\n\r\none\rtwo\r\n{long}\r\n.\r\n");
    let mut run = open(config().line_policy(LinePolicy::AcceptAndReport));
    run.say(b"DATA\r\n");
    assert_eq!(run.say(content.as_bytes()), ["250 2.0.0"]);
    let kept = format!("Subject: ab\r\n\r\none\r\ntwo\r\n{long}\r\n");
    assert_eq!(run.stored, [kept.as_bytes()]);
    let transcript = run.session.transcript();
    let kinds: Vec<DataFindingKind> = transcript
        .findings()
        .map(|finding| match finding {
            Finding::Content(finding) => finding.kind(),
            other => panic!("{other:?}"),
        })
        .collect();
    use DataFindingKind::{BareCarriageReturn, BareLineFeed, LongLine, Nul};
    assert_eq!(kinds, [Nul, BareLineFeed, BareCarriageReturn, LongLine]);
    let text = transcript.to_string();
    let found = "and the end of data)\n!: the content holds a NUL at octet 10\n!: the content holds a line feed";
    assert!(text.contains(found), "{text}");

    let mut run = open(config().line_policy(LinePolicy::Normalise));
    run.say(b"DATA\r\n");
    assert_eq!(run.say(content.as_bytes()), ["250 2.0.0"]);
    let (front, back) = long.split_at(998);
    let kept = format!("Subject: ab\r\n\r\none\r\ntwo\r\n{front}\r\n {back}\r\n");
    assert_eq!(run.stored, [kept.as_bytes()]);
    assert_eq!(run.session.transcript().findings().count(), 0);
}

#[test]
fn chunks_are_judged_alike() {
    for (policy, expected, findings) in [
        // The first chunk is refused already.
        (LinePolicy::Reject, "503 5.5.1", 0),
        (LinePolicy::AcceptAndReport, "250 2.0.0", 2),
        (LinePolicy::Normalise, "250 2.0.0", 0),
    ] {
        let mut run = open(config().line_policy(policy));
        run.say(b"BDAT 2\r\na\n");
        let codes = run.say(b"BDAT 1 LAST\r\nb");
        assert_eq!(codes, [expected], "{policy:?}");
        assert_eq!(run.session.transcript().findings().count(), findings);
        assert!(run.stored.iter().all(|message| message == b"a\r\nb\r\n"));
    }
}

#[test]
fn a_repaired_message_has_to_fit_too() {
    let policy = LinePolicy::AcceptAndReport;
    for (octets, expected) in [(9, "250 2.0.0"), (8, "552 5.3.4")] {
        let mut run = open(config().line_policy(policy).maximum_octets(octets));
        run.say(b"DATA\r\n");
        assert_eq!(run.say(b"a\n\n\n\r\n.\r\n"), [expected]);
        assert_eq!(run.stored.len(), usize::from(octets == 9));
    }
}

#[test]
fn a_message_over_the_size_is_refused_whatever_the_policy() {
    for policy in [LinePolicy::AcceptAndReport, LinePolicy::Normalise] {
        let mut run = open(config().line_policy(policy).maximum_octets(5));
        run.say(b"DATA\r\n");
        assert_eq!(
            run.say(b"a\n345678\r\n.\r\nNOOP\r\n"),
            ["552 5.3.4", "250 2.0.0"]
        );
        assert!(run.stored.is_empty());
    }
}

#[test]
fn lines_of_commands_end_in_crlf_whatever_the_policy() {
    let mut run = open(config().line_policy(LinePolicy::Normalise));
    for line in [
        "NOOP\n",
        "NOOP\rNOOP\r\n",
        "NO\0OP\r\n",
        "RCPT TO:<e\0@d.example>\r\n",
    ] {
        let codes = run.say(line.as_bytes());
        assert!(
            codes.len() == 1 && codes[0].starts_with("50"),
            "{line:?}: {codes:?}"
        );
    }
}

/// Many servers take octets outside ASCII that nobody announced; one that is strict does not.
#[test]
fn unannounced_octets_are_taken_where_bad_lines_are() {
    for (policy, in_body, in_header, findings) in [
        (LinePolicy::Reject, "554 5.6.3", "554 5.6.9", 0),
        (LinePolicy::AcceptAndReport, "250 2.0.0", "250 2.0.0", 1),
        (LinePolicy::Normalise, "250 2.0.0", "250 2.0.0", 0),
    ] {
        for (content, expected) in [
            ("Subject: x\r\n\r\ncaf\u{e9}\r\n.\r\n", in_body),
            ("Subject: caf\u{e9}\r\n\r\nx\r\n.\r\n", in_header),
        ] {
            let mut run = open(config().line_policy(policy));
            run.say(b"DATA\r\n");
            assert_eq!(run.say(content.as_bytes()), [expected], "{policy:?}");
            let found = run.session.transcript().findings();
            assert_eq!(found.count(), findings, "{policy:?}");
        }
    }
}
