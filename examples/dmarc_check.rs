//! Says what DMARC makes of SPF and DKIM results for a From domain.

use std::error::Error;
use std::process::ExitCode;

use letterhead::dmarc::{
    Alignment, DkimEvidence, EvidenceResult, Origin, PolicySource, SpfEvidence, evaluate,
};
use letterhead::dns::{DomainName, HickoryResolver, Resolver, Zone};
use serde_json::json;

const USAGE: &str = "usage: dmarc_check --from NAME [--zone FILE] [--spf NAME:RESULT] [--dkim NAME:RESULT]… [--json]

  --from  the domain in From
  --zone  a master file with the policy records; without it, the resolver of the system is asked
  --spf   the domain that SPF checked and its result, such as bounce.example.org:pass
  --dkim  a signing domain and the result of its signature, as often as there are signatures
  --json  one object in place of text";

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("dmarc_check: {error}\n\n{USAGE}");
            ExitCode::from(2)
        }
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let (mut from, mut zone, mut spf) = (None::<DomainName>, None, None);
    let (mut dkim, mut as_json) = (Vec::new(), false);
    let mut arguments = std::env::args().skip(1);
    while let Some(option) = arguments.next() {
        let mut value = || {
            arguments
                .next()
                .ok_or_else(|| format!("{option} needs a value"))
        };
        match option.as_str() {
            "--from" => from = Some(value()?.parse()?),
            "--zone" => zone = Some(value()?),
            "--spf" => {
                let (domain, result) = evidence(&value()?)?;
                spf = Some(SpfEvidence::assertion(domain, result, Origin::Caller));
            }
            "--dkim" => {
                let (domain, result) = evidence(&value()?)?;
                dkim.push(DkimEvidence::assertion(domain, "", result, Origin::Caller));
            }
            "--json" => as_json = true,
            other => return Err(format!("{other} is not an option").into()),
        }
    }
    let from = from.ok_or("--from is missing")?;
    let resolver: Box<dyn Resolver> = match zone {
        Some(path) => {
            let text = std::fs::read(&path).map_err(|error| format!("{path}: {error}"))?;
            Box::new(Zone::parse(&text).map_err(|error| format!("{path}: {error}"))?)
        }
        None => Box::new(HickoryResolver::from_system()?),
    };
    let verdict = evaluate(&from, spf.as_ref(), &dkim, &resolver).await;
    let policy = verdict.requested_policy().map(|policy| policy.to_string());
    let found_at = verdict
        .policy_domain()
        .map(|domain| format!("_dmarc.{domain}"));
    let source = verdict.policy_record().map(|record| match record.source() {
        PolicySource::AuthorDomain => "the author domain",
        PolicySource::OrganizationalDomain => "the organizational domain",
        PolicySource::PublicSuffixDomain => "the public suffix domain",
    });
    let aligned: Vec<String> = verdict
        .aligned()
        .map(|identifier| format!("{}:{}", identifier.mechanism(), identifier.domain()))
        .collect();
    if as_json {
        let identifiers = verdict.identifiers().iter().map(|identifier| {
            json!({
                "mechanism": identifier.mechanism().to_string(),
                "domain": identifier.domain().as_str(),
                "result": identifier.result().to_string(),
                "aligned": identifier.alignment() == Alignment::Aligned,
            })
        });
        let object = json!({
            "dmarc": verdict.result().to_string(),
            "policy": policy,
            "disposition": verdict.disposition().to_string(),
            "record_at": found_at,
            "record": verdict.record().map(ToString::to_string),
            "source": source,
            "aligned": aligned,
            "identifiers": identifiers.collect::<Vec<_>>(),
        });
        println!("{object}");
        return Ok(());
    }
    println!("dmarc={}", verdict.result());
    println!("policy: {}", policy.as_deref().unwrap_or("none found"));
    match (&found_at, source) {
        (Some(name), Some(source)) => println!("record: {name}, {source}"),
        _ => println!("record: none"),
    }
    match aligned.as_slice() {
        [] => println!("aligned: nothing"),
        some => println!("aligned: {}", some.join(", ")),
    }
    println!("{verdict}");
    Ok(())
}

/// `NAME:RESULT`.
fn evidence(text: &str) -> Result<(DomainName, EvidenceResult), Box<dyn Error>> {
    let (domain, result) = text
        .rsplit_once(':')
        .ok_or_else(|| format!("{text} is not NAME:RESULT"))?;
    Ok((domain.parse()?, result.parse()?))
}
