//! Header fields, and the groups of such fields between blank lines that reports are made of.

use crate::text;

/// Fields without a blank line between them: a header, or one group of a machine-readable report.
///
/// Nothing is copied until a value is asked for. Lines end with LF or CRLF.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FieldGroup<'a>(&'a [u8]);

impl<'a> FieldGroup<'a> {
    /// Splits a message or a part at its first blank line into the header and what follows.
    pub(crate) fn header_of(entity: &'a [u8]) -> (Self, &'a [u8]) {
        let mut end = 0;
        for line in lines(entity) {
            if is_blank(line) {
                break;
            }
            end += line.len();
        }
        let (header, rest) = entity.split_at_checked(end).unwrap_or((entity, &[]));
        let body = lines(rest).next().and_then(|blank| rest.get(blank.len()..));
        let header = header.get(..MAX_HEADER).unwrap_or(header);
        (Self(header), body.unwrap_or_default())
    }

    /// The fields in order. What comes before the first field, such as an mbox separator, is passed over.
    pub(crate) fn fields(self) -> impl Iterator<Item = Field<'a>> {
        let mut rest = self.0;
        std::iter::from_fn(move || {
            loop {
                let first = lines(rest).next()?;
                let name = field_name(first);
                let mut end = first.len();
                if name.is_some() {
                    // A line that is no field continues the one before it, indented or not: some reporters wrap
                    // diagnostics without indenting them.
                    let more = lines(rest)
                        .skip(1)
                        .take_while(|line| field_name(line).is_none());
                    end += more.map(<[u8]>::len).sum::<usize>();
                }
                let (field, after) = rest.split_at_checked(end)?;
                rest = after;
                if let Some(name) = name {
                    let colon = field.iter().position(|byte| *byte == b':')?;
                    let raw = field.get(colon + 1..)?;
                    return Some(Field { name, raw });
                }
            }
        })
    }

    /// The value of the first field of this name that is not empty.
    pub(crate) fn value(self, name: &str) -> Option<String> {
        self.fields().find_map(|field| field.value_of(name))
    }
}

/// One field.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Field<'a> {
    name: &'a [u8],
    raw: &'a [u8],
}

impl Field<'_> {
    /// Whether it has this name, in any case.
    pub(crate) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name.as_bytes())
    }

    /// The value, if it has this name and is not empty.
    pub(crate) fn value_of(&self, name: &str) -> Option<String> {
        self.is(name).then(|| self.value()).flatten()
    }

    /// Puts its value into a slot of its name, unless an earlier field of that name has filled it: the first counts.
    pub(crate) fn fill(&self, slot: &mut Option<String>) {
        if slot.is_none() {
            *slot = self.value();
        }
    }

    /// The value on one line, without controls, bounded; `None` when it is empty.
    pub(crate) fn value(&self) -> Option<String> {
        let raw = self.raw.get(..MAX_VALUE).unwrap_or(self.raw);
        text::shown(&String::from_utf8_lossy(raw), MAX_VALUE)
    }
}

/// The groups of a report, one after the other; blank lines between them do not count, however many.
pub(crate) fn field_groups(body: &[u8]) -> impl Iterator<Item = FieldGroup<'_>> {
    let mut rest = body;
    std::iter::from_fn(move || {
        let blank: usize = lines(rest)
            .take_while(|line| is_blank(line))
            .map(<[u8]>::len)
            .sum();
        rest = rest.get(blank..)?;
        let length: usize = lines(rest)
            .take_while(|line| !is_blank(line))
            .map(<[u8]>::len)
            .sum();
        let (group, after) = rest.split_at_checked(length)?;
        rest = after;
        (!group.is_empty()).then_some(FieldGroup(group))
    })
}

/// The lines, each with its line end.
pub(crate) fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.split_inclusive(|byte| *byte == b'\n')
}

fn is_blank(line: &[u8]) -> bool {
    line.trim_ascii().is_empty()
}

/// The name, if the line begins a field
/// ([RFC 5322 §2.2](https://www.rfc-editor.org/rfc/rfc5322#section-2.2)); white space before the colon is obsolete and
/// still found.
fn field_name(line: &[u8]) -> Option<&[u8]> {
    let colon = line.iter().position(|byte| *byte == b':')?;
    let name = line.get(..colon)?.trim_ascii_end();
    let ftext = !name.is_empty() && name.iter().all(u8::is_ascii_graphic);
    ftext.then_some(name)
}

/// The most octets of a header that are read; a header beyond that carries nothing a report needs.
const MAX_HEADER: usize = 256 * 1024;
/// The most octets of a value that are read.
const MAX_VALUE: usize = 4 * 1024;

#[cfg(test)]
mod tests {
    use super::{FieldGroup, field_groups};

    fn read(text: &str) -> Vec<Vec<(String, Option<String>)>> {
        field_groups(text.as_bytes())
            .map(|group| {
                let field = |field: super::Field<'_>| {
                    (
                        String::from_utf8_lossy(field.name).into_owned(),
                        field.value(),
                    )
                };
                group.fields().map(field).collect()
            })
            .collect()
    }

    fn pair(name: &str, value: &str) -> (String, Option<String>) {
        (
            name.to_owned(),
            (!value.is_empty()).then(|| value.to_owned()),
        )
    }

    #[test]
    fn groups_are_separated_by_blank_lines() {
        let expected = vec![vec![pair("A", "1"), pair("B", "2")], vec![pair("C", "")]];
        for text in [
            "A: 1\nB: 2\n\nC:\n",
            "A: 1\r\nB: 2\r\n\r\nC:\r\n\r\n",
            "\n\nA: 1\nB : 2\n \t\n\n\nC:",
        ] {
            assert_eq!(read(text), expected, "{text:?}");
        }
    }

    #[test]
    fn folded_values_are_one_line() {
        let text = "Diagnostic-Code: smtp; 550-5.1.1 no\r\n 550 5.1.1 such user\r\nnot indented\r\nStatus: 5.1.1\r\n";
        let expected = [
            pair(
                "Diagnostic-Code",
                "smtp; 550-5.1.1 no 550 5.1.1 such user not indented",
            ),
            pair("Status", "5.1.1"),
        ];
        assert_eq!(read(text), [expected]);
    }

    #[test]
    fn what_comes_before_the_first_field_is_passed_over() {
        assert_eq!(read("From joe Thu Apr 29 2026\nA: 1\n"), [[pair("A", "1")]]);
        assert_eq!(read(" indented\n"), [[]]);
        assert_eq!(read(""), Vec::<Vec<_>>::new());
    }

    #[test]
    fn a_header_ends_at_the_first_blank_line() {
        let (header, body) = FieldGroup::header_of(b"A: 1\r\n\r\nB: 2\r\n\r\nend");
        assert_eq!(header.value("a").as_deref(), Some("1"));
        assert_eq!(header.value("b"), None);
        assert_eq!(body, b"B: 2\r\n\r\nend");
        let (header, body) = FieldGroup::header_of(b"A: 1");
        assert_eq!((header.value("A").as_deref(), body), (Some("1"), &b""[..]));
        assert_eq!(FieldGroup::header_of(b"\nbody").1, b"body");
    }
}
