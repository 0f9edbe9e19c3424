//! Which host gets which recipients, and what happens when one does not take them.

use crate::support::{End, Hosts, Script, rows, submission};
use letterhead_mail::Transport as _;
use letterhead_transport::mx::MxTransport;
use std::sync::Arc;

const TWO_HOSTS: &str = "
a.example  MX 10 one.host
a.example  MX 20 two.host
b.example  MX 10 two.host
one.host   A 127.0.0.2
two.host   A 127.0.0.3
";

#[tokio::test]
async fn recipients_go_to_their_domains_and_rows_keep_the_envelopes_order() {
    let hosts = Hosts::start([Some(Script::default()), Some(Script::default())]).await;
    let transport = hosts.transport(TWO_HOSTS).build().unwrap();
    let all = [
        "1@a.example",
        "2@b.example",
        "3@A.example",
        "4@nowhere.example",
        "5@b.example",
    ];
    let report = transport.send(&submission(&all)).await;
    assert_eq!(
        rows(&report),
        [
            "1@a.example accepted final 2.0.0 one.host",
            "2@b.example accepted final 2.0.0 two.host",
            "3@a.example accepted final 2.0.0 one.host",
            "4@nowhere.example rejected connect 5.1.2 -",
            "5@b.example accepted final 2.0.0 two.host",
        ]
    );
    let mut heard = hosts.heard_of(&["EHLO", "RCPT", "message"]);
    heard.sort();
    assert_eq!(
        heard,
        [
            "2 EHLO client.example.org",
            "2 RCPT TO:<1@a.example>",
            "2 RCPT TO:<3@a.example>",
            "2 message",
            "3 EHLO client.example.org",
            "3 RCPT TO:<2@b.example>",
            "3 RCPT TO:<5@b.example>",
            "3 message",
        ]
    );
}

#[tokio::test]
async fn a_host_that_cannot_be_spoken_to_leaves_recipients_to_the_next() {
    for first in [
        None,
        Some(Script::greets("421 busy")),
        Some(Script::greets("554 not for you")),
        Some(Script::greets("nonsense")),
    ] {
        let hosts = Hosts::start([first, Some(Script::default())]).await;
        let transport = hosts.transport(TWO_HOSTS).build().unwrap();
        let report = transport.send(&submission(&["r@a.example"])).await;
        assert_eq!(rows(&report), ["r@a.example accepted final 2.0.0 two.host"]);
    }
}

#[tokio::test]
async fn addresses_are_tried_in_turn_and_a_host_that_answers_has_spoken_for_all_of_them() {
    let zone = "
a.example MX 10 one.host
a.example MX 20 two.host
one.host  A 127.0.0.2
one.host  A 127.0.0.3
two.host  A 127.0.0.4
";
    let hosts = Hosts::start([None, Some(Script::default()), Some(Script::default())]).await;
    let transport = hosts.transport(zone).build().unwrap();
    let report = transport.send(&submission(&["r@a.example"])).await;
    assert_eq!(rows(&report), ["r@a.example accepted final 2.0.0 one.host"]);
    assert_eq!(hosts.heard_of(&["connected"]), ["3 connected"]);

    let busy = Script::greets("450 4.3.2 later");
    let hosts = Hosts::start([Some(busy), Some(Script::default()), Some(Script::default())]).await;
    let transport = hosts.transport(zone).build().unwrap();
    let report = transport.send(&submission(&["r@a.example"])).await;
    assert_eq!(rows(&report), ["r@a.example accepted final 2.0.0 two.host"]);
    assert_eq!(
        hosts.heard_of(&["connected"]),
        ["2 connected", "4 connected"]
    );
}

#[tokio::test]
async fn what_a_host_says_of_a_recipient_is_said() {
    let script = Script {
        rcpt: &[
            ("<no@", "550 5.1.1 no such user"),
            ("<later@", "451 4.7.1 greylisted"),
        ],
        ..Script::default()
    };
    let hosts = Hosts::start([Some(script), Some(Script::default())]).await;
    let transport = hosts.transport(TWO_HOSTS).build().unwrap();
    let all = ["no@a.example", "yes@a.example", "later@a.example"];
    let report = transport.send(&submission(&all)).await;
    assert_eq!(
        rows(&report),
        [
            "no@a.example rejected rcpt 5.1.1 one.host",
            "yes@a.example accepted final 2.0.0 one.host",
            "later@a.example deferred rcpt 4.7.1 one.host",
        ]
    );
    assert_eq!(hosts.heard_of(&["connected"]), ["2 connected"]);
}

