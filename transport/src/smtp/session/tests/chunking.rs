//! BDAT.

use letterhead_mail::{Outcome, Phase};

use super::dialogue::{Act, BODY, NOW, acts, run, settings, two_recipients};
use crate::endpoint::Security;
use crate::smtp::session::{Chunking, ClientSession, Step};

const EAGER: &str = "250-mx\r\n250-PIPELINING\r\n250 CHUNKING";
const LOCKSTEP: &str = "250-mx\r\n250 CHUNKING";

fn outcomes(ehlo: &str, behind: &[&str]) -> super::dialogue::Outcomes {
    let mut replies = vec!["220 mx", ehlo];
    replies.extend(behind);
    run(
        settings(Security::Plaintext),
        &two_recipients(),
        &acts(&replies),
    )
}

#[test]
fn with_pipelining_a_message_goes_in_one_flight() {
    let mut session = ClientSession::new(settings(Security::Plaintext));
    session.submit(&two_recipients(), NOW, NOW);
    session.received(b"220 mx\r\n");
    assert!(matches!(session.step(NOW), Step::Write(_)));
    session.received(EAGER.as_bytes());
    session.received(b"\r\n");
    let Step::Write(flight) = session.step(NOW) else {
        panic!("nothing to write");
    };
    let expected = format!(
        "MAIL FROM:<s@x.example>\r\nRCPT TO:<a@x.example>\r\nRCPT TO:<b@x.example>\r\nBDAT {} LAST\r\n{BODY}",
        BODY.len()
    );
    assert_eq!(String::from_utf8(flight.to_bytes()).unwrap(), expected);
    assert_eq!(flight.parts().count(), 2, "the message is not copied");
    session.written();
    session.received(b"250\r\n250\r\n250\r\n250 2.0.0 queued\r\n");
    assert!(matches!(session.step(NOW), Step::Done(report) if report.all_accepted()));
    assert!(session.is_ready());
}

#[test]
fn without_pipelining_the_chunk_waits_for_the_recipients() {
    let taken = outcomes(
        LOCKSTEP,
        &["250", "550 5.1.1 no", "250", "250 queued", "221"],
    );
    assert_eq!(
        taken.rows(),
        [
            (Outcome::Rejected, Phase::Rcpt),
            (Outcome::Accepted, Phase::Final)
        ]
    );
    assert!(taken.written.contains(&format!(
        "RCPT TO:<b@x.example>\r\nBDAT {} LAST\r\n{BODY}QUIT",
        BODY.len()
    )));
    let refused = outcomes(LOCKSTEP, &["250", "550", "550", "221"]);
    assert!(!refused.written.contains("BDAT"));
}

#[test]
fn a_chunk_that_was_sent_along_and_refused_with_everyone_is_nobodys() {
    for last in ["503 5.5.1 no recipients", "250 2.0.0 thrown away"] {
        let outcomes = outcomes(
            EAGER,
            &["250", "550 5.1.1 no", "450 4.2.1 busy", last, "221"],
        );
        assert_eq!(
            outcomes.rows(),
            [
                (Outcome::Rejected, Phase::Rcpt),
                (Outcome::Deferred, Phase::Rcpt)
            ]
        );
        assert!(outcomes.written.ends_with("QUIT\r\n"));
    }
    let sender = outcomes(EAGER, &["550 5.7.1 not you", "503", "503", "503", "221"]);
    assert_eq!(sender.rows(), [(Outcome::Rejected, Phase::Mail); 2]);
}

#[test]
fn a_message_taken_from_a_refused_sender_is_in_doubt() {
    let outcomes = outcomes(
        EAGER,
        &["450 4.7.1 later", "250", "503", "250 2.0.0 queued", "221"],
    );
    assert_eq!(
        outcomes.rows(),
        [
            (Outcome::InDoubt, Phase::Final),
            (Outcome::Deferred, Phase::Mail)
        ]
    );
}

#[test]
fn a_connection_lost_behind_the_flight_leaves_whoever_was_not_refused_in_doubt() {
    // How many of MAIL, RCPT and RCPT were answered before the end.
    for answered in 0..=3 {
        let mut replies = acts(&["220 mx", EAGER]);
        replies.extend(acts(&["250", "550 5.1.1 no", "250"][..answered]));
        replies.push(Act::Drop);
        let outcomes = run(settings(Security::Plaintext), &two_recipients(), &replies);
        let first = if answered < 2 {
            (Outcome::InDoubt, Phase::Final)
        } else {
            (Outcome::Rejected, Phase::Rcpt)
        };
        assert_eq!(
            outcomes.rows(),
            [first, (Outcome::InDoubt, Phase::Final)],
            "{answered}"
        );
    }
}

