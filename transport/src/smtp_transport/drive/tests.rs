use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime};

use letterhead_mail::{
    BoxFuture, Clock, EmailAddress, Envelope, LineEndings, Message, Outcome, Phase, ReversePath,
    Submission,
};
use tokio::io::{
    AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader, ReadBuf,
};

use crate::endpoint::{Endpoint, Security};
use crate::smtp::{ClientSession, SessionSettings, Step, Transmit};
use crate::smtp_transport::SmtpTransport;
use crate::smtp_transport::alarm::Alarm;

/// A clock that stands still.
#[derive(Debug)]
enum Stopped {
    /// Every wait is over at once.
    Impatient,
    /// No wait is ever over.
    Patient,
}

impl Clock for Stopped {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH
    }

    fn sleep_until(&self, _: SystemTime) -> BoxFuture<'_, ()> {
        match self {
            Self::Impatient => Box::pin(std::future::ready(())),
            Self::Patient => Box::pin(std::future::pending()),
        }
    }
}

fn transport(clock: Stopped) -> SmtpTransport {
    let endpoint = Endpoint::new("mx.example.org", 25, Security::Plaintext).unwrap();
    SmtpTransport::builder(endpoint)
        .clock(Arc::new(clock))
        .build()
        .unwrap()
}

/// A session that has got as far as these replies take it, and what it wants written then.
fn session(recipients: usize, replies: &[&str]) -> (ClientSession, Transmit) {
    let message =
        Message::from_bytes("From: s@x.example\r\n\r\nhi\r\n", LineEndings::Strict).unwrap();
    let recipients = (0..recipients).map(|number| {
        format!("r{number}@x.example")
            .parse::<EmailAddress>()
            .unwrap()
    });
    let envelope = Envelope::new(ReversePath::Null, recipients).unwrap();
    let submission = Submission::new(
        "id".parse().unwrap(),
        "tenant".parse().unwrap(),
        message,
        envelope,
    );
    let name: letterhead_mail::DomainName = "client.example.org".parse().unwrap();
    let settings = SessionSettings::new("mx.example.org", name, Security::Plaintext);
    let now = SystemTime::UNIX_EPOCH;
    let mut session = ClientSession::new(settings);
    session.submit(&submission, now, now);
    let mut wanted = None;
    for reply in replies {
        session.received(reply.as_bytes());
        match session.step(now) {
            Step::Write(transmit) => wanted = Some(transmit),
            other => panic!("{other:?} behind {reply:?}"),
        }
    }
    (session, wanted.unwrap())
}

#[tokio::test]
async fn answers_are_read_while_commands_are_written() {
    let (mut session, transmit) = session(300, &["220 mx\r\n", "250-mx\r\n250 PIPELINING\r\n"]);
    // Neither direction holds more than this, so that each side has to read for the other to go on.
    let (mut ours, theirs) = tokio::io::duplex(128);
    let server = tokio::spawn(async move {
        let (reading, mut writing) = tokio::io::split(theirs);
        let mut lines = BufReader::with_capacity(64, reading).lines();
        while let Some(line) = lines.next_line().await.unwrap() {
            let reply = if line == "DATA" {
                "354 go\r\n".to_owned()
            } else {
                format!("250 {}\r\n", "fine ".repeat(40))
            };
            writing.write_all(reply.as_bytes()).await.unwrap();
            if line == "DATA" {
                break;
            }
        }
    });
    let transport = transport(Stopped::Patient);
    let mut buffer = [0; 64];
    let mut alarm = Alarm::new(Arc::new(Stopped::Patient));
    let writing = transport.write(&mut ours, &mut session, &transmit, &mut buffer, &mut alarm);
    tokio::time::timeout(Duration::from_secs(5), writing)
        .await
        .expect("nobody waits for the other");
    assert_eq!(session.phase(), Phase::Mail, "the session has not given up");
    drop(ours);
    server.abort();
}

/// Takes so many octets, and flushes nothing.
#[derive(Debug)]
struct Stuck {
    room: usize,
}

impl AsyncRead for Stuck {
    fn poll_read(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        _: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Poll::Pending
    }
}

impl AsyncWrite for Stuck {
    fn poll_write(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        octets: &[u8],
    ) -> Poll<io::Result<usize>> {
        let count = self.room.min(octets.len());
        self.room -= count;
        if count == 0 {
            Poll::Pending
        } else {
            Poll::Ready(Ok(count))
        }
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Pending
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Pending
    }
}

#[tokio::test]
async fn the_outcome_is_in_doubt_from_the_last_octet_that_was_taken() {
    let to_content = ["220 mx\r\n", "250 mx\r\n", "250\r\n", "250\r\n", "354\r\n"];
    let (_, content) = session(1, &to_content);
    let whole = content.to_bytes().len();
    for (room, expected) in [
        (0, (Outcome::Deferred, Phase::Body)),
        (5, (Outcome::Deferred, Phase::Body)),
        (whole - 1, (Outcome::Deferred, Phase::Body)),
        (whole, (Outcome::InDoubt, Phase::Final)),
    ] {
        let (mut session, transmit) = session(1, &to_content);
        let transport = transport(Stopped::Impatient);
        transport
            .write(
                &mut Stuck { room },
                &mut session,
                &transmit,
                &mut [0; 64],
                &mut Alarm::new(Arc::new(Stopped::Impatient)),
            )
            .await;
        let Step::Done(report) = session.step(SystemTime::UNIX_EPOCH) else {
            panic!("not over with room for {room}");
        };
        let row = &report.rows()[0];
        assert_eq!(
            (row.outcome(), row.phase()),
            expected,
            "room for {room} of {whole}"
        );
    }
}

/// Takes nothing, and says something whenever it is asked.
#[derive(Debug, Default)]
struct Flood {
    reads: usize,
}

impl AsyncRead for Flood {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.reads += 1;
        assert!(self.reads < 10_000, "the flood is listened to for ever");
        let octets = b"250-and so on\r\n".iter().copied().cycle();
        let octets: Vec<u8> = octets.take(buffer.remaining()).collect();
        buffer.put_slice(&octets);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Flood {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, _: &[u8]) -> Poll<io::Result<usize>> {
        Poll::Pending
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Pending
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Pending
    }
}

#[tokio::test]
async fn a_server_that_only_talks_is_not_listened_to_for_ever() {
    let replies = ["220 mx\r\n", "250 mx\r\n", "250\r\n", "250\r\n", "354\r\n"];
    let (mut session, transmit) = session(1, &replies);
    transport(Stopped::Patient)
        .write(
            &mut Flood::default(),
            &mut session,
            &transmit,
            &mut [0; 1_024],
            &mut Alarm::new(Arc::new(Stopped::Patient)),
        )
        .await;
    let Step::Done(report) = session.step(SystemTime::UNIX_EPOCH) else {
        panic!("the session goes on");
    };
    assert_eq!(report.rows()[0].outcome(), Outcome::Deferred);
}
