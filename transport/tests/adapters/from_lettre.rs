//! lettre's transports as ours.

use letterhead_mail::{
    LineEndings, Message, NotAttemptedReason, Outcome, Phase, Report, ReversePath, Submission,
    TlsRequirement, Transport,
};
use letterhead_transport::SystemEntropy;
use letterhead_transport::adapter::lettre::{AsLettre, FromLettre, SharedOutcome};
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::stub::AsyncStubTransport;
use lettre::{AsyncSmtpTransport, Tokio1Executor};
use std::net::SocketAddr;
use std::sync::Arc;

use crate::server::Step::{self, Content, On, Say};
use crate::server::{Heard, serve};
use crate::support::{Scripted, address, outcomes, submission};

const UNSUPPORTED: Outcome = Outcome::NotAttempted(NotAttemptedReason::Unsupported);

fn smtp(server: SocketAddr) -> FromLettre<AsyncSmtpTransport<Tokio1Executor>> {
    let builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous("127.0.0.1");
    FromLettre::smtp(builder.port(server.port()).build())
}

async fn send(steps: &[Step], submission: &Submission) -> (Report, Heard) {
    let (server, heard) = serve(steps.to_vec()).await;
    let report = smtp(server).send(submission).await;
    (report, heard.await.unwrap())
}

/// Greeting to DATA for one recipient, and then this.
fn up_to_data(then: &[Step]) -> Vec<Step> {
    let mut steps = vec![
        Say("220 mx.example.org\r\n"),
        On("EHLO", "250 mx.example.org\r\n"),
        On("MAIL FROM:<s@x.example>", "250 ok\r\n"),
        On("RCPT TO:<r@x.example>", "250 ok\r\n"),
        On("DATA", "354 go\r\n"),
    ];
    steps.extend(then);
    steps
}

#[tokio::test]
async fn a_message_arrives_as_it_is() {
    let submission = submission(&["r@x.example"]);
    let steps = up_to_data(&[Content("250 2.0.0 queued as 4XyZ\r\n")]);
    let (report, heard) = send(&steps, &submission).await;
    let row = &report.rows()[0];
    assert_eq!(
        (row.outcome(), row.phase()),
        (Outcome::Accepted, Phase::Final)
    );
    assert_eq!(
        row.to_string(),
        "r@x.example accepted at final: 250 2.0.0 queued as 4XyZ"
    );
    assert_eq!(row.queue_id(), Some("4XyZ"));
    assert_eq!(
        heard.content.as_deref(),
        Some(submission.message.as_bytes())
    );
}

/// Every way in which an attempt can end, and what it proves.
#[tokio::test]
async fn an_outcome_says_what_is_proven() {
    use Outcome::{Accepted, Deferred, InDoubt, Rejected};
    let greeted = |then: &[Step]| [&[Say("220 mx\r\n"), On("EHLO", "250 mx\r\n")], then].concat();
    for (steps, expected, text) in [
        (
            up_to_data(&[Content("250 ok\r\n")]),
            (Accepted, Phase::Final),
            "ok",
        ),
        (
            up_to_data(&[Content("550 5.7.1 spam\r\n")]),
            (Rejected, Phase::Final),
            "spam",
        ),
        (
            up_to_data(&[Content("451-4.3.0 full\r\n451 4.3.0 today\r\n")]),
            (Deferred, Phase::Final),
            "full today",
        ),
        // What answers another command than the one in question.
        (
            up_to_data(&[Content("354 go\r\n")]),
            (InDoubt, Phase::Final),
            "go",
        ),
        (
            up_to_data(&[Content("220 hello\r\n")]),
            (InDoubt, Phase::Final),
            "hello",
        ),
        // Nobody can tell where these happened.
        (
            up_to_data(&[Content("")]),
            (InDoubt, Phase::Final),
            "response error: incomplete response",
        ),
        (
            up_to_data(&[Content("what?\r\n")]),
            (InDoubt, Phase::Final),
            "response error",
        ),
        (
            greeted(&[On("MAIL", "")]),
            (InDoubt, Phase::Final),
            "response error: incomplete response",
        ),
        (vec![Say("")], (InDoubt, Phase::Final), "error"),
        // Refusals, at every command.
        (
            vec![Say("554 no service\r\n")],
            (Rejected, Phase::Final),
            "no service",
        ),
        (
            vec![Say("421 later\r\n")],
            (Deferred, Phase::Final),
            "later",
        ),
        (
            greeted(&[On("MAIL", "452 4.3.1 full\r\n")]),
            (Deferred, Phase::Final),
            "full",
        ),
        (
            greeted(&[
                On("MAIL", "250 ok\r\n"),
                On("RCPT", "550 5.1.1 no such user\r\n"),
            ]),
            (Rejected, Phase::Final),
            "no such user",
        ),
        (
            greeted(&[
                On("MAIL", "250 ok\r\n"),
                On("RCPT", "250 ok\r\n"),
                On("DATA", "503 no\r\n"),
            ]),
            (Rejected, Phase::Final),
            "no",
        ),
    ] {
        let (report, _) = send(&steps, &submission(&["r@x.example"])).await;
        let row = &report.rows()[0];
        assert_eq!((row.outcome(), row.phase()), expected, "{steps:?}: {row}");
        assert!(row.text().unwrap().contains(text), "{steps:?}: {row}");
    }
}

