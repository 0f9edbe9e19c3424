//! The explanation of a fail ([RFC 7208 §6.2](https://www.rfc-editor.org/rfc/rfc7208#section-6.2)).

use letterhead_dns::{RecordData, RecordType};

use crate::check::bad_target::BadTarget;
use crate::check::query::query_name;
use crate::check::trace::{ExplanationProblem, Outcome, Step, Trace};
use crate::check::{Frame, Session};
use crate::record::Record;
use crate::record::domain_spec::DomainSpec;
use crate::record::macro_string::{MacroLetter, MacroString};
use crate::record::term::{Modifier, TermKind};

impl Session<'_> {
    /// What the record's `exp` says, if anything; its lookups count towards no limit.
    pub(crate) async fn explain(
        &mut self,
        record: &Record,
        frame: &mut Frame,
        trace: &mut Trace,
    ) -> Option<String> {
        let (index, domain) =
            record
                .terms()
                .iter()
                .enumerate()
                .find_map(|(index, term)| match term.kind() {
                    TermKind::Modifier(Modifier::Explanation(domain)) => Some((index, domain)),
                    _ => None,
                })?;
        let mut step = Step::new(index, Outcome::Matched);
        let explanation = self.explanation(domain, frame, &mut step).await;
        let outcome = match &explanation {
            Ok(text) => Outcome::Explained(text.clone()),
            Err(problem) => Outcome::Unexplained(*problem),
        };
        self.push(trace, step, outcome);
        explanation.ok()
    }

    async fn explanation(
        &mut self,
        domain: &DomainSpec,
        frame: &mut Frame,
        step: &mut Step,
    ) -> Result<String, ExplanationProblem> {
        self.validate_for(domain.macro_string(), frame, step).await;
        let target = frame
            .values(self.query)
            .target(domain)
            .map_err(ExplanationProblem::BadTarget)?;
        step.inquiry_mut().target = Some(target.clone());
        let name = query_name(&target)
            .map_err(|problem| ExplanationProblem::BadTarget(BadTarget::Malformed(problem)))?;
        let records = self
            .ask(name, RecordType::TXT, step)
            .await
            .map_err(|error| ExplanationProblem::Lookup(error.kind()))?;
        let [RecordData::Txt(text)] = &*records else {
            return Err(ExplanationProblem::Records(records.len()));
        };
        let text = MacroString::parse_explanation(text.octets())
            .map_err(|_| ExplanationProblem::Syntax)?;
        self.validate_for(&text, frame, step).await;
        frame.values(self.query).explanation(&text)
    }

    /// Finds the value of `%{p}` where the text uses it.
    async fn validate_for(&mut self, text: &MacroString, frame: &mut Frame, step: &mut Step) {
        if text.uses(MacroLetter::ValidatedName) && frame.validated.is_none() {
            frame.validated = self.validated_name(&frame.domain, step).await;
        }
    }
}
