//! Says what to do about an SPF record: adds what a provider asks for, lints, audits and flattens.

#[path = "shared/colour.rs"]
mod colour;
#[path = "shared/help.rs"]
mod help;
#[path = "shared/resolver.rs"]
mod resolver;

use std::error::Error;
use std::process::ExitCode;

use letterhead::dns::{DomainName, Txt};
use letterhead::spf::{
    Code, Directive, Finding, Record, Severity, audit_for, flatten, lint, merge,
};

use self::colour::coloured;
use self::resolver::resolver;

const USAGE: &str = "usage: spf_advise --record 'v=spf1 …' [--add TERM]… [--json]
       spf_advise --domain NAME [--zone FILE] [--add TERM]… [--flatten | --json]

  --record   the record the domain has; several times if it has several. Only its text is looked at
  --domain   the domain whose policy is looked up and followed
  --zone     a master file to look it up in; without it, the resolver of the system is asked
  --add      a term that a provider asks for, such as include:amazonses.com
  --flatten  writes the policy without lookups, as a master file
  --json     one object in place of text: the record to publish, if there is one, notices, and findings

With --record and --add the first line is the record to publish. Without --add, or where nothing can be merged, findings are
written, one a line. The exit status is 1 if one of them is an error, and 2 if the command cannot be carried out.";

#[tokio::main]
async fn main() -> ExitCode {
    if help::is_asked(USAGE) {
        return ExitCode::SUCCESS;
    }
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
    let mut show = print as Show;
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
            "--json" => show = print_json,
            other => return Err(format!("{other} is not an option").into()),
        }
    }
    let Some(domain) = domain else {
        if flat || zone.is_some() {
            return Err("--flatten and --zone go with --domain".into());
        }
        return advise(&records, &wanted, show);
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
    Ok(show(&Advice {
        audit: Some(audit.to_string()),
        findings: audit.lint(),
        ..Advice::default()
    }))
}

/// Advice on records given as text.
fn advise(
    records: &[String],
    wanted: &[Directive],
    show: Show,
) -> Result<ExitCode, Box<dyn Error>> {
    if records.is_empty() && wanted.is_empty() {
        return Err("--record or --domain is missing".into());
    }
    let mut advice = Advice::default();
    if !wanted.is_empty() && records.len() < 2 {
        match merge(records.first().map(String::as_str), wanted) {
            Ok(merged) => {
                advice.notices = merged.notices.iter().map(ToString::to_string).collect();
                let published = [Txt::split(merged.record.as_bytes())];
                let findings = lint(&published, wanted);
                advice
                    .notices
                    .extend(findings.iter().map(ToString::to_string));
                advice.record = Some(merged.record);
                return Ok(show(&advice));
            }
            Err(error) => advice.notices = vec![format!("nothing was merged: {error}")],
        }
    }
    let texts: Vec<Txt> = records
        .iter()
        .map(|text| Txt::split(text.as_bytes()))
        .collect();
    advice.findings = lint(&texts, wanted);
    if advice.findings.is_empty() {
        for record in records {
            let record: Record = record.parse()?;
            let lookups = record.own_lookups();
            let notice = format!("`{record}` causes {lookups} lookups of its own");
            advice.notices.push(notice);
        }
    }
    Ok(show(&advice))
}

#[derive(Default)]
struct Advice {
    /// What is to be published.
    record: Option<String>,
    notices: Vec<String>,
    /// The policy as it was followed.
    audit: Option<String>,
    findings: Vec<Finding<Code>>,
}

/// Says it, and gives the exit status.
type Show = fn(&Advice) -> ExitCode;

fn print(advice: &Advice) -> ExitCode {
    if let Some(record) = &advice.record {
        println!("{record}");
    } else if advice.audit.is_none() && advice.findings.is_empty() {
        println!("no findings");
    }
    for notice in &advice.notices {
        eprintln!("note: {notice}");
    }
    if let Some(audit) = &advice.audit {
        print!("{audit}");
    }
    for finding in &advice.findings {
        println!("{}", coloured(finding));
    }
    advice.status()
}

fn print_json(advice: &Advice) -> ExitCode {
    let object = serde_json::json!({
        "record": advice.record,
        "notices": advice.notices,
        "audit": advice.audit,
        "findings": advice.findings,
    });
    println!("{object}");
    advice.status()
}

impl Advice {
    fn status(&self) -> ExitCode {
        let is_bad = |finding: &Finding<Code>| finding.severity == Severity::Error;
        ExitCode::from(u8::from(self.findings.iter().any(is_bad)))
    }
}
