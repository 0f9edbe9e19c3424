//! The door with sockets, and that both doors lead into the same house.

use std::net::SocketAddr;
use std::time::Duration;

use letterhead_mail::envelope::{ReturnContent, TlsRequirement};
use letterhead_mail::{
    Envelope, Notify, Outcome, Phase, Recipient, Report, Submission, Transport as _,
};
use letterhead_simulator::{Served, Simulator};
use letterhead_transport::{
    Credentials, Endpoint, RootCertificates, Security, SmtpTransport, TlsSettings,
};
use lettre::transport::smtp::authentication::Credentials as LettreCredentials;
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::common::{
    FRONT, RECEIVER, address, events, front, name, provider, publish_tokens, send, submission,
};

const FROM: &str = "billing@yourcompany.example";
const RETURN: &str = "bounces@yourcompany.example";

fn submissions() -> Vec<Submission> {
    vec![
        submission(
            RETURN,
            FROM,
            &["joe@receiver.example", "nobody@receiver.example"],
        ),
        submission(RETURN, "evil@other.example", &["joe@receiver.example"]),
        submission(
            RETURN,
            FROM,
            &[
                "bounce@simulator.amazonses.com",
                "complaint@simulator.amazonses.com",
            ],
        ),
        submission("", FROM, &["ann@receiver.example", "x@nowhere.example"]),
    ]
}

pub(crate) fn smtp(served: &Served, host: &str, password: &str) -> SmtpTransport {
    let endpoint = Endpoint::new(host, 587, Security::StartTls)
        .unwrap()
        .address(served.address(&name(host)).unwrap());
    let roots = RootCertificates::from_pem(served.ca_certificate_pem().as_bytes()).unwrap();
    let builder = SmtpTransport::builder(endpoint).tls(TlsSettings::with_roots(&roots).unwrap());
    match password {
        "" => builder.build().unwrap(),
        password => builder
            .credentials(Credentials::new("user", password.into()))
            .build()
            .unwrap(),
    }
}

fn outcomes(report: &Report) -> Vec<(Outcome, Phase)> {
    report
        .rows()
        .iter()
        .map(|row| (row.outcome(), row.phase()))
        .collect()
}

/// Everything that is to be the same behind both doors.
fn aftermath(simulator: &Simulator) -> (Vec<String>, Vec<String>) {
    simulator.advance(Duration::from_hours(3));
    let mails = simulator
        .mailboxes()
        .into_iter()
        .flat_map(|mailbox| simulator.mails_of(&mailbox));
    (
        events(simulator),
        mails
            .map(|mail| String::from_utf8_lossy(mail.message.as_bytes()).into_owned())
            .collect(),
    )
}

#[tokio::test]
async fn both_doors_lead_to_the_same() {
    let (inside, outside) = (provider(7), provider(7));
    publish_tokens(&inside, "yourcompany.example");
    publish_tokens(&outside, "yourcompany.example");
    let served = outside.serve().await.unwrap();
    let transport = smtp(&served, FRONT, "secret");
    for submission in submissions() {
        let report = send(&inside, FRONT, &submission);
        assert_eq!(
            outcomes(&report),
            outcomes(&transport.send(&submission).await)
        );
    }
    let ((inside, inside_mails), (outside, outside_mails)) =
        (aftermath(&inside), aftermath(&outside));
    assert_eq!(inside, outside);
    assert!(inside.len() > 12, "{inside:#?}");
    // The clients call themselves by different addresses, and the first Received field says so.
    let outside_mails: Vec<String> = outside_mails
        .iter()
        .map(|mail| mail.replace("from [127.0.0.1] (", "from [203.0.113.7] ("))
        .collect();
    assert_eq!(inside_mails, outside_mails);
}

