//! Commands and replies that do not match, and what is read out of their order.

use letterhead_mail::{Outcome, Phase};
use proptest::prelude::*;

use super::dialogue::{Act, NOW, acts, password, run, settings, two_recipients};
use crate::endpoint::Security;
use crate::smtp::session::{ClientSession, Step};

const PIPELINING: &str = "250-mx\r\n250 PIPELINING";

#[test]
fn everything_pipelined_goes_in_one_write() {
    let mut session = ClientSession::new(settings(Security::Plaintext));
    session.submit(&two_recipients(), NOW, NOW);
    session.received(b"220 mx\r\n");
    assert!(matches!(session.step(NOW), Step::Write(_)));
    session.received(b"250-mx\r\n250 PIPELINING\r\n");
    let Step::Write(transmit) = session.step(NOW) else {
        panic!("nothing to write");
    };
    assert_eq!(
        transmit.to_bytes(),
        b"MAIL FROM:<s@x.example>\r\nRCPT TO:<a@x.example>\r\nRCPT TO:<b@x.example>\r\nDATA\r\n"
    );
    session.received(b"250\r\n250\r\n250\r\n354\r\n");
    let Step::Write(content) = session.step(NOW) else {
        panic!("no content");
    };
    assert!(content.to_bytes().ends_with(b"\r\n..the body\r\n.\r\n"));
}

#[test]
fn a_server_that_refused_everyone_and_asks_for_content_gets_none() {
    let server = acts(&[
        "220 mx",
        PIPELINING,
        "250",
        "550 5.1.1 no",
        "450 4.2.1 busy",
        "354 go",
        "250 2.0.0 queued",
        "221",
    ]);
    let outcomes = run(settings(Security::Plaintext), &two_recipients(), &server);
    assert_eq!(
        outcomes.rows(),
        [
            (Outcome::Rejected, Phase::Rcpt),
            (Outcome::Deferred, Phase::Rcpt)
        ]
    );
    assert!(outcomes.written.ends_with("DATA\r\n.\r\nQUIT\r\n"));
}

#[test]
fn a_refused_sender_is_refused_whatever_is_said_of_the_recipients() {
    let server = acts(&[
        "220 mx",
        PIPELINING,
        "550 5.7.1 not you",
        "250",
        "250",
        "354",
        "250 queued",
        "221",
    ]);
    let outcomes = run(settings(Security::Plaintext), &two_recipients(), &server);
    assert_eq!(outcomes.rows(), [(Outcome::Rejected, Phase::Mail); 2]);
    assert!(outcomes.written.ends_with("DATA\r\n.\r\nQUIT\r\n"));
}

#[test]
fn without_pipelining_no_data_follows_when_everyone_is_refused() {
    let server = acts(&["220 mx", "250 mx", "250", "550", "550", "221"]);
    let outcomes = run(settings(Security::Plaintext), &two_recipients(), &server);
    assert_eq!(outcomes.rows(), [(Outcome::Rejected, Phase::Rcpt); 2]);
    assert!(!outcomes.written.contains("DATA"));
}

#[test]
fn a_reply_too_many_ends_the_session_before_the_next_command() {
    for ehlo in ["250 mx", PIPELINING] {
        let replies = ["220 mx", ehlo, "250", "250", "250", "354"];
        // In the pipelined flow replies wait for their turn, so one too many shows before the content.
        let places = if ehlo == PIPELINING {
            vec![0, 1, 5]
        } else {
            (0..replies.len()).collect()
        };
        for place in places {
            let mut server = acts(&replies);
            server[place] = Act::Say(format!("{}\r\n250 again\r\n", replies[place]));
            let outcomes = run(settings(Security::Plaintext), &two_recipients(), &server);
            assert!(
                outcomes
                    .report
                    .rows()
                    .iter()
                    .all(|row| row.outcome() == Outcome::Deferred),
                "{place} of {ehlo:?}: {:?}",
                outcomes.rows()
            );
            assert!(!outcomes.written.contains("the body"));
        }
    }
}

#[test]
fn a_refusal_right_behind_the_354_is_the_reason() {
    for ehlo in ["250 mx", PIPELINING] {
        let mut server = acts(&["220 mx", ehlo, "250", "250", "550 5.1.1 no"]);
        server.push(Act::Say("354 go\r\n554 5.7.1 not this\r\n".to_owned()));
        let outcomes = run(settings(Security::Plaintext), &two_recipients(), &server);
        assert_eq!(
            outcomes.rows(),
            [
                (Outcome::Rejected, Phase::Data),
                (Outcome::Rejected, Phase::Rcpt)
            ]
        );
        assert!(!outcomes.written.contains("the body"));
    }
}

#[test]
fn a_farewell_behind_a_reply_is_heard() {
    let mut server = acts(&["220 mx", "250 mx"]);
    server.push(Act::Say("250 ok\r\n421 4.3.2 shutting down\r\n".to_owned()));
    let outcomes = run(settings(Security::Plaintext), &two_recipients(), &server);
    assert_eq!(
        outcomes.report.rows()[0].reply().unwrap().to_string(),
        "421 4.3.2 shutting down"
    );
}

