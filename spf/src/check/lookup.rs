//! What was asked of the DNS.

use std::fmt;

use letterhead_dns::{Answer, LookupError, Name, RecordData, RecordType};

use crate::check::log::is_void;

/// A question to the DNS, and what came back.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Lookup {
    /// The name asked for.
    pub name: Name,
    /// The type asked for.
    pub record_type: RecordType,
    /// The answer.
    pub answer: Result<Answer, LookupError>,
}

impl Lookup {
    /// What it found; nothing where it failed.
    #[must_use]
    pub fn records(&self) -> &[RecordData] {
        self.answer.as_ref().map_or(&[], Answer::records)
    }

    /// Whether it found nothing: no such name, or no such record there
    /// ([RFC 7208 §4.6.4](https://www.rfc-editor.org/rfc/rfc7208#section-4.6.4)).
    #[must_use]
    pub fn is_void(&self) -> bool {
        is_void(&self.answer)
    }

    pub(crate) fn draw(&self, f: &mut fmt::Formatter<'_>, indent: usize) -> fmt::Result {
        write!(f, "{:indent$}{} {}:", "", self.name, self.record_type)?;
        match &self.answer {
            Ok(answer) if answer.is_empty() => writeln!(f, " no such record"),
            Ok(answer) => {
                for (index, record) in answer.records().iter().enumerate() {
                    write!(f, "{} {record}", if index == 0 { "" } else { "," })?;
                }
                writeln!(f)
            }
            Err(error) => writeln!(f, " {}", error.kind()),
        }
    }
}
