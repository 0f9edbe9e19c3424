//! Which message an event is about, and whose it was.

use std::time::SystemTime;

use letterhead_dns::block_on_ready;
use letterhead_feedback::{
    Attribution, Event, EventKind, InMemorySentLog, Permanence, Proof, ReportKind, ReturnPathId,
    SentLog, SentMessage, SentName, read_report,
};
use letterhead_mail::EmailAddress;

const BOUNCED: EventKind = EventKind::Bounced(Permanence::Hard);

fn address(text: &str) -> EmailAddress {
    text.parse().unwrap()
}

fn log(messages: &[(&str, &str, &[&str])]) -> InMemorySentLog {
    let log = InMemorySentLog::new(100);
    for (number, (tenant, name, recipients)) in messages.iter().enumerate() {
        let mut sent = SentMessage::new(
            tenant.parse().unwrap(),
            format!("submission-{number}").parse().unwrap(),
            vec![sent_name(name)],
            recipients.iter().map(|text| address(text)).collect(),
            SystemTime::UNIX_EPOCH,
        );
        sent.identity = Some("x.example".parse().unwrap());
        sent.stream = Some("news".parse().unwrap());
        block_on_ready(log.record(sent)).unwrap().unwrap();
    }
    log
}

/// A Message-ID has brackets, the id of a return path its length and letters; anything else a server wrote.
fn sent_name(name: &str) -> SentName {
    match name.parse::<ReturnPathId>() {
        _ if name.starts_with('<') => SentName::message_id(name),
        Ok(id) => SentName::return_path(id),
        Err(_) => SentName::of_server(name),
    }
}

fn attribute(log: &InMemorySentLog, event: Event) -> Vec<Event> {
    block_on_ready(Attribution::new(log).attribute(event))
        .unwrap()
        .unwrap()
}

/// Tenant, addressee and candidates of what came out.
fn shown(events: &[Event]) -> Vec<String> {
    let one = |event: &Event| {
        let tenant = event.tenant().map_or("-", |tenant| tenant.as_str());
        let addressee = event
            .addressee()
            .map_or_else(|| "-".to_owned(), ToString::to_string);
        let candidates: Vec<String> = event.candidates().iter().map(ToString::to_string).collect();
        format!(
            "{tenant} {addressee} [{}] {}",
            candidates.join(" "),
            event.proof()
        )
    };
    events.iter().map(one).collect()
}

fn event(kind: EventKind, recipient: &str) -> Event {
    let event = Event::new(kind).with_message_id("<1@x.example>");
    match recipient {
        "" => event,
        recipient => event.with_recipient(address(recipient)),
    }
}

#[test]
fn a_known_message_says_whose_it_was() {
    let log = log(&[("acme", "<1@x.example>", &["joe@y.example", "ann@y.example"])]);
    let found = attribute(&log, event(BOUNCED, "JOE@y.example"));
    assert_eq!(shown(&found), ["acme JOE@y.example [] known-message"]);
    assert_eq!(found[0].submission().unwrap().as_str(), "submission-0");
    assert_eq!(found[0].identity().unwrap().as_str(), "x.example");
    assert_eq!(found[0].stream().unwrap().as_str(), "news");
}

#[test]
fn a_bounce_about_somebody_else_is_about_nothing_that_was_sent() {
    let log = log(&[("acme", "<1@x.example>", &["joe@y.example"])]);
    let stranger = event(BOUNCED, "victim@y.example");
    assert_eq!(attribute(&log, stranger.clone()), [stranger]);
    let other = event(BOUNCED, "joe@y.example").with_message_id("<2@x.example>");
    assert_eq!(attribute(&log, other.clone()), [other]);
}

#[test]
fn a_complaint_is_about_the_only_recipient_whatever_it_calls_the_address() {
    let log = log(&[("acme", "<1@x.example>", &["joe@y.example"])]);
    for named in ["", "joseph@mailbox.example"] {
        let found = attribute(&log, event(EventKind::Complained, named));
        assert_eq!(
            shown(&found),
            ["acme joe@y.example [] known-message"],
            "{named}"
        );
    }
}

