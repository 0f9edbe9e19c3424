//! Reads what came back, bounces and complaints as mails or a provider's events as JSON, and writes one JSON line for each
//! recipient.

use std::error::Error;
use std::io::{Read, Write};
use std::process::ExitCode;

use letterhead::feedback::{
    Event, EventKind, Permanence, Provider, ReportKind, read_events, read_report,
};
use serde::Serialize;

const USAGE: &str = "usage: read_report [--provider ses|oci|sendgrid|mailgun|postmark|mailjet|sparkpost] [FILE …]

Without a file, or for `-`, standard input is read. A mail that reports nothing has a line of the kind not_a_report. With
--provider the input is that provider's JSON: a document, an array or lines. The exit status is 2 if a file cannot be read;
the others are read nonetheless.";

/// One line.
#[derive(Serialize)]
struct Line<'a> {
    file: &'a str,
    kind: &'a str,
    recipient: Option<String>,
    status: Option<String>,
    code: Option<u16>,
    reason: Option<String>,
    hard: bool,
    message_id: Option<&'a str>,
}

fn main() -> ExitCode {
    match run() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("read_report: {error}\n\n{USAGE}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<ExitCode, Box<dyn Error>> {
    let (mut provider, mut files) = (None::<Provider>, Vec::new());
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--provider" => {
                let name = arguments.next().ok_or("--provider needs a value")?;
                provider = Some(
                    name.parse()
                        .map_err(|error| format!("--provider {name}: {error}"))?,
                );
            }
            option if option.starts_with("--") => return Err(format!("no option {option}").into()),
            file => files.push(file.to_owned()),
        }
    }
    if files.is_empty() {
        files.push("-".to_owned());
    }
    let mut out = std::io::stdout().lock();
    let mut code = ExitCode::SUCCESS;
    for file in &files {
        let read = octets(file).and_then(|octets| write_lines(file, &octets, provider, &mut out));
        if let Err(error) = read {
            eprintln!("read_report: {file}: {error}");
            code = ExitCode::from(2);
        }
    }
    Ok(code)
}

fn octets(file: &str) -> Result<Vec<u8>, Box<dyn Error>> {
    if file != "-" {
        return Ok(std::fs::read(file)?);
    }
    let mut octets = Vec::new();
    std::io::stdin().lock().read_to_end(&mut octets)?;
    Ok(octets)
}

fn write_lines(
    file: &str,
    octets: &[u8],
    provider: Option<Provider>,
    out: &mut impl Write,
) -> Result<(), Box<dyn Error>> {
    let (events, disposition, omitted) = match provider {
        Some(provider) => {
            let reading = read_events(provider, octets)?;
            (reading.events, false, reading.omitted)
        }
        None => {
            let reading = read_report(octets);
            let disposition = reading.kind == ReportKind::DispositionNotification;
            (reading.events, disposition, reading.omitted)
        }
    };
    for event in &events {
        // What a mail program did with a message is its answer, not a person's.
        let kind = if disposition {
            "auto_replied"
        } else {
            kind(event)
        };
        writeln!(out, "{}", serde_json::to_string(&line(file, kind, event))?)?;
    }
    if events.is_empty() {
        let nothing = Event::new(EventKind::Unknown);
        let mut line = line(file, "not_a_report", &nothing);
        line.reason = None;
        writeln!(out, "{}", serde_json::to_string(&line)?)?;
    }
    if omitted > 0 {
        eprintln!("read_report: {file}: {omitted} more recipients are left out");
    }
    Ok(())
}

fn line<'a>(file: &'a str, kind: &'a str, event: &'a Event) -> Line<'a> {
    Line {
        file,
        kind,
        recipient: event.addressee().map(ToString::to_string),
        status: event.status().map(|status| status.to_string()),
        code: event.reply().map(|reply| reply.code().get()),
        reason: Some(event.reason().as_str().replace('-', "_")),
        hard: event.kind() == EventKind::Bounced(Permanence::Hard),
        message_id: event.message_id(),
    }
}

/// The kind with underscores; whether a bounce is hard stands in a field of its own. What was handed on was delivered, as far
/// as will ever be known.
fn kind(event: &Event) -> &'static str {
    match event.kind() {
        EventKind::Bounced(_) => "bounced",
        EventKind::Relayed | EventKind::Expanded => "delivered",
        EventKind::AutoReplied => "auto_replied",
        EventKind::AuthFailure => "auth_failure",
        EventKind::NotSpam => "not_spam",
        other => other.as_str(),
    }
}
