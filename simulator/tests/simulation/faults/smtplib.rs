//! What Python's smtplib makes of a server's faults. Skipped, and says so, where there is no `python3`.

use std::process::Command;
use std::time::Duration;

use letterhead_simulator::{
    Pace, Receiver, ServeLimits, ServeOptions, Served, Simulator, TlsFault,
};

use crate::common::{builder, name};

const PRELUDE: &str = r#"
import smtplib, ssl, sys
context = ssl.create_default_context(cafile=sys.argv[1])
def outcome(act):
    try:
        return act()
    except smtplib.SMTPRecipientsRefused as error:
        return "refused %d" % list(error.recipients.values())[0][0]
    except smtplib.SMTPResponseException as error:
        return "%s %d" % (type(error).__name__, error.smtp_code)
    except ssl.SSLCertVerificationError as error:
        return "certificate %d" % error.verify_code
    except (ssl.SSLError, ConnectionError):
        return "no TLS"
    except smtplib.SMTPServerDisconnected:
        return "lost"
"#;

/// Lines that a script prints, run behind the prelude with the authority's certificate and these arguments.
async fn python(served: &Served, script: &str, arguments: Vec<String>) -> Option<Vec<String>> {
    let is_there = Command::new("python3").arg("--version").output();
    if !is_there.is_ok_and(|output| output.status.success()) {
        println!("skipped: python3 is not installed");
        return None;
    }
    let port = served.dns().port();
    let file = format!("letterhead-faults-{}-{port}.pem", std::process::id());
    let authority = std::env::temp_dir().join(file);
    std::fs::write(&authority, served.ca_certificate_pem()).unwrap();
    let mut command = Command::new("python3");
    command.arg("-c").arg(format!("{PRELUDE}{script}"));
    command.arg(&authority).args(arguments);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap());
    let output = output.await.unwrap();
    std::fs::remove_file(authority).unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let said = String::from_utf8(output.stdout).unwrap();
    Some(said.lines().map(str::to_owned).collect())
}

/// Sender's and recipient's word, and what becomes of the message.
const ANSWERS: [(&str, &str, &str); 20] = [
    ("sender", "450-4.2.2", "refused 450"),
    ("sender", "lines-550-5.7.1", "refused 550"),
    ("sender", "wrong-550", "refused 550"),
    ("sender", "bare-550", "refused 550"),
    ("sender", "latin-550", "refused 550"),
    ("sender", "lf-550", "refused 550"),
    ("sender", "mixed-550", "refused 550"),
    ("sender", "garbage-250", "refused -1"),
    ("sender", "long-250", "SMTPResponseException 500"),
    ("sender", "bare-250", "taken"),
    ("sender", "lf-250", "taken"),
    ("sender", "dot-lines-250", "taken"),
    ("sender", "data-451", "SMTPDataError 451"),
    ("sender", "dot-554-5.6.0", "SMTPDataError 554"),
    ("sender", "drop-at-rcpt", "lost"),
    ("sender", "drop-at-data", "lost"),
    ("sender", "drop-after-dot", "lost"),
    ("mail-451-4.7.1", "ada", "SMTPSenderRefused 451"),
    ("mail-421", "ada", "SMTPSenderRefused 421"),
    ("drop-at-mail", "ada", "lost"),
];

const SEND: &str = r#"
def send(sender, recipient):
    with smtplib.SMTP("127.0.0.1", int(sys.argv[2]), local_hostname="client.example", timeout=60) as client:
        client.sendmail(sender + "@sim.example", [recipient + "@sim.example"], "From: a@b.example\n\nhi\n")
    return "taken"
words = sys.argv[3:]
for sender, recipient in zip(words[::2], words[1::2]):
    print(outcome(lambda: send(sender, recipient)))
"#;

