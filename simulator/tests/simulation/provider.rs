//! A provider's front: identities, signatures, return path, reports.

use std::time::Duration;

use letterhead_dns::RecordType;
use letterhead_feedback::{EventKind, Permanence, ReportKind, read_report};
use letterhead_identity::Subject;
use letterhead_mail::{Clock as _, Outcome, Phase};
use letterhead_simulator::Disposition;

use crate::common::{
    FRONT, address, builder, front, name, provider, publish, publish_tokens, send, submission,
};

const FROM: &str = "billing@yourcompany.example";
const RETURN: &str = "bounces@yourcompany.example";

#[test]
fn the_message_arrives_with_the_providers_identifiers() {
    let simulator = provider(1);
    publish_tokens(&simulator, "yourcompany.example");
    publish(
        &simulator,
        "_dmarc.yourcompany.example. 300 IN TXT \"v=DMARC1; p=reject\"",
    );
    let report = send(
        &simulator,
        FRONT,
        &submission(RETURN, FROM, &["joe@receiver.example"]),
    );
    assert!(report.all_accepted(), "{report:?}");

    let text = report.rows()[0].reply().unwrap().text().to_owned();
    let id = text.split(' ').next_back().unwrap();
    let mails = simulator.mails_of(&address("joe@receiver.example"));
    let [mail] = mails.as_slice() else {
        panic!("{mails:?}")
    };
    assert_eq!(mail.disposition, Disposition::Inbox);
    assert_eq!(
        mail.message.message_id().unwrap(),
        format!("<{id}@email.amazonses.com>")
    );
    assert_eq!(mail.message.headers_named("Message-ID").count(), 1);
    assert_eq!(
        mail.message.header("Date").unwrap().unfolded(),
        "Fri, 15 Jan 2027 08:00:00 +0000"
    );
    assert_eq!(
        mail.envelope.sender().to_string(),
        format!("{id}-000000@amazonses.com")
    );
    assert_eq!(mail.client.to_string(), "192.0.2.10");
    let results = mail.authentication.to_string();
    for expected in [
        "spf=pass",
        "header.d=yourcompany.example",
        "header.d=amazonses.com",
        "dmarc=pass",
    ] {
        assert!(results.contains(expected), "{expected} in {results}");
    }
    assert!(!results.contains("fail"), "{results}");
    let top: Vec<&str> = mail
        .message
        .header_fields()
        .map(|field| field.name())
        .take(3)
        .collect();
    assert_eq!(top, ["Return-Path", "Authentication-Results", "Received"]);
}

#[test]
fn without_the_customers_records_only_the_provider_signs_and_dmarc_fails() {
    for (policy, outcome, kept) in [
        ("reject", "550 5.7.26", None),
        ("quarantine", "", Some(Disposition::Quarantine)),
        ("none", "", Some(Disposition::Inbox)),
    ] {
        let simulator = provider(1);
        publish(
            &simulator,
            &format!("_dmarc.yourcompany.example. 300 IN TXT \"v=DMARC1; p={policy}\""),
        );
        let report = send(
            &simulator,
            FRONT,
            &submission(RETURN, FROM, &["joe@receiver.example"]),
        );
        assert!(
            report.all_accepted(),
            "the front takes it; the receiver judges"
        );
        let mails = simulator.mails_of(&address("joe@receiver.example"));
        assert_eq!(mails.first().map(|mail| mail.disposition), kept, "{policy}");
        let said = crate::common::events(&simulator).join("\n");
        assert!(said.contains(outcome), "{policy}: {said}");
        simulator.advance(Duration::from_mins(1));
        assert_eq!(
            simulator.mails_of(&address(RETURN)).len(),
            usize::from(kept.is_none())
        );
    }
}