#[test]
fn of_several_recipients_nobody_is_named() {
    let log = log(&[(
        "acme",
        "<1@x.example>",
        &["joe@y.example", "ann@y.example", "bob@z.example"],
    )]);
    let complaint = event(EventKind::Complained, "");
    assert_eq!(
        shown(&attribute(&log, complaint.clone())),
        ["acme - [joe@y.example ann@y.example bob@z.example] known-message"]
    );
    let candidates = |texts: &[&str]| {
        let candidates = texts.iter().map(|text| address(text));
        shown(&attribute(
            &log,
            complaint.clone().with_candidates(candidates),
        ))
    };
    assert_eq!(
        candidates(&["joe@y.example", "ANN@y.example", "eve@y.example"]),
        ["acme - [joe@y.example ANN@y.example] known-message"]
    );
    assert_eq!(
        candidates(&["eve@y.example", "bob@z.example"]),
        ["acme bob@z.example [] known-message"]
    );
    assert_eq!(
        candidates(&["eve@y.example", "eva@z.example"]),
        ["- - [eve@y.example eva@z.example] unproven"]
    );
}

#[test]
fn each_tenant_that_sent_it_has_its_own_event() {
    let recipients: &[&str] = &["joe@y.example"];
    let log = log(&[
        ("acme", "<1@x.example>", recipients),
        ("globex", "<1@x.example>", recipients),
        ("acme", "<1@x.example>", recipients),
    ]);
    let mut found = shown(&attribute(&log, event(BOUNCED, "joe@y.example")));
    found.sort();
    assert_eq!(
        found,
        [
            "acme joe@y.example [] known-message",
            "globex joe@y.example [] known-message"
        ]
    );
}

#[test]
fn a_provider_s_own_name_of_the_message_finds_it_too_and_proof_is_never_lowered() {
    let log = log(&[("acme", "0100-abc", &["joe@y.example"])]);
    let event = Event::new(BOUNCED)
        .with_recipient(address("joe@y.example"))
        .with_message_id("<unknown@x.example>")
        .with_provider_message_id("0100-abc")
        .with_proof(Proof::Provider);
    assert_eq!(
        shown(&attribute(&log, event)),
        ["acme joe@y.example [] provider"]
    );
}

/// The id of a return path is a hash of what may be guessed: only the sealed address proves it.
#[test]
fn a_guessed_id_of_a_return_path_in_a_forged_notification_finds_nothing() {
    let joe = address("joe@y.example");
    let id = ReturnPathId::of(&"submission-0".parse().unwrap(), &joe).to_string();
    let log = log(&[("acme", id.as_str(), &["joe@y.example"])]);
    for id in [id.clone(), id.to_uppercase()] {
        let mail = format!(
            "From: no-reply@sns.example\nx-amz-sns-message-id: 1\n\n{{\"notificationType\":\"Bounce\",\
             \"bounce\":{{\"bounceType\":\"Permanent\",\"bouncedRecipients\":[{{\"emailAddress\":\
             \"joe@y.example\"}}]}},\"mail\":{{\"messageId\":\"{id}\"}}}}\n"
        );
        let reading = read_report(mail.as_bytes());
        assert_eq!(reading.kind, ReportKind::ProviderNotification);
        for event in reading.events {
            assert_eq!(event.provider_message_id(), Some(id.as_str()));
            assert_eq!(
                shown(&attribute(&log, event)),
                ["- joe@y.example [] unproven"]
            );
        }
    }
}

#[test]
fn an_event_that_names_its_tenant_is_nobody_else_s() {
    let recipients: &[&str] = &["joe@y.example"];
    let log = log(&[("globex", "<1@x.example>", recipients)]);
    let proven = event(EventKind::Complained, "joe@y.example")
        .with_tenant("acme".parse().unwrap())
        .with_proof(Proof::Token);
    // Another tenant has used the same Message-ID, and the log has forgotten the message that the token names.
    assert_eq!(
        shown(&attribute(&log, proven)),
        ["acme joe@y.example [] token"]
    );
}
