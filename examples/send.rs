//! Hands the message on standard input to an SMTP server, and says what became of every recipient.

#[path = "shared/error_chain.rs"]
mod error_chain;
#[path = "shared/outcomes.rs"]
mod outcomes;
#[path = "shared/server.rs"]
mod server;

use std::error::Error;
use std::io::{Read as _, Write as _};
use std::process::ExitCode;
use std::time::Duration;

use letterhead::mail::{
    EmailAddress, Envelope, LineEndings, Message, Report, ReversePath, Submission, Transport as _,
};
use letterhead::transport::{SmtpTransport, Timeouts};

use self::error_chain::chain;
use self::outcomes::{json_line, table};
use self::server::Server;

const USAGE: &str = "usage: send --url URL --mail-from ADDRESS --rcpt ADDRESS [--rcpt ADDRESS …] [--tls required|opportunistic|none]
            [--ca FILE] [--user NAME --password-file FILE] [--timeout SECONDS] [--strict] [--json] < mail

  --url            smtp://[user@]host[:port] (port 587 unless given), or smtps://… for TLS from the first octet (port 465)
  --mail-from      where bounces go; empty or <> for the null sender
  --rcpt           a recipient; one that is named twice is written to once
  --tls            for smtp://: required unless given, and opportunistic for 127.0.0.0/8, ::1 and localhost
  --ca             a PEM file with the certificate authorities to trust, in place of the system's
  --user           who signs in, over TLS unless the server is on this machine; it may stand in the URL as well, percent-encoded
  --password-file  the file with the password alone; a line end behind it is no part of it
  --timeout        how long the whole attempt may take, such as 2.5; half an hour unless given
  --strict         refuse a CR or LF alone in place of making it CRLF
  --json           one object a recipient and line, in the order of --rcpt, in place of a table

Bcc fields are taken out. The exit status is 0 if the server took responsibility for every recipient, 1 if not, and 2 if the
command cannot be carried out; then nothing was sent.";

fn main() -> ExitCode {
    match run() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("send: {error}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<ExitCode, Box<dyn Error>> {
    let Some(options) = Options::read()? else {
        println!("{USAGE}");
        return Ok(ExitCode::SUCCESS);
    };
    let transport = options.transport()?;
    let message = options.message()?;
    let submission = Submission::new("send".parse()?, "send".parse()?, message, options.envelope);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let report = runtime.block_on(transport.send(&submission));
    if let Err(error) = show(&report, options.output) {
        // The mail has left or has not: a closed pipe changes nothing about that.
        eprintln!("send: the outcomes could not be written: {error}");
    }
    runtime.block_on(transport.close());
    // A name that the system is still looking up does not keep the command beyond its time.
    runtime.shutdown_background();
    Ok(if report.all_accepted() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn show(report: &Report, output: Output) -> std::io::Result<()> {
    let mut stdout = std::io::stdout().lock();
    match output {
        Output::Json => {
            for row in report.rows() {
                writeln!(stdout, "{}", json_line(row))?;
            }
        }
        Output::Table => stdout.write_all(table(report).as_bytes())?,
    }
    stdout.flush()
}

struct Options {
    server: Server,
    envelope: Envelope,
    timeouts: Timeouts,
    endings: LineEndings,
    output: Output,
}

#[derive(Clone, Copy)]
enum Output {
    Table,
    Json,
}

impl Options {
    /// What the arguments say; `None` if they ask how to write them.
    fn read() -> Result<Option<Self>, Box<dyn Error>> {
        let (mut server, mut sender, mut recipients) = (server::Settings::default(), None, vec![]);
        let mut timeouts = Timeouts::default().with_quit(Duration::from_secs(1));
        let (mut endings, mut output) = (LineEndings::Normalise, Output::Table);
        let mut arguments = std::env::args_os().skip(1).map(|argument| {
            argument
                .into_string()
                .map_err(|argument| format!("{argument:?} is not UTF-8; write it in UTF-8"))
        });
        while let Some(option) = arguments.next().transpose()? {
            let mut value = || {
                let value = arguments.next().transpose()?;
                value.ok_or_else(|| misused(&format!("{option} needs a value")))
            };
            match option.as_str() {
                "--url" => server.url = Some(value()?),
                "--mail-from" => sender = Some(reverse_path(&value()?)?),
                "--rcpt" => recipients.push(address("--rcpt", &value()?)?),
                "--tls" => server.tls = Some(value()?.parse()?),
                "--ca" => server.ca = Some(value()?),
                "--user" => server.user = Some(value()?),
                "--password-file" => server.password_file = Some(value()?),
                "--timeout" => timeouts = timeouts.with_total(duration(&value()?)?),
                "--strict" => endings = LineEndings::Strict,
                "--json" => output = Output::Json,
                "--help" => return Ok(None),
                other => return Err(misused(&format!("{other:?} is not an option")).into()),
            }
        }
        let sender = sender.ok_or_else(|| {
            misused("--mail-from is missing; it may be empty, for the null sender")
        })?;
        Ok(Some(Self {
            server: server.check()?,
            envelope: Envelope::new(sender, recipients)
                .map_err(|_| misused("--rcpt is missing; name at least one recipient"))?,
            timeouts,
            endings,
            output,
        }))
    }

    fn transport(&self) -> Result<SmtpTransport, Box<dyn Error>> {
        let builder = self.server.transport()?.timeouts(self.timeouts.clone());
        Ok(builder.build().map_err(|error| {
            let error = chain(&error);
            format!("{error}; --ca FILE names the certificate authorities to trust")
        })?)
    }

    /// The message on standard input.
    fn message(&self) -> Result<Message, Box<dyn Error>> {
        let mut mail = Vec::new();
        std::io::stdin()
            .read_to_end(&mut mail)
            .map_err(|error| format!("the mail on standard input cannot be read: {error}"))?;
        if mail.is_empty() {
            return Err("there is no mail on standard input; write `send … < mail`".into());
        }
        let message = Message::from_bytes(mail, self.endings).map_err(|error| {
            let way_out = match self.endings {
                LineEndings::Strict => " (without --strict, line ends are made CRLF)",
                LineEndings::Normalise => "",
            };
            format!("the mail on standard input is {error}{way_out}")
        })?;
        Ok(message.without_fields("Bcc").without_fields("Resent-Bcc"))
    }
}

fn reverse_path(text: &str) -> Result<ReversePath, String> {
    match text {
        "" | "<>" => Ok(ReversePath::Null),
        text => address("--mail-from", text).map(ReversePath::from),
    }
}

fn address(option: &str, text: &str) -> Result<EmailAddress, String> {
    text.parse()
        .map_err(|error| format!("{option} {text:?}: {error}"))
}

fn duration(text: &str) -> Result<Duration, String> {
    let seconds: Option<f64> = text.parse().ok();
    seconds
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .filter(|duration| !duration.is_zero())
        .ok_or_else(|| format!("--timeout {text:?} is no time; give seconds above 0, such as 2.5"))
}

fn misused(what: &str) -> String {
    format!("{what}\n\n{USAGE}")
}
