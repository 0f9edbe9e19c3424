//! Where a domain's policy is, and which of the records there it is
//! ([RFC 7208 §4.3 to §4.5](https://www.rfc-editor.org/rfc/rfc7208#section-4.3)).

use std::sync::{Arc, OnceLock};

use letterhead_dns::{Answer, LookupError, Name};

use crate::check::expand::Values;
use crate::check::lookup::Lookup;
use crate::check::query::{DomainProblem, check_labels, query_name};
use crate::check::reason::Reason;
use crate::record::Record;
use crate::record::select::{Selection, select};
use crate::spf_result::SpfResult;

/// The name to ask for the policy of a domain.
pub(crate) fn policy_name(domain: &str) -> Result<Name, Reason> {
    let name = query_name(domain).map_err(Reason::BadDomain)?;
    check_labels(&name).map_err(Reason::BadDomain)?;
    Ok(name)
}

/// What the TXT records of an answer say about SPF, which is kept with the answer.
#[derive(Debug)]
pub(crate) struct Published {
    selection: Selection,
    /// The names of the domains that are literals, by the index of their terms; made when one is first asked for.
    names: OnceLock<Vec<(usize, Result<Name, DomainProblem>)>>,
}

impl Published {
    /// What is kept with the answer, or read now.
    pub(crate) fn of(answer: &Answer) -> Arc<Self> {
        answer.derived(|_| Self::read(answer))
    }

    /// What is kept with the answer; `None` where that is something else.
    pub(crate) fn kept(answer: &Answer) -> Option<&Self> {
        answer.derived_ref(|_| Self::read(answer))
    }

    fn read(answer: &Answer) -> Self {
        Self {
            selection: select(answer.texts()),
            names: OnceLock::new(),
        }
    }

    /// The policy among the records.
    pub(crate) fn record(&self) -> Result<&Record, Reason> {
        match &self.selection {
            Selection::One(record) => Ok(record),
            Selection::None => Err(Reason::NoRecord),
            Selection::Invalid(error) => Err(Reason::Syntax(error.clone())),
            Selection::Several(count) => Err(Reason::SeveralRecords(*count)),
        }
    }

    /// The name that the domain of a term of the record is asked for by, where no macro is to be expanded for it.
    pub(crate) fn name(&self, term: usize) -> Option<&Result<Name, DomainProblem>> {
        let names = self.names.get_or_init(|| self.literal_names());
        let place = names
            .binary_search_by_key(&term, |(index, _)| *index)
            .ok()?;
        let (_, name) = names.get(place)?;
        Some(name)
    }

    fn literal_names(&self) -> Vec<(usize, Result<Name, DomainProblem>)> {
        let record = self.record();
        let terms = record.as_ref().map_or(&[][..], |record| record.terms());
        let literals = terms.iter().enumerate().filter_map(|(index, term)| {
            let literal = Values::literal(term.domain()?)?;
            Some((index, query_name(literal)))
        });
        literals.collect()
    }
}

impl Lookup {
    /// The policy among the TXT records that were found.
    pub(crate) fn policy(&self) -> Result<Record, Reason> {
        match &self.answer {
            Ok(answer) => Published::of(answer).record().cloned(),
            Err(error) => Err(without_answer(error)),
        }
    }
}

/// Why there is no policy where the lookup of it failed.
pub(crate) fn without_answer(error: &LookupError) -> Reason {
    if error.is_no_such_name() {
        Reason::NoRecord
    } else {
        Reason::of_lookup(error.clone())
    }
}

/// What a check of a domain without a policy to evaluate comes to.
pub(crate) fn result_without(reason: &Reason) -> SpfResult {
    match reason {
        Reason::BadDomain(_) | Reason::NoRecord => SpfResult::None,
        Reason::Lookup(_) | Reason::DeadlinePassed => SpfResult::TempError,
        _ => SpfResult::PermError,
    }
}
