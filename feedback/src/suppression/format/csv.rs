use std::borrow::Cow;
use std::collections::VecDeque;
use std::io::BufRead;

use super::listed::{Field, Fields};
use super::{LineErrorKind, Lines, ListFormat};

/// A row of these cells, line end included.
pub(super) fn row(cells: &[&str]) -> String {
    let cells: Vec<Cow<'_, str>> = cells.iter().map(|cell| written(cell)).collect();
    cells.join(",") + "\r\n"
}

fn written(cell: &str) -> Cow<'_, str> {
    let guarded = cell.starts_with(GUARDED);
    if !guarded && !cell.contains(['"', ',', ';', '\r', '\n']) {
        return Cow::Borrowed(cell);
    }
    let apostrophe = if guarded { "'" } else { "" };
    Cow::Owned(format!("\"{apostrophe}{}\"", cell.replace('"', "\"\"")))
}

/// A cell as it was before it was written.
fn unguarded(cell: &str) -> &str {
    let rest = cell.strip_prefix('\'');
    rest.filter(|rest| rest.starts_with(GUARDED))
        .unwrap_or(cell)
}

/// What a spreadsheet would begin a formula with, or strip to find one; and the apostrophe that keeps it from that.
const GUARDED: [char; 7] = ['=', '+', '-', '@', '\t', '\r', '\''];

/// Reads the rows of a CSV file.
#[derive(Debug)]
pub(super) struct CsvReader<R> {
    lines: Lines<R>,
    /// Lines that were read ahead in vain.
    ahead: VecDeque<(u64, Result<String, LineErrorKind>)>,
    layout: Option<Layout>,
}

/// What the columns are.
#[derive(Debug)]
struct Layout {
    columns: Vec<Option<Field>>,
    separator: char,
}

impl<R: BufRead> CsvReader<R> {
    pub(super) fn new(input: R) -> Self {
        Self {
            lines: Lines::new(input),
            ahead: VecDeque::new(),
            layout: None,
        }
    }

    /// The next row with the number of its first line.
    pub(super) fn next_row(&mut self) -> Option<(u64, Result<Fields, LineErrorKind>)> {
        loop {
            let (number, row) = self.next_record()?;
            let row = match row {
                Ok(row) => row,
                Err(error) => return Some((number, Err(error))),
            };
            let Some(layout) = &self.layout else {
                let layout = Layout::of(&row);
                let header = layout.is_header(&row);
                let usable = layout.columns.contains(&Some(Field::Address));
                let fields = layout.fields(&row);
                self.layout = Some(layout);
                if !usable {
                    self.lines.stop();
                    self.ahead.clear();
                    return Some((number, Err(LineErrorKind::NoAddressColumn)));
                }
                if header {
                    continue;
                }
                return Some((number, fields));
            };
            return Some((number, layout.fields(&row)));
        }
    }

    /// The text of the next row that is not empty: a line, or several where a quoted cell has line ends in it.
    fn next_record(&mut self) -> Option<(u64, Result<String, LineErrorKind>)> {
        let (number, line) = loop {
            let (number, line) = self.next_line()?;
            if !line.as_ref().is_ok_and(|line| line.trim().is_empty()) {
                break (number, line);
            }
        };
        let first = match line {
            Ok(line) if !is_open(&line) => return Some((number, Ok(line))),
            Ok(line) => line,
            Err(error) => return Some((number, Err(error))),
        };
        let mut record = first;
        let mut read = VecDeque::new();
        while let Some((number_ahead, line)) = self.next_line() {
            let fits = line
                .as_ref()
                .is_ok_and(|line| record.len() + line.len() < ListFormat::MAX_ROW);
            if let Ok(line) = &line
                && fits
            {
                record.push('\n');
                record.push_str(line);
                if !is_open(&record) {
                    return Some((number, Ok(record)));
                }
            }
            read.push_back((number_ahead, line));
            if !fits {
                break;
            }
        }
        // Only this line is lost by a quotation mark too many.
        read.append(&mut self.ahead);
        self.ahead = read;
        Some((number, Err(LineErrorKind::Quotes)))
    }

    fn next_line(&mut self) -> Option<(u64, Result<String, LineErrorKind>)> {
        self.ahead.pop_front().or_else(|| self.lines.next_line())
    }
}

impl<R> Lines<R> {
    /// Nothing more is read.
    fn stop(&mut self) {
        self.failed = super::Failed::Yes;
    }
}

impl Layout {
    /// As the first row has it: its header, or that of a list without one.
    fn of(first: &str) -> Self {
        let separator = if first.contains(';') && !first.contains(',') {
            ';'
        } else {
            ','
        };
        let cells = cells(first, separator).unwrap_or_default();
        if cells.first().is_some_and(|cell| cell.contains('@')) {
            return Self {
                columns: vec![Some(Field::Address), Some(Field::Reason)],
                separator,
            };
        }
        Self {
            columns: cells.iter().map(|cell| Field::named(cell)).collect(),
            separator,
        }
    }

    fn is_header(&self, first: &str) -> bool {
        let cells = cells(first, self.separator).unwrap_or_default();
        !cells.first().is_some_and(|cell| cell.contains('@'))
    }

    fn fields(&self, row: &str) -> Result<Fields, LineErrorKind> {
        let mut fields = Fields::default();
        let cells = cells(row, self.separator)?;
        for (column, cell) in self.columns.iter().zip(cells) {
            if let Some(field) = column {
                fields.set(*field, unguarded(&cell).to_owned());
            }
        }
        Ok(fields)
    }
}

/// Whether a quoted cell goes on after this.
fn is_open(text: &str) -> bool {
    text.bytes().filter(|b| *b == b'"').count() % 2 == 1
}

/// The cells of a row, without their quotation marks.
fn cells(row: &str, separator: char) -> Result<Vec<String>, LineErrorKind> {
    let mut cells = Vec::new();
    let mut rest = row;
    loop {
        let (cell, after) = match rest.strip_prefix('"') {
            Some(inside) => quoted(inside)?,
            None => {
                let end = rest.find(separator).unwrap_or(rest.len());
                let (cell, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
                (cell.to_owned(), after)
            }
        };
        cells.push(cell);
        if after.is_empty() {
            return Ok(cells);
        }
        rest = after.strip_prefix(separator).ok_or(LineErrorKind::Quotes)?;
    }
}

/// What stands before the closing mark, and what stands behind it.
fn quoted(inside: &str) -> Result<(String, &str), LineErrorKind> {
    let mut cell = String::new();
    let mut rest = inside;
    loop {
        let (part, after) = rest.split_once('"').ok_or(LineErrorKind::Quotes)?;
        cell.push_str(part);
        match after.strip_prefix('"') {
            Some(more) => {
                cell.push('"');
                rest = more;
            }
            None => return Ok((cell, after)),
        }
    }
}
