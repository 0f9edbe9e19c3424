//! The explanation of a fail ([RFC 7208 §6.2](https://www.rfc-editor.org/rfc/rfc7208#section-6.2)).

use letterhead_dns::{RecordData, RecordType};

use crate::check::bad_target::BadTarget;
use crate::check::frame::Frame;
use crate::check::log::{Pause, found};
use crate::check::outcome::{ExplanationProblem, Outcome};
use crate::check::session::Session;
use crate::record::Record;
use crate::record::domain_spec::DomainSpec;
use crate::record::macro_string::{MacroLetter, MacroString};

impl Session<'_> {
    /// What the record's `exp` says, if anything; its lookups count towards no limit.
    pub(crate) fn explain<'a>(
        &mut self,
        record: &'a Record,
        frame: &mut Frame<'a>,
    ) -> Result<Option<String>, Pause> {
        let Some((index, domain)) = record.explanation_term() else {
            return Ok(None);
        };
        self.begin(index, frame);
        match self.explanation(domain, frame) {
            Ok(text) => {
                self.end(|| Outcome::Explained(text.clone()));
                Ok(Some(text))
            }
            Err(Failure::Problem(problem)) => {
                self.end(|| Outcome::Unexplained(problem));
                Ok(None)
            }
            Err(Failure::Pause) => Err(Pause),
        }
    }

    fn explanation<'a>(
        &mut self,
        domain: &'a DomainSpec,
        frame: &mut Frame<'a>,
    ) -> Result<String, Failure> {
        self.validate_for(domain.macro_string(), frame)?;
        let query = self.query;
        let target = match frame.literal(domain) {
            Some(target) => target,
            None => frame
                .expanded(domain, query, &mut self.log)
                .map_err(ExplanationProblem::BadTarget)?,
        };
        self.note(|recorder| recorder.target(target.text()));
        let malformed = |problem| ExplanationProblem::BadTarget(BadTarget::Malformed(problem));
        let name = target.name().map_err(malformed)?;
        let reply = self.ask(name, RecordType::TXT, frame)?;
        let records = found(reply).map_err(|error| ExplanationProblem::Lookup(error.kind()))?;
        let text = published_text(records)?;
        self.validate_for(&text, frame)?;
        Ok(frame.values(query).explanation(&text)?)
    }

    /// Finds the value of `%{p}` where the text uses it.
    fn validate_for(&mut self, text: &MacroString, frame: &mut Frame<'_>) -> Result<(), Pause> {
        if text.uses(MacroLetter::ValidatedName) && frame.validated.is_none() {
            frame.validated = self.validated_name(frame)?;
        }
        Ok(())
    }
}

/// The text that the records at the domain of an `exp` hold.
pub(crate) fn published_text(records: &[RecordData]) -> Result<MacroString, ExplanationProblem> {
    let [RecordData::Txt(text)] = records else {
        return Err(ExplanationProblem::Records(records.len()));
    };
    MacroString::parse_explanation(text.octets()).map_err(|_| ExplanationProblem::Syntax)
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