#[tokio::test]
async fn what_is_asked_of_reports_arrives_through_both_doors() {
    let (inside, outside) = (provider(7), provider(7));
    let served = outside.serve().await.unwrap();
    let joe = Recipient::from(address("joe@receiver.example"))
        .with_notify(Notify::SUCCESS.and(Notify::DELAY))
        .with_original(address("team+joe@elsewhere.example"));
    let ann = Recipient::from(address("ann@receiver.example")).with_notify(Notify::NEVER);
    let envelope = Envelope::new(address("a@b.example"), [joe, ann])
        .unwrap()
        .with_id("invoice 4711+1".parse().unwrap())
        .with_return_content(ReturnContent::Headers);
    let mut one = submission("a@b.example", "a@b.example", &["joe@receiver.example"]);
    one.envelope = envelope.clone();
    assert!(send(&inside, RECEIVER, &one).all_accepted());
    assert!(smtp(&served, RECEIVER, "").send(&one).await.all_accepted());
    for simulator in [&inside, &outside] {
        for mailbox in ["joe@receiver.example", "ann@receiver.example"] {
            assert_eq!(simulator.mails_of(&address(mailbox))[0].envelope, envelope);
        }
    }
}

#[tokio::test]
async fn tls_on_every_hop_is_promised_by_receivers_and_not_by_fronts() {
    let simulator = provider(7);
    let served = simulator.serve().await.unwrap();
    let mut one = submission(RETURN, FROM, &["joe@receiver.example"]);
    one.envelope = one.envelope.with_tls(TlsRequirement::EveryHop);
    assert!(smtp(&served, RECEIVER, "").send(&one).await.all_accepted());
    let mails = simulator.mails_of(&address("joe@receiver.example"));
    assert_eq!(mails[0].envelope.tls(), TlsRequirement::EveryHop);
    let report = smtp(&served, FRONT, "secret").send(&one).await;
    assert!(!report.all_accepted(), "{report}");
    assert_eq!(
        simulator.mails_of(&address("joe@receiver.example")).len(),
        1
    );
}

#[tokio::test]
async fn a_wrong_password_and_a_receiver_that_is_no_relay() {
    let simulator = provider(1);
    let served = simulator.serve().await.unwrap();
    let one = submission(RETURN, FROM, &["joe@receiver.example"]);
    let report = smtp(&served, FRONT, "wrong").send(&one).await;
    assert_eq!(report.rows()[0].phase(), Phase::Auth, "{report:?}");
    assert!(!report.all_accepted());
    let report = smtp(&served, RECEIVER, "")
        .send(&submission(
            "a@b.example",
            "a@b.example",
            &["x@elsewhere.example"],
        ))
        .await;
    assert_eq!(outcomes(&report), [(Outcome::Rejected, Phase::Rcpt)]);
    assert_eq!(
        report.rows()[0].reply().unwrap().to_string(),
        "550 5.7.1 relaying denied"
    );
}

#[tokio::test]
async fn an_unknown_authority_is_not_believed() {
    let (one, other) = (provider(1), provider(2));
    let (served, foreign) = (one.serve().await.unwrap(), other.serve().await.unwrap());
    let endpoint = Endpoint::new(FRONT, 587, Security::StartTls)
        .unwrap()
        .address(served.address(&name(FRONT)).unwrap());
    let roots = RootCertificates::from_pem(foreign.ca_certificate_pem().as_bytes()).unwrap();
    let transport = SmtpTransport::builder(endpoint)
        .tls(TlsSettings::with_roots(&roots).unwrap())
        .build()
        .unwrap();
    let report = transport
        .send(&submission(RETURN, FROM, &["joe@receiver.example"]))
        .await;
    assert_eq!(outcomes(&report), [(Outcome::Deferred, Phase::Tls)]);
    assert!(one.events().is_empty());
}

