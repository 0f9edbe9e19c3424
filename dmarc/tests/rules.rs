//! Runs the cases of `vectors/rules.txt`: zone text and evidence in, verdict out.

use letterhead_dmarc::{DkimEvidence, EvidenceResult, Origin, SpfEvidence, Verdict, evaluate};
use letterhead_dns::{Zone, block_on_ready};

/// One case; the format is described at the top of the file.
#[derive(Debug, Default)]
struct Case {
    rule: String,
    zone: String,
    author: String,
    spf: Option<SpfEvidence>,
    dkim: Vec<DkimEvidence>,
    verdict: String,
    queries: Option<String>,
}

impl Case {
    fn read(block: &str) -> Self {
        let mut case = Self::default();
        for line in block.lines() {
            let (key, value) = line.split_once(' ').unwrap();
            match key {
                "rule" => case.rule = value.to_owned(),
                "zone" => case.add_zone_line(value),
                "author" => case.author = value.to_owned(),
                "evidence" => case.add_evidence(value),
                "verdict" => case.verdict = value.to_owned(),
                "queries" => case.queries = Some(value.to_owned()),
                other => panic!("{other} is not a key"),
            }
        }
        assert!(!case.rule.is_empty() && !case.author.is_empty() && !case.verdict.is_empty());
        case
    }

    fn add_zone_line(&mut self, line: &str) {
        let is_master_file = line.starts_with(';') || line.contains(" IN ");
        match line.split_once(' ') {
            Some((domain, record)) if !is_master_file => {
                self.zone += &format!("_dmarc.{domain}. IN TXT \"{record}\"\n");
            }
            _ => self.zone += &format!("{line}\n"),
        }
    }

    fn add_evidence(&mut self, claim: &str) {
        let words: Vec<&str> = claim.split(' ').collect();
        let result = [
            EvidenceResult::Pass,
            EvidenceResult::Fail,
            EvidenceResult::TempError,
            EvidenceResult::PermError,
            EvidenceResult::None,
        ]
        .into_iter()
        .find(|result| result.to_string() == words[1])
        .unwrap();
        let domain = words[2].parse().unwrap();
        let origin = Origin::Verifier;
        match words[0] {
            "spf" => self.spf = Some(SpfEvidence::assertion(domain, result, origin)),
            "dkim" => self
                .dkim
                .push(DkimEvidence::assertion(domain, "s1", result, origin)),
            other => panic!("{other} is not a mechanism"),
        }
    }

    fn judge(&self) -> Verdict {
        let author = self.author.parse().unwrap();
        let zone: Zone = self.zone.parse().unwrap();
        let verdict = evaluate(&author, self.spf.as_ref(), &self.dkim, &zone);
        block_on_ready(verdict).unwrap()
    }
}

fn summary(verdict: &Verdict) -> String {
    let policy_domain = verdict
        .policy_domain()
        .map_or("-", |domain| domain.as_str());
    let mut summary = format!(
        "{} {} {policy_domain}",
        verdict.result(),
        verdict.disposition()
    );
    for identifier in verdict.aligned() {
        let mechanism = identifier.mechanism().to_string().to_lowercase();
        summary += &format!(" {mechanism}:{}", identifier.domain());
    }
    summary
}

fn names_asked(verdict: &Verdict) -> String {
    let names: Vec<String> = verdict
        .queries()
        .iter()
        .map(|query| query.name().to_string().trim_end_matches('.').to_owned())
        .collect();
    names.join(" ")
}

/// Runs the cases of one section; a section without cases is a mistake in the file.
fn check(section: &str) {
    let mut current = "";
    let mut count = 0;
    let mut wrong = Vec::new();
    let text = include_str!("vectors/rules.txt");
    for block in text.split("\n\n").filter(|block| !block.starts_with('#')) {
        if let Some((name, _)) = block
            .strip_prefix('[')
            .and_then(|rest| rest.split_once(']'))
        {
            current = name;
            continue;
        }
        if current != section {
            continue;
        }
        let case = Case::read(block);
        let verdict = case.judge();
        count += 1;
        let is_right = summary(&verdict) == case.verdict
            && case
                .queries
                .as_ref()
                .is_none_or(|queries| names_asked(&verdict) == *queries)
            && !verdict.to_string().contains(char::is_control);
        if !is_right {
            wrong.push(format!(
                "{}: expected {:?} {:?}, found {:?} {:?}\n  {verdict}",
                case.rule,
                case.verdict,
                case.queries,
                summary(&verdict),
                names_asked(&verdict),
            ));
        }
    }
    assert!(count > 10, "section {section} has {count} cases");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn records_mean_what_their_tags_say() {
    check("record");
}

#[test]
fn walks_go_as_far_as_they_should() {
    check("walk");
}

#[test]
fn the_right_policy_applies() {
    check("policy");
}

#[test]
fn domains_align_within_an_organization() {
    check("alignment");
}

#[test]
fn results_follow_from_evidence_and_lookups() {
    check("result");
}
