//! The driver on loopback without TLS: pipelining, deadlines, lost connections, dropped futures.

use std::sync::Arc;
use std::time::Duration;

use crate::submission::submission_of;
use crate::support::{
    HOUR, ImpatientClock, Peer, accept, endpoint, first, one_each, patient, serve, submission,
};
use letterhead_mail::{BoxFuture, Outcome, Phase, Transport as _};
use letterhead_transport::smtp::Command;
use letterhead_transport::{
    CredentialError, CredentialProvider, Credentials, SecretString, Security, SmtpTransport,
    SmtpTransportError, Timeouts,
};
use tokio::net::TcpListener;

fn plain(address: std::net::SocketAddr) -> SmtpTransport {
    one_each(endpoint(address, Security::Plaintext))
        .build()
        .unwrap()
}

#[tokio::test]
async fn many_recipients_go_in_one_pipeline_and_each_has_its_row() {
    let (address, server) = serve(async move |mut peer: Peer| {
        peer.say("220 mx\r\n").await;
        peer.exchange("EHLO [127.0.0.1]", "250-mx\r\n250 PIPELINING\r\n")
            .await;
        peer.exchange("MAIL", "250 ok\r\n").await;
        let mut refused = 0;
        loop {
            let line = peer.hear().await.unwrap();
            match Command::parse(line.as_bytes()).unwrap() {
                Command::Rcpt { recipient, .. } if recipient.to_string().starts_with("odd") => {
                    refused += 1;
                    peer.say(&format!(
                        "550 5.1.1 {}\r\n",
                        "no such user here ".repeat(20)
                    ))
                    .await;
                }
                Command::Rcpt { .. } => {
                    peer.say(&format!("250 2.1.5 {}\r\n", "fine ".repeat(80)))
                        .await
                }
                other => {
                    assert_eq!(other, Command::Data);
                    break;
                }
            }
        }
        peer.say("354 go\r\n").await;
        peer.content().await;
        peer.say("250 queued\r\n").await;
        peer.exchange("QUIT", "221 bye\r\n").await;
        refused
    })
    .await;
    let names: Vec<String> = (0..1_000)
        .map(|number| {
            format!(
                "{}{number}@x.example",
                if number % 2 == 1 { "odd" } else { "even" }
            )
        })
        .collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let report = plain(address)
        .send(&submission_of("From: s@x.example\r\n\r\nhi\r\n", &names))
        .await;
    assert_eq!(server.await.unwrap(), 500);
    for (row, name) in report.rows().iter().zip(&names) {
        assert_eq!(row.recipient().to_string(), *name);
        let expected = if name.starts_with("odd") {
            Outcome::Rejected
        } else {
            Outcome::Accepted
        };
        assert_eq!(row.outcome(), expected, "{row}");
    }
    assert_eq!(report.rows().len(), 1_000);
}

#[tokio::test]
async fn a_silent_server_is_left_at_the_deadline_of_the_phase() {
    // Up to where the server goes along, and what is awaited then.
    let cases: [(usize, Timeouts, (Outcome, Phase)); 5] = [
        (
            0,
            patient().with_greeting(HOUR),
            (Outcome::Deferred, Phase::Greeting),
        ),
        (
            1,
            patient().with_command(HOUR),
            (Outcome::Deferred, Phase::Ehlo),
        ),
        (
            4,
            patient().with_data(HOUR),
            (Outcome::Deferred, Phase::Data),
        ),
        (
            5,
            patient().with_completion(HOUR),
            (Outcome::InDoubt, Phase::Final),
        ),
        (
            6,
            patient().with_quit(HOUR),
            (Outcome::Accepted, Phase::Final),
        ),
    ];
    for (along, timeouts, expected) in cases {
        let (address, server) = serve(async move |mut peer: Peer| {
            // In one piece where waits for commands are not to be part of the test.
            for reply in [
                "220 mx\r\n",
                "250 mx\r\n",
                "250\r\n",
                "250\r\n",
                "354\r\n",
                "250 queued\r\n",
            ]
            .iter()
            .take(along)
            {
                peer.say(reply).await;
                if reply.starts_with("354") {
                    peer.content().await;
                } else if !reply.contains("queued") {
                    peer.hear().await;
                }
            }
            peer.until_closed().await;
        })
        .await;
        let transport = one_each(endpoint(address, Security::Plaintext))
            .timeouts(timeouts)
            .clock(Arc::new(ImpatientClock))
            .build()
            .unwrap();
        let report = transport.send(&submission()).await;
        assert_eq!(first(&report), expected, "{report:?}");
        server.await.unwrap();
    }
}

