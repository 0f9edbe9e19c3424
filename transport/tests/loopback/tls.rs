//! TLS on loopback: who is trusted, and what is said before and after the handshake.

use std::sync::Arc;

use crate::submission::submission_of;
use crate::support::{
    Authority, BODY, HOUR, ImpatientClock, NAME, Peer, endpoint, first, one_each, patient, serve,
    submission,
};
use letterhead_mail::report::TlsFailure;
use letterhead_mail::{Outcome, Phase, Transport as _};
use letterhead_transport::{
    ClientConfig, Credentials, SecretString, Security, SmtpTransport, SmtpTransportBuilder,
    TlsError, TlsSettings,
};

fn with_password(builder: SmtpTransportBuilder) -> SmtpTransport {
    let credentials = Credentials::new("alice", SecretString::from("s3cr3t"));
    builder
        .credentials(credentials)
        .ehlo_name("client.example.org".parse().unwrap())
        .build()
        .unwrap()
}

async fn greet_and_secure(peer: &mut Peer, config: &Arc<rustls::ServerConfig>) -> bool {
    peer.say("220 mx ready\r\n").await;
    peer.exchange(
        "EHLO client.example.org",
        "250-mx\r\n250-AUTH LOGIN\r\n250 STARTTLS\r\n",
    )
    .await;
    peer.exchange("STARTTLS", "220 go\r\n").await;
    peer.secure(config).await
}

#[tokio::test]
async fn starttls_and_auth_with_a_trusted_certificate() {
    let authority = Authority::new();
    for tls in [authority.trusted(), authority.trusted_by_pem()] {
        let config = authority.server(NAME);
        let (address, server) = serve(async move |mut peer: Peer| {
            assert!(greet_and_secure(&mut peer, &config).await);
            peer.exchange("EHLO client.example.org", "250-mx\r\n250 AUTH PLAIN\r\n")
                .await;
            peer.exchange("AUTH PLAIN AGFsaWNlAHMzY3IzdA==", "235 2.7.0 welcome\r\n")
                .await;
            peer.take_message().await
        })
        .await;
        let transport = with_password(one_each(endpoint(address, Security::StartTls)).tls(tls));
        let report = transport.send(&submission()).await;
        assert_eq!(
            first(&report),
            (Outcome::Accepted, Phase::Final),
            "{report:?}"
        );
        let content = server.await.unwrap();
        assert_eq!(content, submission().message.as_bytes());
        assert_eq!(report.rows()[0].server(), Some(NAME));
    }
}

#[tokio::test]
async fn implicit_tls_speaks_no_word_before_it() {
    let authority = Authority::new();
    let config = authority.server(NAME);
    let (address, server) = serve(async move |mut peer: Peer| {
        assert!(peer.secure(&config).await);
        peer.say("220 mx ready\r\n").await;
        peer.exchange("EHLO client.example.org", "250-mx\r\n250 AUTH LOGIN\r\n")
            .await;
        peer.exchange("AUTH LOGIN", "334 VXNlcm5hbWU6\r\n").await;
        peer.exchange("YWxpY2U=", "334 UGFzc3dvcmQ6\r\n").await;
        peer.exchange("czNjcjN0", "235 ok\r\n").await;
        peer.take_message().await
    })
    .await;
    let builder = one_each(endpoint(address, Security::ImplicitTls)).tls(authority.trusted());
    let report = with_password(builder).send(&submission()).await;
    assert!(report.all_accepted(), "{report:?}");
    assert!(
        String::from_utf8(server.await.unwrap())
            .unwrap()
            .contains(BODY)
    );
}

/// Lets a client meet a server whose certificate it should not take; both kinds of TLS.
async fn is_refused(config: Arc<rustls::ServerConfig>, tls: TlsSettings, failure: TlsFailure) {
    for security in [Security::StartTls, Security::ImplicitTls] {
        let config = Arc::clone(&config);
        let (address, server) = serve(async move |mut peer: Peer| {
            let secured = match security {
                Security::ImplicitTls => peer.secure(&config).await,
                _ => greet_and_secure(&mut peer, &config).await,
            };
            (secured, peer.heard)
        })
        .await;
        let builder = one_each(endpoint(address, security)).tls(tls.clone());
        let report = with_password(builder).send(&submission()).await;
        assert_eq!(
            first(&report),
            (Outcome::Deferred, Phase::Tls),
            "{report:?}"
        );
        assert_eq!(report.rows()[0].tls_failure(), Some(failure));
        let detail = report.rows()[0].detail().unwrap();
        assert!(detail.starts_with("the TLS handshake failed: "), "{detail}");
        let (_, heard) = server.await.unwrap();
        assert!(
            !heard
                .iter()
                .any(|line| line.starts_with("AUTH") || line.starts_with("MAIL")),
            "{heard:?}"
        );
    }
}

#[tokio::test]
async fn a_certificate_for_another_name_is_refused() {
    let authority = Authority::new();
    let server = authority.server("other.example.org");
    is_refused(server, authority.trusted(), TlsFailure::HostMismatch).await;
}

#[tokio::test]
async fn a_certificate_of_an_unknown_authority_is_refused() {
    let server = Authority::new().server(NAME);
    is_refused(server, Authority::new().trusted(), TlsFailure::NotTrusted).await;
}

#[tokio::test]
async fn an_expired_certificate_is_refused() {
    let authority = Authority::new();
    let server = authority.expired_server();
    is_refused(server, authority.trusted(), TlsFailure::Expired).await;
}

