//! The tables of what servers say, and the one search that goes through them all.
//!
//! A new phrase is one line in the `RULES` of the reason's file, lower case, without the address (`@`) and without codes, and
//! one sentence in the `SAMPLES` below it. The tests fail where a rule has no sample, and where a sample comes to another
//! reason: then the phrase is too short, or another rule too strong. Names of servers, links and receivers' own codes are
//! [`Rule::names`]; words that another reason may stand beside are [`surely`](Rule::surely) meant.

use std::collections::HashMap;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickBuilder, AhoCorasickKind};
use letterhead_mail::{EnhancedCode, ReplyCode};

use super::rule::{Phrase, Rule, Strength};
use super::wording::Wording;
use crate::event::Reason;

mod address;
mod authentication;
mod block_lists;
mod blocked;
mod blocked_codes;
mod connections;
mod content;
mod disabled;
mod expired;
mod filtered;
mod foreign;
mod full;
mod host;
mod network;
mod policy;
mod protocol;
mod rate;
mod recipient;
mod relaying;
mod reputation;
mod reverse;
mod security;
mod sender;
mod sending_host;
mod size;
mod spam;
mod suppressed;
mod system;
mod virus;

/// Every table.
static TABLES: &[&[Rule]] = &[
    recipient::RULES,
    foreign::RULES,
    address::RULES,
    host::RULES,
    full::RULES,
    disabled::RULES,
    filtered::RULES,
    size::RULES,
    content::RULES,
    spam::RULES,
    virus::RULES,
    sender::RULES,
    authentication::RULES,
    reverse::RULES,
    blocked::RULES,
    block_lists::RULES,
    sending_host::RULES,
    blocked_codes::RULES,
    reputation::RULES,
    rate::RULES,
    connections::RULES,
    relaying::RULES,
    security::RULES,
    policy::RULES,
    suppressed::RULES,
    system::RULES,
    protocol::RULES,
    network::RULES,
    expired::RULES,
];

/// The reason of the strongest rule that applies, and among equals of the one with more words.
pub(super) fn best(
    wording: &Wording,
    code: Option<ReplyCode>,
    statuses: &[Option<EnhancedCode>],
) -> Option<(Reason, Strength)> {
    let best = applying(wording, code, statuses)
        .into_iter()
        .max_by_key(|rule| (rule.strength, rule.length()))?;
    Some((best.reason.clone(), best.strength))
}

/// Every rule that applies.
fn applying(
    wording: &Wording,
    code: Option<ReplyCode>,
    statuses: &[Option<EnhancedCode>],
) -> Vec<&'static Rule> {
    let Some(index) = INDEX.as_ref() else {
        return Vec::new();
    };
    let found = index.found(wording);
    found
        .iter()
        .filter_map(|phrase| index.leading.get(*phrase))
        .flatten()
        .filter(|(rule, companion)| {
            companion.is_none_or(|companion| found.contains(&companion))
                && rule.suits(code, statuses)
        })
        .map(|(rule, _)| *rule)
        .collect()
}

/// All phrases of all rules, for one search.
#[derive(Debug)]
struct Index {
    automaton: AhoCorasick,
    phrases: Vec<Phrase>,
    /// By phrase, the rules that it leads, with the number of the companion's phrase.
    leading: Vec<Vec<(&'static Rule, Option<usize>)>>,
}

impl Index {
    /// `None` cannot be: the tables are known, and far from the limits of the automaton. A test builds it.
    fn new() -> Option<Self> {
        let mut numbers = HashMap::new();
        let mut phrases = Vec::new();
        let mut number = |phrase: Phrase| {
            *numbers.entry(phrase).or_insert_with(|| {
                phrases.push(phrase);
                phrases.len() - 1
            })
        };
        let mut leading: Vec<Vec<(&'static Rule, Option<usize>)>> = Vec::new();
        for rule in TABLES.iter().copied().flatten() {
            let first = number(rule.phrase);
            let companion = rule.companion.map(&mut number);
            let needed = first.max(companion.unwrap_or(0)) + 1;
            leading.resize_with(leading.len().max(needed), Vec::new);
            if let Some(rules) = leading.get_mut(first) {
                rules.push((rule, companion));
            }
        }
        let automaton = AhoCorasickBuilder::new()
            .ascii_case_insensitive(true)
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .build(phrases.iter().map(|phrase| phrase.text))
            .ok()?;
        Some(Self {
            automaton,
            phrases,
            leading,
        })
    }

    /// The numbers of the phrases that are there, each once.
    fn found(&self, wording: &Wording) -> Vec<usize> {
        let mut found = Vec::new();
        for hit in self.automaton.find_overlapping_iter(wording.as_str()) {
            let number = hit.pattern().as_usize();
            let in_place = self
                .phrases
                .get(number)
                .is_some_and(|phrase| phrase.is_name || wording.is_word(hit.start()));
            if in_place && wording.is_whole(hit.start(), hit.end()) && !found.contains(&number) {
                found.push(number);
            }
        }
        found
    }
}

static INDEX: LazyLock<Option<Index>> = LazyLock::new(Index::new);

/// The samples of every table.
#[cfg(test)]
const SAMPLES: &[&[Samples]] = &[
    recipient::SAMPLES,
    foreign::SAMPLES,
    address::SAMPLES,
    host::SAMPLES,
    full::SAMPLES,
    disabled::SAMPLES,
    filtered::SAMPLES,
    size::SAMPLES,
    content::SAMPLES,
    spam::SAMPLES,
    virus::SAMPLES,
    sender::SAMPLES,
    authentication::SAMPLES,
    reverse::SAMPLES,
    blocked::SAMPLES,
    block_lists::SAMPLES,
    sending_host::SAMPLES,
    blocked_codes::SAMPLES,
    reputation::SAMPLES,
    rate::SAMPLES,
    connections::SAMPLES,
    relaying::SAMPLES,
    security::SAMPLES,
    policy::SAMPLES,
    suppressed::SAMPLES,
    system::SAMPLES,
    protocol::SAMPLES,
    network::SAMPLES,
    expired::SAMPLES,
];

/// Sentences in the manner of servers, all for one reason.
#[cfg(test)]
pub(super) struct Samples {
    pub(super) reason: Reason,
    pub(super) permanence: crate::event::Permanence,
    /// Whole diagnostics; the server's name stands before a `|` where it matters.
    pub(super) said: &'static [&'static str],
}

#[cfg(test)]
mod tests;
