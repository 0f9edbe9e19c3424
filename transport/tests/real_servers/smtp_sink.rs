//! Postfix's test server, which refuses, hangs up and closes at the command it is told to.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::MetadataExt as _;
use std::process::{Command, Stdio};
use std::sync::LazyLock;
use std::time::Duration;

use letterhead_mail::{NotAttemptedReason, Outcome, Phase, Report, Submission, Transport as _};
use letterhead_transport::{Endpoint, Security, SmtpTransport};

use crate::setting::{Folder, MAIL, Running, mails, rows, submission, timeouts};
use crate::submission::submission_of;

struct Sink {
    address: SocketAddr,
    folder: Folder,
    _process: Running,
}

impl Sink {
    /// With these options; `None` where it is not installed.
    fn start(test: &str, options: &[&str]) -> Option<Self> {
        let Some(program) = *PROGRAM else {
            println!("skipped: {test}, smtp-sink is missing (it comes with Postfix)");
            return None;
        };
        let folder = Folder::new(test);
        loop {
            let free = TcpListener::bind("127.0.0.1:0").unwrap();
            let address = free.local_addr().unwrap();
            drop(free);
            let mut command = Command::new(program);
            // It writes each message to a file of its own.
            command.arg("-d").arg(folder.0.join("mail."));
            if std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0) {
                command.args(["-u", "nobody"]);
            }
            let child = command
                .args(options)
                .args([&address.to_string(), "16"])
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn();
            let mut process = Running(child.unwrap());
            // Somebody else may have taken the port meanwhile: then it ends, and another port is tried.
            while process.0.try_wait().unwrap().is_none() {
                if TcpStream::connect(address).is_ok() {
                    return Some(Self {
                        address,
                        folder,
                        _process: process,
                    });
                }
                // Whether another program listens can only be tried.
                std::thread::sleep(Duration::from_millis(5));
            }
        }
    }

    async fn send(&self, submission: &Submission) -> Report {
        let host = self.address.ip().to_string();
        let endpoint = Endpoint::new(&host, self.address.port(), Security::Plaintext).unwrap();
        let builder = SmtpTransport::builder(endpoint).timeouts(timeouts());
        builder.build().unwrap().send(submission).await
    }

    /// What was written down of the only message: the lines that tell of the envelope, and the message with LF.
    fn kept(&self) -> (String, Vec<u8>) {
        let files: Vec<_> = std::fs::read_dir(&self.folder.0).unwrap().collect();
        assert_eq!(files.len(), 1, "one message");
        let path = files[0].as_ref().unwrap().path();
        let octets = std::fs::read(&path).unwrap();
        std::fs::remove_file(path).unwrap();
        // Received is the last field of the server's own, and has three lines.
        let own = octets.windows(10).position(|ten| ten == b"\nReceived:");
        let mut message = &octets[own.unwrap() + 1..];
        for _ in 0..3 {
            let end = message.iter().position(|octet| *octet == b'\n').unwrap();
            message = &message[end + 1..];
        }
        let envelope = String::from_utf8(octets[..own.unwrap()].to_vec()).unwrap();
        // The empty line behind the message is the server's.
        (envelope, message.strip_suffix(b"\n").unwrap().to_vec())
    }
}

/// Where it is. Asked once, since it takes a second over saying how it is used.
static PROGRAM: LazyLock<Option<&str>> = LazyLock::new(|| {
    [
        "smtp-sink",
        "/usr/sbin/smtp-sink",
        "/usr/libexec/postfix/smtp-sink",
    ]
    .into_iter()
    .find(|program| Command::new(program).output().is_ok())
});

#[tokio::test]
async fn messages_arrive_octet_by_octet() {
    for options in [&[][..], &["-p"]] {
        let name = format!("sink-octets-{}", options.len());
        let Some(sink) = Sink::start(&name, options) else {
            return;
        };
        for mail in mails() {
            let report = sink.send(&submission(&mail)).await;
            assert!(report.all_accepted(), "{report}");
            let (envelope, message) = sink.kept();
            assert!(
                envelope.contains("X-Mail-Args: <s@x.example>"),
                "{envelope}"
            );
            // Line ends of its files are LF, and it keeps no CR in front of them.
            let mut expected = mail;
            expected.retain(|octet| *octet != b'\r');
            assert!(message == expected, "{}", String::from_utf8_lossy(&message));
        }
    }
}

#[tokio::test]
async fn every_recipient_is_named_in_order() {
    let Some(sink) = Sink::start("sink-recipients", &[]) else {
        return;
    };
    let recipients: Vec<String> = (0..500)
        .map(|number| format!("r{number}@x.example"))
        .collect();
    let recipients: Vec<&str> = recipients.iter().map(String::as_str).collect();
    let report = sink.send(&submission_of(MAIL, &recipients)).await;
    assert!(report.all_accepted(), "{report}");
    let (envelope, _) = sink.kept();
    let named: Vec<&str> = envelope
        .lines()
        .filter_map(|line| line.strip_prefix("X-Rcpt-Args: <")?.strip_suffix('>'))
        .collect();
    assert_eq!(named, recipients);
}

