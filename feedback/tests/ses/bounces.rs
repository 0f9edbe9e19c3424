//! Bounces: which mean a dead address, which are none.

use std::time::{Duration, SystemTime};

use letterhead_feedback::{Event, EventKind, Proof, Provider, Reason};
use serde_json::json;

use crate::{HARD, SOFT, bounce, only, read};

#[test]
fn a_bounce_keeps_everything_it_says() {
    let recipient = json!([{
        "emailAddress": "Joe <joe@example.org>",
        "action": "failed",
        "status": "5.1.1",
        "diagnosticCode": "smtp; 550 5.1.1 <joe@example.org> user unknown",
    }]);
    let value = bounce("Permanent", "General", &recipient);
    let event = only(&value);
    assert_eq!(event.kind(), HARD);
    assert_eq!(event.native_kind(), Some("Bounce/Permanent/General"));
    assert_eq!(event.provider(), Some(Provider::Ses));
    assert_eq!(event.provider_event_id(), Some("f-1"));
    assert_eq!(event.provider_message_id(), Some("0100-abc-000000"));
    assert_eq!(event.message_id(), Some("<7@mail.example.com>"));
    assert_eq!(event.reporting_mta(), Some("a4-8.smtp-out.example.net"));
    assert_eq!(event.remote_mta(), Some("192.0.2.7"));
    assert_eq!(event.status().unwrap().to_string(), "5.1.1");
    assert_eq!(event.reply().unwrap().code().get(), 550);
    assert_eq!(event.reason(), &Reason::USER_UNKNOWN);
    assert_eq!(event.proof(), Proof::Unproven);
    assert_eq!(event.recipient().unwrap().to_string(), "joe@example.org");
    let at = SystemTime::UNIX_EPOCH + Duration::from_millis(1_795_161_605_250);
    assert_eq!(event.time(), Some(at));
    assert_eq!(event.raw(), Some(value.to_string().as_bytes()));
}

#[test]
fn hard_is_a_dead_address_and_nothing_else() {
    let none = "";
    for (kind, subtype, status, diagnostic, expected, reason) in [
        (
            "Permanent",
            "General",
            none,
            none,
            HARD,
            Reason::UNSPECIFIED,
        ),
        (
            "Permanent",
            "NoEmail",
            none,
            none,
            HARD,
            Reason::USER_UNKNOWN,
        ),
        (
            "Permanent",
            "NoEmail",
            "5.0.0",
            "smtp; 550 no",
            HARD,
            Reason::USER_UNKNOWN,
        ),
        (
            "Permanent",
            "NoEmail",
            "5.1.1",
            "smtp; 550 5.1.1 x",
            HARD,
            Reason::USER_UNKNOWN,
        ),
        (
            "Permanent",
            "General",
            "5.1.2",
            none,
            HARD,
            Reason::HOST_UNKNOWN,
        ),
        (
            "Permanent",
            "General",
            "5.1.10",
            none,
            HARD,
            Reason::NOT_ACCEPTED,
        ),
        (
            "Permanent",
            "General",
            "5.0.0",
            none,
            HARD,
            Reason::UNSPECIFIED,
        ),
        (
            "Permanent",
            "General",
            "5.0.0",
            "smtp; 550 xyzzy",
            SOFT,
            Reason::UNSPECIFIED,
        ),
        (
            "Permanent",
            "General",
            "5.7.1",
            "smtp; 550 5.7.1 x",
            SOFT,
            Reason::POLICY,
        ),
        ("Permanent", "NoEmail", "5.7.1", none, SOFT, Reason::POLICY),
        (
            "Permanent",
            "General",
            "5.2.2",
            none,
            SOFT,
            Reason::MAILBOX_FULL,
        ),
        (
            "Permanent",
            "General",
            "5.2.1",
            none,
            SOFT,
            Reason::MAILBOX_DISABLED,
        ),
        ("Permanent", "General", "4.4.7", none, SOFT, Reason::EXPIRED),
        (
            "Permanent",
            "BrandNew",
            none,
            none,
            SOFT,
            Reason::UNSPECIFIED,
        ),
        (
            "Permanent",
            "BrandNew",
            "5.1.1",
            none,
            HARD,
            Reason::USER_UNKNOWN,
        ),
        (
            "Transient",
            "MailboxFull",
            none,
            none,
            SOFT,
            Reason::MAILBOX_FULL,
        ),
        (
            "Transient",
            "MessageTooLarge",
            none,
            none,
            SOFT,
            Reason::MESSAGE_TOO_BIG,
        ),
        (
            "Transient",
            "ContentRejected",
            "5.7.1",
            none,
            SOFT,
            Reason::CONTENT_REJECTED,
        ),
        (
            "Transient",
            "AttachmentRejected",
            none,
            none,
            SOFT,
            Reason::CONTENT_REJECTED,
        ),
        (
            "Transient",
            "CustomTimeoutExceeded",
            none,
            none,
            SOFT,
            Reason::EXPIRED,
        ),
        (
            "Transient",
            "General",
            "5.1.1",
            "smtp; 550 5.1.1 x",
            SOFT,
            Reason::USER_UNKNOWN,
        ),
        (
            "Undetermined",
            "Undetermined",
            none,
            none,
            SOFT,
            Reason::UNSPECIFIED,
        ),
        (
            "Undetermined",
            "Undetermined",
            "5.1.1",
            none,
            HARD,
            Reason::USER_UNKNOWN,
        ),
        ("Strange", "Stranger", none, none, SOFT, Reason::UNSPECIFIED),
        (
            "Permanent",
            "Suppressed",
            "5.1.1",
            "Amazon SES says",
            EventKind::Suppressed,
            Reason::SUPPRESSED,
        ),
        (
            "Permanent",
            "OnAccountSuppressionList",
            none,
            none,
            EventKind::Suppressed,
            Reason::SUPPRESSED,
        ),
        (
            "Permanent",
            "OnTenantSuppressionList",
            none,
            none,
            EventKind::Suppressed,
            Reason::SUPPRESSED,
        ),
        (
            "Permanent",
            "UnsubscribedRecipient",
            none,
            none,
            EventKind::Suppressed,
            Reason::OPT_OUT,
        ),
    ] {
        let mut recipient = json!({"emailAddress": "joe@example.org"});
        for (name, text) in [("status", status), ("diagnosticCode", diagnostic)] {
            if !text.is_empty() {
                recipient[name] = json!(text);
            }
        }
        let event = only(&bounce(kind, subtype, &json!([recipient])));
        let case = format!("{kind}/{subtype} {status} {diagnostic}");
        assert_eq!(event.kind(), expected, "{case}");
        assert_eq!(event.reason(), &reason, "{case}");
        assert_eq!(
            event.native_kind(),
            Some(&*format!("Bounce/{kind}/{subtype}"))
        );
    }
}

