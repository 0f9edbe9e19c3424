//! The client's session against a server that says anything: every recipient gets one row, and nothing is accepted or in doubt
//! that was not sent to its end.
//!
//! Lines of the input are what the server says at each wait; `<drop>` ends the connection, `<cut>` ends it with the next write
//! half done. Three submissions follow one another, on a new connection where the old one takes no more.
#![no_main]

use std::time::SystemTime;

use letterhead_mail::{
    DomainName, EmailAddress, Envelope, LineEndings, Message, ReversePath, Submission,
};
use letterhead_transport::smtp::{ClientSession, SessionSettings, Step};
use letterhead_transport::{Credentials, Security};
use libfuzzer_sys::fuzz_target;

const NOW: SystemTime = SystemTime::UNIX_EPOCH;
const BODY: &str = "From: s@x.example\r\n\r\n.the body\r\n";

fuzz_target!(|octets: &[u8]| {
    let Some((first, said)) = octets.split_first() else {
        return;
    };
    let security = match first & 3 {
        0 => Security::StartTls,
        1 => Security::ImplicitTls,
        2 => Security::Opportunistic,
        _ => Security::Plaintext,
    };
    let mut said = said.split_inclusive(|octet| *octet == b'\n');
    let submission = submission();
    let mut session = session(security, *first);
    for _ in 0..3 {
        if !session.is_ready() {
            session = self::session(security, *first);
        }
        hand_over(&mut session, &submission, &mut said);
    }
});

fn session(security: Security, first: u8) -> ClientSession {
    let name: DomainName = "client.example.org".parse().expect("a name");
    let mut settings = SessionSettings::new("mx.example.org", name, security);
    if first & 4 == 0 {
        settings = settings.with_credentials(Credentials::new("alice", "s3cr3t".into()));
    }
    ClientSession::new(settings)
}

fn submission() -> Submission {
    let message = Message::from_bytes(BODY, LineEndings::Strict).expect("canonical");
    let recipients = ["a@x.example", "b@y.example", "c@x.example"]
        .map(|text| text.parse::<EmailAddress>().expect("an address"));
    let envelope = Envelope::new(ReversePath::Null, recipients).expect("recipients");
    let (id, tenant) = ("1".parse(), "acme".parse());
    Submission::new(
        id.expect("an id"),
        tenant.expect("a tenant"),
        message,
        envelope,
    )
}

fn hand_over<'a>(
    session: &mut ClientSession,
    submission: &Submission,
    said: &mut impl Iterator<Item = &'a [u8]>,
) {
    session.submit(submission, NOW, NOW);
    let mut whole = false;
    let mut cut = false;
    for _ in 0..10_000 {
        match session.step(NOW) {
            Step::Write(transmit) => {
                let octets = transmit.to_bytes();
                if cut {
                    session.connection_lost("cut");
                } else {
                    whole |= octets.windows(8).any(|window| window == b"the body");
                }
            }
            Step::Read => match said.next() {
                None | Some(b"<drop>\n") => session.connection_lost("dropped"),
                Some(b"<cut>\n") => cut = true,
                Some(octets) => session.received(octets),
            },
            Step::StartTls => session.tls_established(None),
            Step::Done(report) => {
                assert!(
                    report
                        .rows()
                        .iter()
                        .map(|row| row.recipient())
                        .eq(submission.envelope.addresses())
                );
                let claimed = report
                    .rows()
                    .iter()
                    .any(|row| !row.outcome().is_proven_not_accepted());
                assert!(whole || !claimed, "{report}");
                return;
            }
            other => panic!("{other:?} before the end"),
        }
    }
    panic!("the session does not end");
}