#[tokio::test]
async fn smtplib_hears_every_kind_of_answer_however_it_comes() {
    let host = name("mx.sim.example");
    for pace in [
        Pace::new(),
        Pace::new().writing(1, Duration::ZERO),
        Pace::new()
            .splitting([2, 5], Duration::from_millis(1))
            .reading(5, Duration::ZERO),
    ] {
        let receiver = Receiver::new(host.clone(), "192.0.2.40".parse().unwrap())
            .triggers(name("sim.example"))
            .catch_all();
        let simulator = builder(1).receiver(receiver).build().unwrap();
        let options = ServeOptions::new().pace(host.clone(), pace.clone());
        let served = simulator.serve_at(&options).await.unwrap();
        let port = served.address(&host).unwrap().port().to_string();
        let words = ANSWERS
            .iter()
            .flat_map(|(sender, recipient, _)| [*sender, *recipient]);
        let arguments = std::iter::once(port.as_str()).chain(words);
        let arguments = arguments.map(str::to_owned).collect();
        let Some(heard) = python(&served, SEND, arguments).await else {
            return;
        };
        let expected: Vec<&str> = ANSWERS.iter().map(|(_, _, expected)| *expected).collect();
        assert_eq!(heard, expected, "{pace:?}");
        let mut taken: Vec<String> = simulator
            .mailboxes()
            .iter()
            .map(|mailbox| mailbox.local_part().to_owned())
            .collect();
        taken.sort();
        let expected = ["bare-250", "dot-lines-250", "drop-after-dot", "lf-250"];
        assert_eq!(taken, expected, "{pace:?}");
    }
}

/// The numbers are OpenSSL's: expired, not yet valid, another host, self-signed.
const HANDSHAKES: [(TlsFault, &str); 9] = [
    (TlsFault::Expired, "certificate 10"),
    (TlsFault::NotYetValid, "certificate 9"),
    (TlsFault::WrongName, "certificate 64"),
    (TlsFault::SelfSigned, "certificate 18"),
    (TlsFault::OnlyTls12, "TLSv1.2"),
    (TlsFault::Garbage, "no TLS"),
    (TlsFault::Closed, "no TLS"),
    (TlsFault::Alert(40), "no TLS"),
    (TlsFault::Silent, "no TLS"),
];

const HANDSHAKE: &str = r#"
def behind_starttls(port):
    with smtplib.SMTP("127.0.0.1", port, local_hostname="client.example", timeout=60) as client:
        client.starttls(context=context)
        return client.sock.version()
def at_once(port):
    with smtplib.SMTP_SSL("127.0.0.1", port, local_hostname="client.example", timeout=60, context=context) as client:
        return client.sock.version()
ports = [int(port) for port in sys.argv[2:]]
for plain, tls in zip(ports[::2], ports[1::2]):
    print(outcome(lambda: behind_starttls(plain)))
    print(outcome(lambda: at_once(tls)))
"#;

fn world() -> Simulator {
    let hosts = HANDSHAKES.iter().enumerate();
    hosts
        .fold(builder(1), |builder, (position, (fault, _))| {
            let at = format!("192.0.2.{}", position + 100).parse().unwrap();
            let host = name(&format!("mx{position}.example"));
            builder.receiver(Receiver::new(host, at).tls_fault(*fault))
        })
        .build()
        .unwrap()
}

#[tokio::test]
async fn smtplib_meets_every_fault_of_tls_on_both_ports() {
    let simulator = world();
    // What is never answered ends with the time for it.
    let limits = ServeLimits::new().line(Duration::from_millis(500));
    let options = ServeOptions::new().limits(limits);
    let served = simulator.serve_at(&options).await.unwrap();
    let ports = (0..HANDSHAKES.len()).flat_map(|position| {
        let host = name(&format!("mx{position}.example"));
        [
            served.address(&host).unwrap(),
            served.tls_address(&host).unwrap(),
        ]
    });
    let ports = ports.map(|address| address.port().to_string()).collect();
    let Some(heard) = python(&served, HANDSHAKE, ports).await else {
        return;
    };
    let expected = HANDSHAKES.iter().flat_map(|(_, expected)| [*expected; 2]);
    assert_eq!(heard, expected.collect::<Vec<&str>>());
}
