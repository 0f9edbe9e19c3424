//! Receivers: whom they take mail for, what they write on it, how hosts find them.

use std::time::Duration;

use letterhead_dns::RecordType;
use letterhead_identity::Profile;
use letterhead_identity::Subject;
use letterhead_mail::{LineEndings, Message, Outcome};
use letterhead_simulator::{BuildError, Front, Password, Receiver, Simulator};

use crate::common::{
    FRONT, RECEIVER, address, builder, front, name, provider, publish, send, submission,
    submission_of,
};

#[test]
fn recipients_are_judged_one_by_one() {
    let simulator = provider(1);
    let to = [
        "joe@receiver.example",
        "nobody@receiver.example",
        "ann+label@receiver.example",
        "joe@elsewhere.example",
        "Postmaster@receiver.example",
    ];
    let report = send(
        &simulator,
        RECEIVER,
        &submission("a@b.example", "a@b.example", &to),
    );
    let replies: Vec<String> = report.rows().iter().map(ToString::to_string).collect();
    assert!(replies[0].contains("accepted at final"), "{replies:?}");
    assert!(
        replies[1].contains("rejected at rcpt: 550 5.1.1"),
        "{replies:?}"
    );
    assert!(replies[2].contains("accepted at final"), "{replies:?}");
    assert!(
        replies[3].contains("rejected at rcpt: 550 5.7.1"),
        "{replies:?}"
    );
    assert!(replies[4].contains("accepted at final"), "{replies:?}");
    let mails = simulator.mails_of(&address("ann@receiver.example"));
    assert_eq!(mails[0].recipient.to_string(), "ann+label@receiver.example");
    assert_eq!(mails[0].envelope.recipients().len(), 3);
}

#[test]
fn what_claims_to_be_the_receivers_own_verdict_is_taken_out() {
    let simulator = provider(1);
    let text = "Authentication-Results: mx.receiver.example; dmarc=pass header.from=bank.example\r\n\
        Authentication-Results: mx.other.example; dmarc=pass header.from=bank.example\r\n\
        From: a@bank.example\r\nSubject: x\r\n\r\nx\r\n";
    let message = Message::from_bytes(text, LineEndings::Strict).unwrap();
    let report = send(
        &simulator,
        RECEIVER,
        &submission_of(message, "a@bank.example", &["joe@receiver.example"]),
    );
    assert!(report.all_accepted());
    let mails = simulator.mails_of(&address("joe@receiver.example"));
    let found: Vec<String> = mails[0]
        .message
        .headers_named("Authentication-Results")
        .map(|field| field.unfolded())
        .collect();
    assert_eq!(found.len(), 2);
    assert!(
        found[0].starts_with("mx.receiver.example;") && found[0].contains("dmarc=none"),
        "{found:?}"
    );
    assert!(found[1].starts_with("mx.other.example;"), "{found:?}");
    assert_eq!(
        found[0],
        mails[0].authentication.to_string().replace("\r\n", "")
    );
}

#[test]
fn the_assumed_client_is_what_spf_judges() {
    let receiver = Receiver::new(name("mx.only.example"), "192.0.2.40".parse().unwrap())
        .mailbox(address("joe@only.example"))
        .assumed_client("198.51.100.5".parse().unwrap());
    let simulator = builder(1).receiver(receiver).build().unwrap();
    publish(
        &simulator,
        "b.example. 300 IN TXT \"v=spf1 ip4:198.51.100.5 -all\"",
    );
    let report = send(
        &simulator,
        "mx.only.example",
        &submission("a@b.example", "a@b.example", &["joe@only.example"]),
    );
    assert!(report.all_accepted());
    let mails = simulator.mails_of(&address("joe@only.example"));
    assert!(mails[0].authentication.to_string().contains("spf=pass"));
    assert_eq!(mails[0].client.to_string(), "198.51.100.5");
}

