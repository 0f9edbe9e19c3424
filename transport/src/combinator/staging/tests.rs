use std::sync::Arc;

use letterhead_mail::{Concern, EmailAddress, Outcome, Transport};

use super::{AllowedRecipient, Staging};
use crate::combinator::testing::{
    Run, Say, Scripted, Slow, StepClock, address, outcomes, seconds, send_now, submission,
};

#[test]
fn only_who_is_named_is_let_out_and_rows_keep_their_order() {
    let inner = Scripted::new(&[&[Say::Lost, Say::Busy, Say::Accepted]]);
    let allowed = [
        AllowedRecipient::address(address("boss@shop.example")),
        AllowedRecipient::domain("qa.example".parse().unwrap()),
        AllowedRecipient::domain_and_below("test.example".parse().unwrap()),
    ];
    let staging = Staging::allow(allowed, inner.clone());
    let report = send_now(
        &staging,
        &submission(&[
            "customer@shop.example",
            "boss@shop.example",
            "Boss@shop.example",
            "a@QA.example",
            "b@sub.qa.example",
            "c@deep.sub.test.example",
            "d@nottest.example",
            "e@[192.0.2.1]",
        ]),
    );
    assert_eq!(
        outcomes(&report),
        [
            "customer not attempted (withheld) at local",
            "boss in doubt",
            "Boss not attempted (withheld) at local",
            "a deferred at rcpt",
            "b not attempted (withheld) at local",
            "c accepted",
            "d not attempted (withheld) at local",
            "e not attempted (withheld) at local",
        ]
    );
    assert_eq!(inner.sent_to(), ["boss a c"]);
    let detail = report.rows()[0].detail().unwrap();
    assert!(detail.starts_with("staging: "), "{detail}");
}

#[test]
fn an_empty_list_and_withhold_all_let_nobody_out() {
    let inner = Scripted::accepting();
    let nobody: [EmailAddress; 0] = [];
    for staging in [
        Staging::allow(nobody, inner.clone()),
        Staging::withhold_all(),
    ] {
        let report = send_now(&staging, &submission(&["a@x.example", "b@y.example"]));
        assert_eq!(
            outcomes(&report),
            [
                "a not attempted (withheld) at local",
                "b not attempted (withheld) at local"
            ]
        );
    }
    assert!(inner.attempts().is_empty());
}

#[test]
fn text_names_an_address_or_a_domain_without_those_below() {
    let below = address("a@sub.qa.example");
    let allowed: AllowedRecipient = "qa.example".parse().unwrap();
    assert!(allowed.allows(&address("a@qa.example")) && !allowed.allows(&below));
    let allowed: AllowedRecipient = "a@sub.qa.example".parse().unwrap();
    assert!(allowed.allows(&below));
    for text in [
        "",
        "[192.0.2.1]",
        "*.qa.example",
        "@qa.example",
        "qa .example",
    ] {
        assert!(text.parse::<AllowedRecipient>().is_err(), "{text}");
    }
}

#[test]
fn a_redirected_submission_goes_out_once_and_rows_name_who_was_meant() {
    let inner = Scripted::accepting();
    let staging = Staging::redirect_to(address("qa@shop.example"), inner.clone());
    let report = send_now(&staging, &submission(&["a@x.example", "b@y.example"]));
    assert_eq!(outcomes(&report), ["a accepted", "b accepted"]);
    assert_eq!(inner.sent_to(), ["qa"]);
    for row in report.rows() {
        assert_eq!(
            row.detail(),
            Some("staging: sent to qa@shop.example instead")
        );
        assert_eq!(row.code().unwrap().get(), 250);
    }
}

#[test]
fn what_the_redirect_address_is_told_is_no_word_on_who_was_meant() {
    for say in Say::ALL {
        let inner = Scripted::new(&[&[say]]);
        let staging = Staging::redirect_to(address("qa@shop.example"), inner);
        let report = send_now(&staging, &submission(&["a@x.example"]));
        let (row, copy) = (&report.rows()[0], say.row(&address("qa@shop.example")));
        assert_ne!(row.concerns(), Concern::Recipient, "{say:?}");
        assert_eq!(row.class(), copy.class(), "{say:?}");
        assert_eq!(row.retry_after(), copy.retry_after());
        assert!(row.detail().unwrap().contains("qa@shop.example"));
        if copy.concerns() != Concern::Recipient {
            assert_eq!((row.outcome(), row.phase()), (copy.outcome(), copy.phase()));
        }
    }
    let lost = Staging::redirect_to(address("qa@shop.example"), Scripted::new(&[&[Say::Lost]]));
    let report = send_now(&lost, &submission(&["a@x.example", "b@x.example"]));
    assert!(
        report
            .rows()
            .iter()
            .all(|row| row.outcome() == Outcome::InDoubt)
    );
}

#[test]
fn a_dropped_attempt_leaves_nothing_behind() {
    let clock = StepClock::new();
    let inner = Scripted::accepting();
    let slow: Arc<dyn Transport> = Arc::new(Slow {
        takes: seconds(1),
        clock: clock.clone(),
        inner: inner.clone(),
    });
    let staging = Staging::redirect_to(address("qa@shop.example"), slow);
    let submission = submission(&["a@x.example"]);
    drop(Run::start(&staging, &submission));
    let (mut run, _) = Run::start(&staging, &submission);
    clock.advance(seconds(1));
    assert!(run.step().unwrap().all_accepted());
    assert_eq!(inner.attempts().len(), 1);
}