#[test]
fn from_addresses_that_are_not_verified_are_refused_in_the_providers_words() {
    let simulator = provider(1);
    let handle = simulator.front(FRONT).unwrap();
    for (from, accepted) in [
        ("billing@yourcompany.example", true),
        ("Billing <billing+may@yourcompany.example>", true),
        ("Billing@yourcompany.example", false),
        ("sales@yourcompany.example", false),
        ("billing@yourcompany.example, evil@other.example", false),
        ("billing@yourcompany.example <evil@other.example>", false),
    ] {
        let report = send(
            &simulator,
            FRONT,
            &submission(RETURN, from, &["joe@receiver.example"]),
        );
        let row = &report.rows()[0];
        assert_eq!(report.all_accepted(), accepted, "{from}: {row}");
        if !accepted {
            assert_eq!(
                (row.outcome(), row.phase()),
                (Outcome::Rejected, Phase::Final)
            );
        }
    }
    let sales = submission(
        RETURN,
        "sales@yourcompany.example",
        &["joe@receiver.example"],
    );
    let report = send(&simulator, FRONT, &sales);
    assert_eq!(
        report.rows()[0].reply().unwrap().to_string(),
        "554 Message rejected: Email address is not verified. The following identities failed the check in \
         region us-east-1: sales@yourcompany.example"
    );
    handle.verify(Subject::Domain(name("yourcompany.example")));
    assert!(send(&simulator, FRONT, &sales).all_accepted());
    handle.withdraw(&Subject::Domain(name("yourcompany.example")));
    assert!(!send(&simulator, FRONT, &sales).all_accepted());
}

#[test]
fn a_domain_is_verified_while_all_its_records_are_published() {
    let simulator = builder(1).front(front("amazon-ses")).build().unwrap();
    let handle = simulator.front(FRONT).unwrap();
    let sales = address("sales@mail.yourcompany.example");
    assert!(!handle.is_verified(&sales));
    publish_tokens(&simulator, "yourcompany.example");
    assert!(handle.is_verified(&sales), "a subdomain is covered");
    assert!(!handle.is_verified(&address("a@notyourcompany.example")));
    let issued = handle.issue(&name("yourcompany.example"));
    let tokens = &issued["dkim-token"];
    assert_eq!(tokens.len(), 3);
    assert_eq!(
        issued,
        handle.issue(&name("yourcompany.example")),
        "issued once for all"
    );
    let owner = format!("{}._domainkey.yourcompany.example", tokens[2])
        .parse()
        .unwrap();
    simulator.dns().remove(&owner, RecordType::CNAME);
    assert!(!handle.is_verified(&sales));
}

#[test]
fn the_bounces_of_one_message_come_back_as_one_notification() {
    let simulator = provider(1);
    let to = [
        "bounce@simulator.amazonses.com",
        "Bounce+second@simulator.amazonses.com",
        "success+x@simulator.amazonses.com",
        "joe@receiver.example",
        "nobody@receiver.example",
        "x@nowhere.example",
    ];
    assert!(send(&simulator, FRONT, &submission(RETURN, FROM, &to)).all_accepted());
    assert_eq!(
        simulator.mails_of(&address(RETURN)).len(),
        0,
        "bounces take their time"
    );
    simulator.advance(Duration::from_secs(29));
    assert_eq!(simulator.mails_of(&address(RETURN)).len(), 0);
    simulator.advance(Duration::from_secs(1));
    let mails = simulator.mails_of(&address(RETURN));
    assert_eq!(
        mails.len(),
        2,
        "one of the provider's mailbox simulator, one of the relay"
    );
    assert!(mails.iter().all(|mail| mail.envelope.sender().is_null()));
    let sent_id = simulator.mails_of(&address("joe@receiver.example"))[0]
        .message
        .message_id();
    let mut bounced = Vec::new();
    for mail in &mails {
        let reading = read_report(mail.message.as_bytes());
        assert_eq!(reading.kind, ReportKind::DeliveryStatus);
        for event in &reading.events {
            assert_eq!(
                event.kind(),
                EventKind::Bounced(Permanence::Hard),
                "{event:?}"
            );
            assert_eq!(event.message_id(), sent_id.as_deref());
            bounced.push((
                event.recipient().unwrap().to_string(),
                event.status().unwrap().to_string(),
            ));
        }
    }
    let expected = [
        ("bounce@simulator.amazonses.com", "5.1.1"),
        ("Bounce+second@simulator.amazonses.com", "5.1.1"),
        ("nobody@receiver.example", "5.1.1"),
        ("x@nowhere.example", "5.1.2"),
    ];
    assert_eq!(
        bounced,
        expected.map(|(address, status)| (address.to_owned(), status.to_owned()))
    );
}