#[test]
fn a_flight_that_did_not_leave_whole_was_not_accepted() {
    let mut session = ClientSession::new(settings(Security::Plaintext));
    session.submit(&two_recipients(), NOW, NOW);
    session.received(format!("220 mx\r\n{EAGER}\r\n").as_bytes());
    // The greeting came with the answer to a command that had not been sent.
    assert!(matches!(session.step(NOW), Step::Done(_)));

    let mut session = ClientSession::new(settings(Security::Plaintext));
    session.submit(&two_recipients(), NOW, NOW);
    session.received(b"220 mx\r\n");
    assert!(matches!(session.step(NOW), Step::Write(_)));
    session.received(format!("{EAGER}\r\n").as_bytes());
    assert!(matches!(session.step(NOW), Step::Write(_)));
    session.received(b"250\r\n250\r\n250\r\n");
    session.connection_lost("reset");
    let Step::Done(report) = session.step(NOW) else {
        panic!("not the end");
    };
    for row in report.rows() {
        assert_eq!(row.outcome(), Outcome::Deferred, "{row}");
    }
}

#[test]
fn a_farewell_answers_the_whole_flight() {
    let outcomes = outcomes(EAGER, &["421 4.3.2 closing"]);
    assert_eq!(outcomes.rows(), [(Outcome::Deferred, Phase::Mail); 2]);
}

#[test]
fn only_2xx_but_221_accepts_a_chunk() {
    for (reply, outcome) in [
        ("250 queued", Outcome::Accepted),
        ("554 5.6.0 no", Outcome::Rejected),
        ("451 4.3.0 later", Outcome::Deferred),
        ("354 go", Outcome::InDoubt),
        ("221 bye", Outcome::InDoubt),
        ("421 bye", Outcome::Deferred),
    ] {
        for ehlo in [EAGER, LOCKSTEP] {
            let outcomes = outcomes(ehlo, &["250", "250", "250", reply, "221"]);
            assert_eq!(outcomes.rows(), [(outcome, Phase::Final); 2], "{reply}");
        }
    }
}

#[test]
fn data_is_used_where_that_is_asked_for() {
    let replies = acts(&["220 mx", EAGER, "250", "250", "250", "354", "250", "221"]);
    let outcomes = run(
        settings(Security::Plaintext).with_chunking(Chunking::Never),
        &two_recipients(),
        &replies,
    );
    assert!(outcomes.report.all_accepted());
    assert!(!outcomes.written.contains("BDAT"));
}

#[test]
fn a_large_message_waits_for_a_recipient() {
    let large = format!("From: s@x.example\r\n\r\n{}", "x\r\n".repeat(400_000));
    let submission = super::dialogue::submission(&large, "s@x.example", &["a@x.example"]);
    let replies = acts(&["220 mx", EAGER, "250", "550 5.1.1 no", "221"]);
    let outcomes = run(settings(Security::Plaintext), &submission, &replies);
    assert_eq!(outcomes.rows(), [(Outcome::Rejected, Phase::Rcpt)]);
    assert!(!outcomes.written.contains("BDAT"));
}

#[test]
fn an_acceptance_from_before_the_end_of_the_chunk_is_none() {
    for (ehlo, replies) in [
        (EAGER, &["250\r\n250\r\n250\r\n250 2.0.0 thanks\r\n"][..]),
        (EAGER, &["250\r\n250\r\n250\r\n250 2.0"]),
        (
            LOCKSTEP,
            &["250\r\n", "250\r\n", "250\r\n", "250 again\r\n"],
        ),
    ] {
        let mut session = ClientSession::new(settings(Security::Plaintext));
        session.submit(&two_recipients(), NOW, NOW);
        for reply in ["220 mx\r\n", &format!("{ehlo}\r\n")] {
            session.received(reply.as_bytes());
            assert!(matches!(session.step(NOW), Step::Write(_)));
        }
        let (last, before) = replies.split_last().unwrap();
        for reply in before {
            session.received(reply.as_bytes());
            assert!(matches!(session.step(NOW), Step::Write(_)));
        }
        // While the chunk is being written.
        session.received(last.as_bytes());
        session.written();
        session.received(b".0 thanks\r\n");
        let Step::Done(report) = session.step(NOW) else {
            panic!("not the end");
        };
        for row in report.rows() {
            assert_eq!(row.outcome(), Outcome::InDoubt, "{ehlo}: {row}");
        }
    }
}

#[test]
fn a_refusal_from_before_the_end_of_the_chunk_counts() {
    let mut session = ClientSession::new(settings(Security::Plaintext));
    session.submit(&two_recipients(), NOW, NOW);
    for reply in ["220 mx\r\n", &format!("{EAGER}\r\n")] {
        session.received(reply.as_bytes());
        assert!(matches!(session.step(NOW), Step::Write(_)));
    }
    session.received(b"250\r\n250\r\n550 5.1.1 no\r\n552 5.3.4 too");
    session.written();
    session.received(b" much\r\n");
    let Step::Done(report) = session.step(NOW) else {
        panic!("not the end");
    };
    let phases: Vec<_> = report.rows().iter().map(|row| row.phase()).collect();
    assert_eq!(phases, [Phase::Final, Phase::Rcpt]);
    assert!(
        report
            .rows()
            .iter()
            .all(|row| row.outcome() == Outcome::Rejected)
    );
    assert!(session.is_ready());
}
