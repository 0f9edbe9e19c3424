//! Reads what came back, bounces and complaints as mails or a provider's events as JSON, and writes one JSON line for each
//! recipient.

#[path = "shared/help.rs"]
mod help;

use std::error::Error;
use std::io::{Read, Write};
use std::process::ExitCode;

use letterhead::feedback::{
    Event, EventKind, Permanence, Provider, ReportKind, read_events, read_report,
};
use serde::Serialize;

const USAGE: &str = "usage: read_report [--provider ses|oci|sendgrid|mailgun|postmark|mailjet|sparkpost] [FILE …]

Without a file, or for `-`, standard input is read. A file is one mail, or a mailbox of several in the mbox format. A mail
that reports nothing has a line of the kind not_a_report. With --provider the input is that provider's JSON: a document, an
array or lines. The exit status is 2 if a file cannot be read; the others are read nonetheless.";

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
    if help::is_asked(USAGE) {
        return ExitCode::SUCCESS;
    }
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
    if let Some(provider) = provider {
        let reading = read_events(provider, octets)?;
        return write_events(file, &reading.events, reading.omitted, kind, out);
    }
    for mail in mails(octets) {
        let reading = read_report(mail);
        // What a mail program did with a message is its answer, not a person's.
        let kind_of = match reading.kind {
            ReportKind::DispositionNotification => |_: &Event| "auto_replied",
            _ => kind,
        };
        write_events(file, &reading.events, reading.omitted, kind_of, out)?;
    }
    Ok(())
}

/// The mails of a mailbox: each begins with a line of `From `, an address and a time, the first one with the file. A file that
/// does not is one mail.
fn mails(octets: &[u8]) -> Vec<&[u8]> {
    let is_separator = |line: &[u8]| {
        line.starts_with(b"From ")
            && line
                .windows(3)
                .any(|three| matches!(three, [b'0'..=b'9', b':', b'0'..=b'9']))
    };
    let mut starts = Vec::new();
    let (mut at, mut after_blank) = (0_usize, true);
    for line in octets.split_inclusive(|octet| matches!(octet, b'\n' | b'\r')) {
        let is_blank = line.trim_ascii().is_empty();
        if after_blank && is_separator(line) && (at == 0 || !starts.is_empty()) {
            starts.push(at);
        }
        // The CR of a CRLF ends a line of its own here.
        after_blank = is_blank
            && (after_blank || line != b"\n" || octets.get(at.wrapping_sub(1)) != Some(&b'\r'));
        at += line.len();
    }
    if starts.is_empty() {
        return vec![octets];
    }
    let ends = starts.iter().skip(1).copied().chain([octets.len()]);
    starts
        .iter()
        .zip(ends)
        .map(|(start, end)| &octets[*start..end])
        .collect()
}

fn write_events(
    file: &str,
    events: &[Event],
    omitted: usize,
    kind_of: fn(&Event) -> &'static str,
    out: &mut impl Write,
) -> Result<(), Box<dyn Error>> {
    for event in events {
        writeln!(
            out,
            "{}",
            serde_json::to_string(&line(file, kind_of(event), event))?
        )?;
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
    // As the report names it; whom the message was written to, where that differs, is `Event::addressee`.
    let recipient = event.recipient().or_else(|| event.addressee());
    Line {
        file,
        kind,
        recipient: recipient.map(ToString::to_string),
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
        // `deliverable` and the like: a server's word for good news that the standard does not know.
        EventKind::Unknown if event.status().is_some_and(|status| status.class() == 2) => {
            "delivered"
        }
        EventKind::AutoReplied => "auto_replied",
        EventKind::AuthFailure => "auth_failure",
        EventKind::NotSpam => "not_spam",
        other => other.as_str(),
    }
}
