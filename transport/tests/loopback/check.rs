//! A connection is tried, and nothing is sent over it.

use std::sync::Arc;

use crate::support::{Authority, NAME, Peer, endpoint, one_each, patient, serve};
use letterhead_mail::Phase;
use letterhead_mail::report::TlsFailure;
use letterhead_transport::{
    ConnectionProblem, Credentials, RotatingCredentials, SecretString, Security, SmtpTransport,
};
use rustls::ServerConfig;

fn login(password: &str) -> Credentials {
    Credentials::new("alice", SecretString::from(password))
}

/// What comes of a check of a server that says these things, one answer a command, and hangs up then.
async fn checked(dialogue: &'static [&'static str]) -> ConnectionProblem {
    let (address, server) = serve(async move |mut peer: Peer| {
        for answer in dialogue {
            if *answer != dialogue[0] && peer.hear().await.is_none() {
                break;
            }
            peer.say(answer).await;
        }
        peer.shut_down().await;
        peer.heard
    })
    .await;
    let builder = one_each(endpoint(address, Security::Plaintext));
    let transport = builder
        .credentials(login("s3cr3t"))
        .dangerous_plaintext_auth_on_loopback()
        .build()
        .unwrap();
    let checked = transport.check().await;
    let problem = checked.expect_err(&format!("{dialogue:?}"));
    assert!(!problem.to_string().contains("s3cr3t"), "{problem}");
    assert!(
        !server
            .await
            .unwrap()
            .iter()
            .any(|line| line.starts_with("MAIL"))
    );
    problem
}

#[tokio::test]
async fn what_the_server_offers_is_told_and_nothing_is_sent() {
    let authority = Authority::new();
    let config = authority.server(NAME);
    let (address, server) = serve(async move |mut peer: Peer| {
        peer.say("220 mx ready\r\n").await;
        peer.exchange("EHLO client.example.org", "250-mx\r\n250 STARTTLS\r\n")
            .await;
        peer.exchange("STARTTLS", "220 go\r\n").await;
        assert!(peer.secure(&config).await);
        let offered = "250-mx\r\n250-AUTH PLAIN\r\n250-PIPELINING\r\n250 SIZE 1000\r\n";
        peer.exchange("EHLO client.example.org", offered).await;
        peer.exchange("AUTH PLAIN AGFsaWNlAHMzY3IzdA==", "235 2.7.0 welcome\r\n")
            .await;
        peer.exchange("QUIT", "221 bye\r\n").await;
    })
    .await;
    let builder = one_each(endpoint(address, Security::StartTls)).tls(authority.trusted());
    let builder = builder.ehlo_name("client.example.org".parse().unwrap());
    let transport = builder.credentials(login("s3cr3t")).build().unwrap();
    let found = transport.check().await.unwrap();
    let expected = format!(
        "{NAME}:25: TLSv1.3, verified; alice is logged in; AUTH PLAIN, PIPELINING, SIZE 1000"
    );
    assert_eq!(found.to_string(), expected);
    assert!(found.extensions.pipelining());
    assert_eq!(transport.idle_connections(), 0);
    server.await.unwrap();
}

#[tokio::test]
async fn whatever_keeps_mail_from_being_sent_is_told() {
    for (dialogue, phase, told) in [
        (
            &["554 5.7.1 not you\r\n"][..],
            Phase::Greeting,
            "554 5.7.1 not you",
        ),
        (
            &["220 mx\r\n", "421 4.3.2 later\r\n"],
            Phase::Ehlo,
            "421 4.3.2 later",
        ),
        (&["220 mx\r\n"], Phase::Ehlo, "closed"),
        (&["SSH-2.0-OpenSSH_9.2\r\n"], Phase::Greeting, ""),
        (&["220 mx\r\n", "250 mx\r\n"], Phase::Auth, "AUTH"),
        (
            &[
                "220 mx\r\n",
                "250-mx\r\n250 AUTH PLAIN\r\n",
                "535 5.7.8 wrong\r\n",
            ],
            Phase::Auth,
            "535 5.7.8 wrong",
        ),
        (
            &[
                "220 mx\r\n",
                "250-mx\r\n250 AUTH PLAIN\r\n",
                "454 4.7.0 later\r\n",
            ],
            Phase::Auth,
            "454 4.7.0 later",
        ),
    ] {
        let problem = checked(dialogue).await;
        assert_eq!(problem.phase, phase, "{dialogue:?}: {problem}");
        assert!(
            problem.to_string().contains(told),
            "{dialogue:?}: {problem}"
        );
    }
}

#[tokio::test]
async fn no_tls_and_nobody_there_are_told() {
    let (address, server) = serve(async move |mut peer: Peer| {
        peer.say("220 mx\r\n").await;
        peer.hear().await;
        peer.say("250 mx\r\n").await;
        peer.until_closed().await;
    })
    .await;
    let starttls = one_each(endpoint(address, Security::StartTls))
        .build()
        .unwrap();
    let problem = starttls.check().await.unwrap_err();
    assert_eq!(
        (problem.phase, problem.tls_failure),
        (Phase::Tls, Some(TlsFailure::NotOffered))
    );
    server.await.unwrap();

    let nobody = one_each(endpoint("127.0.0.1:1".parse().unwrap(), Security::StartTls));
    let problem = nobody.build().unwrap().check().await.unwrap_err();
    assert_eq!(problem.phase, Phase::Connect, "{problem}");
}

#[tokio::test]
async fn a_certificate_of_nobody_known_is_told() {
    let authority = Authority::new();
    for security in [Security::StartTls, Security::ImplicitTls] {
        let config: Arc<ServerConfig> = authority.server(NAME);
        let (address, server) = serve(async move |mut peer: Peer| {
            if security == Security::StartTls {
                peer.say("220 mx\r\n").await;
                peer.hear().await;
                peer.say("250-mx\r\n250 STARTTLS\r\n").await;
                peer.hear().await;
                peer.say("220 go\r\n").await;
            }
            peer.secure(&config).await
        })
        .await;
        let trusted = Authority::new().trusted();
        let transport = one_each(endpoint(address, security))
            .tls(trusted)
            .build()
            .unwrap();
        let problem = transport.check().await.unwrap_err();
        assert_eq!(problem.phase, Phase::Tls);
        assert!(problem.tls_failure.is_some(), "{problem}");
        assert!(!server.await.unwrap());
    }
}

#[tokio::test]
async fn the_other_credentials_are_tried_and_a_closed_transport_tries_nothing() {
    let (listener, builder) = crate::support::listen().await;
    let server = tokio::spawn(async move {
        for answer in ["535 5.7.8 rotated\r\n", "235 2.7.0 welcome\r\n"] {
            let mut peer = crate::support::accept(&listener).await;
            crate::support::greet(&mut peer, "AUTH PLAIN").await;
            assert!(peer.hear().await.unwrap().starts_with("AUTH PLAIN"));
            peer.say(answer).await;
            peer.until_closed().await;
        }
    });
    let both = RotatingCredentials::new(
        login("old"),
        Credentials::new("bob", SecretString::from("new")),
    );
    let transport: SmtpTransport = builder
        .credentials(both)
        .dangerous_plaintext_auth_on_loopback()
        .timeouts(patient())
        .build()
        .unwrap();
    assert_eq!(
        transport.check().await.unwrap().user.as_deref(),
        Some("bob")
    );
    server.await.unwrap();
    transport.close().await;
    let problem = transport.check().await.unwrap_err();
    assert_eq!(problem.to_string(), "at local: the transport was closed");
}
