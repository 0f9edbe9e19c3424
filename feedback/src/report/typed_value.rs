//! Values with a type in front, such as `rfc822; joe@example.org` and `smtp; 550 5.1.1 no such user`.

use std::time::{Duration, SystemTime};

use letterhead_mail::mailbox::parse_mailbox_list;
use letterhead_mail::{EmailAddress, EnhancedCode};
use mail_parser::DateTime;

use crate::report::bounce::lenient;
use crate::text;

/// Splits `type; value`. Without a type the whole is the value.
pub(crate) fn split_type(value: &str) -> (Option<&str>, &str) {
    match value.split_once(';') {
        Some((kind, rest)) if is_atom(kind.trim()) => (Some(kind.trim()), rest.trim()),
        _ => (None, value.trim()),
    }
}

/// The address in a recipient field
/// ([RFC 3464 §2.3.2](https://www.rfc-editor.org/rfc/rfc3464#section-2.3.2),
/// [RFC 6533 §3](https://www.rfc-editor.org/rfc/rfc6533#section-3)), whatever its type claims: `X-Postfix` and a
/// missing one hold ordinary addresses too. An X.400 address is none.
pub(crate) fn address(value: &str) -> Option<EmailAddress> {
    let (kind, rest) = split_type(value);
    let is = |name: &str| kind.is_some_and(|kind| kind.eq_ignore_ascii_case(name));
    if is("x400") {
        return None;
    }
    let unescaped = is("utf-8").then(|| without_unicode_escapes(rest)).flatten();
    let whole = unescaped.as_deref().unwrap_or(rest);
    let bare = text::without_comments(whole);
    let bracketed = bare
        .rsplit_once('<')
        .and_then(|(_, inside)| inside.split_once('>'));
    let candidates = [
        Some(whole),
        Some(bare.as_str()),
        bracketed.map(|(inside, _)| inside),
    ];
    candidates.into_iter().flatten().find_map(lenient)
}

/// The address in a field of a header such as From or To, if there is just one in it.
pub(crate) fn only_mailbox(value: &str) -> Option<EmailAddress> {
    let mut mailboxes = parse_mailbox_list(value.as_bytes()).ok()?.into_iter();
    let first = mailboxes.next()?;
    mailboxes.next().is_none().then(|| first.address().clone())
}

/// The name of a server: `dns; mx.example.org` without its type.
pub(crate) fn server(value: &str) -> &str {
    split_type(value).1
}

/// The status code in a Status field, comments and reasons aside.
pub(crate) fn status(value: &str) -> Option<EnhancedCode> {
    let bare = text::without_comments(value);
    bare.split_whitespace().find_map(enhanced_code)
}

/// A date as mail writes it ([RFC 5322 §3.3](https://www.rfc-editor.org/rfc/rfc5322#section-3.3)), from 1970 on.
pub(crate) fn time(value: &str) -> Option<SystemTime> {
    let date = DateTime::parse_rfc822(value).filter(DateTime::is_valid)?;
    let seconds = u64::try_from(date.to_timestamp()).ok()?;
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds))
}

/// One word that is a status code, in the dress some servers put it in: `#5.1.1`, `(5.1.1)`, `5.1.1:`.
fn enhanced_code(word: &str) -> Option<EnhancedCode> {
    let dress = |c: char| matches!(c, '#' | '(' | ')' | '[' | ']' | ':' | ';' | ',');
    word.trim_matches(dress).parse().ok()
}

/// `\x{E9}` as the character itself; `None` when an escape is broken.
fn without_unicode_escapes(text: &str) -> Option<String> {
    let mut pieces = text.split("\\x{");
    let mut out = pieces.next()?.to_owned();
    for piece in pieces {
        let (hex, rest) = piece.split_once('}')?;
        if hex.len() > 6 {
            return None;
        }
        out.push(char::from_u32(u32::from_str_radix(hex, 16).ok()?)?);
        out.push_str(rest);
    }
    Some(out)
}

fn is_atom(text: &str) -> bool {
    let atom = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/');
    !text.is_empty() && text.chars().all(atom)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::{address, split_type, status, time};

    #[test]
    fn a_type_is_split_off_where_there_is_one() {
        assert_eq!(split_type("rfc822; a@x"), (Some("rfc822"), "a@x"));
        assert_eq!(split_type("X-Postfix;a@x"), (Some("X-Postfix"), "a@x"));
        assert_eq!(split_type("550 no; really"), (None, "550 no; really"));
        assert_eq!(split_type("a@x"), (None, "a@x"));
    }

    #[test]
    fn addresses_are_read_from_every_type_that_holds_one() {
        for (text, expected) in [
            ("rfc822; joe@example.org", Some("joe@example.org")),
            ("RFC822;<joe@Example.org>", Some("joe@example.org")),
            ("X-Postfix; joe@example.org", Some("joe@example.org")),
            ("joe@example.org", Some("joe@example.org")),
            ("rfc822; joe@example.org (moved)", Some("joe@example.org")),
            ("rfc822; Joe Doe <joe@example.org>", Some("joe@example.org")),
            (
                "utf-8; j\\x{F6}rg@example.org",
                Some("j\u{f6}rg@example.org"),
            ),
            (
                "utf-8; j\u{f6}rg@example.org",
                Some("j\u{f6}rg@example.org"),
            ),
            ("x400; /c=de/s=joe/@x", None),
            ("X-Postfix; joe", None),
            ("rfc822;", None),
            ("rfc822; joe@example.org ann@example.org", None),
        ] {
            let read = address(text);
            assert_eq!(
                read.map(|address| address.to_string()).as_deref(),
                expected,
                "{text}"
            );
        }
    }

    #[test]
    fn a_status_is_found_beside_comments_and_reasons() {
        for (text, expected) in [
            ("5.2.2 (Over quota)", Some("5.2.2")),
            ("(failed) 5.1.1", Some("5.1.1")),
            ("5.0.0 (permanent failure) 5.1.1", Some("5.0.0")),
            ("#5.1.1", Some("5.1.1")),
            ("5.1", None),
            ("", None),
        ] {
            assert_eq!(
                status(text).map(|status| status.to_string()).as_deref(),
                expected,
                "{text}"
            );
        }
    }

    #[test]
    fn dates_are_read_and_impossible_ones_are_not() {
        let expected = SystemTime::UNIX_EPOCH + Duration::from_secs(1_403_375_674);
        assert_eq!(
            time("Sat, 21 Jun 2014 18:34:34 +0000 (UTC)"),
            Some(expected)
        );
        assert_eq!(time("Sat, 21 Jun 2014 20:34:34 +0200"), Some(expected));
        for text in [
            "",
            "yesterday",
            "Wed, 1 Jan 1969 00:00:00 +0000",
            "32 Foo 99999",
        ] {
            assert_eq!(time(text), None, "{text}");
        }
    }
}
