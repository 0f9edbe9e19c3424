//! Addresses in running text.

use letterhead_mail::{AddressDomain, EmailAddress};

/// An address and what stands around it in its line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AddressInText<'a> {
    pub(crate) address: EmailAddress,
    /// What comes before it, without the bracket or quote that opens around it.
    pub(crate) before: &'a str,
    /// What comes after it, without the bracket or quote that closes around it.
    pub(crate) after: &'a str,
    /// Whether it stands in angle brackets.
    pub(crate) in_angles: bool,
}

/// The addresses in a line in their order, at most [`MAX_ADDRESSES`]. What one has used is no part of another: of `a@b@c`
/// only the first is read.
pub(crate) fn addresses(line: &str) -> impl Iterator<Item = AddressInText<'_>> {
    let mut from = 0;
    std::iter::from_fn(move || {
        loop {
            let at = from + line.get(from..)?.find('@')?;
            from = at + 1;
            if let Some(found) = around(line, at) {
                from = from.max(line.len() - found.after.len());
                return Some(found);
            }
        }
    })
    .take(MAX_ADDRESSES)
}

/// One word as an address, in brackets or not. Local parts that only some carriers allow (`a..b`, `a.`) are read too, and
/// a source route in front is left out
/// ([RFC 5321 §4.1.1.3](https://www.rfc-editor.org/rfc/rfc5321#section-4.1.1.3)).
pub(crate) fn lenient(word: &str) -> Option<EmailAddress> {
    let word = word.trim().trim_start_matches('<').trim_end_matches('>');
    let word = match word.strip_prefix('@') {
        Some(route) => route.split_once(':')?.1,
        None => word,
    };
    if let Ok(address) = word.parse() {
        return Some(address);
    }
    let (local, domain) = word.rsplit_once('@')?;
    if local.is_empty() || !local.chars().all(is_local) {
        return None;
    }
    let domain: AddressDomain = domain.parse().ok()?;
    EmailAddress::new(local, domain).ok()
}

/// The address around the `@` at this place.
fn around(line: &str, at: usize) -> Option<AddressInText<'_>> {
    let (head, tail) = (line.get(..at)?, line.get(at + 1..)?);
    let start = at - local_length(head)?;
    let end = at + 1 + domain_length(tail)?;
    let (mut before, mut after) = (line.get(..start)?, line.get(end..)?);
    if before.ends_with('@') {
        return None;
    }
    let address = lenient(line.get(start..end)?)?;
    let mut in_angles = false;
    for (open, close) in ENCLOSURES {
        if let (Some(outer), Some(inner)) = (before.strip_suffix(*open), after.strip_prefix(*close))
        {
            (before, after) = (outer, inner);
            in_angles |= *open == '<';
        }
    }
    Some(AddressInText {
        address,
        before,
        after,
        in_angles,
    })
}

/// How long the local part is that ends here.
fn local_length(head: &str) -> Option<usize> {
    if let Some(inside) = head.strip_suffix('"') {
        let quoted = inside.rsplit_once('"').map(|(_, quoted)| quoted)?;
        return (!quoted.is_empty() && quoted.len() < MAX_LOCAL).then_some(quoted.len() + 2);
    }
    let length: usize = head
        .chars()
        .rev()
        .take(MAX_LOCAL + 1)
        .take_while(|c| is_local(*c))
        .map(char::len_utf8)
        .sum();
    let whole = head.get(head.len() - length..)?;
    // What opens a quotation or marks an item of a list is no part of an address; an encoded word is.
    let local = match whole.starts_with("=?") {
        true => whole,
        false => whole.trim_start_matches(['\'', '`', '=', '*', '|', '/', '-', '.', '?', '!']),
    };
    (!local.is_empty()).then_some(local.len())
}

/// How long the domain is that begins here.
fn domain_length(tail: &str) -> Option<usize> {
    if tail.starts_with('[') {
        return tail.find(']').filter(|end| *end < 64).map(|end| end + 1);
    }
    let domain = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-') || is_letter(*c);
    let length: usize = tail
        .chars()
        .take(MAX_DOMAIN)
        .take_while(domain)
        .map(char::len_utf8)
        .sum();
    let domain = tail.get(..length)?.trim_end_matches(['.', '-']);
    (!domain.is_empty()).then_some(domain.len())
}

fn is_local(c: char) -> bool {
    c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c) || is_letter(c)
}

/// A letter beyond ASCII. The punctuation of other scripts is none.
fn is_letter(c: char) -> bool {
    !c.is_ascii() && c.is_alphanumeric()
}

/// Brackets and quotes that stand around addresses, from the inside out.
const ENCLOSURES: &[(char, char)] = &[
    ('\'', '\''),
    ('"', '"'),
    ('<', '>'),
    ('"', '"'),
    ('\'', '\''),
    ('[', ']'),
    ('(', ')'),
];
/// The most addresses that are read from one line.
const MAX_ADDRESSES: usize = 64;
/// The longest local part looked for, in characters.
const MAX_LOCAL: usize = 128;
/// The longest domain looked for, in characters.
const MAX_DOMAIN: usize = 255;

#[cfg(test)]
mod tests {
    use super::{addresses, lenient};

    #[test]
    fn addresses_are_found_in_any_dress() {
        for (line, expected) in [
            (
                "<joe@example.org>: gone",
                &[("", "joe@example.org", ": gone")][..],
            ),
            (
                "  'joe@example.org' said",
                &[("  ", "joe@example.org", " said")],
            ),
            ("\"joe@example.org\":", &[("", "joe@example.org", ":")]),
            (
                "joe@example.org... User unknown",
                &[("", "joe@example.org", "... User unknown")],
            ),
            (
                "to \"a..b\"@x.example.",
                &[("to ", "\"a..b\"@x.example", ".")],
            ),
            ("a.@x.example", &[("", "\"a.\"@x.example", "")]),
            ("[SMTP:joe@x.example]", &[("[SMTP:", "joe@x.example", "]")]),
            (
                "RCPT TO=<joe@[192.0.2.1]>",
                &[("RCPT TO=", "joe@[192.0.2.1]", "")],
            ),
            (
                "=?utf-8?B?8J+Q?=@x.example",
                &[("", "=?utf-8?B?8J+Q?=@x.example", "")],
            ),
            (
                "a@x.example, b@x.example",
                &[
                    ("", "a@x.example", ", b@x.example"),
                    ("a@x.example, ", "b@x.example", ""),
                ],
            ),
            (
                "joe@x.example@y.example@z.example",
                &[("", "joe@x.example", "@y.example@z.example")],
            ),
            ("j\u{f6}rg@x.example", &[("", "j\u{f6}rg@x.example", "")]),
            (
                "\u{3010}joe@x.example\u{3011}",
                &[("\u{3010}", "joe@x.example", "\u{3011}")],
            ),
            ("nobody @ x.example, @x, x@, @", &[]),
        ] {
            let found: Vec<(String, String, String)> = addresses(line)
                .map(|found| {
                    let text = found.address.to_string();
                    (found.before.to_owned(), text, found.after.to_owned())
                })
                .collect();
            let own = |text: &str| text.to_owned();
            let expected: Vec<_> = expected
                .iter()
                .map(|(before, address, after)| (own(before), own(address), own(after)))
                .collect();
            assert_eq!(found, expected, "{line}");
        }
    }

    #[test]
    fn a_source_route_is_left_out() {
        let address = lenient("<@a.example,@b.example:joe@x.example>").unwrap();
        assert_eq!(address.to_string(), "joe@x.example");
        assert_eq!(lenient("joe"), None);
        assert_eq!(lenient("a b@x.example"), None);
    }
}
