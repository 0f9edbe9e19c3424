//! What is traced holds no secret, no content and no address.

use std::fmt::{self, Write as _};
use std::sync::{Arc, Mutex};

use crate::support::{Authority, BODY, NAME, Peer, endpoint, one_each, serve, submission};
use letterhead_mail::Transport as _;
use letterhead_transport::{Credentials, SecretString, Security};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// Writes down everything that is traced, at every level.
#[derive(Clone, Default)]
struct Everything(Arc<Mutex<String>>);

struct Writer<'a>(&'a mut String);

impl Visit for Writer<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        write!(self.0, " {}={value:?}", field.name()).unwrap();
    }
}

impl Subscriber for Everything {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut text = self.0.lock().unwrap();
        write!(text, "\nspan {}", span.metadata().name()).unwrap();
        span.record(&mut Writer(&mut text));
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        values.record(&mut Writer(&mut self.0.lock().unwrap()));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut text = self.0.lock().unwrap();
        write!(text, "\n{}", event.metadata().target()).unwrap();
        event.record(&mut Writer(&mut text));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[tokio::test]
async fn nothing_secret_is_traced() {
    let everything = Everything::default();
    // For the whole process, so that what the other tests do is looked at as well: with a subscriber on one thread only,
    // whether a place traces at all would depend on which thread came by first.
    tracing::subscriber::set_global_default(everything.clone()).unwrap();
    let authority = Authority::new();
    for (mechanism, answer) in [
        ("PLAIN", "235 ok\r\n"),
        ("LOGIN", "334\r\n"),
        ("PLAIN", "535 AGFsaWNlAHMzY3IzdA==\r\n"),
    ] {
        let config = authority.server(NAME);
        let (address, server) = serve(async move |mut peer: Peer| {
            peer.say("220 mx\r\n").await;
            peer.exchange("EHLO", "250-mx\r\n250 STARTTLS\r\n").await;
            peer.exchange("STARTTLS", "220 go\r\n").await;
            assert!(peer.secure(&config).await);
            peer.exchange("EHLO", &format!("250-mx\r\n250 AUTH {mechanism}\r\n"))
                .await;
            peer.exchange("AUTH", answer).await;
            if mechanism == "LOGIN" {
                peer.exchange("YWxpY2U=", "334\r\n").await;
                peer.exchange("czNjcjN0", "235 ok\r\n").await;
            }
            if answer.starts_with("535") {
                peer.exchange("QUIT", "221 bye\r\n").await;
            } else {
                peer.take_message().await;
            }
        })
        .await;
        let transport = one_each(endpoint(address, Security::StartTls))
            .tls(authority.trusted())
            .credentials(Credentials::new("alice", SecretString::from("s3cr3t")))
            .build()
            .unwrap();
        let report = transport.send(&submission()).await;
        assert_eq!(report.all_accepted(), !answer.starts_with("535"));
        tracing::info!(?transport, ?report, "what an application would trace");
        server.await.unwrap();
    }
    send_by_chunk(&authority).await;
    let text = everything.0.lock().unwrap();
    assert!(
        text.contains("span smtp server=mx.example.org:25"),
        "{text}"
    );
    assert!(text.contains("phase=auth"), "{text}");
    let ours = text
        .lines()
        .filter(|line| !line.contains("what an application would trace"));
    for line in ours {
        for address in ["s@x.example", "r@x.example", "alice"] {
            assert!(!line.contains(address), "{line}");
        }
    }
    for secret in ["s3cr3t", "czNjcjN0", "AGFsaWNl", BODY] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}

/// With a token, and the message in one flight with its envelope.
async fn send_by_chunk(authority: &Authority) {
    let config = authority.server(NAME);
    let (address, server) = serve(async move |mut peer: Peer| {
        assert!(peer.secure(&config).await);
        peer.say("220 mx\r\n").await;
        let offered = "250-mx\r\n250-AUTH OAUTHBEARER\r\n250-PIPELINING\r\n250 CHUNKING\r\n";
        peer.exchange("EHLO", offered).await;
        peer.exchange("AUTH OAUTHBEARER", "235 ok\r\n").await;
        for begin in ["MAIL", "RCPT", "BDAT", "From", "", BODY] {
            assert!(peer.hear().await.unwrap().starts_with(begin), "{begin}");
        }
        peer.say("250\r\n250\r\n250 2.0.0 queued\r\n").await;
        peer.exchange("QUIT", "221 bye\r\n").await;
    })
    .await;
    let transport = one_each(endpoint(address, Security::ImplicitTls))
        .tls(authority.trusted())
        .credentials(Credentials::bearer("alice", SecretString::from("s3cr3t")))
        .build()
        .unwrap();
    assert!(transport.send(&submission()).await.all_accepted());
    server.await.unwrap();
}
