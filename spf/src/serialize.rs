//! Verdicts and findings in serde's data model, for logs and other programs (feature `serde`).
//!
//! Names are those of the Rust fields; results, reasons and DNS data are their text.

use serde::ser::{Serialize, SerializeStruct, Serializer};

use crate::check::decision::Decision;
use crate::check::lookup::Lookup;
use crate::check::query::Identity;
use crate::check::trace::{Step, Trace};
use crate::check::verdict::Verdict;
use crate::lint::code::Code;
use crate::spf_result::SpfResult;

macro_rules! as_text {
    ($($name:ident),*) => {
        $(impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        })*
    };
}

as_text!(SpfResult, Identity, Code);

impl Serialize for Verdict {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut verdict = serializer.serialize_struct("Verdict", 8)?;
        verdict.serialize_field("result", &self.result)?;
        verdict.serialize_field("identity", &self.identity())?;
        verdict.serialize_field("domain", self.domain())?;
        verdict.serialize_field("decided_by", self.decided_by())?;
        verdict.serialize_field("explanation", &self.explanation)?;
        verdict.serialize_field("lookups", &self.lookups)?;
        verdict.serialize_field("void_lookups", &self.void_lookups)?;
        verdict.serialize_field("trace", self.trace())?;
        verdict.end()
    }
}

impl Serialize for Decision {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut decision = serializer.serialize_struct("Decision", 4)?;
        decision.serialize_field("domain", &self.domain)?;
        decision.serialize_field("term", &self.term.as_ref().map(|term| &term.text))?;
        decision.serialize_field("span", &self.term.as_ref().map(|term| &term.span))?;
        decision.serialize_field("reason", &self.reason.to_string())?;
        decision.end()
    }
}

/// The domain, its record, its steps and what came of them; records below are the `nested` of a step.
impl Serialize for Trace {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let steps: Vec<StepOf<'_>> = self
            .steps()
            .iter()
            .map(|step| StepOf { trace: self, step })
            .collect();
        let mut trace = serializer.serialize_struct("Trace", 6)?;
        trace.serialize_field("domain", self.domain())?;
        trace.serialize_field("result", &self.result())?;
        trace.serialize_field("reason", &self.reason().to_string())?;
        trace.serialize_field("lookup", &self.lookup())?;
        trace.serialize_field("record", &self.record().map(|record| record.as_str()))?;
        trace.serialize_field("steps", &steps)?;
        trace.end()
    }
}

/// A step with the trace it is of, which has the text of its term.
struct StepOf<'a> {
    trace: &'a Trace,
    step: &'a Step,
}

impl Serialize for StepOf<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { trace, step } = self;
        let mut shown = serializer.serialize_struct("Step", 7)?;
        shown.serialize_field("term", trace.text_of(step))?;
        shown.serialize_field("target", &step.target())?;
        shown.serialize_field("outcome", &step.outcome().to_string())?;
        shown.serialize_field("lookups", step.lookups())?;
        shown.serialize_field("lookups_so_far", &step.lookups_so_far())?;
        shown.serialize_field("void_lookups_so_far", &step.void_lookups_so_far())?;
        shown.serialize_field("nested", &step.nested())?;
        shown.end()
    }
}

impl Serialize for Lookup {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (records, error) = match &self.answer {
            Ok(answer) => {
                let records = answer.records().iter().map(ToString::to_string);
                (Some(records.collect::<Vec<_>>()), None)
            }
            Err(error) => (None, Some(error.kind().to_string())),
        };
        let mut lookup = serializer.serialize_struct("Lookup", 4)?;
        lookup.serialize_field("name", &self.name.to_string())?;
        lookup.serialize_field("type", &self.record_type.to_string())?;
        lookup.serialize_field("records", &records)?;
        lookup.serialize_field("error", &error)?;
        lookup.end()
    }
}
