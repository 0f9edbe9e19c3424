//! Two answers to one question that differ.

use std::fmt;

use letterhead_spf::check::reason::Reason;
use letterhead_spf::check::trace::Step;
use letterhead_spf::{Trace, Verdict};

use crate::judge::Opinion;
use crate::world::{Ask, Case};

/// Two answers to one question.
#[derive(Clone, Copy)]
pub(crate) struct Dispute<'a> {
    pub(crate) case: &'a Case,
    pub(crate) ask: &'a Ask,
    pub(crate) ours: &'a Verdict,
    pub(crate) theirs: &'a Opinion,
}

impl Dispute<'_> {
    pub(crate) fn reason(&self) -> &Reason {
        &self.ours.decided_by().reason
    }

    pub(crate) fn same_result(&self) -> bool {
        self.ours.result.as_str() == self.theirs.result
    }

    pub(crate) fn they_say(&self, words: &str) -> bool {
        self.theirs.has_problem(words)
    }

    pub(crate) fn texts(&self) -> Vec<String> {
        texts(self.ours.trace())
    }

    pub(crate) fn text_has(&self, test: fn(&str) -> bool) -> bool {
        self.texts().iter().any(|text| test(text))
    }

    /// Whether one of the macros on the way is of this kind.
    pub(crate) fn macro_has(&self, test: fn(&str) -> bool) -> bool {
        let any = |text: &String| {
            text.split("%{")
                .skip(1)
                .filter_map(|rest| Some(rest.split_once('}')?.0))
                .any(test)
        };
        self.texts().iter().any(any)
    }

    pub(crate) fn validates_names(&self) -> bool {
        self.macro_has(|inside| inside.starts_with(['p', 'P']))
    }

    /// The term at which a syntax error was found here, without its qualifier.
    pub(crate) fn bad_term(&self) -> Option<String> {
        let Reason::Syntax(error) = self.reason() else {
            return None;
        };
        let lookup = unread(self.ours.trace())?.lookup()?;
        let texts = lookup.answer.as_ref().ok()?.texts();
        let mut records = texts.filter(|text| text.to_ascii_lowercase().starts_with(b"v=spf1 "));
        let record = String::from_utf8(records.next()?.to_vec()).ok()?;
        let start = record.get(..error.offset())?.rfind(' ')? + 1;
        let term = record.get(start..)?.split(' ').next()?;
        Some(term.trim_start_matches(['+', '-', '~', '?']).to_owned())
    }

    pub(crate) fn walk(&self, test: &dyn Fn(&Step) -> bool) -> bool {
        fn any(trace: &Trace, test: &dyn Fn(&Step) -> bool) -> bool {
            trace
                .steps()
                .iter()
                .any(|step| test(step) || step.nested().is_some_and(|nested| any(nested, test)))
        }
        any(self.ours.trace(), test)
    }
}

impl fmt::Display for Dispute<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "case {}\n{}", self.case.number, self.case.zone)?;
        writeln!(f, "{:?}", self.ask)?;
        writeln!(f, "theirs: {:?}", self.theirs)?;
        writeln!(
            f,
            "ours: {} {:?}\n{}",
            self.ours,
            self.ours.explanation,
            self.ours.trace()
        )?;
        let asked = crate::asked(self.ours.trace());
        let others: Vec<_> = asked.difference(&self.theirs.asked).collect();
        writeln!(f, "asked here only: {others:?}")
    }
}

/// The record that could not be read.
fn unread(trace: &Trace) -> Option<&Trace> {
    if trace.record().is_none() {
        return Some(trace);
    }
    trace.steps().last()?.nested().and_then(unread)
}

/// The TXT records found on the way, those of explanations included.
pub(crate) fn texts(trace: &Trace) -> Vec<String> {
    let of_steps = trace.steps().iter().flat_map(|step| step.lookups());
    let mut texts = Vec::new();
    for lookup in of_steps.chain(trace.lookup()) {
        if let Ok(answer) = &lookup.answer {
            let found = answer.texts();
            texts.extend(found.map(|text| String::from_utf8_lossy(text).into_owned()));
        }
    }
    for nested in trace.steps().iter().filter_map(|step| step.nested()) {
        texts.extend(self::texts(nested));
    }
    texts
}