#[test]
fn a_complaint_comes_back_hours_later() {
    let simulator = provider(1);
    let to = [
        "complaint+x@simulator.amazonses.com",
        "success@simulator.amazonses.com",
    ];
    assert!(send(&simulator, FRONT, &submission(RETURN, FROM, &to)).all_accepted());
    assert_eq!(
        simulator.next_due(),
        Some(crate::common::start() + Duration::from_hours(2))
    );
    simulator.advance(Duration::from_hours(24));
    let mails = simulator.mails_of(&address(RETURN));
    let [mail] = mails.as_slice() else {
        panic!("{mails:?}")
    };
    assert_eq!(
        mail.received_at,
        crate::common::start() + Duration::from_hours(2),
        "each thing at its time"
    );
    let reading = read_report(mail.message.as_bytes());
    assert_eq!(reading.kind, ReportKind::Feedback);
    assert_eq!(reading.events.len(), 1);
    assert_eq!(reading.events[0].kind(), EventKind::Complained);
    let complainer = reading.events[0].addressee();
    assert_eq!(
        complainer.unwrap().to_string(),
        "complaint+x@simulator.amazonses.com"
    );
    assert_eq!(simulator.next_due(), None);
}

#[test]
fn nobody_reports_about_a_message_without_return_path() {
    let simulator = provider(1);
    let to = [
        "bounce@simulator.amazonses.com",
        "complaint@simulator.amazonses.com",
        "nobody@receiver.example",
    ];
    assert!(send(&simulator, FRONT, &submission("", FROM, &to)).all_accepted());
    simulator.advance(Duration::from_hours(24));
    assert_eq!(simulator.next_due(), None);
    assert!(simulator.mailboxes().is_empty());
    let dropped = crate::common::events(&simulator)
        .iter()
        .filter(|line| line.contains("dropped a"))
        .count();
    assert_eq!(dropped, 3);
}

#[test]
fn a_report_that_cannot_be_delivered_is_dropped() {
    let simulator = provider(1);
    let to = ["bounce@simulator.amazonses.com"];
    let _ = send(
        &simulator,
        FRONT,
        &submission("nobody@receiver.example", FROM, &to),
    );
    simulator.advance(Duration::from_hours(24));
    let last = crate::common::events(&simulator).pop().unwrap();
    assert!(
        last.contains("dropped a delivery status notification to <nobody@receiver.example>"),
        "{last}"
    );
    assert_eq!(simulator.next_due(), None);
}

#[test]
fn what_is_deferred_is_tried_again_and_given_up_in_the_end() {
    let simulator = provider(1);
    let dmarc = "_dmarc.yourcompany.example".parse().unwrap();
    let fault = letterhead_dns::zone::Fault::ServFail;
    simulator.dns().set_fault(dmarc, RecordType::TXT, fault);
    let one = submission(RETURN, FROM, &["joe@receiver.example"]);
    assert!(send(&simulator, FRONT, &one).all_accepted());
    assert!(
        crate::common::events(&simulator)
            .join("\n")
            .contains("451 4.7.0")
    );
    let dmarc = "_dmarc.yourcompany.example".parse().unwrap();
    simulator.dns().clear_fault(&dmarc, RecordType::TXT);
    simulator.advance(Duration::from_mins(5));
    assert_eq!(
        simulator.mails_of(&address("joe@receiver.example")).len(),
        1,
        "the second attempt succeeds"
    );

    simulator.dns().set_fault(dmarc, RecordType::TXT, fault);
    let _ = send(&simulator, FRONT, &one);
    simulator.advance(Duration::from_hours(13));
    assert_eq!(
        simulator.mails_of(&address(RETURN)).len(),
        0,
        "one attempt is left"
    );
    simulator.advance(Duration::from_hours(1));
    let mails = simulator.mails_of(&address(RETURN));
    let [mail] = mails.as_slice() else {
        panic!("{:?}", crate::common::events(&simulator))
    };
    let reading = read_report(mail.message.as_bytes());
    assert_eq!(reading.events[0].status().unwrap().to_string(), "4.4.7");
}

