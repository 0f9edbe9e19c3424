//! The JSON API.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::json;
use tokio::io::AsyncReadExt as _;

use crate::http::{ask, delete, get, open, post};
use crate::{deliver, reaching, serve, world};

#[tokio::test]
async fn mails_are_listed_shown_and_deleted() {
    let simulator = world();
    let served = serve(&simulator).await;
    let at = served.address();
    assert_eq!(get(at, "/api/mails").await.json(), json!([]));
    deliver(&simulator, "ada@x.example", "Subject: One\n\nHello\n");
    let attached = "Subject: =?utf-8?Q?Zw=C3=B6lf?=\nMIME-Version: 1.0\n\
        Content-Type: multipart/mixed; boundary=b\n\n--b\n\nText\n--b\nContent-Type: application/pdf\n\
        Content-Disposition: attachment; filename=a.pdf\nContent-Transfer-Encoding: base64\n\nJVBERi0=\n--b--\n";
    deliver(&simulator, "joe@y.example", attached);

    let all = get(at, "/api/mails").await.json();
    let subjects: Vec<&str> = all
        .as_array()
        .unwrap()
        .iter()
        .map(|mail| mail["subject"].as_str().unwrap())
        .collect();
    assert_eq!(subjects, ["Zwölf", "One"], "the newest first");
    for (path, count) in [
        ("/api/mails?recipient=ADA@x", 1),
        ("/api/mails?subject=zw%C3%B6lf", 1),
        ("/api/mails?sender=bounces&recipient=example", 2),
        ("/api/mails?subject=three", 0),
        ("/api/mails?after=1", 1),
    ] {
        assert_eq!(
            get(at, path).await.json().as_array().unwrap().len(),
            count,
            "{path}"
        );
    }

    let mail = get(at, "/api/mails/2").await.json();
    assert_eq!(mail["text"], "Text");
    assert_eq!(mail["has_html"], false);
    assert_eq!(
        mail["attachments"],
        json!([{"place": 0, "name": "a.pdf", "type": "application/pdf", "size": 5}])
    );
    assert_eq!(mail["verdicts"][0]["method"], "spf");
    assert!(
        mail["transcript"]
            .as_str()
            .unwrap()
            .contains("C: RCPT TO:<joe@y.example>")
    );
    assert_eq!(mail["events"].as_array().unwrap().len(), 2, "{mail}");
    assert!(
        mail["headers"]
            .as_array()
            .unwrap()
            .contains(&json!(["To", "joe@y.example"]))
    );
    let source = get(at, "/api/mails/2/source").await;
    assert_eq!(
        source.body.as_bytes(),
        simulator.mails()[1].1.message.as_bytes()
    );
    let file = get(at, "/api/mails/2/attachments/0").await;
    assert_eq!((file.status, file.body.as_str()), (200, "%PDF-"));
    assert!(
        file.head.contains("content-disposition: attachment"),
        "{}",
        file.head
    );

    for path in [
        "/api/mails/3",
        "/api/mails/3/source",
        "/api/mails/2/html",
        "/api/mails/2/attachments/1",
        "/nothing",
    ] {
        let answer = get(at, path).await;
        assert_eq!(answer.status, 404, "{path}");
        assert!(answer.json()["remedy"].is_string(), "{path}");
    }
    for path in [
        "/api/mails/one",
        "/api/mails?after=x",
        "/api/mails/2/attachments/-1",
        "/api/wait?timeout=soon",
    ] {
        let answer = get(at, path).await;
        assert_eq!(answer.status, 400, "{path}");
        assert!(answer.json()["remedy"].is_string(), "{path}");
    }
    assert_eq!(delete(at, "/api/mails/1").await.status, 204);
    assert_eq!(delete(at, "/api/mails/1").await.status, 404);
    assert_eq!(delete(at, "/api/mails").await.json(), json!({"deleted": 1}));
    assert!(simulator.mailboxes().is_empty());
}