#[tokio::test]
async fn a_server_that_drips_does_not_hold_a_send_beyond_the_deadline() {
    let (address, server) = serve(async move |mut peer: Peer| {
        peer.say("220-").await;
        while !peer.heard.iter().any(|line| line == "never") {
            peer.say("x").await;
            if tokio::time::timeout(Duration::from_millis(2), peer.hear()).await == Ok(None) {
                return;
            }
        }
    })
    .await;
    let transport = one_each(endpoint(address, Security::Plaintext))
        .timeouts(Timeouts::default().with_greeting(Duration::from_millis(40)))
        .build()
        .unwrap();
    let report = transport.send(&submission()).await;
    assert_eq!(
        first(&report),
        (Outcome::Deferred, Phase::Greeting),
        "{report:?}"
    );
    assert_eq!(report.rows()[0].detail(), Some("timed out at greeting"));
    server.await.unwrap();
}

#[tokio::test]
async fn a_dropped_future_closes_its_connection_and_leaves_nothing_to_the_next() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let transport = plain(listener.local_addr().unwrap());
    let (reached, mut at_data) = tokio::sync::mpsc::channel(1);
    let server = tokio::spawn(async move {
        let mut first = accept(&listener).await;
        first.say("220 mx\r\n").await;
        first.exchange("EHLO", "250 mx\r\n").await;
        first.exchange("MAIL", "250 ok\r\n").await;
        reached.send(()).await.unwrap();
        first.until_closed().await;
        let mut second = accept(&listener).await;
        second.say("220 mx\r\n").await;
        second.exchange("EHLO", "250 mx\r\n").await;
        second.exchange("MAIL", "554 5.7.1 not today\r\n").await;
        second.exchange("QUIT", "221 bye\r\n").await;
    });
    let one = submission();
    tokio::select! {
        report = transport.send(&one) => panic!("finished: {report:?}"),
        _ = at_data.recv() => {}
    }
    let report = transport.send(&one).await;
    assert_eq!(first(&report), (Outcome::Rejected, Phase::Mail));
    server.await.unwrap();
}

#[tokio::test]
async fn a_connection_closed_in_each_phase_has_its_outcome() {
    for (along, expected) in [
        (0, (Outcome::Deferred, Phase::Greeting)),
        (1, (Outcome::Deferred, Phase::Ehlo)),
        (2, (Outcome::Deferred, Phase::Mail)),
        (3, (Outcome::Deferred, Phase::Rcpt)),
        (4, (Outcome::Deferred, Phase::Data)),
        (5, (Outcome::InDoubt, Phase::Final)),
        (6, (Outcome::Accepted, Phase::Final)),
    ] {
        let (address, server) = serve(async move |mut peer: Peer| {
            for reply in [
                "220 mx\r\n",
                "250 mx\r\n",
                "250\r\n",
                "250\r\n",
                "354\r\n",
                "250 queued\r\n",
            ]
            .iter()
            .take(along)
            {
                peer.say(reply).await;
                if reply.starts_with("354") {
                    peer.content().await;
                } else {
                    peer.hear().await;
                }
            }
        })
        .await;
        let report = plain(address).send(&submission()).await;
        assert_eq!(first(&report), expected, "{along}: {report:?}");
        server.await.unwrap();
    }
}

#[tokio::test]
async fn a_refusal_in_the_middle_of_the_content_is_heard() {
    let (address, server) = serve(async move |mut peer: Peer| {
        peer.say("220 mx\r\n").await;
        peer.exchange("EHLO", "250 mx\r\n").await;
        peer.exchange("MAIL", "250 ok\r\n").await;
        peer.exchange("RCPT", "250 ok\r\n").await;
        peer.exchange("DATA", "354 go\r\n").await;
        peer.hear().await;
        peer.say("552 5.3.4 too much\r\n").await;
        peer.shut_down().await;
        peer.until_closed().await;
    })
    .await;
    let text = format!(
        "From: s@x.example\r\n\r\n{}",
        "a line of the body\r\n".repeat(500_000)
    );
    let report = plain(address)
        .send(&submission_of(&text, &["r@x.example"]))
        .await;
    assert_eq!(report.rows()[0].outcome(), Outcome::Rejected, "{report:?}");
    assert_eq!(
        report.rows()[0].reply().unwrap().to_string(),
        "552 5.3.4 too much"
    );
    server.await.unwrap();
}