#[test]
fn automatic_answers_are_no_bounces() {
    let mut bare = bounce(
        "Transient",
        "General",
        &json!([{"emailAddress": "joe@example.org"}]),
    );
    assert_eq!(only(&bare).kind(), SOFT, "it came with a report");
    bare["bounce"]
        .as_object_mut()
        .unwrap()
        .remove("reportingMTA");
    assert_eq!(only(&bare).kind(), EventKind::AutoReplied);
    bare["bounce"]["bouncedRecipients"][0]["status"] = json!("4.2.0");
    assert_eq!(only(&bare).kind(), SOFT);

    let empty = only(&bounce("Undetermined", "Undetermined", &json!([])));
    assert_eq!(empty.kind(), EventKind::Unknown);
    assert_eq!(empty.addressee(), None);
    assert_eq!(empty.candidates().len(), 1);

    let delayed =
        json!([{"emailAddress": "joe@example.org", "action": "delayed", "status": "4.4.1"}]);
    assert_eq!(
        only(&bounce("Transient", "General", &delayed)).kind(),
        EventKind::Deferred
    );
}

#[test]
fn several_recipients_are_several_events_with_ids_of_their_own() {
    let two = json!([
        {"emailAddress": "joe@example.org", "status": "5.1.1"},
        {"emailAddress": "ann@example.org", "status": "5.2.2"},
    ]);
    let value = bounce("Permanent", "General", &two);
    let events = read(&value).events;
    assert_eq!(events.len(), 2);
    assert_eq!(events[0].kind(), HARD);
    assert_eq!(events[1].kind(), SOFT);
    assert_ne!(events[0].id(), events[1].id());

    let mut again = value;
    again["notificationType"] = again["eventType"].take();
    let ids: Vec<_> = read(&again).events.iter().map(Event::id).collect();
    assert_eq!(ids, [events[0].id(), events[1].id()], "told by both ways");
}

#[test]
fn a_forwarded_message_is_about_the_address_that_was_written_to() {
    let recipients = json!([{"emailAddress": "joe@forward.example", "status": "5.1.1"}]);
    let mut value = bounce("Permanent", "General", &recipients);
    let event = only(&value);
    assert_eq!(
        event.recipient().unwrap().to_string(),
        "joe@forward.example"
    );
    assert_eq!(event.addressee().unwrap().to_string(), "joe@example.org");

    value["mail"]["destination"] = json!(["joe@example.org", "ann@example.org"]);
    assert_eq!(
        only(&value).original_recipient(),
        None,
        "which of the two it was is not known"
    );
    value["mail"]["destination"] = json!(["joe@FORWARD.example"]);
    assert_eq!(only(&value).original_recipient(), None);
}
