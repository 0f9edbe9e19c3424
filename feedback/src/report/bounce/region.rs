//! Where the report ends and the message that it is about begins.

use std::sync::LazyLock;

use super::word_list::WordList;
use crate::report::field_group::FieldGroup;
use crate::report::returned_message::ReturnedMessage;
use crate::text;

/// A text, divided.
#[derive(Debug, Default)]
pub(crate) struct Region<'a> {
    /// What the mail system says, line by line.
    pub(crate) lines: Vec<&'a str>,
    /// What of the returned message's header stands in the text.
    pub(crate) returned: ReturnedMessage,
    /// Whether the text announces or holds the returned message.
    pub(crate) has_returned: bool,
}

impl<'a> Region<'a> {
    /// Divides a text at the first line that announces the returned message, or where its header begins.
    pub(crate) fn of(text: &'a str) -> Self {
        let mut region = Self::default();
        let mut rest = text;
        let mut begins = true;
        while !rest.is_empty() && region.lines.len() < MAX_LINES {
            let (line, after) = next_line(rest);
            if announces(line) {
                region.take_returned(after);
                return region;
            }
            if begins && !region.lines.is_empty() && is_header(rest) {
                region.take_returned(rest);
                return region;
            }
            begins = line.trim().is_empty() || line.starts_with(['-', '=', '*']);
            region.note_message_id(line);
            region.lines.push(line);
            rest = after;
        }
        region
    }

    /// Some say which message they are about instead of returning it.
    fn note_message_id(&mut self, line: &str) {
        let line = line.trim_start();
        if text::begins_with(line, NAME) && self.returned.message_id.is_none() {
            self.returned.message_id = line.get(NAME.len()..).and_then(text::message_id);
        }
    }

    fn take_returned(&mut self, rest: &str) {
        self.has_returned = true;
        let mut rest = rest;
        for _ in 0..MAX_GAP {
            let (line, after) = next_line(rest);
            let is_gap = line.trim().is_empty() || announces(line);
            if !is_gap || after.is_empty() {
                break;
            }
            rest = after;
        }
        let (header, _) = FieldGroup::header_of(rest.as_bytes());
        let noted = self.returned.message_id.take();
        self.returned = ReturnedMessage::of(header);
        self.returned.message_id = self.returned.message_id.take().or(noted);
    }
}

/// The first line without its end, and what follows it.
fn next_line(text: &str) -> (&str, &str) {
    let (line, rest) = text.split_once('\n').unwrap_or((text, ""));
    (line.strip_suffix('\r').unwrap_or(line), rest)
}

/// Whether the line says that the returned message follows.
fn announces(line: &str) -> bool {
    if line.len() > MAX_MARKER {
        return false;
    }
    let decoration = |c: char| " \t-=*_#|>.:;+~\u{2014}".contains(c);
    let words = line.trim_matches(decoration);
    let Some(first) = words.chars().next() else {
        return false;
    };
    // Most lines are settled by their first letter.
    if first.is_ascii_alphabetic() && !MARKER_LETTERS.contains(first.to_ascii_lowercase()) {
        return false;
    }
    let is_decorated = line
        .trim()
        .starts_with(['-', '=', '*', '_', '#', '|', '+', '~'])
        || line
            .trim()
            .ends_with(['-', '=', '*', '_', '#', '|', '+', '~']);
    let lower = words.to_lowercase();
    ANNOUNCEMENTS
        .starts
        .iter()
        .any(|start| lower.starts_with(start))
        || (is_decorated && ANNOUNCEMENTS.titles.contains(&lower.as_str()))
}

/// Whether the header of a message begins here: three fields at least of those that every message has.
fn is_header(text: &str) -> bool {
    let (first, _) = next_line(text);
    if !field(first, FIELDS) {
        return false;
    }
    let mut known = 0;
    let mut telling = 0;
    for line in text.lines().take(MAX_HEADER_LINES) {
        if line.trim().is_empty() {
            break;
        }
        known += usize::from(field(line, FIELDS));
        telling += usize::from(field(line, TELLING));
    }
    known >= 3 && telling >= 1
}

fn field(line: &str, names: &[&str]) -> bool {
    let Some((name, _)) = line.split_once(':') else {
        return false;
    };
    names.iter().any(|known| name.eq_ignore_ascii_case(known))
}

/// Fields that the headers of messages begin with or have.
const FIELDS: &[&str] = &[
    "Received",
    "Return-Path",
    "Message-ID",
    "Date",
    "From",
    "To",
    "Subject",
    "MIME-Version",
    "Content-Type",
    "Content-Transfer-Encoding",
    "DKIM-Signature",
    "Received-SPF",
    "X-Mailer",
    "X-Originating-IP",
    "User-Agent",
    "Delivered-To",
    "Sender",
    "Reply-To",
    "X-YMail-OSG",
    "Importance",
];
/// Fields without which three others may be a quotation.
const TELLING: &[&str] = &["Received", "Return-Path", "Message-ID", "MIME-Version"];

/// What announces the message that is returned.
struct Announcements {
    starts: Vec<&'static str>,
    titles: Vec<&'static str>,
}

static ANNOUNCEMENTS: LazyLock<Announcements> = LazyLock::new(|| {
    let list = WordList::of(include_str!("data/announcements.txt"));
    Announcements {
        starts: list.section("start"),
        titles: list.section("title"),
    }
});

/// The letters that the Latin ones of these begin with.
const MARKER_LETTERS: &str = "abcdefhimorstuy";

/// What a Message-ID stands behind.
const NAME: &str = "Message-ID:";
/// The longest line that is taken for such an announcement, in octets.
const MAX_MARKER: usize = 160;
/// The most lines between the announcement and the message.
const MAX_GAP: usize = 6;
/// The most lines of a header that are looked at to tell that it is one.
const MAX_HEADER_LINES: usize = 40;
/// The most lines of a report that are read.
const MAX_LINES: usize = 20_000;

#[cfg(test)]
mod tests {
    use super::{ANNOUNCEMENTS, MARKER_LETTERS, Region};

    #[test]
    fn every_announcement_is_recognised() {
        for start in ANNOUNCEMENTS.starts.iter().chain(&ANNOUNCEMENTS.titles) {
            let first = start.chars().next().unwrap();
            assert!(
                !first.is_ascii() || MARKER_LETTERS.contains(first),
                "{start}"
            );
            let text = format!("a\n\n--- {start} ---\n\nMessage-ID: <1@x>\nTo: b@x.example\n\nz");
            let region = Region::of(&text);
            assert_eq!(region.lines, ["a", ""], "{start}");
            assert_eq!(
                region.returned.message_id.as_deref(),
                Some("<1@x>"),
                "{start}"
            );
        }
    }

    #[test]
    fn a_header_is_recognised_without_announcement() {
        let header =
            "Received: from a\n by b\nMessage-ID: <1@x>\nTo: b@x.example\nFrom: c@x.example\n\nz";
        let text = format!("a\n\n{header}");
        let region = Region::of(&text);
        assert_eq!(region.lines, ["a", ""]);
        assert_eq!(
            region.returned.only_recipient().unwrap().to_string(),
            "b@x.example"
        );
        let quoted = "a\n\nTo: b\nSubject: c\nDate: d\n\nwas not delivered";
        assert_eq!(Region::of(quoted).lines.len(), 7);
        assert!(!Region::of(quoted).has_returned);
    }
}
