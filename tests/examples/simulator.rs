//! The command `simulator`, by clients that were written by others and by `send`.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use crate::{example, run, run_with, text};

const MAIL: &[u8] =
    b"From: billing@yourcompany.example\r\nTo: ada@x.example\r\nSubject: one\r\n\r\nHello\r\n";

/// A running simulator, which is ended with the test.
struct Running {
    child: Child,
    output: BufReader<ChildStdout>,
    smtp: SocketAddr,
    smtps: SocketAddr,
}

impl Running {
    fn start(options: &[&str]) -> Self {
        let mut child = Command::new(example("simulator"))
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .args(["--smtp", "127.0.0.1:0", "--dns", "127.0.0.1:0"])
            .args(options)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the example starts");
        let mut output = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut line = String::new();
        output.read_line(&mut line).expect("it says where it is");
        let mut addresses = line
            .split([' ', ',', ';'])
            .filter_map(|word| word.trim().parse().ok());
        let mut address = || addresses.next().expect("an address in the first line");
        Self {
            smtp: address(),
            smtps: address(),
            child,
            output,
        }
    }

    /// The next line it prints, without its end.
    fn line(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).expect("a line");
        line.trim_end().to_owned()
    }

    fn send(&self, to: &[&str], options: &[&str]) -> String {
        let url = format!("smtp://{}", self.smtp);
        let mut arguments = vec!["--url", &url, "--mail-from", "bounces@yourcompany.example"];
        for to in to {
            arguments.extend(["--rcpt", to]);
        }
        arguments.extend(options);
        text(&run_with("send", &arguments, MAIL).stdout).to_owned()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It has ended by itself where this fails.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn each_message_and_recipient_has_a_line() {
    let mut simulator = Running::start(&[]);
    simulator.send(
        &["ada@x.example", "550-5.1.1-joe@y.example"],
        &["--tls", "none"],
    );
    let sender = "<bounces@yourcompany.example>";
    assert_eq!(
        simulator.line(),
        format!("rejected  {sender} -> 550-5.1.1-joe@y.example  550 5.1.1 no such mailbox")
    );
    assert_eq!(
        simulator.line(),
        format!("stored    {sender} -> ada@x.example  spf=none dkim=none dmarc=none  inbox")
    );
    simulator.send(&["bounce+7@simulator.amazonses.com"], &["--tls", "none"]);
    assert_eq!(
        simulator.line(),
        format!("rejected  {sender} -> bounce+7@simulator.amazonses.com  550 5.1.1 user unknown")
    );
    simulator.send(&["drop-after-dot@x.example"], &["--tls", "none"]);
    assert!(simulator.line().starts_with("stored    "));
    assert!(simulator.line().starts_with("hung up   "));
}

#[test]
fn a_zone_decides_by_the_address_that_the_client_is_taken_for() {
    let zone = Path::new(env!("CARGO_TARGET_TMPDIR")).join("simulator.zone");
    let records = "yourcompany.example. 300 IN TXT \"v=spf1 ip4:192.0.2.9 -all\"\n\
                   _dmarc.yourcompany.example. 300 IN TXT \"v=DMARC1; p=reject\"\n";
    std::fs::write(&zone, records).expect("the file is written");
    let zone = zone.to_str().expect("a path in text");
    let mut allowed = Running::start(&["--zone", zone, "--client", "192.0.2.9"]);
    allowed.send(&["ada@x.example"], &["--tls", "none"]);
    let line = allowed.line();
    assert!(
        line.ends_with("  spf=pass dkim=none dmarc=pass  inbox"),
        "{line}"
    );
    let mut refused = Running::start(&["--zone", zone]);
    let recipients = ["ada@x.example", "joe@y.example"];
    refused.send(&recipients, &["--tls", "none"]);
    for recipient in recipients {
        let line = refused.line();
        let told = format!("-> {recipient}  spf=fail dkim=none dmarc=fail  550 5.7.26 ");
        assert!(line.contains(&told), "{line}");
    }
}

#[test]
fn a_front_takes_verified_senders_with_its_password_and_answers_for_its_simulator() {
    let mut simulator = Running::start(&["--front", "amazon-ses"]);
    let password = Path::new(env!("CARGO_TARGET_TMPDIR")).join("simulator-password");
    std::fs::write(&password, "secret").expect("the file is written");
    let password = password.to_str().expect("a path in text");
    let sign_in = [
        "--tls",
        "none",
        "--user",
        "user",
        "--password-file",
        password,
    ];
    let to = ["bounce+7@simulator.amazonses.com", "ada@x.example"];
    let report = simulator.send(&to, &sign_in);
    assert_eq!(report.matches("accepted").count(), 2, "{report}");
    let lines = [simulator.line(), simulator.line()];
    let host = "smtp.simulator.example";
    let bounce = format!(
        "{host}: will send a delivery status notification about {}",
        to[0]
    );
    assert!(
        lines.iter().any(|line| line.starts_with(&bounce)),
        "{lines:?}"
    );
    let stored =
        |line: &String| line.starts_with("stored    ") && line.contains("-> ada@x.example  spf=");
    assert!(lines.iter().any(stored), "{lines:?}");
    drop(simulator);

    let mut simulator = Running::start(&["--front", "amazon-ses", "--verified", "other.example"]);
    simulator.send(&["ada@x.example"], &sign_in);
    let line = simulator.line();
    assert!(
        line.contains("554 Message rejected: Email address is not verified."),
        "{line}"
    );
}

#[test]
fn python_and_curl_speak_to_it() {
    let mut simulator = Running::start(&[]);
    let mail = Path::new(env!("CARGO_TARGET_TMPDIR")).join("simulator.eml");
    std::fs::write(&mail, MAIL).expect("the file is written");
    let curl = Command::new("curl")
        .args([
            "--silent",
            "--show-error",
            "--insecure",
            "--mail-from",
            "a@x.example",
        ])
        .args(["--mail-rcpt", "curl@x.example", "--upload-file"])
        .arg(&mail)
        .arg(format!("smtps://{}", simulator.smtps))
        .status();
    match curl {
        Ok(status) => {
            assert!(status.success(), "curl");
            let line = simulator.line();
            assert!(
                line.starts_with("stored    <a@x.example> -> curl@x.example"),
                "{line}"
            );
        }
        Err(_) => eprintln!("skipped: curl is not installed"),
    }
    let script = "import smtplib, ssl, sys\n\
                  context = ssl.create_default_context()\n\
                  context.check_hostname = False\n\
                  context.verify_mode = ssl.CERT_NONE\n\
                  with smtplib.SMTP('127.0.0.1', int(sys.argv[1])) as client:\n    \
                  client.starttls(context=context)\n    \
                  client.sendmail('a@x.example', ['python@x.example'], b'From: a@x.example\\r\\n\\r\\nHello\\r\\n')\n";
    let port = simulator.smtp.port().to_string();
    match Command::new("python3").args(["-c", script, &port]).status() {
        Ok(status) => {
            assert!(status.success(), "python3");
            let line = simulator.line();
            assert!(
                line.starts_with("stored    <a@x.example> -> python@x.example"),
                "{line}"
            );
        }
        Err(_) => eprintln!("skipped: Python is not installed"),
    }
}

#[test]
fn misuse_is_told_with_the_way_out() {
    for (arguments, told) in [
        (["--smtp", "0.0.0.0:0"], "loopback addresses only"),
        (["--smtp", "here"], "such as"),
        (["--front", "nobody"], "no built-in profile"),
        (["--zone", "/nowhere/zone"], "/nowhere/zone: "),
        (["--verified", "x.example"], "name it with --front"),
        (["--wrong", "x"], "is not an option"),
    ] {
        let output = run("simulator", &arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let error = text(&output.stderr);
        assert!(error.contains(told), "{arguments:?}: {error}");
    }
    assert_eq!(run("simulator", &["--help"]).status.code(), Some(0));
}