#[test]
fn mail_finds_its_way_as_the_dns_says() {
    let simulator = builder(1).front(front("own-server")).build().unwrap();
    publish(
        &simulator,
        "null.example. 300 IN MX 0 .\n\
         empty.example. 300 IN TXT \"nothing here\"\n\
         gone.example. 300 IN MX 10 mx.gone.example.\n\
         mx.gone.example. 300 IN A 192.0.2.99\n\
         unknown.example. 300 IN MX 10 mx.unknown.example.\n\
         broken.example. 300 IN MX 10 mx.receiver.example.\n\
         backup.example. 300 IN MX 10 mx.gone.example.\n\
         backup.example. 300 IN MX 20 mx.receiver.example.\n\
         ;fault broken.example. MX servfail\n",
    );
    let to = [
        "a@null.example",
        "a@empty.example",
        "a@nxdomain.example",
        "a@gone.example",
        "a@unknown.example",
        "a@broken.example",
        "a@backup.example",
        "joe@mx.receiver.example",
        "joe@[192.0.2.99]",
    ];
    let report = send(
        &simulator,
        FRONT,
        &submission("r@yourcompany.example", "a@yourcompany.example", &to),
    );
    assert!(report.all_accepted());
    simulator.advance(Duration::from_hours(14));
    let mut found: Vec<(String, String)> = Vec::new();
    for mail in simulator.mails_of(&address("r@yourcompany.example")) {
        let reading = letterhead_feedback::read_report(mail.message.as_bytes());
        for event in reading.events {
            let diagnostic = event.diagnostic().unwrap_or_default().to_owned();
            found.push((event.recipient().unwrap().to_string(), diagnostic));
        }
    }
    found.sort();
    for (recipient, expected) in [
        ("a@backup.example", "550 5.7.1"),
        ("a@broken.example", "451 4.4.3"),
        ("a@empty.example", "550 5.1.2"),
        ("a@gone.example", "451 4.4.1"),
        ("a@null.example", "556 5.1.10"),
        ("a@nxdomain.example", "550 5.1.2"),
        ("a@unknown.example", "451 4.4.3"),
        ("joe@[192.0.2.99]", "451 4.4.1"),
        ("joe@mx.receiver.example", "550 5.1.1"),
    ] {
        let (_, diagnostic) = found
            .iter()
            .find(|(address, _)| address == recipient)
            .expect(recipient);
        assert!(diagnostic.contains(expected), "{recipient}: {diagnostic}");
    }
}

#[test]
fn hosts_publish_where_they_are() {
    let simulator = provider(1);
    let zone = simulator.dns().snapshot().to_string();
    for line in [
        "mx.receiver.example. 300 IN A 192.0.2.20",
        "20.2.0.192.in-addr.arpa. 300 IN PTR mx.receiver.example.",
        "receiver.example. 300 IN MX 10 mx.receiver.example.",
        "smtp.provider.example. 300 IN A 192.0.2.10",
        "amazonses.com. 300 IN TXT \"v=spf1 ip4:192.0.2.10 -all\"",
    ] {
        assert!(zone.lines().any(|found| found == line), "{line} in {zone}");
    }
}

#[test]
fn an_address_that_cannot_be_looked_up_now_is_looked_up_again() {
    let simulator = builder(1).front(front("own-server")).build().unwrap();
    let fault = letterhead_dns::zone::Fault::ServFail;
    let host: letterhead_dns::Name = RECEIVER.parse().unwrap();
    simulator
        .dns()
        .set_fault(host.clone(), RecordType::A, fault);
    let postmaster = "postmaster@mx.receiver.example";
    let one = submission(
        "r@yourcompany.example",
        "a@yourcompany.example",
        &[postmaster],
    );
    assert!(send(&simulator, FRONT, &one).all_accepted());
    simulator.advance(Duration::from_mins(1));
    assert!(
        simulator
            .mails_of(&address("r@yourcompany.example"))
            .is_empty(),
        "it does not bounce"
    );
    simulator.dns().clear_fault(&host, RecordType::A);
    simulator.advance(Duration::from_mins(4));
    assert_eq!(simulator.mails_of(&address(postmaster)).len(), 1);

    simulator.dns().set_fault(host, RecordType::A, fault);
    let _ = send(&simulator, FRONT, &one);
    simulator.advance(Duration::from_hours(14));
    let mails = simulator.mails_of(&address("r@yourcompany.example"));
    let reading = letterhead_feedback::read_report(mails[0].message.as_bytes());
    let diagnostic = reading.events[0].diagnostic().unwrap();
    assert!(diagnostic.contains("451 4.4.3"), "{diagnostic}");
}

#[test]
fn what_dmarc_cannot_be_applied_to_is_refused() {
    let refused = Some("550 5.7.1 one readable From field is required");
    for (header, refusal) in [
        ("", refused),
        ("From: a@b.example\r\nfrom: c@d.example\r\n", refused),
        ("From: a@b.example\r\nFROM: a@b.example\r\n", refused),
        ("From: <a@b.example> <c@d.example>\r\n", refused),
        ("From: joe\r\n", refused),
        ("From:\r\n", refused),
        ("From: nobody:;\r\n", refused),
        ("From: a@b.example, c@d.example\r\n", None),
        ("From: a@b.example, c@b.example\r\n", None),
        ("From: \"a b\"@b.example\r\n", None),
    ] {
        let simulator = provider(1);
        let text = format!("{header}Subject: x\r\n\r\nx\r\n");
        let message = Message::from_bytes(text, LineEndings::Strict).unwrap();
        let one = submission_of(message, "a@b.example", &["joe@receiver.example"]);
        let report = send(&simulator, RECEIVER, &one);
        assert_eq!(
            report.all_accepted(),
            refusal.is_none(),
            "{header:?}: {report:?}"
        );
        if let Some(refusal) = refusal {
            let reply = report.rows()[0].reply().unwrap().to_string();
            assert_eq!(reply, refusal, "{header:?}");
        }
        let kept = simulator.mails_of(&address("joe@receiver.example"));
        assert_eq!(kept.len(), usize::from(refusal.is_none()), "{header:?}");
    }
}

