//! Says what DMARC makes of SPF and DKIM results for a From domain, and on demand what is wrong with its policy.

#[path = "shared/colour.rs"]
mod colour;
#[path = "shared/help.rs"]
mod help;
#[path = "shared/resolver.rs"]
mod resolver;

use std::error::Error;
use std::process::ExitCode;

use letterhead::dmarc::{
    Alignment, Code, DkimEvidence, EvidenceResult, Finding, Origin, PolicySource, SpfEvidence,
    Verdict, evaluate, lint_published, organizational_domain,
};
use letterhead::dns::DomainName;
use serde_json::json;

use self::colour::coloured;
use self::resolver::resolver;

const USAGE: &str = "usage: dmarc_check --from NAME [--zone FILE] [--spf NAME:RESULT] [--dkim NAME:RESULT]… [--lint] [--json]

  --from  the domain in From, or its address
  --zone  a master file with the policy records; without it, the resolver of the system is asked.
          A line `;fault NAME TYPE servfail` or `;fault NAME TYPE timeout` makes that lookup fail
  --spf   the domain that SPF checked and its result, such as bounce.example.org:pass
  --dkim  a signing domain and the result of its signature, as often as there are signatures
  --lint  also says what is wrong with the policy that is published, and whether those named for reports take them
  --json  one object in place of text";

#[tokio::main]
async fn main() -> ExitCode {
    if help::is_asked(USAGE) {
        return ExitCode::SUCCESS;
    }
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
    let (mut dkim, mut with_lint, mut as_json) = (Vec::new(), false, false);
    let mut arguments = std::env::args().skip(1);
    while let Some(option) = arguments.next() {
        let mut value = || {
            arguments
                .next()
                .ok_or_else(|| format!("{option} needs a value"))
        };
        match option.as_str() {
            "--from" => {
                let text = value()?;
                let domain = text.rsplit_once('@').map_or(&*text, |(_, domain)| domain);
                from = Some(domain.trim_end_matches('>').parse()?);
            }
            "--zone" => zone = Some(value()?),
            "--spf" => {
                let (domain, result) = evidence(&value()?)?;
                spf = Some(SpfEvidence::assertion(domain, result, Origin::Caller));
            }
            "--dkim" => {
                let (domain, result) = evidence(&value()?)?;
                dkim.push(DkimEvidence::assertion(domain, "", result, Origin::Caller));
            }
            "--lint" => with_lint = true,
            "--json" => as_json = true,
            other => return Err(format!("{other} is not an option").into()),
        }
    }
    let from = from.ok_or("--from is missing")?;
    let resolver = resolver(zone)?;
    let verdict = evaluate(&from, spf.as_ref(), &dkim, &resolver).await;
    let organization = match verdict.organizational_domain() {
        Some(known) => Some(known.clone()),
        None => organizational_domain(&from, &resolver)
            .await
            .ok()
            .map(|found| found.domain().clone()),
    };
    let findings = match with_lint {
        true => lint_published(&from, &resolver).await,
        false => Vec::new(),
    };
    if as_json {
        println!("{}", object(&verdict, organization.as_ref(), &findings));
    } else {
        print(&verdict, organization.as_ref(), &findings);
    }
    Ok(())
}

fn print(verdict: &Verdict, organization: Option<&DomainName>, findings: &[Finding<Code>]) {
    println!("{}", coloured(&format!("dmarc={}", verdict.result())));
    match verdict.requested_policy() {
        Some(policy) => println!("policy: {policy}"),
        None => println!("policy: none found"),
    }
    match (verdict.policy_domain(), source(verdict)) {
        (Some(domain), Some(source)) => println!("record: _dmarc.{domain}, {source}"),
        _ => println!("record: none"),
    }
    match aligned(verdict).as_slice() {
        [] => println!("aligned: nothing"),
        some => println!("aligned: {}", some.join(", ")),
    }
    println!("disposition: {}", verdict.disposition());
    match organization {
        Some(domain) => println!("organizational domain: {domain}"),
        None => println!("organizational domain: not known"),
    }
    println!("{verdict}");
    for finding in findings {
        println!("{}", coloured(finding));
    }
}

fn object(
    verdict: &Verdict,
    organization: Option<&DomainName>,
    findings: &[Finding<Code>],
) -> serde_json::Value {
    let identifiers = verdict.identifiers().iter().map(|identifier| {
        json!({
            "mechanism": identifier.mechanism().to_string(),
            "domain": identifier.domain().as_str(),
            "result": identifier.result().to_string(),
            "aligned": identifier.alignment() == Alignment::Aligned,
            "alignment": identifier.alignment().to_string(),
            "mode": identifier.mode().map(|mode| mode.to_string()),
        })
    });
    let found_at = verdict
        .policy_domain()
        .map(|domain| format!("_dmarc.{domain}"));
    json!({
        "dmarc": verdict.result().to_string(),
        "policy": verdict.requested_policy().map(|policy| policy.to_string()),
        "disposition": verdict.disposition().to_string(),
        "policy_domain": verdict.policy_domain().map(DomainName::as_str),
        "organizational_domain": organization.map(DomainName::as_str),
        "record_at": found_at,
        "record": verdict.record().map(ToString::to_string),
        "source": source(verdict),
        "aligned": aligned(verdict),
        "identifiers": identifiers.collect::<Vec<_>>(),
        "lookups": verdict.queries().iter().map(ToString::to_string).collect::<Vec<_>>(),
        "explanation": verdict.to_string(),
        "findings": findings.iter().map(ToString::to_string).collect::<Vec<_>>(),
    })
}

fn source(verdict: &Verdict) -> Option<&'static str> {
    verdict.policy_record().map(|record| match record.source() {
        PolicySource::AuthorDomain => "the author domain",
        PolicySource::OrganizationalDomain => "the organizational domain",
        PolicySource::PublicSuffixDomain => "the public suffix domain",
    })
}

fn aligned(verdict: &Verdict) -> Vec<String> {
    verdict
        .aligned()
        .map(|identifier| format!("{}:{}", identifier.mechanism(), identifier.domain()))
        .collect()
}

/// `NAME:RESULT`.
fn evidence(text: &str) -> Result<(DomainName, EvidenceResult), Box<dyn Error>> {
    let (domain, result) = text
        .rsplit_once(':')
        .ok_or_else(|| format!("{text} is not NAME:RESULT"))?;
    Ok((domain.parse()?, result.parse()?))
}
