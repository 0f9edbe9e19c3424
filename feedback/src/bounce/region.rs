//! Where the report ends and the message that it is about begins.

use crate::field_group::FieldGroup;
use crate::returned_message::ReturnedMessage;
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
        let is_named = line
            .get(..NAME.len())
            .is_some_and(|name| name.eq_ignore_ascii_case(NAME));
        if is_named && self.returned.message_id.is_none() {
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
        || line.trim().ends_with(['-', '=', '*', '_', '#', '|', '+', '~']);
    let lower = words.to_lowercase();
    STARTS.iter().any(|start| lower.starts_with(start))
        || (is_decorated && TITLES.contains(&lower.as_str()))
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

/// How a line begins that says that the message, or its header, follows; in lower case and without decoration.
const STARTS: &[&str] = &[
    "below this line is a copy of the message",
    "below the next line is a copy of the message",
    "below this line is the original bounce",
    "below is a copy of",
    "enclosed is a copy of the message",
    "enclosed are the original headers",
    "this is a copy of the message",
    "this is a copy of your message",
    "this is a copy of the headers",
    "this is a copy of the original",
    "here is a copy of",
    "here is your returned mail",
    "here is the original message",
    "following is a copy of",
    "included is a copy of",
    "a copy of the original message",
    "a copy of your message",
    "a copy of the message",
    "copy of your message",
    "copy of the original message",
    "copy of message",
    "the header of the original message",
    "the headers of the original message",
    "the header from the original message",
    "the original message follows",
    "the original message headers",
    "the original message was:",
    "the first lines of the original message",
    "the message headers follow",
    "the body of the message is",
    "original message follows",
    "original message header",
    "original message attached",
    "original message text",
    "original header",
    "original mail as follows",
    "original mail follows",
    "message header follows",
    "message headers follow",
    "message headers:",
    "message text follows",
    "message body follows",
    "message follows",
    "message that could not be delivered follows",
    "mail headers follow",
    "mail header follows",
    "unsent message follows",
    "unsent message below",
    "undelivered message follows",
    "unsendable message follows",
    "returned message follows",
    "returned mail follows",
    "returned message header",
    "start of returned message",
    "begin returned message",
    "your original message follows",
    "your original message:",
    "your original message is",
    "your message reads",
    "your message follows",
    "your mail follows",
    "old message",
    "text of the original message",
    "text of your message",
    "headers of the original message",
    "header of the message",
    "rejected message follows",
    "bounced message follows",
    "transcript of message follows",
    "ursprungs-nachricht",
    "urspr\u{fc}ngliche nachricht",
    "urspr\u{fc}ngliche nachrichtenkopf",
    "urspr\u{fc}ngliche kopfzeilen",
    "der header der urspr\u{fc}nglichen nachricht",
    "originalnachricht",
    "en-t\u{ea}tes de message d'origine",
    "message d'origine",
    "encabezados de mensajes originales",
    "mensaje original",
    "cabe\u{e7}alhos da mensagem original",
    "mensagem original",
    "intestazioni originali del messaggio",
    "messaggio originale",
    "oorspronkelijk bericht",
    "oorspronkelijke berichtkoppen",
    "\u{438}\u{441}\u{445}\u{43e}\u{434}\u{43d}\u{43e}\u{435} \u{441}\u{43e}\u{43e}\u{431}\u{449}\u{435}\u{43d}\u{438}\u{435}",
    "\u{438}\u{441}\u{445}\u{43e}\u{434}\u{43d}\u{44b}\u{435} \u{437}\u{430}\u{433}\u{43e}\u{43b}\u{43e}\u{432}\u{43a}\u{438}",
    "\u{539f}\u{59cb}\u{6d88}\u{606f}\u{5934}",
];

/// Titles that say the same between dashes and the like.
const TITLES: &[&str] = &[
    "original message",
    "original mail",
    "original message header",
    "returned message",
    "returned mail",
    "message",
    "mail",
    "header",
    "headers",
    "message header",
    "message headers",
    "mail header",
    "mail headers",
    "undelivered message",
    "your message",
    "message contents",
    "message text",
    "message body",
    "forwarded message",
    "\u{30aa}\u{30ea}\u{30b8}\u{30ca}\u{30eb}\u{30e1}\u{30c3}\u{30bb}\u{30fc}\u{30b8}",
    "\u{5143}\u{306e}\u{30e1}\u{30fc}\u{30eb}",
    "\u{5143}\u{306e}\u{30e1}\u{30c3}\u{30bb}\u{30fc}\u{30b8}",
    "\u{539f}\u{59cb}\u{90f5}\u{4ef6}",
    "\u{539f}\u{59cb}\u{4fe1}\u{4ef6}",
    "\u{539f}\u{90ae}\u{4ef6}",
    "\u{539f}\u{59cb}\u{90ae}\u{4ef6}",
];

/// The letters that the Latin ones of these begin with.
const MARKER_LETTERS: &str = "abcdefhimortuy";

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
    use super::{MARKER_LETTERS, Region, STARTS, TITLES};

    #[test]
    fn every_announcement_is_recognised() {
        for start in STARTS.iter().chain(TITLES) {
            let first = start.chars().next().unwrap();
            assert!(!first.is_ascii() || MARKER_LETTERS.contains(first), "{start}");
            let text = format!("a\n\n--- {start} ---\n\nMessage-ID: <1@x>\nTo: b@x.example\n\nz");
            let region = Region::of(&text);
            assert_eq!(region.lines, ["a", ""], "{start}");
            assert_eq!(region.returned.message_id.as_deref(), Some("<1@x>"), "{start}");
        }
    }

    #[test]
    fn a_header_is_recognised_without_announcement() {
        let header = "Received: from a\n by b\nMessage-ID: <1@x>\nTo: b@x.example\nFrom: c@x.example\n\nz";
        let text = format!("a\n\n{header}");
        let region = Region::of(&text);
        assert_eq!(region.lines, ["a", ""]);
        assert_eq!(region.returned.only_recipient().unwrap().to_string(), "b@x.example");
        let quoted = "a\n\nTo: b\nSubject: c\nDate: d\n\nwas not delivered";
        assert_eq!(Region::of(quoted).lines.len(), 7);
        assert!(!Region::of(quoted).has_returned);
    }
}