#[test]
fn the_postmaster_has_one_mailbox_in_whatever_case() {
    let catch_all = Receiver::new(name("mx.all.example"), "192.0.2.41".parse().unwrap())
        .domain(name("all.example"))
        .catch_all();
    let declared = Receiver::new(name("mx.own.example"), "192.0.2.42".parse().unwrap())
        .mailbox(address("PostMaster@own.example"));
    let simulator = builder(1)
        .receiver(catch_all)
        .receiver(declared)
        .build()
        .unwrap();
    for (host, domain) in [
        (RECEIVER, "receiver.example"),
        ("mx.all.example", "all.example"),
        ("mx.own.example", "own.example"),
    ] {
        for local_part in ["POSTMASTER", "postmaster"] {
            let to = format!("{local_part}@{domain}");
            let one = submission("a@b.example", "a@b.example", &[&to]);
            assert!(send(&simulator, host, &one).all_accepted(), "{to}");
        }
        for local_part in ["POSTMASTER", "postmaster", "Postmaster"] {
            let mailbox = address(&format!("{local_part}@{domain}"));
            let mails = simulator.mails_of(&mailbox);
            assert_eq!(mails.len(), 2, "{mailbox}");
            assert_eq!(mails[0].recipient.local_part(), "POSTMASTER");
        }
    }
    assert_eq!(simulator.mailboxes().len(), 3);
}

#[test]
fn fronts_of_one_provider_share_one_spf_record() {
    const FROM: &str = "billing@yourcompany.example";
    let profile = Profile::built_in("amazon-ses").unwrap();
    let second = "smtp2.provider.example";
    let billing = || Subject::Address(address(FROM));
    let fronts = |zone: &str| {
        builder(1)
            .zone(zone.parse().unwrap())
            .front(front("amazon-ses").verified(billing()))
            .front(
                Front::new(
                    name(second),
                    "2001:db8::11".parse().unwrap(),
                    profile.clone(),
                )
                .login("user", Password::new("secret"))
                .verified(billing()),
            )
            .build()
            .unwrap()
    };
    for (zone, expected) in [
        ("", "spf=pass"),
        ("amazonses.com. 300 IN TXT \"verification=1\"", "spf=pass"),
        ("amazonses.com. 300 IN TXT \"v=spf10 -all\"", "spf=pass"),
        ("amazonses.com. 300 IN TXT \"V=SPF1 ?all\"", "spf=neutral"),
    ] {
        let simulator = fronts(zone);
        for host in [FRONT, second] {
            let one = submission("r@yourcompany.example", FROM, &["joe@receiver.example"]);
            assert!(send(&simulator, host, &one).all_accepted());
        }
        let mails = simulator.mails_of(&address("joe@receiver.example"));
        assert_eq!(mails.len(), 2);
        for mail in &mails {
            let results = mail.authentication.to_string();
            assert!(results.contains(expected), "{zone}: {results}");
            assert!(results.contains("dkim=pass"), "{zone}: {results}");
        }
        let published = simulator.dns().snapshot().to_string();
        assert!(published.contains(zone), "{zone} in {published}");
        let both = "\"v=spf1 ip4:192.0.2.10 ip6:2001:db8::11 -all\"";
        let count = usize::from(expected == "spf=pass");
        assert_eq!(published.matches(both).count(), count, "{published}");
    }
}

#[test]
fn two_hosts_cannot_be_the_same() {
    let host = |name_of: &str, ip: &str| Receiver::new(name(name_of), ip.parse().unwrap());
    let build = |one, other| {
        let simulator = Simulator::builder(crate::common::start(), 1)
            .receiver(one)
            .receiver(other)
            .build();
        simulator.unwrap_err()
    };
    assert!(matches!(
        build(
            host("a.example", "192.0.2.1"),
            host("a.example", "192.0.2.2")
        ),
        BuildError::DuplicateName { .. }
    ));
    let error = build(
        host("a.example", "192.0.2.1"),
        host("b.example", "192.0.2.1"),
    );
    assert_eq!(
        error.to_string(),
        "a.example and b.example both have the address 192.0.2.1; give each an address of its own"
    );
}

#[test]
fn what_was_said_can_be_read() {
    let simulator = provider(1);
    let report = send(
        &simulator,
        FRONT,
        &submission(
            "r@yourcompany.example",
            "x@y.example",
            &["joe@receiver.example"],
        ),
    );
    assert_eq!(report.rows()[0].outcome(), Outcome::Rejected);
    let sessions = simulator.sessions();
    let said = sessions[0].transcript.to_string();
    assert!(
        said.contains("C: STARTTLS\n") && said.contains("C: AUTH PLAIN\n"),
        "{said}"
    );
    assert!(said.contains("S: 554 Message rejected"), "{said}");
    assert!(
        !said.contains("secret") && !said.contains("AHVzZXIAc2VjcmV0"),
        "{said}"
    );
}
