//! The explanation of a fail ([RFC 7208 §6.2](https://www.rfc-editor.org/rfc/rfc7208#section-6.2)).

use letterhead_dns::{RecordData, RecordType};

use crate::check::bad_target::BadTarget;
use crate::check::evaluate::Frame;
use crate::check::log::Pause;
use crate::check::query::query_name;
use crate::check::session::Session;
use crate::check::trace::{ExplanationProblem, Outcome, Step};
use crate::record::Record;
use crate::record::domain_spec::DomainSpec;
use crate::record::macro_string::{MacroLetter, MacroString};
use crate::record::term::{Modifier, TermKind};

impl Session<'_> {
    /// What the record's `exp` says, if anything; its lookups count towards no limit.
    pub(crate) fn explain(
        &mut self,
        record: &Record,
        frame: &mut Frame,
        steps: &mut Vec<Step>,
    ) -> Result<Option<String>, Pause> {
        let mut terms = record.terms().iter().enumerate();
        let exp = terms.find_map(|(index, term)| match term.kind() {
            TermKind::Modifier(Modifier::Explanation(domain)) => Some((index, domain)),
            _ => None,
        });
        let Some((index, domain)) = exp else {
            return Ok(None);
        };
        let mut step = Step::new(index);
        let (outcome, explanation) = match self.explanation(domain, frame, &mut step) {
            Ok(text) => (Outcome::Explained(text.clone()), Some(text)),
            Err(Failure::Problem(problem)) => (Outcome::Unexplained(problem), None),
            Err(Failure::Pause) => return Err(Pause),
        };
        self.push(steps, step, outcome);
        Ok(explanation)
    }

    fn explanation(
        &mut self,
        domain: &DomainSpec,
        frame: &mut Frame,
        step: &mut Step,
    ) -> Result<String, Failure> {
        self.validate_for(domain.macro_string(), frame, step)?;
        let query = self.query;
        let target = frame
            .target(domain, query, &mut self.log)
            .map_err(ExplanationProblem::BadTarget)?;
        let target = step.inquiry_mut().target.insert(target);
        let name = query_name(target)
            .map_err(|problem| ExplanationProblem::BadTarget(BadTarget::Malformed(problem)))?;
        let records = self
            .ask(name, RecordType::TXT, step)?
            .map_err(|error| ExplanationProblem::Lookup(error.kind()))?;
        let [RecordData::Txt(text)] = &*records else {
            return Err(ExplanationProblem::Records(records.len()).into());
        };
        let text = MacroString::parse_explanation(text.octets())
            .map_err(|_| ExplanationProblem::Syntax)?;
        self.validate_for(&text, frame, step)?;
        Ok(frame.values(query).explanation(&text)?)
    }

    /// Finds the value of `%{p}` where the text uses it.
    fn validate_for(
        &mut self,
        text: &MacroString,
        frame: &mut Frame,
        step: &mut Step,
    ) -> Result<(), Pause> {
        if text.uses(MacroLetter::ValidatedName) && frame.validated.is_none() {
            frame.validated = self.validated_name(&frame.domain, step)?;
        }
        Ok(())
    }
}

/// Why there is no explanation, or none yet.
enum Failure {
    Problem(ExplanationProblem),
    Pause,
}

impl From<ExplanationProblem> for Failure {
    fn from(problem: ExplanationProblem) -> Self {
        Self::Problem(problem)
    }
}

impl From<Pause> for Failure {
    fn from(_: Pause) -> Self {
        Self::Pause
    }
}