#[tokio::test]
async fn a_refused_connection_is_proof_that_nothing_was_sent() {
    // Bound and not listening: the port is nobody else's, and refuses.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let server = socket.local_addr().unwrap();
    let report = smtp(server).send(&submission(&["r@x.example"])).await;
    let row = &report.rows()[0];
    assert_eq!(
        (row.outcome(), row.phase()),
        (Outcome::Deferred, Phase::Connect),
        "{row}"
    );
    assert!(row.is_safe_to_retry());
}

#[tokio::test]
async fn a_refused_password_does_not_concern_the_message() {
    let steps = vec![
        Say("220 mx\r\n"),
        On("EHLO", "250-mx\r\n250 AUTH PLAIN\r\n"),
        On("AUTH PLAIN", "535 5.7.8 no\r\n"),
    ];
    let (server, _) = serve(steps).await;
    let theirs = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous("127.0.0.1")
        .port(server.port())
        .authentication(vec![Mechanism::Plain])
        .credentials(Credentials::new("me".to_owned(), "hunter2".to_owned()))
        .build();
    let ours = FromLettre::smtp(theirs);
    assert!(!format!("{ours:?}").contains("hunter2"));
    let report = ours.send(&submission(&["r@x.example"])).await;
    let row = &report.rows()[0];
    assert_eq!(
        (row.outcome(), row.phase()),
        (Outcome::Rejected, Phase::Auth)
    );
    assert_eq!(row.enhanced(), Some("5.7.8".parse().unwrap()));
}

#[tokio::test]
async fn one_refused_recipient_is_an_answer_for_all_and_blames_none() {
    let steps = [
        Say("220 mx\r\n"),
        On("EHLO", "250 mx\r\n"),
        On("MAIL", "250 ok\r\n"),
        On("RCPT TO:<b@x.example>", "250 ok\r\n"),
        On("RCPT TO:<a@x.example>", "550 5.1.1 no such user\r\n"),
    ];
    let (report, heard) = send(&steps, &submission(&["b@x.example", "a@x.example"])).await;
    assert_eq!(heard.content, None);
    assert_eq!(
        outcomes(&report),
        [
            ("b@x.example".to_owned(), Outcome::Rejected),
            ("a@x.example".to_owned(), Outcome::Rejected)
        ]
    );
    for row in report.rows() {
        assert_eq!(row.concerns(), letterhead_mail::Concern::Message);
        assert!(
            row.detail()
                .unwrap()
                .contains("one answer for all 2 recipients"),
            "{row:?}"
        );
    }
}

#[tokio::test]
async fn what_the_server_does_not_offer_is_not_attempted() {
    let mut submission = submission(&["r@x.example"]);
    let raw = "From: s@x.example\r\n\r\n\u{e9}\r\n";
    submission.message = Message::from_bytes(raw, LineEndings::Strict).unwrap();
    let (report, _) = send(&up_to_data(&[])[..2], &submission).await;
    assert_eq!(report.rows()[0].outcome(), UNSUPPORTED);
    assert!(report.rows()[0].text().unwrap().contains("8BITMIME"));
}

