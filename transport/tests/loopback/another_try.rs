//! What one connection, or one try, does not come to an end with: another is made where that is without a doubt.

use std::sync::Arc;
use std::time::Duration;

use crate::stepped::Stepped;
use crate::submission::submission_of;
use crate::support::{
    Authority, NAME, accept, count, endpoint, greet, listen, submission, take_all,
};
use letterhead_mail::{Clock, Transport as _};
use letterhead_transport::{
    Credentials, Retry, RotatingCredentials, Security, SmtpTransport, SystemEntropy,
};
use tokio::net::TcpListener;
use tokio::sync::Notify;

#[tokio::test]
async fn a_connection_that_the_server_closed_is_not_used_again() {
    // Closed at once, closed with a word, closed only when the next message begins, and refused then.
    for end in [
        "",
        "421 4.4.2 idle\r\n",
        "on MAIL",
        "421 4.3.2 going\r\n on MAIL",
    ] {
        let (listener, builder) = listen().await;
        let server = tokio::spawn(async move {
            let mut peer = accept(&listener).await;
            greet(&mut peer, "PIPELINING").await;
            peer.hear_message().await;
            peer.say("250 2.0.0 first\r\n").await;
            if let Some(word) = end.strip_suffix("on MAIL") {
                peer.hear().await.unwrap();
                peer.say(word.trim_start()).await;
            } else {
                peer.say(end).await;
            }
            peer.shut_down().await;
            drop(peer);
            let mut next = accept(&listener).await;
            greet(&mut next, "HELP").await;
            take_all(&mut next).await
        });
        let transport = builder.build().unwrap();
        assert!(transport.send(&submission()).await.all_accepted());
        let report = transport.send(&submission()).await;
        assert!(report.all_accepted(), "{end:?}: {report}");
        assert_eq!(report.rows()[0].text(), Some("number 1"));
        drop(transport);
        assert_eq!(server.await.unwrap(), 1);
    }
}

#[tokio::test]
async fn nobody_meets_a_connection_that_was_given_up() {
    // The send is dropped when the server has heard this; its answer to the next would be wrong by one.
    for heard in ["EHLO", "MAIL", "RCPT", "DATA", "."] {
        let (listener, builder) = listen().await;
        let (reached, dropped) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (told, gone) = (Arc::clone(&reached), Arc::clone(&dropped));
        let server = tokio::spawn(async move {
            let mut peer = accept(&listener).await;
            peer.say("220 mx\r\n").await;
            loop {
                let line = peer.hear().await.unwrap();
                if line.starts_with(heard) {
                    break;
                }
                match line.as_str() {
                    "DATA" => peer.say("354 go\r\n").await,
                    _ if line.starts_with("EHLO") => peer.say("250 mx\r\n").await,
                    _ if line.contains(':') && !line.starts_with("From:") => {
                        peer.say("250 ok\r\n").await;
                    }
                    _ => {}
                }
            }
            told.notify_one();
            gone.notified().await;
            peer.say("250 2.0.0 too late\r\n").await;
            let mut next = accept(&listener).await;
            greet(&mut next, "HELP").await;
            take_all(&mut next).await;
        });
        let transport = builder.max_connections(count(1)).build().unwrap();
        let one = submission();
        tokio::select! {
            report = transport.send(&one) => panic!("{report}"),
            () = reached.notified() => {}
        }
        dropped.notify_one();
        assert_eq!(transport.idle_connections(), 0);
        let report = transport.send(&submission()).await;
        assert_eq!(report.rows()[0].text(), Some("number 1"), "{heard}");
        drop(transport);
        server.await.unwrap();
    }
}

