//! Unsubscribing with one click: asked of a handler where RFC 8058 allows it, and told what is wrong where it does not.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use letterhead_dkim::{PrivateKey, PublicKeyRecord, Signer, sign};
use letterhead_feedback::{
    InMemorySuppressionStore, Subscription, SuppressionList, SuppressionPolicy, SuppressionScope,
    TokenKey, TokenKeys, Unsubscribe,
};
use letterhead_mail::{Clock as _, LineEndings, Message};
use letterhead_simulator::one_click::OneClickFault;
use letterhead_simulator::{
    LoopbackHttp, OneClickHandler, OneClickRequest, Receiver, SimEventKind, Simulator,
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::common::{address, builder, name, ready, send, start, submission_of};

const READER: &str = "unsubscribe@sim.example";
const MX: &str = "mx.sim.example";

fn unsubscribe() -> Unsubscribe {
    let key = TokenKey::new(1.try_into().unwrap(), [7; 32]);
    let keys = TokenKeys::new(&key);
    Unsubscribe::new("https://mail.yourcompany.example/u/", keys).unwrap()
}

fn subscription() -> Subscription {
    Subscription::new("acme".parse().unwrap(), address(READER)).stream("news".parse().unwrap())
}

fn key() -> PrivateKey {
    PrivateKey::ed25519_from_seed(&[7; 32]).unwrap()
}

fn world(handler: impl OneClickHandler + 'static) -> Simulator {
    let record = PublicKeyRecord::for_key(&key()).to_txt();
    let zone = format!("s._domainkey.yourcompany.example. 300 TXT {record}");
    builder(7)
        .zone(zone.parse().unwrap())
        .receiver(
            Receiver::new(name(MX), "192.0.2.40".parse().unwrap()).triggers(name("sim.example")),
        )
        .one_click(name("mail.yourcompany.example"), handler)
        .build()
        .unwrap()
}

/// A newsletter with these fields, signed by its sender.
fn newsletter(fields: &str) -> Message {
    signed(&unsigned(fields))
}

fn unsigned(fields: &str) -> Message {
    let text = format!(
        "From: news@yourcompany.example\nTo: {READER}\nSubject: News\nDate: Thu, 01 Jan 2026 00:00:00 +0000\n\
         Message-ID: <1@yourcompany.example>\n{fields}\nNews.\n"
    );
    Message::from_bytes(text, LineEndings::Normalise).unwrap()
}

fn signed(message: &Message) -> Message {
    let domain = name("yourcompany.example");
    let signer = Signer::new(domain, "s".parse().unwrap(), Arc::new(key())).ed25519_alone();
    let fields = sign(message.as_bytes(), &[signer], start()).unwrap();
    let octets = [fields[0].as_str().as_bytes(), message.as_bytes()].concat();
    Message::from_bytes(octets, LineEndings::Strict).unwrap()
}

fn deliver(simulator: &Simulator, message: Message) {
    let submission = submission_of(message, "bounces@yourcompany.example", &[READER]);
    let report = send(simulator, MX, &submission);
    assert!(report.all_accepted(), "{report}");
}

/// What came of the clicks.
fn clicks(simulator: &Simulator) -> Vec<SimEventKind> {
    let kinds = simulator.events().into_iter().map(|event| event.kind);
    let is_click = |kind: &SimEventKind| {
        matches!(
            kind,
            SimEventKind::UnsubscribePosted { .. } | SimEventKind::UnsubscribeNotPosted { .. }
        )
    };
    kinds.filter(is_click).collect()
}

fn faults(fields: &str) -> Vec<OneClickFault> {
    let simulator = world(|_: &OneClickRequest| panic!("nobody is asked"));
    deliver(&simulator, newsletter(fields));
    simulator.advance(Duration::from_mins(2));
    match clicks(&simulator).as_slice() {
        [SimEventKind::UnsubscribeNotPosted { faults, .. }] => faults.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_click_unsubscribes_and_the_next_mail_is_held_back() {
    let list = SuppressionList::new(
        Arc::new(InMemorySuppressionStore::new()),
        SuppressionPolicy::default(),
    );
    let (application, acme) = (list.clone(), "acme".parse().unwrap());
    let posted: Arc<Mutex<Vec<String>>> = Arc::default();
    let log = Arc::clone(&posted);
    let later = start() + Duration::from_mins(1);
    let simulator = world(move |request: &OneClickRequest| {
        log.lock().unwrap().push(request.to_http());
        let token = request.target().strip_prefix("/u/").unwrap();
        let body = OneClickRequest::BODY.as_bytes();
        let kind = Some(OneClickRequest::CONTENT_TYPE);
        match unsubscribe().post(token, kind, body, later) {
            Ok(event) => {
                ready(Box::pin(application.record(&acme, &event, later))).unwrap();
                200
            }
            Err(error) => error.http_status(),
        }
    });
    let fields = unsubscribe().fields(&subscription(), start()).unwrap();
    let with_link = fields.put_on(&unsigned("")).unwrap();
    deliver(&simulator, signed(&with_link));
    assert!(clicks(&simulator).is_empty(), "not yet");
    simulator.advance(Duration::from_mins(1));
    let [
        SimEventKind::UnsubscribePosted {
            uri, status: 200, ..
        },
    ] = &clicks(&simulator)[..]
    else {
        panic!("{:?}", clicks(&simulator));
    };
    assert_eq!(uri, fields.url());
    let posted = posted.lock().unwrap().join("");
    assert!(posted.starts_with("POST /u/"), "{posted}");
    assert!(
        posted.contains("\r\nHost: mail.yourcompany.example\r\n"),
        "{posted}"
    );
    assert!(!posted.to_lowercase().contains("cookie"), "{posted}");

    let news = SuppressionScope::new("acme".parse().unwrap()).stream("news".parse().unwrap());
    let bills = SuppressionScope::new("acme".parse().unwrap()).stream("bills".parse().unwrap());
    let held = |scope: &SuppressionScope| {
        let now: SystemTime = simulator.clock().now();
        let reader = [address(READER)];
        let screening = list.check(scope, &reader, now);
        ready(Box::pin(screening)).unwrap().suppressed.len()
    };
    assert_eq!((held(&news), held(&bills)), (1, 0));
}

#[test]
fn what_the_rules_forbid_is_told_and_not_asked() {
    let post = "List-Unsubscribe-Post: List-Unsubscribe=One-Click\n";
    let link = "List-Unsubscribe: <https://mail.yourcompany.example/u/1>\n";
    assert_eq!(
        faults(""),
        [
            OneClickFault::Field,
            OneClickFault::PostField,
            OneClickFault::NotSigned
        ]
    );
    assert_eq!(
        faults(link),
        [OneClickFault::PostField, OneClickFault::NotSigned]
    );
    assert_eq!(
        faults(&format!("{link}{link}{post}")),
        [OneClickFault::Field]
    );
    let plain = "List-Unsubscribe: <mailto:u@yourcompany.example>\n";
    assert_eq!(
        faults(&format!("{plain}{post}")),
        [OneClickFault::HttpsUris { count: 0 }]
    );
    let other = "List-Unsubscribe: <https://elsewhere.example/u/1>\n";
    let host = name("elsewhere.example");
    assert_eq!(
        faults(&format!("{other}{post}")),
        [OneClickFault::NoHandler { host }]
    );
    // Not signed at all.
    let simulator = world(|_: &OneClickRequest| panic!("nobody is asked"));
    deliver(&simulator, unsigned(&format!("{link}{post}")));
    assert!(matches!(
        &clicks(&simulator)[..],
        [SimEventKind::UnsubscribeNotPosted { faults, .. }] if faults == &[OneClickFault::NotSigned]
    ));
}

/// An application that answers one request, and tells what it got.
async fn listening(answer: &'static str) -> (SocketAddr, tokio::task::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    let task = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = Vec::new();
        while !request.ends_with(OneClickRequest::BODY.as_bytes()) {
            let mut buffer = [0; 512];
            let length = stream.read(&mut buffer).await.unwrap();
            assert!(length > 0, "the request breaks off");
            request.extend_from_slice(&buffer[..length]);
        }
        stream.write_all(answer.as_bytes()).await.unwrap();
        String::from_utf8(request).unwrap()
    });
    (at, task)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_application_on_a_socket_is_asked_and_no_redirect_followed() {
    let fields = "List-Unsubscribe: <https://mail.yourcompany.example/u/1?a=b>\n\
                  List-Unsubscribe-Post: List-Unsubscribe=One-Click\n";
    for (answer, expected) in [
        ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", Some(200)),
        (
            "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n\r\n",
            Some(302),
        ),
        ("HTTP/1.1 500 Internal Server Error\r\n\r\n", Some(500)),
        ("220 mx.example ESMTP\r\n", None),
        ("", None),
    ] {
        let (at, request) = listening(answer).await;
        let simulator = world(LoopbackHttp::new(at).unwrap());
        deliver(&simulator, newsletter(fields));
        simulator.advance(Duration::from_mins(1));
        let request = request.await.unwrap();
        assert!(
            request.starts_with("POST /u/1?a=b HTTP/1.1\r\n"),
            "{request}"
        );
        match (&clicks(&simulator)[..], expected) {
            ([SimEventKind::UnsubscribePosted { status, .. }], Some(expected)) => {
                assert_eq!(*status, expected);
            }
            ([SimEventKind::UnsubscribeNotPosted { faults, .. }], None) => {
                assert!(
                    matches!(&faults[..], [OneClickFault::NoAnswer { .. }]),
                    "{faults:?}"
                );
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn nothing_but_loopback_is_connected_to() {
    for far in ["192.0.2.1:80", "[2001:db8::1]:80", "0.0.0.0:80"] {
        assert!(LoopbackHttp::new(far.parse().unwrap()).is_err(), "{far}");
    }
}
