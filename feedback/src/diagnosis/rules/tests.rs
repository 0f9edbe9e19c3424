use std::collections::HashSet;

use super::{INDEX, Rule, SAMPLES, TABLES, applying};
use crate::diagnosis::wording::Wording;
use crate::diagnosis::{Clues, diagnose, quote};
use crate::event::Reason;

fn clues(sample: &'static str) -> Clues<'static> {
    let (remote_mta, said) = match sample.split_once('|') {
        Some((server, said)) => (Some(server), said),
        None => (None, sample),
    };
    Clues {
        diagnostic: Some(said),
        remote_mta,
        ..Clues::default()
    }
}

#[test]
fn every_sample_gives_its_reason() {
    let mut wrong = Vec::new();
    for samples in SAMPLES.iter().copied().flatten() {
        for said in samples.said {
            let diagnosis = diagnose(&clues(said));
            if (&diagnosis.reason, diagnosis.permanence) != (&samples.reason, samples.permanence) {
                wrong.push(format!(
                    "{said}: {} {:?}, not {} {:?}",
                    diagnosis.reason, diagnosis.permanence, samples.reason, samples.permanence
                ));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn every_rule_has_a_sample_of_its_reason() {
    let mut used: HashSet<*const Rule> = HashSet::new();
    for samples in SAMPLES.iter().copied().flatten() {
        for said in samples.said {
            let clues = clues(said);
            let wording = Wording::new(clues.diagnostic.unwrap(), clues.remote_mta);
            let reply = quote::reply(clues.diagnostic.unwrap());
            let status = match &reply {
                Some(reply) => reply.enhanced(),
                None => quote::status(clues.diagnostic.unwrap()),
            };
            for rule in applying(&wording, reply.map(|reply| reply.code()), &[status]) {
                if rule.reason == samples.reason {
                    used.insert(std::ptr::from_ref(rule));
                }
            }
        }
    }
    let unused: Vec<&Rule> = TABLES
        .iter()
        .copied()
        .flatten()
        .filter(|rule| !used.contains(&std::ptr::from_ref(*rule)))
        .collect();
    assert!(
        unused.is_empty(),
        "{} rules without a sample: {unused:#?}",
        unused.len()
    );
}

#[test]
fn every_phrase_can_be_found() {
    assert!(INDEX.is_some());
    let mut seen = HashSet::new();
    for rule in TABLES.iter().copied().flatten() {
        for phrase in [Some(rule.phrase), rule.companion].into_iter().flatten() {
            let wording = Wording::new(phrase.text, None);
            assert!(
                phrase.is_name || wording.as_str() == phrase.text.trim(),
                "written as no diagnostic reads: {}",
                phrase.text
            );
            assert_eq!(phrase.text, phrase.text.to_lowercase());
        }
        assert!(
            seen.insert((rule.phrase, rule.companion, rule.code, rule.status)),
            "twice: {rule:?}"
        );
    }
}

#[test]
fn names_are_not_words_and_words_are_whole() {
    for (server, said) in [
        ("mailbox-full.example.org", "550 no"),
        (
            "mx.example.org",
            "550 see https://example.org/mailbox/full/?quota=exceeded#spam",
        ),
        ("mx.example.org", "550 <user-unknown@spam.example.org>"),
        ("mx.example.org", "550 the mailbox fullness"),
    ] {
        let clues = Clues {
            remote_mta: Some(server),
            diagnostic: Some(said),
            ..Clues::default()
        };
        assert_eq!(diagnose(&clues).reason, Reason::UNSPECIFIED, "{said}");
    }
}