#[tokio::test]
async fn lettre_delivers_with_a_password_in_the_clear_where_that_is_allowed() {
    let billing = letterhead_identity::Subject::Address(address(FROM));
    let front = front("amazon-ses").verified(billing).allow_plaintext_auth();
    let simulator = crate::common::builder(1).front(front).build().unwrap();
    let served = simulator.serve().await.unwrap();
    let address_of_front = served.address(&name(FRONT)).unwrap();
    let mailer = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous("127.0.0.1")
        .port(address_of_front.port())
        .credentials(LettreCredentials::new(
            "user".to_owned(),
            "secret".to_owned(),
        ))
        .build();
    let message = |to: &str| {
        lettre::Message::builder()
            .from(FROM.parse().unwrap())
            .to(to.parse().unwrap())
            .subject("Rechnung für März")
            .body(String::from(".Grüße\n..\n.\n"))
            .unwrap()
    };
    let response = mailer.send(message("joe@receiver.example")).await.unwrap();
    assert!(response.is_positive());
    let mails = simulator.mails_of(&address("joe@receiver.example"));
    assert_eq!(mails.len(), 1);
    let parsed = mail_parser::MessageParser::new()
        .parse(mails[0].message.as_bytes())
        .unwrap();
    assert_eq!(parsed.subject(), Some("Rechnung für März"));
    let text = parsed.body_text(0).unwrap().replace("\r\n", "\n");
    assert_eq!(text.trim_end(), ".Grüße\n..\n.");
}

async fn say(stream: &mut TcpStream, octets: &[u8]) -> String {
    stream.write_all(octets).await.unwrap();
    let mut buffer = [0; 4_096];
    let length = stream.read(&mut buffer).await.unwrap();
    String::from_utf8_lossy(buffer.get(..length).unwrap()).into_owned()
}

async fn connect(to: SocketAddr) -> TcpStream {
    let mut stream = TcpStream::connect(to).await.unwrap();
    assert!(say(&mut stream, b"").await.starts_with("220 "));
    stream
}

#[tokio::test]
async fn octets_injected_behind_starttls_do_nothing() {
    let simulator = provider(1);
    let served = simulator.serve().await.unwrap();
    let mut stream = connect(served.address(&name(RECEIVER)).unwrap()).await;
    say(&mut stream, b"EHLO c.example\r\n").await;
    let injected = b"STARTTLS\r\nMAIL FROM:<evil@b.example>\r\nRCPT TO:<joe@receiver.example>\r\n";
    assert!(say(&mut stream, injected).await.starts_with("501 5.5.2"));
    assert!(
        say(&mut stream, b"RCPT TO:<joe@receiver.example>\r\n")
            .await
            .starts_with("503")
    );
}

#[tokio::test]
async fn dropping_it_closes_every_port() {
    let simulator = provider(1);
    let served = simulator.serve().await.unwrap();
    let (smtp, dns) = (served.address(&name(RECEIVER)).unwrap(), served.dns());
    let mut open = connect(smtp).await;
    drop(served);
    assert_eq!(
        open.read(&mut [0; 16]).await.unwrap_or(0),
        0,
        "open connections end"
    );
    while TcpStream::connect(smtp).await.is_ok() || TcpStream::connect(dns).await.is_ok() {
        tokio::task::yield_now().await;
    }
    assert!(std::net::UdpSocket::bind(dns).is_ok());
    assert!(
        simulator.serve().await.is_ok(),
        "and it can be served again"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_at_once_while_time_passes() {
    let simulator = provider(1);
    let served = simulator.serve().await.unwrap();
    let mut sends = tokio::task::JoinSet::new();
    for _ in 0..40 {
        let transport = smtp(&served, FRONT, "secret");
        let to = ["joe@receiver.example", "bounce@simulator.amazonses.com"];
        let one = submission(RETURN, FROM, &to);
        sends.spawn(async move { transport.send(&one).await.all_accepted() });
    }
    while let Some(accepted) = sends.join_next().await {
        assert!(accepted.unwrap());
        simulator.advance(Duration::from_secs(7));
    }
    simulator.advance(Duration::from_secs(30));
    assert_eq!(
        simulator.mails_of(&address("joe@receiver.example")).len(),
        40
    );
    assert_eq!(simulator.mails_of(&address(RETURN)).len(), 40);
    let times = simulator.events().into_iter().map(|event| event.time);
    assert!(times.is_sorted(), "events are in the order of time");
}