#[test]
fn the_profiles_limits_and_credentials_hold() {
    let simulator = provider(1);
    let many: Vec<String> = (0..51)
        .map(|number| format!("success+{number}@simulator.amazonses.com"))
        .collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let report = send(&simulator, FRONT, &submission(RETURN, FROM, &many));
    let accepted = report
        .rows()
        .iter()
        .filter(|row| row.outcome() == Outcome::Accepted)
        .count();
    // The one too many is refused, and taken in a transaction of its own.
    assert_eq!(accepted, 51);
    let transcript = simulator.sessions()[0].transcript.to_string();
    assert_eq!(
        transcript.matches("452 4.5.3 too many recipients").count(),
        1
    );
    assert_eq!(transcript.matches("MAIL FROM").count(), 2);

    let credentials =
        |password: &str| letterhead_transport::Credentials::new("user", password.into());
    let one = submission(RETURN, FROM, &["success@simulator.amazonses.com"]);
    for (password, accepted) in [("secret", true), ("Secret", false), ("", false)] {
        let transport = simulator
            .transport_as(FRONT, credentials(password))
            .unwrap();
        let report = crate::common::ready(transport.send(&one));
        assert_eq!(report.all_accepted(), accepted, "{password}: {report:?}");
        if !accepted {
            let reply = report.rows()[0].reply().unwrap().to_string();
            assert_eq!(reply, "535 Authentication Credentials Invalid");
        }
    }
    assert_eq!(
        simulator
            .transport("other.example")
            .unwrap_err()
            .to_string(),
        "the simulation has no host other.example; add it to the builder"
    );
}

#[test]
fn a_profile_that_says_nothing_makes_a_plain_relay() {
    let simulator = builder(1).front(front("own-server")).build().unwrap();
    let report = send(
        &simulator,
        FRONT,
        &submission(RETURN, FROM, &["joe@receiver.example"]),
    );
    assert!(report.all_accepted(), "{report:?}");
    let mails = simulator.mails_of(&address("joe@receiver.example"));
    let message = &mails[0].message;
    assert_eq!(message.message_id().unwrap(), "<own@yourcompany.example>");
    assert_eq!(mails[0].envelope.sender().to_string(), RETURN);
    assert!(message.header("DKIM-Signature").is_none());
    assert_eq!(message.headers_named("Received").count(), 2);
    let handle = simulator.front(FRONT).unwrap();
    assert!(handle.issue(&name("yourcompany.example")).is_empty());
}

#[test]
fn the_same_seed_gives_the_same_octets() {
    let run = |seed| {
        let simulator = provider(seed);
        publish_tokens(&simulator, "yourcompany.example");
        let to = [
            "bounce@simulator.amazonses.com",
            "joe@receiver.example",
            "complaint@simulator.amazonses.com",
        ];
        let _ = send(&simulator, FRONT, &submission(RETURN, FROM, &to));
        simulator.advance(Duration::from_hours(3));
        let mails = simulator
            .mailboxes()
            .into_iter()
            .flat_map(|mailbox| simulator.mails_of(&mailbox));
        mails
            .map(|mail| mail.message.as_bytes().to_vec())
            .collect::<Vec<_>>()
    };
    assert_eq!(run(1).len(), 3);
    assert_eq!(run(1), run(1));
    assert_ne!(run(1), run(2));
}

#[test]
fn simulations_know_nothing_of_one_another() {
    let (one, other) = (provider(1), provider(1));
    let _ = send(
        &one,
        FRONT,
        &submission(RETURN, FROM, &["joe@receiver.example"]),
    );
    one.advance(Duration::from_secs(60));
    assert!(other.events().is_empty() && other.mailboxes().is_empty());
    assert_eq!(other.clock().now(), crate::common::start());
    publish(&one, "only.here.example. 300 IN A 192.0.2.1");
    assert_ne!(one.dns().snapshot(), other.dns().snapshot());
}

#[test]
fn mail_outside_ascii_goes_there_and_comes_back() {
    let simulator = provider(1);
    let to = ["jörg@receiver.example", "ann@receiver.example"];
    assert!(send(&simulator, FRONT, &submission(RETURN, FROM, &to)).all_accepted());
    simulator.advance(Duration::from_secs(30));
    assert_eq!(
        simulator.mails_of(&address("ann@receiver.example")).len(),
        1
    );
    let mails = simulator.mails_of(&address(RETURN));
    let reading = read_report(mails[0].message.as_bytes());
    assert_eq!(
        reading.events[0].recipient(),
        Some(&address("jörg@receiver.example"))
    );
}
