//! Everything that a server can do to a client in a session, through both doors: one line each.

mod rows;
mod smtplib;

use std::time::Duration;

use letterhead_identity::{Profile, Subject};
use letterhead_mail::report::TlsFailure;
use letterhead_mail::{Outcome, Phase, Report, Submission, Transport as _};
use letterhead_simulator::behaviour::{Act, Behaviour, Stage, When};
use letterhead_simulator::{
    Front, Pace, Password, Receiver, ServeLimits, ServeOptions, Served, SessionRecord, Simulator,
    TlsFault,
};
use letterhead_transport::{
    Credentials, Endpoint, RootCertificates, Security, SmtpTransport, TlsSettings,
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use self::rows::{Host, Row, Told, rows};
use crate::common::{FRONT, address, builder, events, name, send, submission};

const FROM: &str = "billing@yourcompany.example";
const HOST: &str = "mx.sim.example";
/// Long enough for a busy machine, and the end of a test that hangs.
const LONG: Duration = Duration::from_secs(60);

fn world(row: &Row) -> Simulator {
    let at = "192.0.2.40".parse().unwrap();
    match &row.host {
        Host::Receiver(change) => {
            let receiver = Receiver::new(name(HOST), at)
                .triggers(name("sim.example"))
                .catch_all();
            builder(7).receiver(change(receiver)).build()
        }
        Host::Front(change) => {
            let profile = Profile::built_in("amazon-ses").unwrap();
            let front = Front::new(name(HOST), at, profile)
                .login("user", Password::new("secret"))
                .verified(Subject::Address(address(FROM)));
            builder(7).front(change(front)).build()
        }
    }
    .unwrap()
}

fn mail(row: &Row) -> Submission {
    let sender = format!("{}@sim.example", row.sender);
    let recipient = match row.host {
        Host::Receiver(_) => format!("{}@sim.example", row.recipient),
        Host::Front(_) => "joe@receiver.example".to_owned(),
    };
    submission(&sender, FROM, &[&recipient])
}

fn told(report: &Report) -> Told {
    let row = &report.rows()[0];
    let code = row.reply().map(|reply| reply.code().get());
    (row.outcome(), row.phase(), code)
}

/// What there is to compare once all attempts of a row are over.
#[derive(Debug, PartialEq)]
struct Aftermath {
    events: Vec<String>,
    kept: Vec<(String, usize)>,
    transcripts: Vec<String>,
}

impl Aftermath {
    async fn of(simulator: &Simulator, sessions: usize) -> Self {
        let recorded = async {
            while simulator.sessions().len() < sessions {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        let recorded = tokio::time::timeout(LONG, recorded).await;
        recorded.expect("each session is recorded");
        let transcript = |session: &SessionRecord| session.transcript.to_string();
        Self {
            events: events(simulator),
            kept: kept(simulator),
            transcripts: simulator.sessions().iter().map(transcript).collect(),
        }
    }
}

fn kept(simulator: &Simulator) -> Vec<(String, usize)> {
    let kept = |mailbox| (format!("{mailbox}"), simulator.mails_of(mailbox).len());
    simulator.mailboxes().iter().map(kept).collect()
}

fn transport(served: &Served, security: Security, password: Option<&str>) -> SmtpTransport {
    let address = match security {
        Security::ImplicitTls => served.tls_address(&name(HOST)),
        _ => served.address(&name(HOST)),
    };
    let address = address.unwrap();
    let endpoint = Endpoint::new(HOST, address.port(), security)
        .unwrap()
        .address(address);
    let roots = RootCertificates::from_pem(served.ca_certificate_pem().as_bytes()).unwrap();
    let builder = SmtpTransport::builder(endpoint).tls(TlsSettings::with_roots(&roots).unwrap());
    match password {
        Some(password) => builder.credentials(Credentials::new("user", password.into())),
        None => builder,
    }
    .build()
    .unwrap()
}

async fn on_socket(served: &Served, row: &Row) -> Report {
    let transport = match row.host {
        Host::Receiver(_) => transport(served, Security::Opportunistic, None),
        Host::Front(_) => transport(served, Security::StartTls, Some("secret")),
    };
    let report = transport.send(&mail(row)).await;
    transport.close().await;
    report
}

async fn all_on_socket(row: &Row, options: &ServeOptions) -> (Vec<Told>, Simulator) {
    let simulator = world(row);
    let served = simulator.serve_at(options).await.unwrap();
    let mut heard = Vec::new();
    for _ in &row.told {
        let report = tokio::time::timeout(LONG, on_socket(&served, row)).await;
        heard.push(told(&report.expect("the client comes to an end")));
        // A client that breaks off is gone before its session is over.
        let sessions = heard.len();
        Aftermath::of(&simulator, sessions).await;
    }
    (heard, simulator)
}

fn all_in_memory(row: &Row) -> (Vec<Told>, Simulator) {
    let simulator = world(row);
    let heard = row
        .told
        .iter()
        .map(|_| told(&send(&simulator, HOST, &mail(row))));
    (heard.collect(), simulator)
}

#[tokio::test]
async fn every_behaviour_is_the_same_through_both_doors() {
    let mut differences = Vec::new();
    for row in rows() {
        let (heard_inside, inside) = all_in_memory(&row);
        let inside = Aftermath::of(&inside, row.told.len()).await;
        let (heard_outside, outside) = all_on_socket(&row, &ServeOptions::new()).await;
        let outside = Aftermath::of(&outside, row.told.len()).await;
        let (what, told) = (&row.what, &row.told);
        if heard_inside != *told || heard_outside != *told || inside != outside {
            differences.push(format!(
                "{what}: {told:?} wanted\n- in memory {heard_inside:?} {inside:#?}\n- on a socket {heard_outside:?} \
                 {outside:#?}"
            ));
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n\n"));
}

#[tokio::test]
async fn however_the_octets_come_and_go_the_outcome_is_the_same() {
    let none = Duration::ZERO;
    for pace in [
        Pace::new().writing(1, none),
        Pace::new().splitting([1, 3, 4, 5, 60], Duration::from_millis(1)),
        Pace::new()
            .writing(100, none)
            .reading(7, Duration::from_micros(1)),
    ] {
        let options = ServeOptions::new().pace(name(HOST), pace.clone());
        for row in rows().into_iter().filter(Row::is_quick) {
            let (heard, inside) = all_in_memory(&row);
            let (heard_outside, outside) = all_on_socket(&row, &options).await;
            assert_eq!(heard, heard_outside, "{} with {pace:?}", row.what);
            assert_eq!(kept(&inside), kept(&outside), "{} with {pace:?}", row.what);
        }
    }
}

#[tokio::test]
async fn a_handshake_that_is_never_answered_ends_with_the_time_for_it() {
    let receiver = Receiver::new(name(HOST), "192.0.2.40".parse().unwrap())
        .catch_all()
        .tls_fault(TlsFault::Silent);
    let simulator = builder(7).receiver(receiver).build().unwrap();
    let limits = ServeLimits::new().line(Duration::from_millis(300));
    let options = ServeOptions::new().limits(limits);
    let served = simulator.serve_at(&options).await.unwrap();
    let one = submission(FROM, FROM, &["ada@mx.sim.example"]);
    let inside = send(&simulator, HOST, &one);
    assert_eq!(told(&inside), (Outcome::Deferred, Phase::Tls, None));
    for security in [Security::StartTls, Security::ImplicitTls] {
        let transport = transport(&served, security, None);
        let report = tokio::time::timeout(LONG, transport.send(&one)).await;
        let report = report.expect("the server gives up");
        assert_eq!(told(&report), (Outcome::Deferred, Phase::Tls, None));
        assert_eq!(report.rows()[0].tls_failure(), Some(TlsFailure::Handshake));
    }
    let after = Aftermath::of(&simulator, 3).await;
    let note = "S: (there is no TLS: the handshake failed)\n";
    assert!(
        after.transcripts.iter().all(|text| text.ends_with(note)),
        "{after:#?}"
    );
}

#[tokio::test]
async fn a_host_without_newer_tls_speaks_the_older() {
    let receiver = Receiver::new(name(HOST), "192.0.2.40".parse().unwrap())
        .catch_all()
        .tls_fault(TlsFault::OnlyTls12);
    let simulator = builder(7).receiver(receiver).build().unwrap();
    let served = simulator.serve().await.unwrap();
    let one = submission(FROM, FROM, &["ada@mx.sim.example"]);
    for security in [Security::StartTls, Security::ImplicitTls] {
        let report = transport(&served, security, None).send(&one).await;
        let protocol = report.rows()[0]
            .tls()
            .map(|facts| facts.protocol().to_owned());
        assert_eq!(protocol.as_deref(), Some("TLSv1.2"), "{report}");
    }
}

/// Mail between hosts goes on without a look at certificates, and waits where there is no TLS.
#[test]
fn hosts_pass_mail_on_to_those_whose_certificates_are_wrong() {
    for (fault, kept) in [(TlsFault::SelfSigned, 1), (TlsFault::Garbage, 0)] {
        let profile = Profile::built_in("amazon-ses").unwrap();
        let front = Front::new(name(FRONT), "192.0.2.41".parse().unwrap(), profile)
            .login("user", Password::new("secret"))
            .verified(Subject::Address(address(FROM)));
        let receiver = Receiver::new(name(HOST), "192.0.2.40".parse().unwrap())
            .mailbox(address("ada@sim.example"))
            .tls_fault(fault);
        let simulator = builder(7).front(front).receiver(receiver).build().unwrap();
        let one = submission(FROM, FROM, &["ada@sim.example"]);
        assert!(send(&simulator, FRONT, &one).all_accepted());
        assert_eq!(
            simulator.mails_of(&address("ada@sim.example")).len(),
            kept,
            "{fault}"
        );
        let is_put_off = events(&simulator)
            .iter()
            .any(|event| event.contains("tries again"));
        assert_eq!(is_put_off, kept == 0, "{fault}");
    }
}

#[test]
fn a_client_waits_no_longer_than_it_should_at_any_point() {
    for (stage, outcome, phase) in [
        (Stage::Greeting, Outcome::Deferred, Phase::Greeting),
        (Stage::Ehlo, Outcome::Deferred, Phase::Ehlo),
        (Stage::StartTls, Outcome::Deferred, Phase::Tls),
        // Sender, recipient and all of the content are in one flight.
        (Stage::Sender, Outcome::InDoubt, Phase::Final),
        (Stage::EndOfData, Outcome::InDoubt, Phase::Final),
        (Stage::Quit, Outcome::Accepted, Phase::Final),
    ] {
        let late = Act::Wait(Duration::from_hours(1));
        let receiver = Receiver::new(name(HOST), "192.0.2.40".parse().unwrap())
            .catch_all()
            .answers(Behaviour::new().rule(stage, When::Always, late));
        let simulator = builder(7).receiver(receiver).build().unwrap();
        let report = send(
            &simulator,
            HOST,
            &submission(FROM, FROM, &["ada@mx.sim.example"]),
        );
        let row = &report.rows()[0];
        assert_eq!(
            (row.outcome(), row.phase()),
            (outcome, phase),
            "{stage}: {report}"
        );
    }
}

/// Our own client sends a message in one chunk.
#[tokio::test]
async fn a_client_that_sends_chunks_meets_what_they_are_answered_with() {
    let receiver =
        Receiver::new(name(HOST), "192.0.2.40".parse().unwrap()).triggers(name("sim.example"));
    let simulator = builder(7).receiver(receiver).build().unwrap();
    let served = simulator.serve().await.unwrap();
    for (word, last) in [
        ("chunk-452-4.3.1", "452 4.3.1 the receiving system is full"),
        ("data-451", "451 as the address asks"),
        ("drop-at-chunk", "250 2.1.5 recipient fine"),
        ("discard", "250 2.0.0 3 octets so far"),
    ] {
        let mut stream = TcpStream::connect(served.address(&name(HOST)).unwrap())
            .await
            .unwrap();
        let dialogue = format!(
            "EHLO c.example\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<{word}@sim.example>\r\nBDAT 3\r\nx\r\n"
        );
        stream.write_all(dialogue.as_bytes()).await.unwrap();
        stream.shutdown().await.unwrap();
        let mut said = String::new();
        let read = tokio::time::timeout(LONG, stream.read_to_string(&mut said)).await;
        read.expect("the connection ends").unwrap();
        assert_eq!(said.lines().last(), Some(last), "{word}: {said}");
    }
    let hung_up = events(&simulator);
    assert!(
        hung_up.iter().any(|event| event
            .ends_with("hung up on drop-at-chunk@sim.example, mail from <a@b.example>")),
        "{hung_up:#?}"
    );
}
