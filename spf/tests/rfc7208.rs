//! Runs the vectors of `tests/vectors` over in-memory zones, and over the same zones behind a wait for each answer.

mod slow;

use std::fs;
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use letterhead_dns::{Zone, block_on_ready};
use letterhead_spf::{Limits, Query, Verdict, check_host};

use self::slow::agrees_with_waiting;

#[test]
fn every_vector_gives_the_result_written_there() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors");
    let mut checks = 0;
    let mut failures = Vec::new();
    for entry in fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("readable").path();
        if path.extension().is_none_or(|extension| extension != "txt") {
            continue;
        }
        let text = fs::read_to_string(&path).expect("readable");
        for scenario in text.split("\n== ").skip(1) {
            let (title, body) = scenario.split_once('\n').expect("a scenario has lines");
            let (zone, queries): (Vec<_>, Vec<_>) = body
                .lines()
                .filter(|line| !line.starts_with('#'))
                .partition(|line| !line.starts_with("? "));
            let zone: Zone = zone
                .join("\n")
                .parse()
                .unwrap_or_else(|error| panic!("{title}: {error}"));
            assert!(!queries.is_empty(), "{title} checks nothing");
            for query in queries {
                checks += 1;
                if let Err(failure) = check(query, &zone) {
                    failures.push(format!("{title}\n{query}\n{failure}"));
                }
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
    assert!(checks > 150, "only {checks} checks were found");
}

fn check(line: &str, zone: &Zone) -> Result<(), String> {
    let (line, explanation) = match line.split_once(" explanation=") {
        Some((line, explanation)) => (line, Some(explanation)),
        None => (line, None),
    };
    let mut words = line.split(' ').skip(1);
    let mut word = || words.next().expect("client, sender, HELO and result");
    let client = word().parse().expect("an address");
    let (sender, helo, result) = (word(), word(), word());
    let query = match sender {
        "HELO" => Query::helo(client, helo),
        sender => Query::mail_from(client, sender, helo),
    }
    .with_receiver("rx.example.net")
    .with_now(UNIX_EPOCH + Duration::from_secs(1_700_000_000));
    let verdict = run(&query, zone);
    let mut wrong = Vec::new();
    if verdict.result.as_str() != result {
        wrong.push(String::from("result"));
    }
    for word in words {
        let (name, value) = word.split_once('=').expect("name=value");
        let found = match name {
            "lookups" => verdict.lookups,
            "void" => verdict.void_lookups,
            other => panic!("{other} is not compared"),
        };
        if value.parse() != Ok(found) {
            wrong.push(format!("{name} {found}"));
        }
    }
    if let Some(wanted) = explanation
        && verdict.explanation.as_deref().unwrap_or("-") != wanted
    {
        wrong.push(format!("explanation {:?}", verdict.explanation));
    }
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(format!(
            "{}: {verdict}\n{}",
            wrong.join(", "),
            verdict.trace()
        ))
    }
}

fn run(query: &Query, zone: &Zone) -> Verdict {
    let limits = Limits::default();
    let verdict = block_on_ready(check_host(query, zone, &limits)).expect("a zone never waits");
    agrees_with_waiting(&verdict, query, zone, &limits);
    verdict
}