#[tokio::test]
async fn who_waits_gets_the_mail_that_comes() {
    let simulator = world();
    let served = serve(&simulator).await;
    let at = served.address();
    deliver(&simulator, "ada@x.example", "Subject: One\n\nHello\n");
    let there = get(at, "/api/wait?recipient=ada@x.example").await;
    assert_eq!(there.json()["subject"], "One");
    let waiting = tokio::spawn(async move { get(at, "/api/wait?subject=two&timeout=60").await });
    // Whether it comes before the question or after it, it is found.
    tokio::time::sleep(Duration::from_millis(20)).await;
    deliver(&simulator, "ada@x.example", "Subject: Two\n\nHello\n");
    assert_eq!(waiting.await.unwrap().json()["id"], 2);
    let none = get(at, "/api/wait?subject=three&timeout=0").await;
    assert_eq!(none.status, 408);
    assert!(
        none.json()["error"]
            .as_str()
            .unwrap()
            .contains("there are 2 others")
    );
    let waiting = tokio::spawn(async move { get(at, "/api/wait?subject=four&timeout=60").await });
    tokio::time::sleep(Duration::from_millis(20)).await;
    drop(served);
    // What waits ends with the server, in words or without.
    let _ended = waiting.await;
}

#[tokio::test]
async fn faults_hold_until_they_are_withdrawn() {
    let simulator = world();
    let served = serve(&simulator).await;
    let at = served.address();
    let injected = post(
        at,
        "/api/faults",
        r#"{"recipient":"Ada@x.example","behaviour":"discard"}"#,
    )
    .await;
    assert_eq!(injected.status, 201);
    let id = injected.json()["id"].as_str().unwrap().to_owned();
    post(
        at,
        "/api/faults",
        r#"{"recipient":"y.example","behaviour":"discard"}"#,
    )
    .await;
    assert_eq!(
        get(at, "/api/faults")
            .await
            .json()
            .as_array()
            .unwrap()
            .len(),
        2
    );
    for to in ["ada+label@x.example", "joe@y.example", "joe@x.example"] {
        deliver(&simulator, to, "Subject: One\n\nHello\n");
    }
    let kept: Vec<String> = simulator
        .mailboxes()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(kept, ["joe@x.example"]);
    assert_eq!(delete(at, &format!("/api/faults/{id}")).await.status, 204);
    assert_eq!(delete(at, &format!("/api/faults/{id}")).await.status, 404);
    deliver(&simulator, "ada@x.example", "Subject: One\n\nHello\n");
    assert_eq!(simulator.mailboxes().len(), 2);
    for body in [
        "",
        "{",
        "[]",
        r#"{"recipient":"x.example"}"#,
        r#"{"recipient":"a b@x.example","behaviour":"discard"}"#,
        r#"{"recipient":"x.example","behaviour":"dance"}"#,
        r#"{"recipient":"x.example","behaviour":"discard","more":1}"#,
    ] {
        let answer = post(at, "/api/faults", body).await;
        assert!((400..500).contains(&answer.status), "{body}: {answer:?}");
        assert!(answer.json()["remedy"].is_string(), "{body}");
    }
}

#[tokio::test]
async fn events_are_told_as_they_happen_and_from_where_a_client_was() {
    let simulator = world();
    let served = serve(&simulator).await;
    let at = served.address();
    deliver(&simulator, "ada@x.example", "Subject: One\n\nHello\n");
    let known = get(at, "/api/events").await.json();
    assert_eq!(known.as_array().unwrap().len(), 2);
    let fields = format!("Host: {at}\r\nLast-Event-ID: 1\r\n");
    let mut stream = open(at, "GET", "/api/stream", &fields, "").await;
    let mut told = String::new();
    let mut buffer = [0; 4_096];
    while !told.contains("id: 2\n") {
        let length = stream.read(&mut buffer).await.unwrap();
        told.push_str(std::str::from_utf8(&buffer[..length]).unwrap());
    }
    assert!(told.contains("stored in ada@x.example"), "{told}");
    assert!(!told.contains("id: 1\n"), "{told}");
    deliver(&simulator, "joe@x.example", "Subject: Two\n\nHello\n");
    while !told.contains("id: 4\n") {
        let length = stream.read(&mut buffer).await.unwrap();
        told.push_str(std::str::from_utf8(&buffer[..length]).unwrap());
    }
    drop(served);
    while stream
        .read(&mut buffer)
        .await
        .is_ok_and(|length| length > 0)
    {}
}

