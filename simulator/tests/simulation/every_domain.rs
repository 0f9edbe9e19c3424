//! A receiver for everybody, the mailboxes of providers' simulators as mail exchangers treat them, and where they listen.

use std::sync::{Arc, Mutex};

use letterhead_identity::Profile;
use letterhead_mail::Transport as _;
use letterhead_simulator::{Front, Password, Receiver, ServeOptions, Simulator};
use letterhead_transport::{Endpoint, RootCertificates, Security, SmtpTransport, TlsSettings};

use crate::common::{FRONT, address, events, name, send, start, submission};

const MX: &str = "mx.everywhere.example";

fn receiver() -> Receiver {
    Receiver::new(name(MX), "192.0.2.50".parse().unwrap())
        .every_domain()
        .triggers_everywhere()
}

fn world(receiver: Receiver) -> Simulator {
    let relay = Front::new(
        name(FRONT),
        "192.0.2.10".parse().unwrap(),
        Profile::built_in("own-server").unwrap(),
    )
    .login("user", Password::new("secret"));
    Simulator::builder(start(), 1)
        .receiver(receiver)
        .front(relay)
        .build()
        .unwrap()
}

fn said(simulator: &Simulator, host: &str, to: &str) -> String {
    let mail = submission("a@x.example", "a@x.example", &[to]);
    let report = send(simulator, host, &mail);
    let reply = report.rows()[0].reply().unwrap().to_string();
    reply.split(" as ").next().unwrap().to_owned()
}

#[test]
fn every_domain_has_mailboxes_and_words() {
    let simulator = world(receiver());
    assert_eq!(said(&simulator, MX, "ada@b.example"), "250 2.0.0 kept");
    assert_eq!(said(&simulator, MX, "ada@[192.0.2.9]"), "250 2.0.0 kept");
    assert_eq!(
        said(&simulator, MX, "550-5.1.1-joe+label@c.example"),
        "550 5.1.1 no such mailbox"
    );
    assert_eq!(simulator.mails_of(&address("ada@b.example")).len(), 1);
}

#[test]
fn hosts_bring_it_what_is_for_domains_without_records_but_never_invalid_ones() {
    let simulator = world(receiver());
    let to = ["ada@b.example", "bob@nowhere.invalid"];
    let mail = submission("", "a@x.example", &to);
    assert!(send(&simulator, FRONT, &mail).all_accepted());
    assert_eq!(simulator.mails_of(&address("ada@b.example")).len(), 1);
    let dropped = events(&simulator).pop().unwrap();
    assert!(
        dropped.contains("the message has no return path"),
        "{dropped}"
    );
    assert!(
        simulator
            .mails_of(&address("bob@nowhere.invalid"))
            .is_empty()
    );
}

#[test]
fn the_exchanger_of_a_simulator_answers_in_the_session_and_never_later() {
    let mut receiver = Receiver::new(name(MX), "192.0.2.50".parse().unwrap());
    for profile in ["amazon-ses", "oci-email-delivery"] {
        receiver = receiver.simulated_mailboxes(&Profile::built_in(profile).unwrap());
    }
    let simulator = world(receiver);
    for (to, reply) in [
        ("success+1@simulator.amazonses.com", "250 2.0.0 kept"),
        ("complaint@simulator.amazonses.com", "250 2.0.0 kept"),
        ("Bounce+7@simulator.amazonses.com", "550 5.1.1 user unknown"),
        (
            "suppressionlist@simulator.amazonses.com",
            "550 5.1.1 no such user here",
        ),
        (
            "nobody@simulator.amazonses.com",
            "550 5.1.1 no such user here",
        ),
        ("anybody@email-blackhole.com", "250 2.0.0 kept"),
        (
            "successor@simulator.amazonses.com",
            "550 5.1.1 no such user here",
        ),
        ("a@b.example", "550 5.7.1 relaying denied"),
    ] {
        assert_eq!(said(&simulator, MX, to), reply, "{to}");
    }
    assert_eq!(simulator.next_due(), None, "nothing comes back");
    let kept = address("success@simulator.amazonses.com");
    assert_eq!(
        simulator.mails_of(&kept)[0].recipient,
        address("success+1@simulator.amazonses.com")
    );
    assert!(
        simulator
            .mails_of(&address("anybody@email-blackhole.com"))
            .is_empty()
    );
    let thrown = "mx.everywhere.example discarded what was for anybody@email-blackhole.com: the mailbox keeps nothing";
    assert!(events(&simulator).iter().any(|line| line == thrown));
}

#[test]
fn a_receiver_that_checks_nothing_takes_what_proves_nothing() {
    let zone = "x.example. 300 IN TXT \"v=spf1 -all\"\n_dmarc.x.example. 300 IN TXT \"v=DMARC1; p=reject\"";
    for (receiver, told) in [
        (receiver(), "550 5.7.26 "),
        (receiver().unchecked(), "250 2.0.0 kept"),
    ] {
        let simulator = world(receiver);
        simulator.dns().publish_zone(zone.parse().unwrap());
        let said = said(&simulator, MX, "ada@b.example");
        assert!(said.starts_with(told), "{said}");
    }
}

#[test]
fn whoever_observes_is_told_at_once() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&seen);
    let simulator = Simulator::builder(start(), 1)
        .receiver(receiver())
        .observe(move |event| told.lock().unwrap().push(event.to_string()))
        .build()
        .unwrap();
    said(&simulator, MX, "ada@b.example");
    let events: Vec<String> = simulator.events().iter().map(ToString::to_string).collect();
    assert_eq!(*seen.lock().unwrap(), events);
    assert_eq!(events.len(), 2);
}

#[tokio::test]
async fn a_host_listens_where_it_is_told_and_under_tls_from_the_first_octet() {
    let simulator = world(receiver());
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let wanted = free.local_addr().unwrap();
    drop(free);
    let options = ServeOptions::new()
        .smtps(name(MX), wanted)
        .dns("127.0.0.2:0".parse().unwrap());
    let served = simulator.serve_at(&options).await.unwrap();
    assert_eq!(served.tls_address(&name(MX)), Some(wanted));
    assert_eq!(served.dns().ip().to_string(), "127.0.0.2");
    let endpoint = Endpoint::new(MX, 465, Security::ImplicitTls)
        .unwrap()
        .address(wanted);
    let roots = RootCertificates::from_pem(served.ca_certificate_pem().as_bytes()).unwrap();
    let transport = SmtpTransport::builder(endpoint)
        .tls(TlsSettings::with_roots(&roots).unwrap())
        .build()
        .unwrap();
    let mail = submission("a@x.example", "a@x.example", &["ada@b.example"]);
    let report = transport.send(&mail).await;
    assert!(report.all_accepted(), "{report}");
    let taken = simulator.serve_at(&options).await.unwrap_err();
    assert_eq!(
        taken.to_string(),
        format!("{wanted} for {MX} cannot be set up")
    );
}

#[tokio::test]
async fn nobody_outside_the_machine_is_served() {
    let simulator = world(receiver());
    let everywhere = "0.0.0.0:0".parse().unwrap();
    for options in [
        ServeOptions::new().smtp(name(MX), everywhere),
        ServeOptions::new().dns(everywhere),
        ServeOptions::new().smtp(name("mx.other.example"), "127.0.0.1:0".parse().unwrap()),
    ] {
        assert!(simulator.serve_at(&options).await.is_err());
    }
}
