//! Checks a client against the SPF policy of a sender, with a zone file or live, and shows what decided.

#[path = "shared/colour.rs"]
mod colour;
#[path = "shared/help.rs"]
mod help;
#[path = "shared/resolver.rs"]
mod resolver;

use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

use letterhead::SystemClock;
use letterhead::mail::Clock;
use letterhead::spf::{Limits, Query, check_host_until};

use self::colour::coloured;
use self::resolver::resolver;

const USAGE: &str = "usage: check_host --ip ADDRESS --mail-from ADDRESS [--helo NAME] [--zone FILE] [--receiver NAME] [--json]

  --mail-from  as in MAIL FROM, without angle brackets; empty for the null sender
  --helo       the argument of HELO or EHLO; it is checked for the null sender
  --zone       a master file with the names of any number of domains; without it, the resolver of the system is asked.
               A line `;fault NAME TYPE servfail` or `;fault NAME TYPE timeout` makes that lookup fail
  --receiver   the name of the host that checks, for explanations that want it
  --json       one object in place of text";

#[tokio::main]
async fn main() -> ExitCode {
    if help::is_asked(USAGE) {
        return ExitCode::SUCCESS;
    }
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("check_host: {error}\n\n{USAGE}");
            ExitCode::from(2)
        }
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let (mut ip, mut mail_from, mut zone) = (None, None, None);
    let (mut helo, mut receiver, mut json) = (String::new(), None, false);
    let mut arguments = std::env::args().skip(1);
    while let Some(option) = arguments.next() {
        let mut value = || {
            arguments
                .next()
                .ok_or_else(|| format!("{option} needs a value"))
        };
        match option.as_str() {
            "--ip" => ip = Some(value()?.parse().map_err(|_| "--ip is not an IP address")?),
            "--mail-from" => mail_from = Some(value()?),
            "--helo" => helo = value()?,
            "--zone" => zone = Some(value()?),
            "--receiver" => receiver = Some(value()?),
            "--json" => json = true,
            other => return Err(format!("{other} is not an option").into()),
        }
    }
    let mail_from = mail_from.ok_or("--mail-from is missing; it may be empty")?;
    let mut query = Query::mail_from(ip.ok_or("--ip is missing")?, &mail_from, &helo)
        .with_now(SystemClock::new().now());
    if let Some(receiver) = receiver {
        query = query.with_receiver(&receiver);
    }
    let resolver = resolver(zone)?;
    let deadline = tokio::time::sleep(Duration::from_secs(20));
    let verdict = check_host_until(&query, &resolver, &Limits::default(), deadline).await;
    if json {
        let object = serde_json::json!({
            "result": verdict.result,
            "explanation": verdict.explanation,
            "lookups": verdict.lookups,
            "void_lookups": verdict.void_lookups,
            "trace": verdict.trace(),
        });
        println!("{object}");
        return Ok(());
    }
    println!("{}", coloured(&format!("result: {}", verdict.result)));
    if let Some(explanation) = &verdict.explanation {
        println!("explanation: {explanation}");
    }
    print!("{}", coloured(verdict.trace()));
    println!("decided by {}", verdict.decided_by());
    Ok(())
}
