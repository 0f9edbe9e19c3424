//! Findings in serde's data model: the fields by their names, code and severity as text.

use std::fmt;

use serde::ser::{Serialize, SerializeStruct, Serializer};

use super::{Finding, Severity};

impl Serialize for Severity {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<Code: fmt::Display> Serialize for Finding<Code> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut finding = serializer.serialize_struct("Finding", 7)?;
        finding.serialize_field("code", &self.code.to_string())?;
        finding.serialize_field("severity", &self.severity)?;
        finding.serialize_field("domain", &self.domain)?;
        finding.serialize_field("span", &self.span)?;
        finding.serialize_field("text", &self.text)?;
        finding.serialize_field("problem", &self.problem)?;
        finding.serialize_field("remedy", &self.remedy)?;
        finding.end()
    }
}
