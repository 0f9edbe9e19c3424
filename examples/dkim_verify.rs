//! Verifies the DKIM signatures of the message on standard input: one line each.

#[path = "shared/colour.rs"]
mod colour;
#[path = "shared/help.rs"]
mod help;
#[path = "shared/resolver.rs"]
mod resolver;

use std::error::Error;
use std::io::Read as _;
use std::process::ExitCode;
use std::time::{Duration, SystemTime};

use letterhead::SystemClock;
use letterhead::dkim::{Verdict, VerifyLimits, verify};
use letterhead::mail::Clock;

use self::colour::coloured;
use self::resolver::resolver;

const USAGE: &str = "usage: dkim_verify [--zone FILE] [--at SECONDS] [--json] < mail

  --zone  a master file with the key records; without it, the resolver of the system is asked
  --at    the time of verification in seconds since 1970; now unless given
  --json  an array with an object for each signature in place of lines

A message that was stored with LF line ends is brought back to CRLF first. The exit status is 0 if a signature passes, 1 if none
does, and 2 if the command cannot be carried out.";

#[tokio::main]
async fn main() -> ExitCode {
    if help::is_asked(USAGE) {
        return ExitCode::SUCCESS;
    }
    match run().await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("dkim_verify: {error}\n\n{USAGE}");
            ExitCode::from(2)
        }
    }
}

async fn run() -> Result<ExitCode, Box<dyn Error>> {
    let (mut zone, mut json) = (None, false);
    let mut now = SystemClock::new().now();
    let mut limits = VerifyLimits::default();
    let mut arguments = std::env::args().skip(1);
    while let Some(option) = arguments.next() {
        let mut value = || {
            arguments
                .next()
                .ok_or_else(|| format!("{option} needs a value"))
        };
        match option.as_str() {
            "--zone" => zone = Some(value()?),
            "--json" => json = true,
            "--at" => {
                now = SystemTime::UNIX_EPOCH + Duration::from_secs(value()?.parse()?);
                // A time that is given is exact, as no clock is.
                limits = limits.clock_skew(Duration::ZERO);
            }
            other => return Err(format!("{other} is not an option").into()),
        }
    }
    let resolver = resolver(zone)?;
    let mut mail = Vec::new();
    std::io::stdin().read_to_end(&mut mail)?;
    let mail = with_crlf(mail);
    let verdicts = verify(&mail, &resolver, now, &limits).await;
    if json {
        let objects: Vec<serde_json::Value> = verdicts.iter().map(object).collect();
        println!("{}", serde_json::Value::from(objects));
    } else if verdicts.is_empty() {
        println!("dkim=none");
    } else {
        for verdict in &verdicts {
            println!("{}", coloured(&line(verdict)));
        }
    }
    let passes = verdicts.iter().any(Verdict::is_pass);
    Ok(if passes {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn line(verdict: &Verdict) -> String {
    let mut line = format!("dkim={}", verdict.result());
    if let Some(domain) = verdict.domain() {
        line += &format!(" header.d={domain}");
    }
    if let Some(selector) = verdict.selector() {
        line += &format!(" header.s={selector}");
    }
    line + &format!(" reason={:?}", reason(verdict))
}

fn object(verdict: &Verdict) -> serde_json::Value {
    serde_json::json!({
        "dkim": verdict.result().to_string(),
        "domain": verdict.domain().map(ToString::to_string),
        "selector": verdict.selector().map(ToString::to_string),
        "reason": verdict.cause().to_string(),
        "unsigned_body_octets": verdict.unsigned_body_octets(),
        "signed_ahead_seconds": verdict.signed_ahead().map(|ahead| ahead.as_secs()),
        "testing": verdict.is_testing(),
    })
}

/// The cause, and what to know of a signature even if it passes.
fn reason(verdict: &Verdict) -> String {
    let mut reason = verdict.cause().to_string();
    if let Some(octets) = verdict.unsigned_body_octets() {
        reason += &format!("; l= leaves {octets} octets of the body unsigned");
    }
    if let Some(ahead) = verdict.signed_ahead() {
        reason += &format!("; t= lies {} seconds in the future", ahead.as_secs());
    }
    if verdict.is_testing() {
        reason += "; the domain is testing DKIM (t=y)";
    }
    reason
}

/// The message with CRLF line ends, if its first line ends in LF alone.
fn with_crlf(mail: Vec<u8>) -> Vec<u8> {
    let first = mail.iter().position(|octet| *octet == b'\n');
    let stored = first.is_some_and(|end| !mail[..end].ends_with(b"\r"));
    if !stored {
        return mail;
    }
    let mut lines = Vec::with_capacity(mail.len() + mail.len() / 32);
    for octet in mail {
        if octet == b'\n' && lines.last() != Some(&b'\r') {
            lines.push(b'\r');
        }
        lines.push(octet);
    }
    lines
}
