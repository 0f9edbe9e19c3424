//! Every phase, and everything that can go wrong in it.

use letterhead_mail::{Outcome, Phase};

use super::dialogue::{Act, Outcomes, password, run, settings, two_recipients};
use crate::endpoint::Security;
use crate::smtp::session::SessionSettings;

const LOCKSTEP: &str = "250-mx\r\n250 AUTH PLAIN";
const PIPELINED: &str = "250-mx\r\n250-PIPELINING\r\n250 AUTH PLAIN";

/// A dialogue in which all goes well, with the phase of each reply; `None` is QUIT, on which nothing depends.
fn good(ehlo: &'static str) -> Vec<(Option<Phase>, &'static str)> {
    vec![
        (Some(Phase::Greeting), "220 mx ready"),
        (Some(Phase::Ehlo), "250-mx\r\n250 STARTTLS"),
        (Some(Phase::Tls), "220 go"),
        (Some(Phase::Ehlo), ehlo),
        (Some(Phase::Auth), "235 2.7.0 welcome"),
        (Some(Phase::Mail), "250 2.1.0 ok"),
        (Some(Phase::Rcpt), "250 2.1.5 ok"),
        (Some(Phase::Rcpt), "250 2.1.5 ok"),
        (Some(Phase::Data), "354 go"),
        (Some(Phase::Final), "250 2.0.0 queued"),
        (None, "221 bye"),
    ]
}

fn with_auth() -> SessionSettings {
    settings(Security::StartTls).with_credentials(password())
}

/// The good dialogue with one act instead of the reply at `place`.
fn run_with(ehlo: &'static str, place: usize, act: &Act) -> Outcomes {
    let mut acts: Vec<Act> = good(ehlo)
        .into_iter()
        .map(|(_, reply)| reply.into())
        .collect();
    acts[place] = act.clone();
    run(with_auth(), &two_recipients(), &acts)
}

