//! Where a domain's policy is, and which of the records there it is
//! ([RFC 7208 §4.3 to §4.5](https://www.rfc-editor.org/rfc/rfc7208#section-4.3)).

use letterhead_dns::Name;

use crate::check::query::{DomainProblem, query_name};
use crate::check::reason::Reason;
use crate::check::trace::Lookup;
use crate::record::Record;
use crate::record::select::{Selection, select};
use crate::spf_result::SpfResult;

/// The name to ask for the policy of a domain.
pub(crate) fn policy_name(domain: &str) -> Result<Name, Reason> {
    let name = query_name(domain).map_err(Reason::BadDomain)?;
    if name.label_count() < 2 {
        return Err(Reason::BadDomain(DomainProblem::SingleLabel));
    }
    Ok(name)
}

impl Lookup {
    /// The policy among the TXT records that were found.
    pub(crate) fn policy(&self) -> Result<Record, Reason> {
        let selection = match &self.answer {
            Ok(answer) => select(answer.texts()),
            Err(error) if error.is_no_such_name() => Selection::None,
            Err(error) => return Err(Reason::of_lookup(error.clone())),
        };
        match selection {
            Selection::One(record) => Ok(record),
            Selection::None => Err(Reason::NoRecord),
            Selection::Invalid(error) => Err(Reason::Syntax(error)),
            Selection::Several(count) => Err(Reason::SeveralRecords(count)),
        }
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
