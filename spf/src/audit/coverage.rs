//! Which addresses get which result.

use crate::address_set::AddressSet;
use crate::record::term::Qualifier;
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
pub(crate) struct Assignment {
    coverage: Coverage,
    /// The addresses that no term has matched yet.
    remaining: AddressSet,
}

impl Assignment {
    pub(crate) fn new() -> Self {
        Self {
            coverage: Coverage::default(),
            remaining: AddressSet::all(),
        }
    }

    /// A term matches these. Returned are those that no term before matches.
    pub(crate) fn matched(&mut self, qualifier: Qualifier, addresses: &AddressSet) -> AddressSet {
        let taken = self.remaining.intersection(addresses);
        if !taken.is_empty() {
            let set = self.coverage.of_qualifier(qualifier);
            *set = set.union(&taken);
            self.remaining = self.remaining.difference(&taken);
        }
        taken
    }

    /// For these a term is an error.
    pub(crate) fn failed(&mut self, addresses: &AddressSet) {
        let taken = self.remaining.intersection(addresses);
        if !taken.is_empty() {
            self.coverage.error = self.coverage.error.union(&taken);
            self.remaining = self.remaining.difference(&taken);
        }
    }

    /// Another record decides over the rest.
    pub(crate) fn redirected(mut self, to: &Coverage) -> Coverage {
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
    pub(crate) fn finished(mut self) -> Coverage {
        self.coverage.neutral = self.coverage.neutral.union(&self.remaining);
        self.coverage
    }
}