#[tokio::test]
async fn only_this_machine_and_the_page_itself_are_answered() {
    let simulator = world();
    let served = serve(&simulator).await;
    let at = served.address();
    deliver(&simulator, "ada@x.example", "Subject: One\n\nHello\n");
    for host in ["evil.example", "localhost", "", "127.0.0.1:1"] {
        let answer = ask(at, "GET", "/api/mails", &format!("Host: {host}\r\n"), "").await;
        assert_eq!(answer.status, 421, "{host}");
        assert!(!answer.body.contains("ada"), "{host}");
    }
    let own = format!("Host: {at}\r\n");
    for origin in ["http://evil.example", "null", "https://127.0.0.1", ""] {
        let fields = format!("{own}Origin: {origin}\r\n");
        let answer = ask(at, "DELETE", "/api/mails", &fields, "").await;
        assert_eq!(answer.status, 403, "{origin}");
    }
    // What a form of another page can send without being asked about.
    let fields = format!("{own}Content-Type: text/plain\r\n");
    let fault = r#"{"recipient":"x.example","behaviour":"discard"}"#;
    assert_eq!(
        ask(at, "POST", "/api/faults", &fields, fault).await.status,
        415
    );
    assert_eq!(simulator.mails().len(), 1);
    let fields = format!("{own}Origin: http://{at}\r\n");
    assert_eq!(
        ask(at, "DELETE", "/api/mails", &fields, "").await.status,
        200
    );
    for path in ["/", "/script.js", "/api/mails", "/nothing"] {
        let head = get(at, path).await.head;
        assert!(
            head.contains("content-security-policy: default-src 'none'"),
            "{path}: {head}"
        );
        assert!(!head.contains("access-control-allow-origin"), "{path}");
    }
    let page = get(at, "/").await.body;
    assert!(
        !page.contains("http://") && !page.contains("https://"),
        "nothing lies elsewhere"
    );
}

#[tokio::test]
async fn html_comes_with_a_policy_that_lets_it_do_nothing() {
    let simulator = world();
    let served = serve(&simulator).await;
    deliver(
        &simulator,
        "ada@x.example",
        &reaching(SocketAddr::from(([127, 0, 0, 1], 9))),
    );
    let answer = get(served.address(), "/api/mails/1/html").await;
    assert!(
        answer
            .head
            .contains("content-security-policy: sandbox; default-src 'none';"),
        "{}",
        answer.head
    );
    assert!(answer.body.contains("<h1>Hello</h1>"));
}

