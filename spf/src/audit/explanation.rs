//! Explanations of a fail, as they are published.

use std::iter::successors;
use std::ops::Range;

use letterhead_dns::RecordType;

use super::Branch;
use super::walk::Walk;
use crate::check::bad_target::BadTarget;
use crate::check::expand::Values;
use crate::check::explain::published_text;
use crate::check::outcome::ExplanationProblem;
use crate::check::query::query_name;

/// An `exp` that a check of the domain can come to ([RFC 7208 §6.2](https://www.rfc-editor.org/rfc/rfc7208#section-6.2)),
/// and whether what it points to is of any use. One whose domain depends on the sender is not looked at.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct PublishedExplanation {
    /// The domain whose record has it.
    pub domain: String,
    /// The term, as published.
    pub text: String,
    /// Its octets in the record.
    pub span: Range<usize>,
    /// Why checks leave it out, if they do.
    pub problem: Option<ExplanationProblem>,
}

impl Walk<'_> {
    /// The explanations of a record and of those that it redirects to; those of included records are never used.
    pub(crate) async fn explanations(&mut self, tree: &Branch) -> Vec<PublishedExplanation> {
        let mut found = Vec::new();
        for branch in successors(Some(tree), |branch| branch.redirected()) {
            let Some(record) = &branch.record else {
                continue;
            };
            let Some((index, spec)) = record.explanation_term() else {
                continue;
            };
            let Some(term) = record.terms().get(index) else {
                continue;
            };
            let Some(literal) = Values::literal(spec) else {
                continue;
            };
            found.push(PublishedExplanation {
                domain: branch.domain.clone(),
                text: record.text_of(term).to_owned(),
                span: term.span(),
                problem: self.explanation(literal).await.err(),
            });
        }
        found
    }

    async fn explanation(&mut self, domain: &str) -> Result<(), ExplanationProblem> {
        let name = query_name(domain)
            .map_err(|problem| ExplanationProblem::BadTarget(BadTarget::Malformed(problem)))?;
        // Where the walk has come to its end, nothing is said.
        let Ok(lookup) = self.memo.lookup(name, RecordType::TXT).await else {
            return Ok(());
        };
        let answer = lookup
            .answer
            .map_err(|error| ExplanationProblem::Lookup(error.kind()))?;
        published_text(answer.records()).map(drop)
    }
}
