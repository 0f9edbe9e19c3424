//! A server made of lines, and the session that talks to it.

use std::time::{Duration, SystemTime};

use letterhead_mail::{
    EmailAddress, Envelope, LineEndings, Message, Outcome, Phase, Report, ReversePath, Submission,
};

use crate::credentials::Credentials;
use crate::endpoint::Security;
use crate::smtp::session::{ClientSession, SessionSettings, Step};

pub(super) const NOW: SystemTime = SystemTime::UNIX_EPOCH;
pub(super) const BODY: &str = "From: s@x.example\r\n\r\n.the body\r\n";

/// What the server does when the client waits.
#[derive(Debug, Clone)]
pub(super) enum Act {
    Say(String),
    /// The octets one at a time.
    Drip(String),
    Drop,
    Silence,
}

impl From<&str> for Act {
    fn from(reply: &str) -> Self {
        Self::Say(format!("{reply}\r\n"))
    }
}

pub(super) fn acts(replies: &[&str]) -> Vec<Act> {
    replies.iter().map(|&reply| reply.into()).collect()
}

pub(super) fn submission(message: &str, sender: &str, recipients: &[&str]) -> Submission {
    let message = Message::from_bytes(message, LineEndings::Strict).unwrap();
    let sender = match sender {
        "" => ReversePath::Null,
        address => ReversePath::from(address.parse::<EmailAddress>().unwrap()),
    };
    let recipients = recipients
        .iter()
        .map(|text| text.parse::<EmailAddress>().unwrap());
    let envelope = Envelope::new(sender, recipients).unwrap();
    Submission::new(
        "id".parse().unwrap(),
        "tenant".parse().unwrap(),
        message,
        envelope,
    )
}

pub(super) fn two_recipients() -> Submission {
    submission(BODY, "s@x.example", &["a@x.example", "b@x.example"])
}

pub(super) fn settings(security: Security) -> SessionSettings {
    SessionSettings::new(
        "mx.example.org",
        "client.example.org"
            .parse::<letterhead_mail::DomainName>()
            .unwrap(),
        security,
    )
}

pub(super) fn password() -> Credentials {
    Credentials::new("alice", "s3cr3t".into())
}

pub(super) struct Outcomes {
    pub(super) report: Report,
    /// Everything the client wrote; `<tls>` where the handshake was.
    pub(super) written: String,
    /// What the server had not done by the end.
    pub(super) left: usize,
}

impl Outcomes {
    pub(super) fn rows(&self) -> Vec<(Outcome, Phase)> {
        self.report
            .rows()
            .iter()
            .map(|row| (row.outcome(), row.phase()))
            .collect()
    }
}

/// Runs a session against a server to its end.
pub(super) fn run(settings: SessionSettings, submission: &Submission, acts: &[Act]) -> Outcomes {
    let mut session = ClientSession::new(settings);
    session.submit(submission, NOW, NOW);
    let mut report = None;
    let mut acts = acts.iter();
    let mut written = String::new();
    let mut now = NOW;
    for _ in 0..2_000 {
        match session.step(now) {
            Step::Write(transmit) => {
                written.push_str(&String::from_utf8(transmit.to_bytes()).unwrap())
            }
            Step::Read => match acts.next().unwrap_or(&Act::Drop) {
                Act::Say(octets) => session.received(octets.as_bytes()),
                Act::Drip(octets) => drip(&mut session, octets, now),
                Act::Drop => session.connection_lost("dropped"),
                Act::Silence => {
                    now = session.deadline().unwrap() + Duration::from_nanos(1);
                    session.timed_out();
                }
            },
            Step::StartTls => {
                written.push_str("<tls>");
                session.tls_established(None);
            }
            Step::Done(done) => {
                assert_eq!(report.replace(done), None, "one report a submission");
                session.quit();
            }
            Step::Idle => panic!("QUIT was said"),
            Step::Close => {
                assert!(
                    matches!(session.step(now), Step::Close),
                    "the end stays the end"
                );
                let left = acts.len();
                let report = report.expect("a report before the end");
                return Outcomes {
                    report,
                    written,
                    left,
                };
            }
        }
    }
    panic!("the session does not end; it wrote {written:?}");
}

fn drip(session: &mut ClientSession, octets: &str, now: SystemTime) {
    let (last, first) = octets.as_bytes().split_last().unwrap();
    for octet in first {
        session.received(&[*octet]);
        assert!(
            matches!(session.step(now), Step::Read),
            "a reply was taken before its end"
        );
    }
    session.received(&[*last]);
}
