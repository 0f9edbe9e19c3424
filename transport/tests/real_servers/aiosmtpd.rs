//! Python's SMTP server.

use std::io::{BufRead as _, BufReader};
use std::process::{ChildStdout, Command, Stdio};

use letterhead_mail::{NotAttemptedReason, Outcome, Phase, Report, Submission, Transport as _};
use letterhead_transport::{
    Credentials, Endpoint, RootCertificates, SecretString, Security, SmtpTransport,
    SmtpTransportBuilder, TlsSettings,
};
use rcgen::{CertifiedKey, generate_simple_self_signed};

use crate::setting::{Folder, MAIL, Running, mails, rows, submission, timeouts};
use crate::submission::submission_of;

struct Server {
    port: u16,
    lines: BufReader<ChildStdout>,
    certificate: Vec<u8>,
    _folder: Folder,
    _process: Running,
}

/// A message as the server took it.
#[derive(Debug, PartialEq, Eq)]
struct Taken {
    sender: String,
    options: String,
    recipients: String,
    content: Vec<u8>,
}

impl Server {
    /// With these options of the script, and a certificate for `localhost` and 127.0.0.1; `None` where aiosmtpd is not
    /// installed.
    fn start(test: &str, options: &[&str]) -> Option<Self> {
        let found = Command::new("python3")
            .args(["-c", "import aiosmtpd"])
            .output();
        if !found.is_ok_and(|output| output.status.success()) {
            println!("skipped: {test}, aiosmtpd is missing (`pip install aiosmtpd`)");
            return None;
        }
        let folder = Folder::new(test);
        let names = ["localhost", "127.0.0.1"].map(str::to_owned);
        let CertifiedKey { cert, signing_key } = generate_simple_self_signed(names).unwrap();
        let [certificate, key] = [
            ("certificate", cert.pem()),
            ("key", signing_key.serialize_pem()),
        ]
        .map(|(name, pem)| format!("{name}={}", folder.file(name, pem)));
        let mut child = Command::new("python3")
            .args(["-c", include_str!("server.py")])
            .args(options)
            .args([
                certificate,
                key,
                format!("content={}", folder.file("content", "")),
            ])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let process = Running(child);
        let mut port = String::new();
        lines.read_line(&mut port).unwrap();
        Some(Self {
            port: port.trim_end().parse().expect("it says where it listens"),
            lines,
            certificate: cert.der().to_vec(),
            _folder: folder,
            _process: process,
        })
    }

    fn builder(&self, host: &str, security: Security) -> SmtpTransportBuilder {
        let endpoint = Endpoint::new(host, self.port, security).unwrap();
        let address = ([127, 0, 0, 1], self.port).into();
        let roots = RootCertificates::from_der(self.certificate.clone());
        SmtpTransport::builder(endpoint.address(address))
            .tls(TlsSettings::with_roots(&roots).unwrap())
            .timeouts(timeouts())
    }

    async fn send(&self, submission: &Submission) -> Report {
        let builder = self.builder("127.0.0.1", Security::Plaintext);
        builder.build().unwrap().send(submission).await
    }

    /// The next message that was taken; there has to be one.
    fn taken(&mut self) -> Taken {
        let mut line = String::new();
        self.lines.read_line(&mut line).unwrap();
        let parts: Vec<&str> = line.split_whitespace().collect();
        let [sender, options, recipients, content] = parts[..] else {
            panic!("four parts: {line:?}");
        };
        Taken {
            sender: sender.to_owned(),
            options: options.to_owned(),
            recipients: recipients.to_owned(),
            content: std::fs::read(content).unwrap(),
        }
    }
}

fn alice(password: &str) -> Credentials {
    Credentials::new("alice", SecretString::from(password))
}

const ACCEPTED: (Outcome, Phase, Option<u16>) = (Outcome::Accepted, Phase::Final, Some(250));

#[tokio::test]
async fn messages_and_envelopes_arrive_octet_by_octet() {
    let Some(mut server) = Server::start("aiosmtpd-octets", &[]) else {
        return;
    };
    for mail in mails() {
        let report = server.send(&submission(&mail)).await;
        assert_eq!(rows(&report), [ACCEPTED], "{report}");
        assert_eq!(report.rows()[0].queue_id(), Some("AIO4711"));
        let taken = server.taken();
        let body = if mail.is_ascii() {
            ""
        } else {
            "BODY=8BITMIME+"
        };
        assert_eq!(taken.options, format!("{body}SIZE={}", mail.len()));
        assert_eq!(
            (taken.sender.as_str(), taken.recipients.as_str()),
            ("s@x.example", "r@x.example")
        );
        assert!(
            taken.content == mail,
            "{}",
            String::from_utf8_lossy(&taken.content)
        );
    }
}

#[tokio::test]
async fn recipients_that_are_refused_cost_the_others_nothing() {
    let Some(mut server) = Server::start("aiosmtpd-recipients", &[]) else {
        return;
    };
    let recipients = [
        "a@x.example",
        "unknown@x.example",
        "later@x.example",
        "b@x.example",
    ];
    let report = server.send(&submission_of(MAIL, &recipients)).await;
    assert_eq!(
        rows(&report),
        [
            ACCEPTED,
            (Outcome::Rejected, Phase::Rcpt, Some(550)),
            (Outcome::Deferred, Phase::Rcpt, Some(451)),
            ACCEPTED,
        ]
    );
    assert_eq!(server.taken().recipients, "a@x.example,b@x.example");
    let nobody = server
        .send(&submission_of(MAIL, &["unknown@x.example"]))
        .await;
    assert_eq!(rows(&nobody), [(Outcome::Rejected, Phase::Rcpt, Some(550))]);
}