#[tokio::test]
async fn no_connection_is_deferred_and_says_why() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let report = plain(address).send(&submission()).await;
    assert_eq!(first(&report), (Outcome::Deferred, Phase::Connect));
    assert!(
        report.rows()[0]
            .detail()
            .unwrap()
            .contains(&address.to_string()),
        "{report:?}"
    );
}

#[tokio::test]
async fn the_local_address_is_the_one_asked_for() {
    let (address, server) = serve(async move |mut peer: Peer| {
        peer.say("421 full\r\n").await;
        peer.client.ip()
    })
    .await;
    let local = "127.0.0.2".parse().unwrap();
    let transport = one_each(endpoint(address, Security::Plaintext))
        .local_address(local)
        .build();
    let report = transport.unwrap().send(&submission()).await;
    assert_eq!(first(&report), (Outcome::Deferred, Phase::Greeting));
    assert_eq!(server.await.unwrap(), local);
}

#[tokio::test]
async fn credentials_go_in_the_clear_only_to_loopback_and_only_when_told() {
    let credentials = || Credentials::new("alice", SecretString::from("s3cr3t"));
    let refused = one_each(endpoint(
        "127.0.0.1:1".parse().unwrap(),
        Security::Plaintext,
    ))
    .credentials(credentials())
    .build();
    assert!(matches!(
        refused,
        Err(SmtpTransportError::PlaintextCredentials)
    ));

    let (address, server) = serve(async move |mut peer: Peer| {
        peer.say("220 mx\r\n").await;
        peer.exchange("EHLO", "250-mx\r\n250 AUTH PLAIN\r\n").await;
        peer.exchange("AUTH PLAIN AGFsaWNlAHMzY3IzdA==", "235 ok\r\n")
            .await;
        peer.take_message().await
    })
    .await;
    let transport = one_each(endpoint(address, Security::Plaintext))
        .credentials(credentials())
        .dangerous_plaintext_auth_on_loopback()
        .build()
        .unwrap();
    assert!(transport.send(&submission()).await.all_accepted());
    server.await.unwrap();
}

#[derive(Debug)]
struct EmptyVault;

impl CredentialProvider for EmptyVault {
    fn current(&self) -> BoxFuture<'_, Result<Credentials, CredentialError>> {
        Box::pin(std::future::ready(Err(CredentialError::new(
            "the vault is sealed",
        ))))
    }
}

#[tokio::test]
async fn without_credentials_nothing_is_sent() {
    let transport = one_each(endpoint(
        "127.0.0.1:1".parse().unwrap(),
        Security::Plaintext,
    ))
    .credentials(EmptyVault)
    .dangerous_plaintext_auth_on_loopback()
    .build()
    .unwrap();
    let report = transport.send(&submission()).await;
    assert_eq!(first(&report), (Outcome::Deferred, Phase::Auth));
    assert_eq!(
        report.rows()[0].detail(),
        Some("no credentials could be had: the vault is sealed")
    );
}

#[tokio::test]
async fn a_refusal_in_the_middle_of_the_content_is_heard_though_the_server_closes() {
    let (address, server) = serve(async move |mut peer: Peer| {
        peer.say("220 mx\r\n").await;
        peer.exchange("EHLO", "250 mx\r\n").await;
        peer.exchange("MAIL", "250\r\n").await;
        peer.exchange("RCPT", "250\r\n").await;
        peer.exchange("DATA", "354 go\r\n").await;
        peer.hear().await.unwrap();
        // What was sent and not read makes the system reset the connection.
        peer.say("552 5.3.4 too much\r\n").await;
    })
    .await;
    let message = format!(
        "From: s@x.example\r\n\r\n{}",
        "a line\r\n".repeat(2_000_000)
    );
    let report = plain(address)
        .send(&submission_of(&message, &["r@x.example"]))
        .await;
    server.await.unwrap();
    assert_eq!(first(&report), (Outcome::Rejected, Phase::Body), "{report}");
    assert_eq!(report.rows()[0].code().unwrap().get(), 552);
}