#[tokio::test]
async fn a_handshake_without_an_answer_ends_at_its_deadline() {
    let authority = Authority::new();
    for security in [Security::ImplicitTls, Security::StartTls] {
        let (address, server) = serve(async move |mut peer: Peer| {
            if security == Security::StartTls {
                peer.say("220 mx ready\r\n").await;
                peer.exchange("EHLO", "250-mx\r\n250 STARTTLS\r\n").await;
                peer.exchange("STARTTLS", "220 go\r\n").await;
            }
            peer.until_closed().await;
        })
        .await;
        let transport = one_each(endpoint(address, security))
            .tls(authority.trusted())
            .clock(Arc::new(ImpatientClock))
            .timeouts(patient().with_tls(HOUR))
            .build()
            .unwrap();
        let report = transport.send(&submission()).await;
        assert_eq!(
            first(&report),
            (Outcome::Deferred, Phase::Tls),
            "{report:?}"
        );
        let failure = report.rows()[0].tls_failure();
        assert_eq!(failure, Some(TlsFailure::Handshake));
        server.await.unwrap();
    }
}

#[tokio::test]
async fn the_caller_s_own_configuration_is_used() {
    let authority = Authority::new();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    let settings = TlsSettings::from(Arc::new(config));
    is_refused(authority.server(NAME), settings, TlsFailure::NotTrusted).await;
}

#[tokio::test]
async fn what_is_injected_behind_starttls_is_not_taken_for_an_answer() {
    let authority = Authority::new();
    let (address, server) = serve(async move |mut peer: Peer| {
        peer.say("220 mx ready\r\n").await;
        peer.exchange("EHLO", "250-mx\r\n250 STARTTLS\r\n").await;
        peer.exchange("STARTTLS", "220 go\r\n250-evil\r\n250 AUTH PLAIN\r\n")
            .await;
        peer.hear().await
    })
    .await;
    let builder = one_each(endpoint(address, Security::StartTls)).tls(authority.trusted());
    let report = with_password(builder).send(&submission()).await;
    assert_eq!(
        first(&report),
        (Outcome::Deferred, Phase::Tls),
        "{report:?}"
    );
    let failure = report.rows()[0].tls_failure();
    assert_eq!(failure, Some(TlsFailure::Injected));
    assert_eq!(server.await.unwrap(), None, "not even a handshake follows");
}

#[tokio::test]
async fn a_large_message_arrives_whole_over_tls() {
    let authority = Authority::new();
    let config = authority.server(NAME);
    let (address, server) = serve(async move |mut peer: Peer| {
        assert!(peer.secure(&config).await);
        peer.say("220 mx ready\r\n").await;
        peer.exchange("EHLO", "250 mx\r\n").await;
        peer.take_message().await
    })
    .await;
    let mut text = String::from("From: s@x.example\r\n\r\n");
    while text.len() < 1_000_000 {
        text.push_str(".line\r\n..\r\n.\r\nplain line\r\n");
    }
    let large = submission_of(&text, &["r@x.example"]);
    let transport = one_each(endpoint(address, Security::ImplicitTls))
        .tls(authority.trusted())
        .build();
    let report = transport.unwrap().send(&large).await;
    assert!(report.all_accepted(), "{report:?}");
    assert_eq!(server.await.unwrap(), text.as_bytes());
}

#[tokio::test]
async fn a_server_that_asks_for_a_certificate_gets_it() {
    let authority = Authority::new();
    let config = authority.server_for_clients_of_its_own(NAME);
    let (chain, key) = authority.client();
    let roots = authority.roots();
    let with = TlsSettings::with_client_certificate(&roots, &chain, &key).unwrap();
    for (tls, taken) in [(with, true), (authority.trusted(), false)] {
        let config = Arc::clone(&config);
        let (address, server) = serve(async move |mut peer: Peer| {
            if peer.secure(&config).await {
                peer.say("220 mx\r\n").await;
                peer.exchange("EHLO", "250 mx\r\n").await;
                peer.take_message().await;
            }
        })
        .await;
        let transport = one_each(endpoint(address, Security::ImplicitTls))
            .tls(tls)
            .build()
            .unwrap();
        let report = transport.send(&submission()).await;
        assert_eq!(report.all_accepted(), taken, "{report}");
        server.await.unwrap();
    }
    let foreign = Authority::new().client().1;
    assert!(matches!(
        TlsSettings::with_client_certificate(&roots, &chain, &foreign),
        Err(TlsError::ClientCertificate(_))
    ));
}

#[tokio::test]
async fn credentials_do_not_go_to_a_server_that_was_not_verified() {
    let authority = Authority::new();
    let server_config = authority.server(NAME);
    let (address, server) = serve(async move |mut peer: Peer| {
        assert!(peer.secure(&server_config).await);
        peer.say("220 mx\r\n").await;
        peer.exchange("EHLO", "250-mx\r\n250 AUTH PLAIN\r\n").await;
        peer.exchange("QUIT", "221 bye\r\n").await;
    })
    .await;
    // The verifier is strict all the same; only what is said of it differs.
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut store = rustls::RootCertStore::empty();
    store.add(authority.certificate()).unwrap();
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(store)
        .with_no_client_auth();
    let builder = one_each(endpoint(address, Security::ImplicitTls))
        .tls(TlsSettings::not_verifying(Arc::new(config)));
    let report = with_password(builder).send(&submission()).await;
    assert_eq!(first(&report), (Outcome::Deferred, Phase::Auth), "{report}");
    server.await.unwrap();
}
