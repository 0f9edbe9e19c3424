use letterhead_mail::{
    EmailAddress, Envelope, LineEndings, Message, NotAttemptedReason, Outcome, Phase,
    RecipientReport, Report, ReversePath, Submission,
};

use super::Undelivered;
use crate::merged_rows::one_row_each;

fn address(text: &str) -> EmailAddress {
    text.parse().unwrap()
}

fn undelivered(recipients: &[&str]) -> Undelivered {
    let message = Message::from_bytes("A: b\r\n\r\n", LineEndings::Strict).unwrap();
    let recipients = recipients.iter().map(|text| address(text));
    let envelope = Envelope::new(ReversePath::Null, recipients).unwrap();
    Undelivered::new(Submission::new(
        "1".parse().unwrap(),
        "t".parse().unwrap(),
        message,
        envelope,
    ))
}

fn take(undelivered: &mut Undelivered, rows: &[(&str, Outcome, Phase)]) {
    let row = |(to, outcome, phase): &(&str, Outcome, Phase)| {
        RecipientReport::new(address(to), *outcome, *phase)
    };
    let report = Report::new(rows.iter().map(row).collect());
    let asked = undelivered.submission().unwrap();
    undelivered.take(one_row_each(&asked.envelope, report));
}

fn open(undelivered: &Undelivered) -> Vec<String> {
    let submission = undelivered.submission();
    submission.map_or_else(Vec::new, |submission| {
        submission
            .envelope
            .addresses()
            .map(ToString::to_string)
            .collect()
    })
}

#[test]
fn only_a_host_that_said_nothing_about_them_leaves_recipients_to_the_next() {
    let unsupported = Outcome::NotAttempted(NotAttemptedReason::Unsupported);
    for (outcome, phase, goes_on) in [
        (Outcome::Deferred, Phase::Connect, true),
        (Outcome::Deferred, Phase::Greeting, true),
        (Outcome::Rejected, Phase::Greeting, true),
        (Outcome::Rejected, Phase::Ehlo, true),
        (Outcome::Deferred, Phase::Tls, true),
        (Outcome::Deferred, Phase::Mail, false),
        (Outcome::Rejected, Phase::Rcpt, false),
        (Outcome::Deferred, Phase::Rcpt, false),
        (Outcome::Deferred, Phase::Body, false),
        (Outcome::InDoubt, Phase::Final, false),
        (Outcome::InDoubt, Phase::Connect, false),
        (Outcome::Accepted, Phase::Final, false),
        (unsupported, Phase::Local, true),
        (
            Outcome::NotAttempted(NotAttemptedReason::Postponed),
            Phase::Local,
            false,
        ),
        (Outcome::Rejected, Phase::Local, false),
    ] {
        let mut undelivered = undelivered(&["a@x"]);
        take(&mut undelivered, &[("a@x", outcome, phase)]);
        assert_eq!(undelivered.is_empty(), !goes_on, "{outcome} at {phase}");
        let rows = undelivered.finish(|_| unreachable!("there is a row"));
        assert_eq!((rows[0].outcome(), rows[0].phase()), (outcome, phase));
    }
}

#[test]
fn each_recipient_keeps_its_own_fate_and_its_best_reason() {
    let mut undelivered = undelivered(&["a@x", "b@x", "c@x", "d@x"]);
    take(
        &mut undelivered,
        &[
            ("a@x", Outcome::Rejected, Phase::Greeting),
            ("b@x", Outcome::Accepted, Phase::Final),
            ("c@x", Outcome::Deferred, Phase::Greeting),
            ("d@x", Outcome::Deferred, Phase::Connect),
            ("stranger@x", Outcome::Accepted, Phase::Final),
        ],
    );
    assert_eq!(open(&undelivered), ["a@x", "c@x", "d@x"]);
    take(
        &mut undelivered,
        &[
            ("a@x", Outcome::Deferred, Phase::Connect),
            ("c@x", Outcome::Deferred, Phase::Connect),
            // Nothing about d: it is not tried again, and nothing is claimed about it.
        ],
    );
    assert_eq!(open(&undelivered), ["a@x", "c@x"]);
    let rows = undelivered.finish(|_| unreachable!("all have a reason"));
    let mut said: Vec<String> = rows.iter().map(ToString::to_string).collect();
    said.sort();
    assert_eq!(
        said,
        [
            "a@x deferred at connect",
            "b@x accepted at final",
            "c@x deferred at greeting",
            "d@x in doubt at final: the transport did not say what became of this recipient",
        ]
    );
}

#[test]
fn without_a_try_there_is_a_row_all_the_same() {
    let mut undelivered = undelivered(&["a@x", "b@x"]);
    let row = |to, phase| RecipientReport::new(to, Outcome::Deferred, phase);
    take(
        &mut undelivered,
        &[
            ("a@x", Outcome::Deferred, Phase::Connect),
            ("b@x", Outcome::InDoubt, Phase::Final),
        ],
    );
    let rows = undelivered.finish(|to| row(to, Phase::Local));
    assert_eq!(rows.len(), 2);
    assert_eq!(
        rows.iter()
            .filter(|row| row.outcome() == Outcome::InDoubt)
            .count(),
        1
    );
    let untouched = self::undelivered(&["c@x"]).finish(|to| row(to, Phase::Local));
    assert_eq!(untouched[0].phase(), Phase::Local);
}
