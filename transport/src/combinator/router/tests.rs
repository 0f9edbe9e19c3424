use std::sync::Arc;

use letterhead_mail::{LineEndings, Message, ReversePath, Submission};

use super::{Router, RoutingRule, SenderStatus};
use crate::combinator::testing::{
    Run, Say, Scripted, Slow, StepClock, address, outcomes, seconds, send_now, submission,
};

/// Whether a submission goes where the rule says.
fn takes(rule: RoutingRule, submission: &Submission) -> bool {
    let (special, default) = (Scripted::accepting(), Scripted::accepting());
    let router = Router::new(default.clone()).rule(rule, special.clone());
    assert!(send_now(&router, submission).all_accepted());
    assert_eq!(special.attempts().len() + default.attempts().len(), 1);
    !special.attempts().is_empty()
}

fn from(text: &str) -> Submission {
    let mut submission = submission(&["a@x.example"]);
    submission.message =
        Message::from_bytes(format!("From: {text}\r\n\r\n"), LineEndings::Strict).unwrap();
    submission
}

#[test]
fn rules_look_at_what_they_name() {
    let mut tagged = submission(&["a@x.example"]);
    tagged.channel = Some("bulk".to_owned());
    tagged.identity = Some("shop.example".parse().unwrap());
    tagged.tags = vec![("campaign".to_owned(), "spring".to_owned())];
    let bare = submission(&["a@x.example"]);
    let tag = |name: &str, value: &str| RoutingRule::Tag {
        name: name.to_owned(),
        value: value.to_owned(),
    };
    for rule in [
        RoutingRule::Channel("bulk".to_owned()),
        RoutingRule::Identity("shop.example".parse().unwrap()),
        tag("campaign", "spring"),
    ] {
        assert!(takes(rule.clone(), &tagged), "{rule:?}");
        assert!(!takes(rule.clone(), &bare), "{rule:?}");
    }
    for rule in [tag("campaign", "autumn"), tag("spring", "campaign")] {
        assert!(!takes(rule, &tagged));
    }
    let tenant = |name: &str| RoutingRule::Tenant(name.parse().unwrap());
    assert!(takes(tenant("acme"), &bare));
    assert!(!takes(tenant("other"), &bare));
    let sender = |domain: &str| RoutingRule::SenderDomain(domain.parse().unwrap());
    assert!(takes(sender("sender.example"), &bare));
    assert!(!takes(sender("example"), &bare));
    let mut report = bare;
    report.envelope = report.envelope.from_other(ReversePath::Null);
    assert!(!takes(sender("sender.example"), &report));
}

#[test]
fn rules_about_from_need_every_author() {
    let at = |text: &str| RoutingRule::FromAddress(address(text));
    let domain = |text: &str| RoutingRule::FromDomain(text.parse().unwrap());
    let one = from("Ada <ada@shop.example>");
    assert!(takes(at("ada@SHOP.example"), &one));
    assert!(!takes(at("Ada@shop.example"), &one));
    assert!(takes(domain("shop.example"), &one));
    assert!(!takes(domain("example"), &one));
    let two = from("ada@shop.example, bob@shop.example");
    assert!(!takes(at("ada@shop.example"), &two));
    assert!(takes(domain("shop.example"), &two));
    assert!(!takes(
        domain("shop.example"),
        &from("ada@shop.example, eve@x.example")
    ));
    for unclear in [
        "\"ada\"@shop.example",
        "ada@shop.example\r\nFrom: eve@x.example",
        "",
    ] {
        assert!(!takes(domain("shop.example"), &from(unclear)), "{unclear}");
    }
}