#[tokio::test]
async fn the_answer_to_the_content_decides() {
    for (answer, row) in [
        (
            "answer=554 5.7.1 no",
            (Outcome::Rejected, Phase::Final, Some(554)),
        ),
        (
            "answer=452 4.3.1 full",
            (Outcome::Deferred, Phase::Final, Some(452)),
        ),
        ("drop=", (Outcome::InDoubt, Phase::Final, None)),
    ] {
        let name = format!("aiosmtpd-answer-{}", row.0);
        let Some(server) = Server::start(&name, &[answer]) else {
            return;
        };
        let report = server.send(&submission(MAIL)).await;
        assert_eq!(rows(&report), [row], "{report}");
    }
}

#[tokio::test]
async fn a_message_beyond_the_servers_size_is_not_begun() {
    let Some(mut server) = Server::start("aiosmtpd-size", &["size=100"]) else {
        return;
    };
    let fits = [MAIL, &b"0".repeat(98 - MAIL.len())[..], b"\r\n"].concat();
    assert_eq!(rows(&server.send(&submission(&fits)).await), [ACCEPTED]);
    assert_eq!(server.taken().content, fits);
    let beyond = [&fits[..], b"\r\n"].concat();
    let report = server.send(&submission(&beyond)).await;
    assert_eq!(
        rows(&report),
        [(Outcome::Rejected, Phase::Local, None)],
        "{report}"
    );
}

#[tokio::test]
async fn addresses_outside_ascii_need_a_server_that_takes_them() {
    const UNSUPPORTED: Outcome = Outcome::NotAttempted(NotAttemptedReason::Unsupported);
    let recipients = ["gr\u{e5}@x.example", "r@x.example"];
    let Some(mut server) = Server::start("aiosmtpd-utf8", &["smtputf8="]) else {
        return;
    };
    let report = server.send(&submission_of(MAIL, &recipients)).await;
    assert_eq!(rows(&report), [ACCEPTED; 2], "{report}");
    let taken = server.taken();
    assert_eq!(taken.recipients, recipients.join(","));
    assert!(taken.options.ends_with("+SMTPUTF8"), "{}", taken.options);

    let Some(mut server) = Server::start("aiosmtpd-ascii", &[]) else {
        return;
    };
    let report = server.send(&submission_of(MAIL, &recipients)).await;
    assert_eq!(
        rows(&report),
        [(UNSUPPORTED, Phase::Local, None), ACCEPTED],
        "{report}"
    );
    assert_eq!(server.taken().recipients, "r@x.example");
}

#[tokio::test]
async fn tls_and_a_password_either_way() {
    for (number, (tls, auth, security)) in [
        ("starttls=", "auth=plain", Security::StartTls),
        ("starttls=", "auth=login", Security::Opportunistic),
        // The library sees no TLS of its own where the listener has it.
        ("implicit=", "auth=login", Security::ImplicitTls),
    ]
    .into_iter()
    .enumerate()
    {
        let options = if security == Security::ImplicitTls {
            vec![tls, auth, "plain="]
        } else {
            vec![tls, auth]
        };
        let Some(mut server) = Server::start(&format!("aiosmtpd-tls-{number}"), &options) else {
            return;
        };
        for (password, row) in [
            ("s3cr3t", ACCEPTED),
            ("wrong", (Outcome::Rejected, Phase::Auth, Some(535))),
        ] {
            let builder = server.builder("localhost", security);
            let transport = builder.credentials(alice(password)).build().unwrap();
            let report = transport.send(&submission(MAIL)).await;
            assert_eq!(rows(&report), [row], "{report}");
        }
        assert_eq!(server.taken().content, MAIL);
        // Without a password this server takes nothing.
        let transport = server.builder("127.0.0.1", security).build().unwrap();
        let report = transport.send(&submission(MAIL)).await;
        assert_eq!(
            rows(&report),
            [(Outcome::Rejected, Phase::Mail, Some(530))],
            "{report}"
        );
    }
}

#[tokio::test]
async fn a_server_under_another_name_gets_nothing() {
    for (tls, security) in [
        ("starttls=", Security::StartTls),
        ("implicit=", Security::ImplicitTls),
    ] {
        let Some(server) = Server::start(&format!("aiosmtpd-name-{security:?}"), &[tls]) else {
            return;
        };
        let builder = server.builder("mx.example.org", security);
        let report = builder.build().unwrap().send(&submission(MAIL)).await;
        assert_eq!(
            rows(&report),
            [(Outcome::Deferred, Phase::Tls, None)],
            "{report}"
        );
    }
}

#[tokio::test]
async fn tls_that_is_not_offered_defers() {
    let Some(server) = Server::start("aiosmtpd-no-tls", &[]) else {
        return;
    };
    let builder = server.builder("localhost", Security::StartTls);
    let report = builder.build().unwrap().send(&submission(MAIL)).await;
    assert_eq!(
        rows(&report),
        [(Outcome::Deferred, Phase::Tls, None)],
        "{report}"
    );
}
