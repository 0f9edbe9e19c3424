//! What any client is told, and what it says.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};

/// A mail program.
pub(crate) struct Client {
    pub(crate) name: &'static str,
    /// A command that succeeds where it is installed.
    pub(crate) probe: &'static [&'static str],
    pub(crate) abilities: &'static [Ability],
    /// The command that carries a job out, and what it reads.
    pub(crate) command: fn(&Job<'_>) -> (Command, Vec<u8>),
}

/// What not every client can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ability {
    /// STARTTLS, TLS from the first octet, and AUTH.
    Tls,
    /// Several recipients, of whom those that are not refused get the mail.
    SomeRecipients,
    /// RET, and NOTIFY for each recipient.
    Dsn,
    /// BODY=8BITMIME, without which octets outside ASCII are refused.
    EightBit,
}

/// How a connection is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protection {
    None,
    StartTls,
    /// From the first octet.
    Tls,
}

/// One mail to hand over.
#[derive(Clone, Copy)]
pub(crate) struct Job<'a> {
    pub(crate) server: SocketAddr,
    pub(crate) protection: Protection,
    /// The file with the certificate of the authority that is trusted, and no other.
    pub(crate) authority: &'a Path,
    /// User and password.
    pub(crate) login: Option<(&'a str, &'a str)>,
    pub(crate) sender: &'a str,
    pub(crate) recipients: &'a [&'a str],
    /// With CRLF at the end of each line.
    pub(crate) mail: &'a [u8],
    pub(crate) delivery_status: DeliveryStatus,
}

/// What is asked for about reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DeliveryStatus {
    Unsaid,
    /// Headers only, about failures and delays.
    HeadersOfFailures,
}

impl Job<'_> {
    /// The same mail with LF at the end of each line, for programs that put CRLF there.
    pub(crate) fn lines(&self) -> Vec<u8> {
        let mut octets = self.mail.to_vec();
        octets.retain(|octet| *octet != b'\r');
        octets
    }
}

/// How a client ended, and all that it wrote.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) succeeded: bool,
    pub(crate) text: String,
}

impl Client {
    pub(crate) fn can(&self, ability: Ability) -> bool {
        self.abilities.contains(&ability)
    }

    /// Whether it is installed; where it is not, says that `test` is skipped.
    pub(crate) fn is_there(&self, test: &str) -> bool {
        let [program, arguments @ ..] = self.probe else {
            return false;
        };
        let found = Command::new(program).args(arguments).output();
        let found = found.is_ok_and(|output| output.status.success());
        if !found {
            println!("skipped: {test}, {} is missing", self.name);
        }
        found
    }

    /// Runs it to its end, while the server goes on elsewhere.
    pub(crate) fn send(&self, job: &Job<'_>) -> Said {
        let (mut command, input) = (self.command)(job);
        tokio::task::block_in_place(|| run(&mut command, &input))
    }
}

fn run(command: &mut Command, input: &[u8]) -> Said {
    let child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = child.expect("the client is installed");
    let mut stdin = child.stdin.take().expect("a pipe");
    let output = std::thread::scope(|scope| {
        scope.spawn(move || {
            // One that is refused at once does not read it all.
            let _ = stdin.write_all(input);
        });
        child.wait_with_output().expect("it ends")
    });
    let [text, errors] =
        [output.stdout, output.stderr].map(|octets| String::from_utf8_lossy(&octets).into_owned());
    Said {
        succeeded: output.status.success(),
        text: text + &errors,
    }
}
