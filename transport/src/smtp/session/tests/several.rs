//! Several submissions on one connection, and several transactions for one submission.

use std::time::{Duration, SystemTime};

use letterhead_mail::{NotAttemptedReason, Outcome, Phase, Submission};

use super::dialogue::{BODY, NOW, acts, run, settings, submission, two_recipients};
use crate::endpoint::Security;
use crate::smtp::session::{ClientSession, SessionSettings, Step};

/// A session behind its first submission.
fn after_one(ehlo: &str) -> ClientSession {
    let mut session = ClientSession::new(settings(Security::Plaintext));
    let (report, _) = exchange(
        &mut session,
        &two_recipients(),
        NOW,
        &["220 mx", ehlo, "250", "250", "250", "354", "250"],
    );
    assert!(report.all_accepted());
    session
}

/// What became of a submission, and what was written for it; replies come one at a time, as they are waited for.
fn exchange(
    session: &mut ClientSession,
    submission: &Submission,
    now: SystemTime,
    replies: &[&str],
) -> (letterhead_mail::Report, String) {
    session.submit(submission, now, now);
    let mut replies = replies.iter();
    let mut written = String::new();
    loop {
        match session.step(now) {
            Step::Write(transmit) => {
                written.push_str(&String::from_utf8(transmit.to_bytes()).unwrap());
            }
            Step::Read => match replies.next() {
                Some(reply) => session.received(format!("{reply}\r\n").as_bytes()),
                None => session.connection_lost("dropped"),
            },
            Step::Done(report) => {
                assert_eq!(replies.len(), 0);
                return (report, written);
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_second_submission_needs_no_greeting() {
    for ehlo in ["250 mx", "250-mx\r\n250 PIPELINING"] {
        let mut session = after_one(ehlo);
        assert!(session.is_ready());
        let (report, written) = exchange(
            &mut session,
            &two_recipients(),
            NOW,
            &["250", "250", "250", "354", "250 2.0.0 second"],
        );
        assert!(report.all_accepted());
        assert!(written.starts_with("MAIL FROM:<s@x.example>\r\nRCPT"));
        assert_eq!(report.rows()[0].text(), Some("second"));
    }
}

#[test]
fn what_is_left_of_a_transaction_is_cleared_with_the_next() {
    for (ehlo, refusals, behind) in [
        ("250 mx", &["250", "550", "550"][..], &["250", "250"][..]),
        ("250 mx", &["550"], &["250"]),
        (
            "250-mx\r\n250 PIPELINING",
            &["250", "550", "550", "503"],
            &["250", "250"],
        ),
        (
            "250-mx\r\n250 PIPELINING",
            &["250", "550", "550", "354", "554 no recipients"],
            &["250", "250"],
        ),
    ] {
        let mut session = after_one(ehlo);
        let (refused, _) = exchange(&mut session, &two_recipients(), NOW, refusals);
        assert!(!refused.all_accepted());
        assert!(session.is_ready(), "{ehlo} {refusals:?}");
        let mut replies: Vec<&str> = behind.to_vec();
        replies.extend(["250", "250", "354", "250"]);
        let (report, written) = exchange(&mut session, &two_recipients(), NOW, &replies);
        assert!(report.all_accepted(), "{ehlo} {refusals:?}");
        let cleared = behind.len() == 2;
        assert_eq!(written.starts_with("RSET\r\nMAIL"), cleared, "{written}");
    }
}

#[test]
fn a_reply_between_submissions_ends_the_connection() {
    for unasked in ["421 4.4.2 idle too long", "250 why"] {
        let mut session = after_one("250-mx\r\n250 PIPELINING");
        session.received(format!("{unasked}\r\n").as_bytes());
        assert!(!session.is_ready());
        session.submit(&two_recipients(), NOW, NOW);
        let Step::Done(report) = session.step(NOW) else {
            panic!("the session goes on");
        };
        assert!(
            report
                .rows()
                .iter()
                .all(|row| row.outcome() == Outcome::Deferred)
        );
        assert!(session.lost_untouched(), "it may go to another connection");
        assert!(matches!(session.step(NOW), Step::Close));
    }
}

#[test]
fn a_connection_that_the_server_had_closed_leaves_the_submission_untouched() {
    let mut session = after_one("250-mx\r\n250 PIPELINING");
    let (report, _) = exchange(&mut session, &two_recipients(), NOW, &[]);
    assert_eq!(report.rows()[0].outcome(), Outcome::Deferred);
    assert!(session.lost_untouched());

    let mut session = after_one("250-mx\r\n250 PIPELINING");
    let _ = exchange(&mut session, &two_recipients(), NOW, &["250"]);
    assert!(!session.lost_untouched(), "the server had begun to answer");
}

#[test]
fn behind_a_rest_the_message_waits_for_an_answer() {
    const CHUNKING: &str = "250-mx\r\n250-PIPELINING\r\n250 CHUNKING";
    let first = ["220 mx", CHUNKING, "250", "250", "250", "250"];
    for (rest, untouched) in [(Duration::ZERO, false), (ClientSession::REST, true)] {
        let mut session = ClientSession::new(settings(Security::Plaintext));
        let (report, _) = exchange(&mut session, &two_recipients(), NOW, &first);
        assert!(report.all_accepted());
        let (report, written) = exchange(&mut session, &two_recipients(), NOW + rest, &[]);
        assert_eq!(written.contains("BDAT"), !untouched);
        assert_eq!(session.lost_untouched(), untouched);
        let outcome = report.rows()[0].outcome();
        assert_eq!(outcome == Outcome::InDoubt, !untouched);
    }
}

fn three() -> Submission {
    submission(
        BODY,
        "s@x.example",
        &["a@x.example", "b@y.example", "c@x.example"],
    )
}

#[test]
fn recipients_beyond_what_the_server_takes_go_in_another_transaction() {
    let limited = |settings: SessionSettings, limits: &str| {
        let ehlo = format!("250-mx\r\n250-PIPELINING\r\n250 LIMITS {limits}");
        let first = ["220 mx", &ehlo, "250", "250", "250", "354", "250 one"];
        let replies = [&first[..], &["250", "250", "354", "250 two", "221"]].concat();
        run(settings, &three(), &acts(&replies))
    };
    let plain = settings(Security::Plaintext);
    for (settings, limits) in [
        (plain.clone(), "RCPTMAX=2"),
        (
            plain.with_max_recipients(2.try_into().unwrap()),
            "RCPTMAX=9",
        ),
    ] {
        let outcomes = limited(settings, limits);
        assert!(outcomes.report.all_accepted());
        let texts: Vec<_> = outcomes
            .report
            .rows()
            .iter()
            .map(|row| row.text().unwrap())
            .collect();
        assert_eq!(texts, ["one", "one", "two"]);
        assert_eq!(outcomes.written.matches("..the body").count(), 2);
    }
}

#[test]
fn a_recipient_too_many_goes_in_another_transaction() {
    let ehlo = "250-mx\r\n250 PIPELINING";
    let replies = acts(&[
        "220 mx",
        ehlo,
        "250",
        "250",
        "452 4.5.3 too many",
        "450 4.2.1 busy",
        "354",
        "250 one",
        "250",
        "250",
        "354",
        "250 two",
        "221",
    ]);
    let outcomes = run(settings(Security::Plaintext), &three(), &replies);
    assert_eq!(
        outcomes.rows(),
        [
            (Outcome::Accepted, Phase::Final),
            (Outcome::Accepted, Phase::Final),
            (Outcome::Deferred, Phase::Rcpt),
        ]
    );

    // Where nobody was taken, or the message was not, there is no second one.
    for replies in [
        [
            "220 mx",
            ehlo,
            "250",
            "452 4.5.3",
            "452 4.5.3",
            "452 4.5.3",
            "503",
            "221",
        ],
        [
            "220 mx",
            ehlo,
            "250",
            "250",
            "452 4.5.3",
            "452 4.5.3",
            "554 5.6.0",
            "221",
        ],
    ] {
        let outcomes = run(settings(Security::Plaintext), &three(), &acts(&replies));
        assert_eq!(outcomes.written.matches("MAIL").count(), 1);
        assert_eq!(outcomes.rows()[2], (Outcome::Deferred, Phase::Rcpt));
    }
}

#[test]
fn what_one_connection_cannot_take_is_left_for_another() {
    let left = (
        Outcome::NotAttempted(NotAttemptedReason::Cancelled),
        Phase::Mail,
    );
    let accepted = (Outcome::Accepted, Phase::Final);
    for (limits, recipients, expected) in [
        ("RCPTMAX=1 MAILMAX=1", 1, [accepted, left, left]),
        ("RCPTDOMAINMAX=1", 2, [accepted, left, accepted]),
    ] {
        let ehlo = format!("250-mx\r\n250-PIPELINING\r\n250 LIMITS {limits}");
        let mut replies = vec!["220 mx", &ehlo, "250"];
        replies.extend(vec!["250"; recipients]);
        replies.extend(["354", "250", "221"]);
        let outcomes = run(settings(Security::Plaintext), &three(), &acts(&replies));
        assert_eq!(outcomes.rows(), expected, "{limits}");
    }
}

#[test]
fn thousands_of_recipients_go_in_parts_whose_replies_can_wait() {
    let recipients: Vec<String> = (0..12_000)
        .map(|place| format!("r{place}@x.example"))
        .collect();
    let recipients: Vec<&str> = recipients.iter().map(String::as_str).collect();
    let submission = submission(BODY, "s@x.example", &recipients);
    let mut session = ClientSession::new(settings(Security::Plaintext));
    session.submit(&submission, NOW, NOW);
    session.received(b"220 mx\r\n");
    let mut transactions = 0;
    // The server answers each flight before its end, so that no reply is read before all have come.
    let report = loop {
        match session.step(NOW) {
            Step::Write(transmit) => {
                let written = transmit.to_bytes();
                if written.starts_with(b"EHLO") {
                    session.received(b"250-mx\r\n250 PIPELINING\r\n");
                } else if written.starts_with(b"MAIL") {
                    transactions += 1;
                    let named = String::from_utf8(written).unwrap().matches("RCPT").count();
                    let reply = format!("250 2.1.5 {}\r\n", "ok ".repeat(30));
                    session.received(reply.repeat(named + 1).as_bytes());
                    session.received(b"354\r\n");
                } else {
                    session.written();
                    session.received(b"250 2.0.0 queued\r\n");
                }
            }
            Step::Done(report) => break report,
            other => panic!("{other:?}"),
        }
    };
    assert!(report.all_accepted(), "{}", report.rows()[0]);
    assert_eq!(transactions, 12);
}
