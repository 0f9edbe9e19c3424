//! Runs the vectors of `tests/vectors/section-*.txt`; the README there says how they are written.

use std::fs;
use std::path::Path;

use letterhead_dmarc::{
    DestinationVerdict, DkimEvidence, EvidenceResult, Origin, PolicySource, Record, SpfEvidence,
    Verdict, check_destinations, evaluate, organizational_domain,
};
use letterhead_dns::{DomainName, Zone, block_on_ready};

#[test]
fn every_vector_gives_what_is_written_there() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors");
    let mut checks = 0;
    let mut failures = Vec::new();
    for entry in fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("readable").path();
        let name = path.file_name().expect("a name").to_string_lossy();
        if !name.starts_with("section-") {
            continue;
        }
        let text = fs::read_to_string(&path).expect("readable");
        for scenario in text.split("\n== ").skip(1) {
            let (title, body) = scenario.split_once('\n').expect("a scenario has lines");
            let (checked, zone): (Vec<_>, Vec<_>) = body
                .lines()
                .filter(|line| !line.starts_with('#'))
                .partition(|line| line.starts_with(['?', '@', '!']));
            let zone: Zone = zone
                .join("\n")
                .parse()
                .unwrap_or_else(|error| panic!("{name}: {title}: {error}"));
            assert!(!checked.is_empty(), "{name}: {title} checks nothing");
            for line in checked {
                checks += 1;
                let (question, expected) =
                    line.split_once(" => ").expect("a question and a result");
                let (kind, question) = question.split_once(' ').expect("a kind");
                let found = match kind {
                    "?" => judged(question, expected, &zone),
                    "@" => organization(question, &zone),
                    _ => destinations(question, &zone),
                };
                if found != expected {
                    failures.push(format!("{name}: {title}\n{line}\nfound {found}"));
                }
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
    assert!(checks > 500, "only {checks} checks were found");
}

/// The result and the disposition, then those of the optional words that are expected.
fn judged(question: &str, expected: &str, zone: &Zone) -> String {
    let mut words = question.split(' ');
    let author = domain(words.next().expect("an author domain"));
    let (mut spf, mut dkim) = (None, Vec::new());
    for word in words {
        let (mechanism, claim) = word.split_once('=').expect("spf=DOMAIN:RESULT");
        let (name, result) = claim.rsplit_once(':').expect("DOMAIN:RESULT");
        let result: EvidenceResult = result.parse().expect("a result");
        match mechanism {
            "spf" => {
                spf = Some(SpfEvidence::assertion(
                    domain(name),
                    result,
                    Origin::Verifier,
                ))
            }
            "dkim" => dkim.push(DkimEvidence::assertion(
                domain(name),
                "s",
                result,
                Origin::Verifier,
            )),
            other => panic!("{other} is not a mechanism"),
        }
    }
    let verdict = block_on_ready(evaluate(&author, spf.as_ref(), &dkim, zone));
    let verdict = verdict.expect("a zone never waits");
    let mut found = vec![
        verdict.result().to_string(),
        verdict.disposition().to_string(),
    ];
    for word in expected.split(' ').skip(2) {
        let (name, _) = word.split_once('=').expect("name=value");
        found.push(format!("{name}={}", property(&verdict, name)));
    }
    found.join(" ")
}

fn property(verdict: &Verdict, name: &str) -> String {
    match name {
        "asked" => verdict
            .requested_policy()
            .map_or_else(none, |policy| policy.to_string()),
        "at" => verdict
            .policy_domain()
            .map_or_else(none, DomainName::to_string),
        "org" => verdict
            .organizational_domain()
            .map_or_else(none, DomainName::to_string),
        "source" => verdict.policy_record().map_or_else(none, |record| {
            String::from(match record.source() {
                PolicySource::AuthorDomain => "author",
                PolicySource::OrganizationalDomain => "organization",
                PolicySource::PublicSuffixDomain => "suffix",
            })
        }),
        "aligned" => {
            let aligned: Vec<String> = verdict
                .aligned()
                .map(|identifier| {
                    let mechanism = identifier.mechanism().to_string().to_lowercase();
                    format!("{mechanism}:{}", identifier.domain())
                })
                .collect();
            if aligned.is_empty() {
                none()
            } else {
                aligned.join(",")
            }
        }
        "lookups" => verdict.queries().len().to_string(),
        other => panic!("{other} is not compared"),
    }
}

fn organization(question: &str, zone: &Zone) -> String {
    let found = block_on_ready(organizational_domain(&domain(question), zone));
    match found.expect("a zone never waits") {
        Err(_) => String::from("error"),
        Ok(found) => {
            let decided_by = found.decided_by().map_or_else(none, DomainName::to_string);
            let lookups = found.queries().len();
            format!("{} by={decided_by} lookups={lookups}", found.domain())
        }
    }
}

/// What becomes of each address in the record of a policy domain.
fn destinations(question: &str, zone: &Zone) -> String {
    let (policy_domain, record) = question.split_once(' ').expect("a domain and a record");
    let record: Record = record.parse().expect("a record");
    let checked = block_on_ready(check_destinations(&domain(policy_domain), &record, zone));
    let words: Vec<String> = checked
        .expect("a zone never waits")
        .iter()
        .map(|destination| match destination.verdict() {
            DestinationVerdict::Internal => String::from("internal"),
            DestinationVerdict::Accepted => String::from("accepted"),
            DestinationVerdict::AcceptedElsewhere(addresses) => {
                let addresses: Vec<&str> = addresses.iter().map(AsRef::as_ref).collect();
                format!("elsewhere:{}", addresses.join(","))
            }
            DestinationVerdict::NotAccepted(_) => String::from("refused"),
            DestinationVerdict::Failed(_) => String::from("error"),
        })
        .collect();
    words.join(" ")
}

fn domain(text: &str) -> DomainName {
    text.parse()
        .unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn none() -> String {
    String::from("-")
}