#[tokio::test]
async fn it_listens_on_loopback_only_and_closes_when_it_is_dropped() {
    let simulator = world();
    for far in ["0.0.0.0:0", "192.0.2.1:0", "[::]:0"] {
        let error = simulator.serve_web(far.parse().unwrap()).await.unwrap_err();
        assert!(error.to_string().contains("cannot be set up"), "{error}");
    }
    let served = serve(&simulator).await;
    let at = served.address();
    let taken = simulator.serve_web(at).await;
    assert!(taken.is_err());
    drop(served);
    while tokio::net::TcpStream::connect(at).await.is_ok() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn time_is_moved_and_what_is_due_happens() {
    let simulator = world();
    let served = serve(&simulator).await;
    let at = served.address();
    let start = get(at, "/api/clock").await.json();
    assert_eq!(start, json!({"time": 1_800_000_000, "next_due": null}));
    deliver(&simulator, "complaint@x.example", "Subject: One\n\nHello\n");
    let planned = get(at, "/api/clock").await.json();
    assert_eq!(planned["next_due"], 1_800_007_200);
    let moved = post(at, "/api/clock", r#"{"advance_seconds":345600}"#).await;
    assert_eq!(moved.status, 200);
    let moved = moved.json();
    assert_eq!(moved["time"], 1_800_345_600);
    assert_eq!(moved["next_due"], json!(null));
    assert!(moved["events"].as_u64().unwrap() >= 2, "{moved}");
    let complaint = get(
        at,
        "/api/wait?recipient=bounces@yourcompany.example&timeout=0",
    )
    .await;
    assert_eq!(complaint.status, 200, "{complaint:?}");
    for (body, status) in [
        ("", 400),
        ("{}", 422),
        (r#"{"advance_seconds":-1}"#, 422),
        (r#"{"advance_seconds":"soon"}"#, 422),
        (r#"{"advance_seconds":99999999999}"#, 422),
    ] {
        let answer = post(at, "/api/clock", body).await;
        assert_eq!(answer.status, status, "{body}");
        assert!(answer.json()["remedy"].is_string(), "{body}");
    }
    assert_eq!(get(at, "/api/clock").await.json()["time"], 1_800_345_600);
}

#[tokio::test]
async fn lookups_fail_and_records_change_while_it_runs() {
    let simulator = world();
    let served = serve(&simulator).await;
    let at = served.address();
    let dns = |text: &'static str| async move {
        let fields = format!("Host: {at}\r\nContent-Type: text/dns\r\n");
        ask(at, "PUT", "/api/dns", &fields, text).await
    };
    let spf = |number: u64| async move {
        let mail = get(at, &format!("/api/mails/{number}")).await.json();
        mail["verdicts"][0]["result"].as_str().unwrap().to_owned()
    };
    let published = dns("yourcompany.example. TXT \"v=spf1 +all\"\n").await;
    assert_eq!(published.json(), json!({"published": 1, "replaced": []}));
    deliver(&simulator, "ada@x.example", "Subject: One\n\nHello\n");
    assert_eq!(spf(1).await, "pass");
    let replaced = dns("yourcompany.example. TXT \"v=spf1 ~all\"\n")
        .await
        .json();
    assert_eq!(
        replaced["replaced"][0],
        "yourcompany.example. 3600 IN TXT \"v=spf1 +all\""
    );
    deliver(&simulator, "ada@x.example", "Subject: Two\n\nHello\n");
    assert_eq!(spf(2).await, "softfail");
    let mut number = 2;
    for (fault, result) in [
        ("servfail", "temperror"),
        ("timeout", "temperror"),
        ("nxdomain", "none"),
    ] {
        let body = format!(r#"{{"name":"yourcompany.example","type":"txt","fault":"{fault}"}}"#);
        let set = post(at, "/api/dns/faults", &body).await;
        assert_eq!(set.status, 201, "{set:?}");
        let known = json!([{"name": "yourcompany.example.", "type": "TXT", "fault": fault}]);
        assert_eq!(get(at, "/api/dns/faults").await.json(), known);
        deliver(&simulator, "ada@x.example", "Subject: More\n\nHello\n");
        number += 1;
        assert_eq!(spf(number).await, result, "{fault}");
    }
    let text = get(at, "/api/dns").await.body;
    assert!(
        text.contains(";fault yourcompany.example. TXT nxdomain\n"),
        "{text}"
    );
    let path = "/api/dns/faults/yourcompany.example./TXT";
    assert_eq!(delete(at, path).await.status, 204);
    assert_eq!(delete(at, path).await.status, 404);
    assert_eq!(delete(at, "/api/dns/faults/a..b/TXT").await.status, 404);
    for body in [
        "{",
        r#"{"name":"a..b","type":"TXT","fault":"servfail"}"#,
        r#"{"name":"a.b","type":"TEXT","fault":"servfail"}"#,
        r#"{"name":"a.b","type":"TXT","fault":"slow"}"#,
    ] {
        let answer = post(at, "/api/dns/faults", body).await;
        assert!((400..500).contains(&answer.status), "{body}: {answer:?}");
        assert!(answer.json()["remedy"].is_string(), "{body}");
    }
    let wrong = dns("yourcompany.example. TXT \"no end").await;
    assert_eq!(wrong.status, 422);
    assert!(
        wrong.json()["error"].as_str().unwrap().contains("line 1"),
        "{wrong:?}"
    );
    let fields = format!("Host: {at}\r\nContent-Type: text/plain\r\n");
    assert_eq!(ask(at, "PUT", "/api/dns", &fields, "").await.status, 415);
}

#[tokio::test]
async fn a_mails_own_pictures_are_in_its_html() {
    let simulator = world();
    let served = serve(&simulator).await;
    let at = served.address();
    deliver(&simulator, "ada@x.example", crate::WITH_PICTURES);
    let html = get(at, "/api/mails/1/html").await;
    assert!(html.head.contains("img-src data:;"), "{}", html.head);
    assert!(
        html.body
            .contains("src=\"data:image/png;base64,iVBORw0KGgo"),
        "{}",
        html.body
    );
    assert!(html.body.contains("src=\"cid:drawing\""), "{}", html.body);
    assert!(html.body.contains("src=\"cid:nothing\""), "{}", html.body);
    assert!(!html.body.contains("<svg"), "{}", html.body);
}
