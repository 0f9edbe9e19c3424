//! The same zones and questions given to pyspf, where it is installed (`pip install pyspf dnspython`): where the two
//! disagree, a section of the RFC must say who is right.

mod dice;
mod dispute;
mod judge;
mod rulings;
mod terms;
mod world;

use std::collections::{BTreeMap, BTreeSet};

use letterhead_dns::{Zone, block_on_ready};
use letterhead_spf::{Limits, Trace, Verdict, check_host};

use crate::dispute::{Dispute, texts};
use crate::judge::{Opinion, plain};
use crate::rulings::ruling;
use crate::world::{Ask, Case};

#[test]
fn pyspf_comes_to_the_same_verdicts() {
    if let Some(reason) = judge::missing() {
        eprintln!("skipped: pyspf_comes_to_the_same_verdicts, {reason}");
        return;
    }
    let cases: Vec<Case> = (0..CASES).map(Case::generate).collect();
    let mut opinions = judge::opinions(&cases).into_iter();
    let mut agreed: BTreeMap<String, usize> = BTreeMap::new();
    let mut ruled: BTreeMap<&str, usize> = BTreeMap::new();
    let mut failures = Vec::new();
    for case in &cases {
        for ask in &case.asks {
            let theirs = opinions.next().expect("an opinion on each question");
            let ours = verdict(ask, &case.zone, Limits::default());
            if agree(&ours, &theirs) {
                *agreed.entry(ours.result.to_string()).or_default() += 1;
                continue;
            }
            let dispute = Dispute {
                case,
                ask,
                ours: &ours,
                theirs: &theirs,
            };
            match ruling(&dispute) {
                Some(ruling) => *ruled.entry(ruling.section).or_default() += 1,
                None => failures.push(dispute.to_string()),
            }
        }
    }
    println!("agreed {agreed:#?}\nruled {ruled:#?}");
    let shown = &failures[..failures.len().min(3)];
    let count = failures.len();
    assert!(
        failures.is_empty(),
        "{count} in all\n{}",
        shown.join("\n\n")
    );
    let agreed: usize = agreed.values().sum();
    let ruled: usize = ruled.values().sum();
    assert!(
        agreed > 4 * ruled,
        "only {agreed} of {} agree",
        agreed + ruled
    );
}

pub(crate) fn verdict(ask: &Ask, zone: &Zone, limits: Limits) -> Verdict {
    let query = ask
        .query()
        .with_receiver("rx.example.net")
        .with_now(std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_700_000_000));
    block_on_ready(check_host(&query, zone, &limits)).expect("a zone never waits")
}

/// Whether both come to the same result and explanation, pyspf asked for all names that were asked for here, and as many
/// terms counted as lookups.
///
/// It asks for more: it looks up all exchangers, all names of a client and all explanations before it needs them. It
/// counts every redirect it reads and no `%{p}` ([RFC 7208 §4.6.4](https://www.rfc-editor.org/rfc/rfc7208#section-4.6.4)).
pub(crate) fn agree(ours: &Verdict, theirs: &Opinion) -> bool {
    let counts_differ = texts(ours.trace()).iter().any(|text| {
        let text = text.to_ascii_lowercase();
        text.contains("redirect=") || text.contains("%{p")
    });
    ours.result.as_str() == theirs.result
        && ours.explanation == theirs.explanation
        && asked(ours.trace()).is_subset(&theirs.asked)
        && (counts_differ || ours.lookups == theirs.lookups)
}

/// The names and types looked up.
pub(crate) fn asked(trace: &Trace) -> BTreeSet<(String, String)> {
    let own = trace.lookup().into_iter();
    let of_steps = trace.steps().iter().flat_map(|step| step.lookups());
    let mut all: BTreeSet<_> = own
        .chain(of_steps)
        .map(|lookup| (plain(&lookup.name), lookup.record_type.to_string()))
        .collect();
    for nested in trace.steps().iter().filter_map(|step| step.nested()) {
        all.extend(asked(nested));
    }
    all
}

const CASES: u64 = 400;