#[tokio::test]
async fn what_is_in_doubt_is_sent_nowhere_else() {
    let script = Script {
        end: End::Closes,
        ..Script::default()
    };
    let hosts = Hosts::start([Some(script), Some(Script::default())]).await;
    let transport = hosts.transport(TWO_HOSTS).build().unwrap();
    let report = transport.send(&submission(&["r@a.example"])).await;
    assert_eq!(rows(&report), ["r@a.example in doubt final - one.host"]);
    assert_eq!(hosts.heard_of(&["connected"]), ["2 connected"]);
}

#[tokio::test]
async fn where_nobody_takes_it_the_most_hopeful_reason_is_told() {
    for (one, two, expected) in [
        (None, None, "r@a.example deferred connect - one.host"),
        (
            Some(Script::greets("554 5.7.1 go away")),
            None,
            "r@a.example deferred connect - two.host",
        ),
        (
            None,
            Some(Script::greets("450 4.3.2 later")),
            "r@a.example deferred greeting 4.3.2 two.host",
        ),
        (
            Some(Script::greets("554 5.7.1 go away")),
            Some(Script::greets("554 5.7.1 go away")),
            "r@a.example rejected greeting 5.7.1 one.host",
        ),
    ] {
        let hosts = Hosts::start([one, two]).await;
        let transport = hosts.transport(TWO_HOSTS).build().unwrap();
        let report = transport.send(&submission(&["r@a.example"])).await;
        assert_eq!(rows(&report), [expected]);
    }
}

#[tokio::test]
async fn an_address_literal_is_its_own_host() {
    let hosts = Hosts::start([Some(Script::default())]).await;
    let transport = hosts.transport("").build().unwrap();
    let report = transport.send(&submission(&["r@[127.0.0.2]"])).await;
    assert_eq!(
        rows(&report),
        ["r@[127.0.0.2] accepted final 2.0.0 127.0.0.2"]
    );
}

#[tokio::test]
async fn nothing_is_sent_into_the_own_network() {
    let hosts = Hosts::start([Some(Script::default()), Some(Script::default())]).await;
    let zone: letterhead_dns::Zone = TWO_HOSTS.parse().unwrap();
    let transport = MxTransport::builder(Arc::new(zone), "client.example.org".parse().unwrap())
        .port(hosts.port)
        .build()
        .unwrap();
    let all = ["r@a.example", "r@[127.0.0.2]", "r@[IPv6:::ffff:127.0.0.2]"];
    let report = transport.send(&submission(&all)).await;
    assert_eq!(
        rows(&report),
        [
            "r@a.example rejected connect 5.4.4 -",
            "r@[127.0.0.2] rejected connect 5.4.4 -",
            "r@[IPv6:::ffff:127.0.0.2] rejected connect 5.4.4 -",
        ]
    );
    assert_eq!(hosts.heard(), [""; 0]);
}

#[tokio::test]
async fn the_next_message_to_an_address_takes_the_connection_of_the_last() {
    let hosts = Hosts::start([Some(Script::default()), Some(Script::default())]).await;
    let clock = crate::stepped::Stepped::new();
    let transport = hosts
        .transport(TWO_HOSTS)
        .clock(Arc::<crate::stepped::Stepped>::clone(&clock))
        .build()
        .unwrap();
    for _ in 0..3 {
        assert!(
            transport
                .send(&submission(&["r@a.example"]))
                .await
                .all_accepted()
        );
    }
    assert_eq!(hosts.heard_of(&["connected"]), ["2 connected"]);
    // After a while nothing is left of it.
    clock.advance(std::time::Duration::from_secs(30));
    transport.close_idle();
    assert!(
        transport
            .send(&submission(&["r@a.example"]))
            .await
            .all_accepted()
    );
    assert_eq!(
        hosts.heard_of(&["connected"]),
        ["2 connected", "2 connected"]
    );
}