/// Runs `act` in place of every reply and compares all rows with what `expected` says for the phase.
fn everywhere(act: &Act, expected: impl Fn(Phase, &'static str) -> Option<Outcome>) {
    for ehlo in [LOCKSTEP, PIPELINED] {
        for (place, (phase, reply)) in good(ehlo).into_iter().enumerate() {
            let outcomes = run_with(ehlo, place, act);
            let Some(phase) = phase else {
                assert!(
                    outcomes.report.all_accepted(),
                    "{act:?} instead of the answer to QUIT"
                );
                continue;
            };
            let Some(outcome) = expected(phase, reply) else {
                continue;
            };
            assert_eq!(
                outcomes.rows(),
                [(outcome, phase); 2],
                "{act:?} instead of {reply:?}"
            );
            assert!(
                outcomes
                    .report
                    .rows()
                    .iter()
                    .all(|row| row.server() == Some("mx.example.org")),
                "rows name the server"
            );
            if outcome != Outcome::InDoubt && phase != Phase::Final {
                assert!(
                    !outcomes.written.contains("the body"),
                    "{act:?} instead of {reply:?}"
                );
            }
        }
    }
}

fn lost(phase: Phase) -> Outcome {
    if phase == Phase::Final {
        Outcome::InDoubt
    } else {
        Outcome::Deferred
    }
}

#[test]
fn all_goes_well() {
    for ehlo in [LOCKSTEP, PIPELINED] {
        let outcomes = run_with(ehlo, 0, &"220 mx".into());
        assert_eq!(outcomes.rows(), [(Outcome::Accepted, Phase::Final); 2]);
        assert_eq!(
            outcomes.report.rows()[0].reply().unwrap().to_string(),
            "250 2.0.0 queued"
        );
        assert_eq!(
            outcomes.written,
            "EHLO client.example.org\r\nSTARTTLS\r\n<tls>EHLO client.example.org\r\n\
             AUTH PLAIN AGFsaWNlAHMzY3IzdA==\r\nMAIL FROM:<s@x.example>\r\nRCPT TO:<a@x.example>\r\n\
             RCPT TO:<b@x.example>\r\nDATA\r\nFrom: s@x.example\r\n\r\n..the body\r\n.\r\nQUIT\r\n"
        );
        assert_eq!(outcomes.left, 0);
    }
}

#[test]
fn replies_may_come_octet_by_octet() {
    for ehlo in [LOCKSTEP, PIPELINED] {
        for (place, (_, reply)) in good(ehlo).into_iter().enumerate() {
            let outcomes = run_with(ehlo, place, &Act::Drip(format!("{reply}\r\n")));
            assert!(outcomes.report.all_accepted(), "{reply}");
        }
    }
}

#[test]
fn a_lost_connection_is_in_doubt_only_behind_the_final_dot() {
    everywhere(&Act::Drop, |phase, _| Some(lost(phase)));
}

#[test]
fn silence_ends_at_the_deadline_as_a_lost_connection() {
    everywhere(&Act::Silence, |phase, _| Some(lost(phase)));
}

#[test]
fn garbage_is_as_good_as_a_lost_connection() {
    for garbage in ["what?", "", "250ok", "999 x", "250-a\r\n550 b"] {
        everywhere(&garbage.into(), |phase, _| Some(lost(phase)));
    }
    everywhere(
        &Act::Say("250 ".to_owned() + &"x".repeat(5_000)),
        |phase, _| Some(lost(phase)),
    );
    everywhere(&Act::Say("250-x\r\n".repeat(12_000)), |phase, _| {
        Some(lost(phase))
    });
}

#[test]
fn a_server_that_goes_away_with_421_has_accepted_nothing() {
    everywhere(&"421 4.3.2 closing".into(), |_, _| Some(Outcome::Deferred));
}

#[test]
fn a_transient_refusal_defers() {
    // A refused recipient is a matter of its own, below.
    everywhere(&"451 4.3.0 later".into(), |phase, _| {
        (phase != Phase::Rcpt).then_some(Outcome::Deferred)
    });
}

#[test]
fn a_permanent_refusal_rejects_once_the_required_tls_stands() {
    everywhere(&"550 5.7.1 no".into(), |phase, reply| match phase {
        Phase::Rcpt => None,
        Phase::Greeting | Phase::Tls => Some(Outcome::Deferred),
        Phase::Ehlo if reply.contains("STARTTLS") => Some(Outcome::Deferred),
        _ => Some(Outcome::Rejected),
    });
}

#[test]
fn a_refused_recipient_does_not_cost_the_others() {
    for ehlo in [LOCKSTEP, PIPELINED] {
        for (reply, outcome) in [
            ("550 5.1.1 unknown", Outcome::Rejected),
            ("450 4.2.1 busy", Outcome::Deferred),
            ("552 too many", Outcome::Deferred),
            ("552 5.5.3 too many", Outcome::Deferred),
            ("552 5.2.2 full", Outcome::Rejected),
        ] {
            let outcomes = run_with(ehlo, 6, &reply.into());
            assert_eq!(
                outcomes.rows(),
                [(outcome, Phase::Rcpt), (Outcome::Accepted, Phase::Final)],
                "{reply}"
            );
        }
    }
}

#[test]
fn a_recipient_refused_before_the_dot_is_not_in_doubt_after_it() {
    for ehlo in [LOCKSTEP, PIPELINED] {
        let mut acts: Vec<Act> = good(ehlo)
            .into_iter()
            .map(|(_, reply)| reply.into())
            .collect();
        acts[7] = "550 5.1.1 unknown".into();
        acts[9] = Act::Drop;
        let outcomes = run(with_auth(), &two_recipients(), &acts);
        assert_eq!(
            outcomes.rows(),
            [
                (Outcome::InDoubt, Phase::Final),
                (Outcome::Rejected, Phase::Rcpt)
            ]
        );
    }
}

#[test]
fn only_354_starts_the_content_and_only_2xx_but_221_ends_it() {
    for reply in ["250 ok", "220 ok", "334 ok"] {
        everywhere(&reply.into(), |phase, _| {
            (phase == Phase::Data).then_some(Outcome::Deferred)
        });
    }
    for reply in ["354 go", "334 x", "221 2.0.0 bye"] {
        everywhere(&reply.into(), |phase, _| {
            (phase == Phase::Final).then_some(Outcome::InDoubt)
        });
    }
}

#[test]
fn an_intermediate_reply_is_no_acceptance_of_sender_or_recipient() {
    everywhere(&"354 go".into(), |phase, _| {
        matches!(
            phase,
            Phase::Greeting | Phase::Ehlo | Phase::Tls | Phase::Auth | Phase::Mail | Phase::Rcpt
        )
        .then_some(Outcome::Deferred)
    });
}

/// The good dialogue where the message goes by BDAT.
fn good_by_chunk(ehlo: &'static str) -> Vec<(Option<Phase>, &'static str)> {
    let mut dialogue = good(ehlo);
    dialogue.retain(|(phase, _)| *phase != Some(Phase::Data));
    dialogue
}

#[test]
fn by_chunk_every_fault_ends_as_it_does_by_data_and_a_flight_is_in_doubt_as_a_whole() {
    const EAGER: &str = "250-mx\r\n250-PIPELINING\r\n250-CHUNKING\r\n250 AUTH PLAIN";
    const CHUNKED: &str = "250-mx\r\n250-CHUNKING\r\n250 AUTH PLAIN";
    let garbage = [
        "what?".into(),
        "250ok".into(),
        Act::Say("250 ".to_owned() + &"x".repeat(5_000)),
    ];
    let lost = [Act::Drop, Act::Silence].into_iter().chain(garbage);
    for ehlo in [EAGER, CHUNKED] {
        let replies = good_by_chunk(ehlo);
        let whole: Vec<Act> = replies.iter().map(|(_, reply)| (*reply).into()).collect();
        for (place, (phase, reply)) in replies.iter().enumerate() {
            let with = |act: &Act| {
                let mut acts = whole.clone();
                acts[place] = act.clone();
                run(with_auth(), &two_recipients(), &acts)
            };
            let Some(phase) = *phase else {
                continue;
            };
            let in_flight = match phase {
                Phase::Final => true,
                Phase::Mail | Phase::Rcpt => ehlo == EAGER,
                _ => false,
            };
            for act in lost.clone() {
                let expected = if in_flight {
                    (Outcome::InDoubt, Phase::Final)
                } else {
                    (Outcome::Deferred, phase)
                };
                assert_eq!(with(&act).rows(), [expected; 2], "{act:?} for {reply:?}");
            }
            let split = Act::Drip(format!("{reply}\r\n"));
            assert!(with(&split).report.all_accepted(), "{reply:?} split");
            let goodbye = with(&"421 4.3.2 closing".into());
            assert_eq!(goodbye.rows(), [(Outcome::Deferred, phase); 2], "{reply:?}");
            // This server takes recipients and message whatever it says to MAIL, which is another matter.
            if phase == Phase::Final || (phase == Phase::Mail && ehlo == CHUNKED) {
                let later = with(&"451 4.3.0 later".into());
                assert_eq!(later.rows(), [(Outcome::Deferred, phase); 2]);
                let never = with(&"550 5.7.1 no".into());
                assert_eq!(never.rows(), [(Outcome::Rejected, phase); 2]);
            }
        }
    }
}
