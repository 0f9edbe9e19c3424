//! Text out of reports, made safe to keep and to show.

/// The text with runs of white space and control characters as one space, at most `limit` characters; `None` when
/// nothing is left.
pub(crate) fn shown(text: &str, limit: usize) -> Option<String> {
    let mut out = String::new();
    let mut length = 0;
    let mut gap = false;
    for c in text.chars() {
        if c.is_control() || c.is_whitespace() {
            gap = length > 0;
            continue;
        }
        if length + usize::from(gap) >= limit {
            break;
        }
        if gap {
            out.push(' ');
        }
        out.push(c);
        length += 1 + usize::from(gap);
        gap = false;
    }
    (!out.is_empty()).then_some(out)
}

/// The first octets of a text, at most so many and whole characters.
pub(crate) fn head(text: &str, limit: usize) -> &str {
    text.get(..text.floor_char_boundary(limit))
        .unwrap_or_default()
}

/// The last octets of a text, at most so many and whole characters.
pub(crate) fn tail(text: &str, limit: usize) -> &str {
    let start = text.ceil_char_boundary(text.len().saturating_sub(limit));
    text.get(start..).unwrap_or_default()
}

/// Whether a text begins so, its ASCII letters in any case.
pub(crate) fn begins_with(
    text: &(impl AsRef<[u8]> + ?Sized),
    start: &(impl AsRef<[u8]> + ?Sized),
) -> bool {
    let start = start.as_ref();
    let begun = text.as_ref().get(..start.len());
    begun.is_some_and(|begun| begun.eq_ignore_ascii_case(start))
}

/// The word that a text begins with; empty where it is longer than so many octets.
pub(crate) fn first_word(text: &str, limit: usize) -> &str {
    let near = head(text, limit.saturating_add(1));
    let word = near.split_whitespace().next().unwrap_or_default();
    if word.len() > limit { "" } else { word }
}

/// The first Message-ID in a field value, with its angle brackets. A single word with an `@` counts as one without
/// them, since some reporters leave them out.
pub(crate) fn message_id(value: &str) -> Option<String> {
    let bare = match value.split_once('<') {
        Some((_, rest)) => rest.split_once('>').map(|(inside, _)| inside)?,
        None => Some(value.trim()).filter(|word| word.contains('@'))?,
    };
    let whole = !bare.is_empty() && bare.len() <= MAX_MESSAGE_ID;
    let clean =
        !bare.contains(|c: char| c.is_control() || c.is_whitespace() || matches!(c, '<' | '>'));
    (whole && clean).then(|| format!("<{bare}>"))
}

/// The text without its comments, nested ones included; what a quoted string holds is no comment.
pub(crate) fn without_comments(text: &str) -> String {
    let mut out = String::new();
    let mut depth = 0_usize;
    let mut quoted = false;
    let mut escaped = false;
    for c in text.chars() {
        let literal = std::mem::replace(&mut escaped, false);
        match c {
            '\\' if !literal && (quoted || depth > 0) => escaped = true,
            '"' if !literal && depth == 0 => quoted = !quoted,
            '(' if !literal && !quoted => depth += 1,
            ')' if !literal && !quoted && depth > 0 => {
                depth -= 1;
                continue;
            }
            _ => {}
        }
        if depth == 0 {
            out.push(c);
        }
    }
    out.trim().to_owned()
}

/// The longest Message-ID, in octets without brackets: one line
/// ([RFC 5322 §2.1.1](https://www.rfc-editor.org/rfc/rfc5322#section-2.1.1)).
const MAX_MESSAGE_ID: usize = 996;

#[cfg(test)]
mod tests {
    use super::{begins_with, first_word, head, message_id, shown, tail, without_comments};

    #[test]
    fn characters_stay_whole_where_a_text_is_cut() {
        assert_eq!((head("\u{e9}ab", 1), tail("ab\u{e9}", 1)), ("", ""));
        assert_eq!(
            (head("\u{e9}ab", 3), tail("ab\u{e9}", 3)),
            ("\u{e9}a", "b\u{e9}")
        );
        assert_eq!((head("ab", 9), tail("ab", 9)), ("ab", "ab"));
        for (text, expected) in [
            ("ab c", "ab"),
            ("abc d", "abc"),
            ("abcd", ""),
            (" a", "a"),
            ("", ""),
        ] {
            assert_eq!(first_word(text, 3), expected, "{text}");
        }
    }

    #[test]
    fn a_beginning_is_found_in_any_case() {
        assert!(begins_with("Status: 5.1.1", "status:") && begins_with("a", "A"));
        assert!(!begins_with("stat", "status") && !begins_with(" status", "status"));
        assert!(!begins_with("\u{e9}", "e") && begins_with("", ""));
    }

    #[test]
    fn shown_text_is_one_line_and_bounded() {
        for (text, limit, expected) in [
            (" a \r\n\t b ", 10, Some("a b")),
            ("", 10, None),
            (" \0 ", 10, None),
            ("abc", 2, Some("ab")),
            ("a bc", 2, Some("a")),
            ("\u{e9}\u{e9}\u{e9}", 2, Some("\u{e9}\u{e9}")),
        ] {
            assert_eq!(shown(text, limit).as_deref(), expected, "{text:?}");
        }
    }

    #[test]
    fn message_ids_are_found_with_or_without_brackets() {
        for (text, expected) in [
            ("<1@x>", Some("<1@x>")),
            (" 1@x ", Some("<1@x>")),
            ("(c) <1@x> <2@x>", Some("<1@x>")),
            ("<1 @x>", None),
            ("<>", None),
            ("<1@x", None),
            ("none", None),
        ] {
            assert_eq!(message_id(text).as_deref(), expected, "{text:?}");
        }
        assert_eq!(message_id(&format!("<{}@x>", "a".repeat(2_000))), None);
    }

    #[test]
    fn comments_are_left_out_but_not_from_quoted_strings() {
        for (text, expected) in [
            ("5.2.2 (Over quota)", "5.2.2"),
            ("5.2.2 (a (b) c) d", "5.2.2  d"),
            ("\"a(b\"@x (c)", "\"a(b\"@x"),
            ("5.1.1 (a \\) b)", "5.1.1"),
            ("5.1.1 (never closed", "5.1.1"),
            ("a) b", "a) b"),
        ] {
            assert_eq!(without_comments(text), expected, "{text:?}");
        }
    }
}
