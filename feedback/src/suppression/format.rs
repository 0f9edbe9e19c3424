//! Suppression lists as files.

mod csv;
mod line_error;
mod listed;

use std::io::BufRead;

use serde_json::{Map, Value};

pub use line_error::{LineError, LineErrorKind};
pub use listed::ListedSuppression;

use crate::suppression::Suppression;
use csv::CsvReader;
use listed::{Field, Fields};

/// A form in which suppressions are exported and imported.
///
/// The fields are the address (or its keyed hash), reason, stream, provider, since, until, event and note; times are
/// RFC 3339 in UTC. What was exported reads back as the same suppressions. Lifts and counts of soft bounces are not
/// exported.
///
/// Lists of providers are read, too: columns and members may be called as Amazon's and Oracle's are (`EmailAddress`,
/// `LastUpdateTime`, `time-created`, `errorDetail`), reasons `BOUNCE`, `HARDBOUNCE`, `COMPLAINT`, `SOFTBOUNCE`, `MANUAL`,
/// `UNSUBSCRIBE` and `UNKNOWN`; columns and members of other names are passed over. A CSV file without a header has the
/// address first and the reason second. Without a reason an entry is manual.
///
/// ```
/// use letterhead_feedback::{ListFormat, SuppressionReason};
///
/// let list = "joe@example.org,BOUNCE\nann@example.org,COMPLAINT\nnobody\n";
/// let rows: Vec<_> = ListFormat::Csv.read(list.as_bytes()).collect();
/// assert_eq!(rows[1].as_ref().map(|row| row.reason).ok(), Some(SuppressionReason::Complaint));
/// let error = rows[2].as_ref().map_err(ToString::to_string).err();
/// assert!(error.is_some_and(|words| words.starts_with("line 3: ")));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ListFormat {
    /// Comma-separated values with a header line, [RFC 4180](https://www.rfc-editor.org/rfc/rfc4180).
    ///
    /// A cell that a spreadsheet would take for a formula (one that begins with `=`, `+`, `-` or `@`, or with what hides
    /// that: a tab, a line end) is written with an apostrophe in front, and so is one that begins with an apostrophe. Reading
    /// takes such an apostrophe away.
    Csv,
    /// A JSON object a line; what is not known is left out.
    JsonLines,
}

impl ListFormat {
    /// The most octets of one line, or of one row of a CSV file.
    pub const MAX_ROW: usize = 64 * 1024;

    /// What stands above all rows, line end included; nothing in JSON lines.
    #[must_use]
    pub fn header(self) -> String {
        match self {
            Self::Csv => csv::row(&Field::ALL.map(Field::name)),
            Self::JsonLines => String::new(),
        }
    }

    /// A suppression as one row, line end included.
    #[must_use]
    pub fn row(self, suppression: &Suppression) -> String {
        let fields = Fields::of(suppression);
        match self {
            Self::Csv => csv::row(&Field::ALL.map(|field| fields.get(field).unwrap_or(""))),
            Self::JsonLines => {
                let member = |field: &Field| {
                    let text = fields.get(*field)?;
                    Some((field.name().to_owned(), Value::from(text)))
                };
                let object: Map<String, Value> = Field::ALL.iter().filter_map(member).collect();
                let mut row = Value::Object(object).to_string();
                row.push('\n');
                row
            }
        }
    }

    /// Reads rows one after another, keeping no more than one in memory. A row that cannot be read is an error of its own,
    /// and the next follows; where the input itself fails, that is the last.
    pub fn read<R: BufRead>(self, input: R) -> ListReader<R> {
        ListReader(match self {
            Self::Csv => Source::Csv(CsvReader::new(input)),
            Self::JsonLines => Source::Json(Lines::new(input)),
        })
    }
}

/// The rows of a list that is read.
#[derive(Debug)]
pub struct ListReader<R>(Source<R>);

#[derive(Debug)]
enum Source<R> {
    Csv(CsvReader<R>),
    Json(Lines<R>),
}

impl<R: BufRead> Iterator for ListReader<R> {
    type Item = Result<ListedSuppression, LineError>;

    fn next(&mut self) -> Option<Self::Item> {
        let (line, fields) = match &mut self.0 {
            Source::Csv(reader) => reader.next_row()?,
            Source::Json(lines) => loop {
                let (number, line) = lines.next_line()?;
                match line.map(|line| json_fields(&line)) {
                    Ok(None) => {}
                    Ok(Some(fields)) => break (number, fields),
                    Err(error) => break (number, Err(error)),
                }
            },
        };
        let row = fields.and_then(|fields| fields.read());
        Some(row.map_err(|kind| LineError::new(line, kind)))
    }
}

/// `None` of an empty line.
fn json_fields(line: &str) -> Option<Result<Fields, LineErrorKind>> {
    if line.trim().is_empty() {
        return None;
    }
    let object: Map<String, Value> = match serde_json::from_str(line) {
        Ok(object) => object,
        Err(error) => return Some(Err(LineErrorKind::Json(error.to_string()))),
    };
    let mut fields = Fields::default();
    for (name, value) in object {
        let text = match value {
            Value::String(text) => text,
            // Seconds since 1970, with what is beyond a second.
            Value::Number(number) => {
                let number = number.to_string();
                number.split('.').next().unwrap_or_default().to_owned()
            }
            _ => continue,
        };
        if let Some(field) = Field::named(&name) {
            fields.set(field, text);
        }
    }
    Some(Ok(fields))
}

/// The lines of an input, no longer than a row may be.
#[derive(Debug)]
struct Lines<R> {
    input: R,
    number: u64,
    failed: Failed,
}

/// Whether the input has failed: then nothing more is read of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Failed {
    No,
    Yes,
}

impl<R: BufRead> Lines<R> {
    fn new(input: R) -> Self {
        Self {
            input,
            number: 0,
            failed: Failed::No,
        }
    }

    /// The next line with its number, without its end; `None` at the end of the input.
    fn next_line(&mut self) -> Option<(u64, Result<String, LineErrorKind>)> {
        if self.failed == Failed::Yes {
            return None;
        }
        self.number += 1;
        let mut line = Vec::new();
        let length = match self.read_into(&mut line) {
            Ok(0) => return None,
            Ok(length) => length,
            Err(error) => {
                self.failed = Failed::Yes;
                return Some((self.number, Err(LineErrorKind::Input(error))));
            }
        };
        if length > ListFormat::MAX_ROW {
            return Some((self.number, Err(LineErrorKind::TooLong)));
        }
        let line = line.strip_suffix(b"\n").unwrap_or(&line);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let line = match self.number {
            1 => line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line),
            _ => line,
        };
        let text = str::from_utf8(line).map(str::to_owned);
        Some((self.number, text.map_err(|_| LineErrorKind::NotUtf8)))
    }

    /// Reads a line, of which no more is kept than a row may have, and says how long it is.
    fn read_into(&mut self, line: &mut Vec<u8>) -> std::io::Result<usize> {
        let mut length = 0;
        loop {
            let ready = match self.input.fill_buf() {
                Ok(ready) => ready,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            let end = memchr::memchr(b'\n', ready);
            let used = end.map_or(ready.len(), |end| end + 1);
            if let Some(part) = ready.get(..used)
                && line.len() <= ListFormat::MAX_ROW
            {
                line.extend_from_slice(part);
            }
            self.input.consume(used);
            length += used;
            if end.is_some() || used == 0 {
                return Ok(length);
            }
        }
    }
}
