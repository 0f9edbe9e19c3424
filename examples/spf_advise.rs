//! Says what to do about an SPF record: adds what a provider asks for, lints, audits and flattens.

#[path = "shared/resolver.rs"]
mod resolver;

use std::error::Error;
use std::process::ExitCode;

use letterhead::dns::{DomainName, Txt};
use letterhead::spf::{
    Code, Directive, Finding, Record, Severity, audit_for, flatten, lint, merge,
};

use self::resolver::resolver;

const USAGE: &str = "usage: spf_advise --record 'v=spf1 …' [--add TERM]…
       spf_advise --domain NAME [--zone FILE] [--add TERM]… [--flatten]

  --record   the record the domain has; several times if it has several. Only its text is looked at
  --domain   the domain whose policy is looked up and followed
  --zone     a master file to look it up in; without it, the resolver of the system is asked
  --add      a term that a provider asks for, such as include:amazonses.com
  --flatten  writes the policy without lookups, as a master file

With --record and --add the first line is the record to publish. Without --add, or where nothing can be merged, findings are
written, one a line. The exit status is 1 if one of them is an error, and 2 if the command cannot be carried out.";

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("spf_advise: {error}\n\n{USAGE}");
            ExitCode::from(2)
        }
    }
}

async fn run() -> Result<ExitCode, Box<dyn Error>> {
    let (mut records, mut wanted) = (Vec::<String>::new(), Vec::<Directive>::new());
    let (mut domain, mut zone, mut flat) = (None::<DomainName>, None, false);
    let mut arguments = std::env::args().skip(1);
    while let Some(option) = arguments.next() {
        let mut value = || {
            arguments
                .next()
                .ok_or_else(|| format!("{option} needs a value"))
        };
        match option.as_str() {
            "--record" => records.push(value()?),
            "--add" => {
                let term = value()?;
                let term = term
                    .parse()
                    .map_err(|error| format!("--add {term}: {error}"))?;
                wanted.push(term);
            }
            "--domain" => domain = Some(value()?.parse()?),
            "--zone" => zone = Some(value()?),
            "--flatten" => flat = true,
            other => return Err(format!("{other} is not an option").into()),
        }
    }
    let Some(domain) = domain else {
        if flat || zone.is_some() {
            return Err("--flatten and --zone go with --domain".into());
        }
        return advise(&records, &wanted);
    };
    if !records.is_empty() || (flat && !wanted.is_empty()) {
        return Err("--record does not go with --domain, nor --add with --flatten".into());
    }
    let resolver = resolver(zone)?;
    if flat {
        print!("{}", flatten(&domain, &resolver).await?);
        return Ok(ExitCode::SUCCESS);
    }
    let audit = audit_for(&domain, &wanted, &resolver).await;
    print!("{audit}");
    Ok(show(&audit.lint()))
}

/// Advice on records given as text.
fn advise(records: &[String], wanted: &[Directive]) -> Result<ExitCode, Box<dyn Error>> {
    if records.is_empty() && wanted.is_empty() {
        return Err("--record or --domain is missing".into());
    }
    if !wanted.is_empty() && records.len() < 2 {
        match merge(records.first().map(String::as_str), wanted) {
            Ok(merged) => {
                println!("{}", merged.record);
                for notice in &merged.notices {
                    eprintln!("note: {notice}");
                }
                for finding in lint(&[Txt::split(merged.record.as_bytes())], wanted) {
                    eprintln!("note: {finding}");
                }
                return Ok(ExitCode::SUCCESS);
            }
            Err(error) => eprintln!("nothing was merged: {error}"),
        }
    }
    let texts: Vec<Txt> = records
        .iter()
        .map(|text| Txt::split(text.as_bytes()))
        .collect();
    let findings = lint(&texts, wanted);
    if findings.is_empty() {
        println!("no findings");
        for record in records {
            let record: Record = record.parse()?;
            eprintln!(
                "note: `{record}` causes {} lookups of its own",
                record.own_lookups()
            );
        }
    }
    Ok(show(&findings))
}

fn show(findings: &[Finding<Code>]) -> ExitCode {
    for finding in findings {
        println!("{finding}");
    }
    let is_bad = findings
        .iter()
        .any(|finding| finding.severity == Severity::Error);
    ExitCode::from(u8::from(is_bad))
}
