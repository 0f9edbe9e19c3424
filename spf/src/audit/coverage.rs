//! Which addresses get which result.

use super::BranchTerm;
use crate::address_set::AddressSet;
use crate::record::Record;
use crate::record::network::{Ip4Network, Ip6Network};
use crate::record::term::{Directive, Mechanism, Qualifier};
use crate::spf_result::SpfResult;

/// The addresses of all clients, by the result they get: every address is in exactly one of these sets.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Coverage {
    /// Pass: these may send.
    pub pass: AddressSet,
    /// Fail.
    pub fail: AddressSet,
    /// Softfail.
    pub softfail: AddressSet,
    /// Neutral.
    pub neutral: AddressSet,
    /// Temperror or permerror: something is in the way before anything is decided.
    pub error: AddressSet,
}

impl Coverage {
    /// The addresses with this result; `None` has none, because a domain without a record has no coverage.
    #[must_use]
    pub fn of(&self, result: SpfResult) -> Option<&AddressSet> {
        match result {
            SpfResult::Pass => Some(&self.pass),
            SpfResult::Fail => Some(&self.fail),
            SpfResult::SoftFail => Some(&self.softfail),
            SpfResult::Neutral => Some(&self.neutral),
            SpfResult::TempError | SpfResult::PermError => Some(&self.error),
            SpfResult::None => None,
        }
    }

    pub(crate) fn all_in_error() -> Self {
        Self {
            error: AddressSet::all(),
            ..Self::default()
        }
    }

    fn of_qualifier(&mut self, qualifier: Qualifier) -> &mut AddressSet {
        match qualifier {
            Qualifier::Pass => &mut self.pass,
            Qualifier::Fail => &mut self.fail,
            Qualifier::SoftFail => &mut self.softfail,
            Qualifier::Neutral => &mut self.neutral,
        }
    }
}

/// Gives every address to the first term that matches it.
#[derive(Debug)]
struct Assignment {
    coverage: Coverage,
    /// The addresses that no term has matched yet.
    remaining: AddressSet,
}

impl Assignment {
    fn new() -> Self {
        Self {
            coverage: Coverage::default(),
            remaining: AddressSet::all(),
        }
    }

    /// A term matches these. Returned are those that no term before matches.
    fn matched(&mut self, qualifier: Qualifier, addresses: &AddressSet) -> AddressSet {
        let taken = self.remaining.intersection(addresses);
        if !taken.is_empty() {
            let set = self.coverage.of_qualifier(qualifier);
            *set = set.union(&taken);
            self.remaining = self.remaining.difference(&taken);
        }
        taken
    }

    /// For these a term is an error.
    fn failed(&mut self, addresses: &AddressSet) {
        let taken = self.remaining.intersection(addresses);
        if !taken.is_empty() {
            self.coverage.error = self.coverage.error.union(&taken);
            self.remaining = self.remaining.difference(&taken);
        }
    }

    /// Another record decides over the rest.
    fn redirected(mut self, to: &Coverage) -> Coverage {
        for (own, other) in [
            (&mut self.coverage.pass, &to.pass),
            (&mut self.coverage.fail, &to.fail),
            (&mut self.coverage.softfail, &to.softfail),
            (&mut self.coverage.neutral, &to.neutral),
            (&mut self.coverage.error, &to.error),
        ] {
            *own = own.union(&self.remaining.intersection(other));
        }
        self.coverage
    }

    /// Nothing matches the rest.
    fn finished(mut self) -> Coverage {
        self.coverage.neutral = self.coverage.neutral.union(&self.remaining);
        self.coverage
    }
}

/// Which addresses get which result from these terms.
pub(super) fn coverage(record: &Record, terms: &[BranchTerm]) -> Coverage {
    let mut assignment = Assignment::new();
    let mut rest = terms.iter().peekable();
    while let Some(term) = rest.next() {
        match directive_of(record, term) {
            Some(directive) => {
                // Networks side by side are one set, so that thousands of them take no longer than they must.
                let (mut ip4, mut ip6) = (Vec::new(), Vec::new());
                gather(directive, &mut ip4, &mut ip6);
                while let Some(next) = rest.peek().and_then(|next| directive_of(record, next))
                    && next.qualifier() == directive.qualifier()
                    && is_network(directive)
                    && gather(next, &mut ip4, &mut ip6)
                {
                    rest.next();
                }
                if ip4.len() + ip6.len() > 1 {
                    let ip6: AddressSet = ip6.into_iter().collect();
                    let networks = ip6.union(&ip4.into_iter().collect());
                    assignment.matched(directive.qualifier(), &networks);
                } else {
                    assignment.matched(directive.qualifier(), &term.addresses);
                    assignment.failed(&term.in_error);
                }
            }
            None => {
                return match &term.nested {
                    Some(nested) => assignment.redirected(&nested.coverage),
                    None if term.depends_on_sender => assignment.finished(),
                    None => assignment.redirected(&Coverage::all_in_error()),
                };
            }
        }
    }
    assignment.finished()
}

fn directive_of<'r>(record: &'r Record, term: &BranchTerm) -> Option<&'r Directive> {
    record.terms().get(term.index)?.directive()
}

fn is_network(directive: &Directive) -> bool {
    matches!(directive.mechanism(), Mechanism::Ip4(_) | Mechanism::Ip6(_))
}

/// Takes the network of the directive, and says whether it is one.
fn gather(directive: &Directive, ip4: &mut Vec<Ip4Network>, ip6: &mut Vec<Ip6Network>) -> bool {
    match directive.mechanism() {
        Mechanism::Ip4(network) => ip4.push(*network),
        Mechanism::Ip6(network) => ip6.push(*network),
        _ => return false,
    }
    true
}