#[tokio::test]
async fn refused_credentials_are_replaced_once() {
    let authority = Authority::new();
    let config = authority.server(NAME);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(async move {
        let mut users = Vec::new();
        for answer in ["535 5.7.8 no\r\n", "235 ok\r\n"] {
            let mut peer = accept(&listener).await;
            assert!(peer.secure(&config).await);
            greet(&mut peer, "AUTH PLAIN").await;
            let line = peer.hear().await.unwrap();
            users.push(line);
            peer.say(answer).await;
            take_all(&mut peer).await;
        }
        users
    });
    let both = RotatingCredentials::new(
        Credentials::new("new", "n3w".into()),
        Credentials::new("old", "0ld".into()),
    );
    let transport = SmtpTransport::builder(endpoint(address, Security::ImplicitTls))
        .tls(authority.trusted())
        .credentials(both)
        .build()
        .unwrap();
    let report = transport.send(&submission()).await;
    assert!(report.all_accepted(), "{report}");
    let tls = report.rows()[0].tls().unwrap();
    assert_eq!(tls.protocol(), "TLSv1.3");
    assert!(tls.cipher_suite().starts_with("TLS13_"), "{tls}");
    drop(transport);
    // "\0new\0n3w" and "\0old\0" in base64.
    assert_eq!(
        server.await.unwrap(),
        ["AUTH PLAIN AG5ldwBuM3c=", "AUTH PLAIN AG9sZAAwbGQ="]
    );
}

#[tokio::test]
async fn what_one_connection_cannot_take_goes_over_another() {
    let (listener, builder) = listen().await;
    let server = tokio::spawn(async move {
        let mut taken = Vec::new();
        for _ in 0..2 {
            let mut peer = accept(&listener).await;
            greet(&mut peer, "LIMITS RCPTMAX=1 MAILMAX=1").await;
            taken.push(take_all(&mut peer).await);
        }
        taken
    });
    let transport = builder.build().unwrap();
    let two = submission_of(
        "From: s@x.example\r\n\r\nhi\r\n",
        &["a@x.example", "b@x.example"],
    );
    let report = transport.send(&two).await;
    assert!(report.all_accepted(), "{report}");
    drop(transport);
    assert_eq!(server.await.unwrap(), [1, 1]);
}

#[tokio::test]
async fn a_connection_that_has_seen_its_domains_makes_room_for_another() {
    let (listener, builder) = listen().await;
    let server = tokio::spawn(async move {
        let mut taken = Vec::new();
        for _ in 0..3 {
            let mut peer = accept(&listener).await;
            greet(&mut peer, "LIMITS RCPTDOMAINMAX=1").await;
            taken.push(take_all(&mut peer).await);
        }
        taken
    });
    let transport = builder.max_connections(count(1)).build().unwrap();
    let message = "From: s@x.example\r\n\r\nhi\r\n";
    for recipients in [
        &["a@x.example", "b@y.example"][..],
        &["c@y.example"],
        &["d@z.example"],
    ] {
        let report = transport.send(&submission_of(message, recipients)).await;
        assert!(report.all_accepted(), "{report}");
    }
    drop(transport);
    assert_eq!(server.await.unwrap(), [1, 2, 1]);
}

#[tokio::test]
async fn a_greylisted_recipient_is_accepted_on_another_try() {
    let (listener, builder) = listen().await;
    let clock = Stepped::new();
    let told = Arc::new(Notify::new());
    let telling = Arc::clone(&told);
    let watch = Arc::clone(&clock);
    let server = tokio::spawn(async move {
        let mut peer = accept(&listener).await;
        greet(&mut peer, "PIPELINING").await;
        peer.exchange("MAIL", "250\r\n").await;
        let greylisted = "451 4.7.1 Greylisted, try again in 300 seconds\r\n";
        peer.exchange("RCPT", greylisted).await;
        peer.exchange("DATA", "503 5.5.1 nobody\r\n").await;
        let refused = watch.now();
        telling.notify_one();
        peer.exchange("RSET", "250\r\n").await;
        let waited = watch.now().duration_since(refused).unwrap();
        (waited, take_all(&mut peer).await)
    });
    // Only the pause between the tries is on the clock that is set by hand.
    let smtp = builder.build().unwrap();
    let retry = Retry::new(
        Arc::new(smtp),
        Arc::clone(&clock) as Arc<dyn Clock>,
        Arc::new(SystemEntropy::new()),
    )
    .max_total(Duration::from_secs(86_400_000))
    .max_wait(Duration::from_secs(400));
    let sending = tokio::spawn(async move { retry.send(&submission()).await });
    told.notified().await;
    // The wait begins once the refusal has been read.
    while !sending.is_finished() {
        tokio::task::yield_now().await;
        clock.advance(Duration::from_secs(1));
    }
    let report = sending.await.unwrap();
    assert!(report.all_accepted(), "{report}");
    let (waited, taken) = server.await.unwrap();
    assert!(
        waited >= Duration::from_secs(300),
        "no sooner than asked for"
    );
    assert_eq!(taken, 1);
}