/// Its commands, and the phase in which each is answered.
const COMMANDS: [(&str, Phase); 6] = [
    ("CONNECT", Phase::Greeting),
    ("EHLO", Phase::Ehlo),
    ("MAIL", Phase::Mail),
    ("RCPT", Phase::Rcpt),
    ("DATA", Phase::Data),
    (".", Phase::Final),
];

#[tokio::test]
async fn a_refusal_of_any_command_is_reported_with_its_phase() {
    for (option, code, outcome) in [
        ("-f", 500, Outcome::Rejected),
        ("-r", 450, Outcome::Deferred),
    ] {
        for (command, phase) in COMMANDS {
            let name = format!("sink-refusal{option}-{phase}");
            let Some(sink) = Sink::start(&name, &[option, command]) else {
                return;
            };
            let report = sink.send(&submission(MAIL)).await;
            if (option, command) == ("-f", "EHLO") {
                // A server that does not know EHLO is spoken to with HELO.
                assert!(report.all_accepted(), "{report}");
            } else {
                assert_eq!(
                    rows(&report),
                    [(outcome, phase, Some(code))],
                    "{option} {command}"
                );
            }
        }
    }
}

#[tokio::test]
async fn a_server_that_hangs_up_defers_before_the_final_dot_and_leaves_doubt_behind_it() {
    for (command, phase) in COMMANDS {
        let Some(sink) = Sink::start(&format!("sink-hangs-up-{phase}"), &["-q", command]) else {
            return;
        };
        let report = sink.send(&submission(MAIL)).await;
        let outcome = if phase == Phase::Final {
            Outcome::InDoubt
        } else {
            Outcome::Deferred
        };
        let [(given, at, code)] = rows(&report)[..] else {
            panic!("one row: {report}");
        };
        assert_eq!((given, code), (outcome, None), "{command}");
        // It sends its replies to pipelined commands at once, and those to the ones before this may be lost.
        assert!(
            at == phase || (phase > Phase::Mail && phase < Phase::Final),
            "{command}: {at}"
        );
    }
}

#[tokio::test]
async fn a_421_at_any_command_defers() {
    for (command, phase) in COMMANDS {
        let Some(sink) = Sink::start(&format!("sink-421-{phase}"), &["-Q", command]) else {
            return;
        };
        let report = sink.send(&submission(MAIL)).await;
        assert_eq!(
            rows(&report),
            [(Outcome::Deferred, phase, Some(421))],
            "{command}"
        );
    }
}

#[tokio::test]
async fn what_comes_after_the_acceptance_changes_nothing() {
    for option in ["-f", "-r", "-q", "-Q"] {
        let Some(sink) = Sink::start(&format!("sink-quit{option}"), &[option, "QUIT"]) else {
            return;
        };
        let report = sink.send(&submission(MAIL)).await;
        assert_eq!(
            rows(&report),
            [(Outcome::Accepted, Phase::Final, Some(250))],
            "{option}"
        );
    }
}

#[tokio::test]
async fn extensions_that_are_missing_are_done_without_or_asked_for() {
    const UNSUPPORTED: Outcome = Outcome::NotAttempted(NotAttemptedReason::Unsupported);
    let eight_bit = "From: s@x.example\r\n\r\ngr\u{fc}n\r\n".as_bytes();
    for (number, (options, mail, outcome)) in [
        (&["-p"][..], MAIL, Outcome::Accepted),
        (&["-e"], MAIL, Outcome::Accepted),
        (&["-P"], MAIL, Outcome::Accepted),
        (&["-E", "-N", "-a"], MAIL, Outcome::Accepted),
        (&["-8"], MAIL, Outcome::Accepted),
        (&["-8"], eight_bit, UNSUPPORTED),
        (&["-e"], eight_bit, UNSUPPORTED),
    ]
    .into_iter()
    .enumerate()
    {
        let Some(sink) = Sink::start(&format!("sink-extensions-{number}"), options) else {
            return;
        };
        let report = sink.send(&submission(mail)).await;
        assert_eq!(rows(&report)[0].0, outcome, "{options:?}: {report}");
    }
}

/// It refuses right behind its 354 and takes nothing of the content.
#[tokio::test]
async fn a_server_that_does_not_want_the_content_has_not_accepted_it() {
    let Some(sink) = Sink::start("sink-content", &["-A", "0"]) else {
        return;
    };
    let mut mail = MAIL.to_vec();
    mail.extend(b"a line of the body\r\n".repeat(1_500_000));
    let report = sink.send(&submission(&mail)).await;
    let (outcome, phase, _) = rows(&report)[0];
    assert!(
        [Outcome::Rejected, Outcome::Deferred].contains(&outcome),
        "{report}"
    );
    assert!(phase < Phase::Final, "{report}");
}