#[test]
fn recipients_are_divided_by_domain_and_rows_keep_their_order() {
    let big = Scripted::new(&[&[Say::Accepted, Say::Lost]]);
    let small = Scripted::new(&[&[Say::NoSuchUser]]);
    let default = Scripted::new(&[&[Say::Busy]]);
    let to = |domain: &str| RoutingRule::RecipientDomain(domain.parse().unwrap());
    let router = Router::new(default.clone())
        .rule(to("big.example"), big.clone())
        .rule(to("small.example"), small.clone())
        .rule(to("also-big.example"), big.clone());
    let report = send_now(
        &router,
        &submission(&[
            "a@other.example",
            "b@big.example",
            "c@small.example",
            "d@also-big.example",
            "e@sub.big.example",
        ]),
    );
    assert_eq!(
        outcomes(&report),
        [
            "a deferred at rcpt",
            "b accepted",
            "c rejected at rcpt",
            "d in doubt",
            "e deferred at rcpt"
        ]
    );
    assert_eq!(big.sent_to(), ["b d"]);
    assert_eq!(small.sent_to(), ["c"]);
    assert_eq!(default.sent_to(), ["a e"]);
    assert!(big.attempts().iter().all(|part| part.id.as_str() == "id-1"));
}

#[test]
fn the_first_rule_that_matches_counts_for_who_is_left() {
    let (by_recipient, by_channel, never) = (
        Scripted::accepting(),
        Scripted::accepting(),
        Scripted::accepting(),
    );
    let router = Router::new(never.clone())
        .rule(
            RoutingRule::RecipientDomain("big.example".parse().unwrap()),
            by_recipient.clone(),
        )
        .rule(RoutingRule::Channel("bulk".to_owned()), by_channel.clone())
        .rule(
            RoutingRule::RecipientDomain("x.example".parse().unwrap()),
            never.clone(),
        );
    let mut submission = submission(&["a@x.example", "b@big.example"]);
    submission.channel = Some("bulk".to_owned());
    assert!(send_now(&router, &submission).all_accepted());
    assert_eq!(by_recipient.sent_to(), ["b"]);
    assert_eq!(by_channel.sent_to(), ["a"]);
    assert!(never.sent_to().is_empty());
}

#[test]
fn who_may_not_use_its_own_transport_has_the_default() {
    let mut submission = submission(&["a@x.example"]);
    submission.identity = Some("ada@from.example".parse().unwrap());
    submission.channel = Some("bulk".to_owned());
    for (rule, about_the_sender) in [
        (
            RoutingRule::Identity("ada@from.example".parse().unwrap()),
            true,
        ),
        (RoutingRule::FromAddress(address("ada@from.example")), true),
        (
            RoutingRule::FromDomain("from.example".parse().unwrap()),
            true,
        ),
        (
            RoutingRule::SenderDomain("sender.example".parse().unwrap()),
            true,
        ),
        (RoutingRule::Channel("bulk".to_owned()), false),
        (
            RoutingRule::RecipientDomain("x.example".parse().unwrap()),
            false,
        ),
    ] {
        for status in [SenderStatus::Usable, SenderStatus::Unusable] {
            let (own, default) = (Scripted::accepting(), Scripted::accepting());
            let router = Router::new(default.clone())
                .rule(rule.clone(), own.clone())
                .sender_check(move |_: &Submission| status);
            assert!(send_now(&router, &submission).all_accepted());
            let expected = !about_the_sender || status == SenderStatus::Usable;
            assert_eq!(!own.attempts().is_empty(), expected, "{rule:?} {status:?}");
            assert_eq!(default.attempts().is_empty(), expected);
        }
    }
}

#[test]
fn a_dropped_attempt_sends_no_further_part() {
    let clock = StepClock::new();
    let slow = Slow {
        takes: seconds(1),
        clock: clock.clone(),
        inner: Scripted::accepting(),
    };
    let default = Scripted::accepting();
    let router = Router::new(default.clone()).rule(
        RoutingRule::RecipientDomain("slow.example".parse().unwrap()),
        Arc::new(slow),
    );
    let submission = submission(&["a@x.example", "b@slow.example"]);
    let (run, report) = Run::start(&router, &submission);
    assert!(report.is_none());
    drop(run);
    clock.advance(seconds(2));
    assert!(default.sent_to().is_empty());
}
