//! When there is a second opinion, and what changes by it: nothing else.

use letterhead_dns::block_on_ready;
use letterhead_simulator::cross_check::NoSecondOpinion;
use letterhead_simulator::{Approach, Receiver, SimEvent, SimEventKind, Simulator};
use letterhead_spf::SpfResult;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufStream};
use tokio::net::TcpStream;

use crate::mails::plain;
use crate::support::{JOE, address, bring, builder, name, submission};

/// One record that the two see differently, so that there is something to tell.
const ZONE: &str = "a.example. 300 IN TXT \"v=spf1 a:com +all\"\n\
    _dmarc.b.example. 300 IN TXT \"v=DMARC1; p=reject\"\n";

fn is_of_the_second(event: &SimEvent) -> bool {
    matches!(
        event.kind,
        SimEventKind::Disagreed { .. } | SimEventKind::NotCrossChecked { .. }
    )
}

fn all_brought(simulator: &Simulator) {
    for author in ["x@a.example", "x@b.example", "x@a.example, y@b.example"] {
        bring(simulator, "x@a.example", plain(author));
    }
}

#[test]
fn everything_else_is_as_without() {
    let zone = || ZONE.parse().unwrap();
    let once = builder().zone(zone()).build().unwrap();
    let twice = builder().zone(zone()).cross_check().build().unwrap();
    all_brought(&once);
    all_brought(&twice);
    assert!(!once.events().iter().any(is_of_the_second));
    let (told, others): (Vec<SimEvent>, Vec<SimEvent>) =
        twice.events().into_iter().partition(is_of_the_second);
    assert_eq!(told.len(), 3);
    assert_eq!(others, once.events());
    let octets = |simulator: &Simulator| {
        let mails = simulator.mails_of(&address(JOE)).into_iter();
        mails.map(|mail| mail.message).collect::<Vec<_>>()
    };
    assert_eq!(octets(&twice), octets(&once));
    let mut mails = once.mails_of(&address(JOE)).into_iter();
    assert!(mails.all(|mail| mail.second_opinion.is_none()));
    let mut mails = twice.mails_of(&address(JOE)).into_iter();
    assert!(mails.all(|mail| mail.second_opinion.is_some()));
}

/// It comes first, and names whom the mail was from and to.
#[test]
fn a_refused_mail_has_its_event() {
    let simulator = builder()
        .zone(ZONE.parse().unwrap())
        .cross_check()
        .build()
        .unwrap();
    let judged = bring(&simulator, "x@a.example", plain("x@b.example"));
    assert!(!judged.report.all_accepted());
    let events: Vec<String> = simulator
        .events()
        .iter()
        .map(|event| event.kind.to_string())
        .collect();
    assert_eq!(events.len(), 2, "{events:?}");
    assert_eq!(
        events[0],
        "heard otherwise about <1@a.example> from <x@a.example> to joe@receiver.example: SPF: permerror, by mail-auth pass \
         (known: it takes a single label for a domain in a mechanism (RFC 7208 §7.1))"
    );
    assert!(
        events[1].starts_with("rejected joe@receiver.example"),
        "{events:?}"
    );
}

#[test]
fn who_does_not_check_asks_nobody() {
    let receiver = Receiver::new(name("mx.open.test"), "192.0.2.50".parse().unwrap());
    let simulator = builder()
        .receiver(receiver.mailbox(address("ann@open.test")).unchecked())
        .zone(ZONE.parse().unwrap())
        .cross_check()
        .build()
        .unwrap();
    let mail = submission("x@a.example", "ann@open.test", plain("x@a.example"));
    let transport = simulator.transport("mx.open.test").unwrap();
    let report = block_on_ready(transport.send(&mail)).unwrap();
    assert!(report.all_accepted(), "{report}");
    assert!(!simulator.events().iter().any(is_of_the_second));
    let stored = simulator.mailbox("ann@open.test").expect_one();
    assert!(stored.second_opinion.is_none());
}

/// What is only asked about leaves no trace.
#[test]
fn a_forecast_tells_nothing() {
    let simulator = builder()
        .zone(ZONE.parse().unwrap())
        .cross_check()
        .build()
        .unwrap();
    let mail = submission("x@a.example", JOE, plain("x@a.example"));
    let outlook = simulator.deliverability(&mail, &Approach::new());
    assert!(outlook.of_host(&name("mx.receiver.example")).is_some());
    assert!(simulator.events().is_empty());
}

#[test]
fn a_mail_that_it_cannot_read_is_an_event() {
    let simulator = builder().cross_check().build().unwrap();
    let mail = submission("x@a.example", JOE, "\r\nNo header.\r\n");
    let transport = simulator.transport("mx.receiver.example").unwrap();
    let report = block_on_ready(transport.send(&mail)).unwrap();
    assert!(!report.all_accepted());
    let events = simulator.events();
    let unread = NoSecondOpinion::Unreadable;
    let told = events.iter().find(|event| {
        matches!(&event.kind, SimEventKind::NotCrossChecked { reason, .. } if *reason == unread)
    });
    assert_eq!(
        told.unwrap().kind.to_string(),
        format!("heard nothing about without Message-ID from <x@a.example> to {JOE}: {unread}")
    );
}

/// Over a socket and inside a runtime, from the null sender of a host that says its name.
#[tokio::test]
async fn mail_over_sockets_is_judged_twice() {
    let zone = "mail.a.example. 300 IN TXT \"v=spf1 ip4:192.0.2.1 -all\"";
    let simulator = builder()
        .zone(zone.parse().unwrap())
        .cross_check()
        .build()
        .unwrap();
    let served = simulator.serve().await.unwrap();
    let address = served.address(&name("mx.receiver.example")).unwrap();
    let mut connection = BufStream::new(TcpStream::connect(address).await.unwrap());
    let mail = format!("{}.\r\n", plain("x@a.example"));
    let commands = [
        "",
        "HELO mail.a.example\r\n",
        "MAIL FROM:<>\r\n",
        "RCPT TO:<joe@receiver.example>\r\n",
        "DATA\r\n",
        mail.as_str(),
    ];
    let mut reply = String::new();
    for command in commands {
        connection.write_all(command.as_bytes()).await.unwrap();
        connection.flush().await.unwrap();
        reply.clear();
        connection.read_line(&mut reply).await.unwrap();
    }
    assert!(reply.starts_with("250 "), "{reply}");
    let mail = simulator.mailbox(JOE).expect_one();
    let second = mail.second_opinion.unwrap();
    assert_eq!(second.spf, SpfResult::Pass);
    assert_eq!(second.disagreements, []);
}