#[tokio::test]
async fn the_null_sender_stays_one() {
    let mut submission = submission(&["r@x.example"]);
    submission.envelope = submission.envelope.from_other(ReversePath::Null);
    let steps = [
        Say("220 mx\r\n"),
        On("EHLO", "250 mx\r\n"),
        On("MAIL FROM:<>", "250 ok\r\n"),
        On("RCPT", "250 ok\r\n"),
        On("DATA", "354 go\r\n"),
        Content("250 ok\r\n"),
    ];
    let (report, heard) = send(&steps, &submission).await;
    assert!(report.all_accepted(), "{report}");
    assert_eq!(heard.commands[1], "MAIL FROM:<>");
}

fn stub() -> FromLettre<AsyncStubTransport> {
    FromLettre::new(AsyncStubTransport::new_ok(), |answer| match answer {
        Ok(()) => SharedOutcome::new(Outcome::Accepted, Phase::Final).with_detail("kept"),
        Err(_) => SharedOutcome::new(Outcome::InDoubt, Phase::Final),
    })
}

#[tokio::test]
async fn tls_on_every_hop_cannot_be_asked_for() {
    let mut submission = submission(&["r@x.example"]);
    submission.envelope = submission.envelope.with_tls(TlsRequirement::EveryHop);
    let stub = stub();
    let report = stub.send(&submission).await;
    assert_eq!(report.rows()[0].outcome(), UNSUPPORTED);
    assert_eq!(report.rows()[0].enhanced(), Some("5.7.30".parse().unwrap()));
    assert!(stub.inner().messages().await.is_empty());
}

#[tokio::test]
async fn an_address_that_lettre_does_not_take_costs_the_others_nothing() {
    let stub = stub();
    let odd = "r@_x.example";
    let report = stub
        .send(&submission(&["b@x.example", odd, "a@x.example"]))
        .await;
    let names: Vec<_> = report
        .rows()
        .iter()
        .map(|row| row.recipient().clone())
        .collect();
    assert_eq!(names, ["b@x.example", odd, "a@x.example"].map(address));
    let got: Vec<_> = report.rows().iter().map(|row| row.outcome()).collect();
    assert_eq!(got, [Outcome::Accepted, UNSUPPORTED, Outcome::Accepted]);
    assert_eq!(
        report.rows()[0].detail(),
        Some("lettre's one answer for all 2 recipients: kept")
    );
    let messages = stub.inner().messages().await;
    assert_eq!(messages[0].0.to().len(), 2);
    // lettre's SMTP client writes the last line end.
    assert_eq!(messages[0].1, "From: s@x.example\r\n\r\nHello\r\n.");

    let report = stub.send(&submission(&[odd])).await;
    assert_eq!(report.rows()[0].outcome(), UNSUPPORTED);
    let mut from_odd = submission(&["a@x.example"]);
    from_odd.envelope = from_odd.envelope.from_other(address(odd));
    assert_eq!(stub.send(&from_odd).await.rows()[0].outcome(), UNSUPPORTED);
    assert_eq!(stub.inner().messages().await.len(), 1);
}

#[tokio::test]
async fn there_and_back_again_is_the_same_message() {
    let scripted = Arc::new(Scripted::new(&[("r@x.example", Outcome::Accepted)]));
    let entropy = Arc::new(SystemEntropy::new());
    let theirs = AsLettre::new(Arc::clone(&scripted), "acme".parse().unwrap(), entropy);
    let ours = FromLettre::new(theirs, |answer| match answer {
        Ok(report) => SharedOutcome::new(report.rows()[0].outcome(), Phase::Final),
        Err(_) => SharedOutcome::new(Outcome::Deferred, Phase::Final),
    });
    let submission = submission(&["r@x.example"]);
    assert!(ours.send(&submission).await.all_accepted());
    let given = scripted.given.lock().unwrap();
    assert_eq!(given[0].message, submission.message);
    assert_eq!(given[0].envelope, submission.envelope);
}