/// A session that has just given out the content to write.
fn at_content() -> ClientSession {
    let mut session = ClientSession::new(settings(Security::Plaintext));
    session.submit(&two_recipients(), NOW, NOW);
    for replies in [
        "220 mx\r\n",
        "250-mx\r\n250 PIPELINING\r\n",
        "250\r\n250\r\n250\r\n354\r\n",
    ] {
        session.received(replies.as_bytes());
        assert!(matches!(session.step(NOW), Step::Write(_)));
    }
    assert_eq!(session.phase(), Phase::Body);
    session
}

fn outcomes(session: &mut ClientSession) -> Vec<(Outcome, Phase)> {
    match session.step(NOW) {
        Step::Done(report) => report
            .rows()
            .iter()
            .map(|row| (row.outcome(), row.phase()))
            .collect(),
        other => panic!("not the end: {other:?}"),
    }
}

#[test]
fn a_connection_lost_before_the_dot_left_is_not_in_doubt() {
    let mut session = at_content();
    session.connection_lost("broken pipe");
    assert_eq!(
        outcomes(&mut session),
        [(Outcome::Deferred, Phase::Body); 2]
    );
}

#[test]
fn a_connection_lost_once_the_dot_may_have_left_is_in_doubt() {
    let mut session = at_content();
    session.written();
    session.connection_lost("reset");
    assert_eq!(
        outcomes(&mut session),
        [(Outcome::InDoubt, Phase::Final); 2]
    );
}

#[test]
fn a_refusal_in_the_middle_of_the_content_is_the_reason() {
    let mut session = at_content();
    session.received(b"552 5.3.4 too much\r\n");
    session.connection_lost("broken pipe");
    assert_eq!(
        outcomes(&mut session),
        [(Outcome::Rejected, Phase::Body); 2]
    );
}

#[test]
fn an_acceptance_in_the_middle_of_the_content_is_none() {
    let mut lost = at_content();
    lost.received(b"250 2.0.0 thanks\r\n");
    lost.connection_lost("broken pipe");
    assert_eq!(outcomes(&mut lost), [(Outcome::Deferred, Phase::Body); 2]);

    let mut whole = at_content();
    whole.received(b"250 2.0.0 thanks\r\n");
    assert_eq!(outcomes(&mut whole), [(Outcome::InDoubt, Phase::Final); 2]);
}

#[test]
fn an_answer_that_was_received_counts_though_the_connection_is_lost() {
    let mut session = at_content();
    session.written();
    session.received(b"250 2.0.0 queued\r\n");
    session.connection_lost("reset");
    assert_eq!(
        outcomes(&mut session),
        [(Outcome::Accepted, Phase::Final); 2]
    );
}

#[test]
fn deadlines_follow_the_phase_and_the_total() {
    use crate::timeouts::Timeouts;
    use std::time::Duration;

    let seconds = Duration::from_secs;
    let timeouts = Timeouts::default()
        .with_greeting(seconds(10))
        .with_command(seconds(20))
        .with_total(seconds(25));
    let mut session = ClientSession::new(settings(Security::Plaintext).with_timeouts(timeouts));
    session.submit(&two_recipients(), NOW, NOW);
    session.step(NOW + seconds(1));
    assert_eq!(session.deadline(), Some(NOW + seconds(11)));
    session.received(b"220 m");
    session.step(NOW + seconds(5));
    assert_eq!(
        session.deadline(),
        Some(NOW + seconds(11)),
        "part of a reply buys no time"
    );
    session.received(b"x\r\n");
    session.step(NOW + seconds(6));
    assert_eq!(
        session.deadline(),
        Some(NOW + seconds(25)),
        "never beyond the total"
    );
}

proptest! {
    #[test]
    fn whatever_a_server_sends_every_recipient_gets_a_row(
        replies in proptest::collection::vec(
            prop_oneof![
                4 => "(220|235|250|354|334|421|451|550|221)( [ -~]{0,8})?\r\n",
                1 => "250-mx\r\n250-PIPELINING\r\n250-STARTTLS\r\n250 AUTH PLAIN\r\n",
                1 => "250-mx\r\n(250-PIPELINING\r\n)?250-CHUNKING\r\n250-LIMITS (RCPT|MAIL|RCPTDOMAIN)MAX=1\r\n250 AUTH PLAIN\r\n",
                1 => "[ -~\r\n]{0,12}",
            ],
            0..14,
        ),
        security in prop_oneof![Just(Security::StartTls), Just(Security::ImplicitTls), Just(Security::Opportunistic), Just(Security::Plaintext)],
    ) {
        let server: Vec<Act> = replies.iter().cloned().map(Act::Say).collect();
        let outcomes = run(settings(security).with_credentials(password()), &two_recipients(), &server);
        prop_assert_eq!(outcomes.report.rows().len(), 2);
        // Nothing is accepted that was not sent, and nothing is in doubt either.
        if !outcomes.written.contains("the body") {
            let claimed = outcomes.rows().iter().any(|(outcome, _)| !outcome.is_proven_not_accepted());
            prop_assert!(!claimed);
        }
    }
}
