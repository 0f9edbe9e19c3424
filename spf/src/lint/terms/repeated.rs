//! Terms that say nothing new.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use letterhead_dns::Finding;

use super::at;
use crate::lint::code::Code;
use crate::record::Record;
use crate::record::term::{Directive, Mechanism, Term};

/// A directive, and which run of directives of one qualifier it is in: within a run, terms may change places.
struct Placed<'r> {
    term: &'r Term,
    directive: &'r Directive,
    run: usize,
}

/// Terms that are there already, and networks that lie in another one.
pub(super) fn lint(record: &Record) -> Vec<Finding<Code>> {
    let end = record.all().map_or(usize::MAX, |all| all.span().start);
    let mut run = 0;
    let mut before = None;
    let mut placed = Vec::new();
    for term in record.terms().iter().filter(|term| term.span().start < end) {
        let Some(directive) = term.directive() else {
            continue;
        };
        run += usize::from(before.replace(directive.qualifier()) != Some(directive.qualifier()));
        placed.push(Placed {
            term,
            directive,
            run,
        });
    }
    let mut findings = Vec::new();
    let mut first: HashMap<String, usize> = HashMap::new();
    for (index, one) in placed.iter().enumerate() {
        match first.entry(key(one.directive.mechanism())) {
            Entry::Vacant(entry) => {
                entry.insert(index);
            }
            Entry::Occupied(entry) => {
                if let Some(other) = placed.get(*entry.get()) {
                    findings.push(duplicate(record, one, other));
                }
            }
        }
    }
    for (index, one) in placed.iter().enumerate() {
        let is_first = first.get(&key(one.directive.mechanism())) == Some(&index);
        let other = wider(one.directive.mechanism()).find_map(|key| {
            let at = *first.get(&key)?;
            let other = placed.get(at)?;
            (at < index || other.run == one.run).then_some(other)
        });
        if let Some(other) = other.filter(|_| is_first) {
            findings.push(covered(record, one, other));
        }
    }
    findings
}

fn duplicate(record: &Record, one: &Placed<'_>, other: &Placed<'_>) -> Finding<Code> {
    let problem = if one.directive.qualifier() == other.directive.qualifier() {
        String::from("it is there already")
    } else {
        format!(
            "`{}` stands in front and decides",
            record.text_of(other.term)
        )
    };
    let remedy = String::from("remove it");
    at(record, one.term, Code::Duplicate, problem, remedy)
}

fn covered(record: &Record, one: &Placed<'_>, other: &Placed<'_>) -> Finding<Code> {
    let wider = record.text_of(other.term);
    let problem = if one.directive.qualifier() == other.directive.qualifier() {
        format!("`{wider}` covers it")
    } else {
        format!("`{wider}` in front covers it and decides")
    };
    let remedy = String::from("remove one of the two");
    at(record, one.term, Code::Covered, problem, remedy)
}

/// The same for mechanisms that match the same.
fn key(mechanism: &Mechanism) -> String {
    match mechanism {
        Mechanism::Ip4(network) => ip4_key(network.address().to_bits(), network.prefix()),
        Mechanism::Ip6(network) => ip6_key(network.address().to_bits(), network.prefix()),
        mechanism => {
            let text = mechanism.to_string();
            let plain = mechanism
                .domain()
                .is_none_or(|domain| domain.literal().is_some());
            if plain {
                let text = text.to_ascii_lowercase();
                text.trim_end_matches('.').to_owned()
            } else {
                text
            }
        }
    }
}

/// The keys of the networks that hold this one, the next wider first.
fn wider(mechanism: &Mechanism) -> Box<dyn Iterator<Item = String> + '_> {
    match mechanism {
        Mechanism::Ip4(network) => {
            let address = network.address().to_bits();
            Box::new(
                (0..network.prefix())
                    .rev()
                    .map(move |prefix| ip4_key(address, prefix)),
            )
        }
        Mechanism::Ip6(network) => {
            let address = network.address().to_bits();
            Box::new(
                (0..network.prefix())
                    .rev()
                    .map(move |prefix| ip6_key(address, prefix)),
            )
        }
        _ => Box::new(std::iter::empty()),
    }
}

fn ip4_key(address: u32, prefix: u8) -> String {
    let mask = u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0);
    format!("ip4:{:x}/{prefix}", address & mask)
}

fn ip6_key(address: u128, prefix: u8) -> String {
    let mask = u128::MAX.checked_shl(128 - u32::from(prefix)).unwrap_or(0);
    format!("ip6:{:x}/{prefix}", address & mask)
}
