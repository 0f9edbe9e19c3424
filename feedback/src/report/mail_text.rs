//! What a part says to a reader: its text without transfer encoding, character set and markup.

use std::borrow::Cow;

use mail_parser::decoders::charsets::map::charset_decoder;
use mail_parser::parsers::MessageStream;

use crate::text;

/// Octets in a character set, as text.
///
/// What is valid UTF-8 is taken for UTF-8 whatever its label: mislabelled UTF-8 is common, and other text that happens to
/// be valid is not. The sets of East Asia with two octets a character stay octets, of which the ASCII among them is
/// readable; addresses and replies are.
pub(crate) fn decode(octets: &[u8], charset: Option<&str>) -> String {
    let decoder = || charset.and_then(|charset| charset_decoder(charset.as_bytes()));
    let is_wide = charset.is_some_and(is_wide);
    match std::str::from_utf8(octets) {
        Ok(text) if !is_wide => text.to_owned(),
        _ => match decoder() {
            Some(decoder) => decoder(octets),
            None => String::from_utf8_lossy(octets).into_owned(),
        },
    }
}

/// Whether a character is two octets at least, which may both be ASCII.
fn is_wide(charset: &str) -> bool {
    text::begins_with(charset, "utf-16")
}

/// A header value with its encoded words decoded
/// ([RFC 2047](https://www.rfc-editor.org/rfc/rfc2047)).
pub(crate) fn decode_words(value: &str) -> Cow<'_, str> {
    if !value.contains("=?") {
        return Cow::Borrowed(value);
    }
    let line = format!("{value}\n");
    let decoded = MessageStream::new(line.as_bytes())
        .parse_unstructured()
        .into_text();
    decoded.map_or(Cow::Borrowed(value), |text| Cow::Owned(text.into_owned()))
}

/// What is left of HTML when a reader has no use for it: text, with a line for every block.
pub(crate) fn without_markup(html: &str) -> String {
    let mut out = String::with_capacity(html.len() / 2);
    let mut rest = html;
    while let Some((text, after)) = rest.split_once('<') {
        push_text(&mut out, text);
        if let Some(comment) = after.strip_prefix("!--") {
            rest = comment.split_once("-->").map_or("", |(_, rest)| rest);
            continue;
        }
        let (tag, after) = after.split_once('>').unwrap_or((after, ""));
        let name = tag
            .trim_start_matches('/')
            .split(|c: char| !c.is_ascii_alphanumeric())
            .next()
            .unwrap_or_default();
        let is = |other: &&str| name.eq_ignore_ascii_case(other);
        rest = match HIDDEN.iter().any(is) && !tag.starts_with('/') {
            true => behind_end(after, name),
            false => after,
        };
        if BLOCKS.iter().any(is) {
            out.push('\n');
        }
    }
    push_text(&mut out, rest);
    out
}

/// What follows the end tag of this name; nothing where there is none.
fn behind_end<'a>(html: &'a str, name: &str) -> &'a str {
    let mut rest = html;
    while let Some((_, after)) = rest.split_once("</") {
        if text::begins_with(after, name) {
            return after.split_once('>').map_or("", |(_, rest)| rest);
        }
        rest = after;
    }
    ""
}

/// Adds text with its white space as single spaces and its commonest character references as characters.
fn push_text(out: &mut String, text: &str) {
    let mut gap = text.starts_with(char::is_whitespace);
    for word in text.split_whitespace() {
        if gap && !out.is_empty() && !out.ends_with(char::is_whitespace) {
            out.push(' ');
        }
        gap = true;
        push_characters(out, word);
    }
    if text.ends_with(char::is_whitespace) && !out.ends_with(char::is_whitespace) {
        out.push(' ');
    }
}

fn push_characters(out: &mut String, word: &str) {
    let mut pieces = word.split('&');
    out.push_str(pieces.next().unwrap_or_default());
    for piece in pieces {
        let known = REFERENCES
            .iter()
            .find_map(|(name, character)| Some((*character, piece.strip_prefix(name)?)));
        match known {
            Some((character, rest)) => {
                out.push(character);
                out.push_str(rest);
            }
            None => {
                out.push('&');
                out.push_str(piece);
            }
        }
    }
}

/// Elements whose content nobody sees.
const HIDDEN: &[&str] = &["head", "style", "script", "title", "template"];

/// Elements that begin or end a line.
const BLOCKS: &[&str] = &[
    "p",
    "br",
    "div",
    "tr",
    "td",
    "th",
    "li",
    "ul",
    "ol",
    "table",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "pre",
    "hr",
    "body",
    "blockquote",
];

/// Character references that stand in or around addresses.
const REFERENCES: &[(&str, char)] = &[
    ("lt;", '<'),
    ("gt;", '>'),
    ("amp;", '&'),
    ("quot;", '"'),
    ("apos;", '\''),
    ("nbsp;", ' '),
    ("#39;", '\''),
    ("#039;", '\''),
    ("#64;", '@'),
    ("#46;", '.'),
    ("#160;", ' '),
];

#[cfg(test)]
mod tests {
    use super::{decode, decode_words, without_markup};

    #[test]
    fn text_is_decoded_by_its_label_unless_it_is_utf_8() {
        for (octets, charset, expected) in [
            (&b"a\xe9"[..], Some("iso-8859-1"), "a\u{e9}"),
            (b"a\xc3\xa9", Some("iso-8859-1"), "a\u{e9}"),
            (b"\xcd\xe5", Some("Windows-1251"), "\u{41d}\u{435}"),
            (b"a\xe9", None, "a\u{fffd}"),
            (b"a\xe9", Some("nonsense"), "a\u{fffd}"),
            (b"\xff\xfea\0", Some("UTF-16"), "a"),
        ] {
            assert_eq!(decode(octets, charset), expected, "{charset:?}");
        }
    }

    #[test]
    fn encoded_words_are_decoded() {
        assert_eq!(decode_words("=?utf-8?Q?Hall=C3=B6?= du"), "Hall\u{f6} du");
        assert_eq!(decode_words("plain"), "plain");
    }

    #[test]
    fn markup_goes_and_lines_stay() {
        for (html, expected) in [
            ("<p>a  b</p><p>c&lt;d&#64;x&gt;</p>", "a b|c<d@x>"),
            ("<style>p { a: b }</style>a<!-- <b> c -->d", "ad"),
            (
                "<head><title>x</title></head><div>a &unknown; <b>b</b>c</div>",
                "a &unknown; bc",
            ),
            ("a <b", "a"),
            ("<script>a < b</script>c", "c"),
        ] {
            let text = without_markup(html);
            let lines: Vec<&str> = text
                .lines()
                .map(str::trim)
                .filter(|line| !line.is_empty())
                .collect();
            assert_eq!(lines.join("|"), expected, "{html}");
        }
    }
}
