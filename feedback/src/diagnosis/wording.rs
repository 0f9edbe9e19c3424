use super::quote;
use crate::text;

/// The words of a diagnostic in the form that rules are written for.
///
/// Runs of white space are one space, curly quotes straight, letters beyond ASCII lower case. An address is `@`, so that
/// `user "joe@example.org" unknown` reads `user @ unknown` whoever it is about. Reply and status codes are left out, which
/// makes one sentence of a reply in several lines. Links go behind the words, with the domains of the addresses and the
/// name of the server: they are matched for names only, or a server called `full.example.org` would have a full mailbox.
#[derive(Debug)]
pub(super) struct Wording {
    text: String,
    /// Where the words end and the names begin.
    names_from: usize,
}

impl Wording {
    /// The most octets of a diagnostic that are looked at.
    pub(super) const MAX_OCTETS: usize = 4_096;

    pub(super) fn new(words: &str, server: Option<&str>) -> Self {
        let words = text::head(words, Self::MAX_OCTETS);
        let mut text = String::with_capacity(words.len() + 64);
        let mut names = Vec::new();
        for token in words.split(|c: char| c.is_whitespace() || c.is_control()) {
            if let Some(token) = without_codes(token) {
                push(&mut text, token, &mut names);
            }
        }
        let names_from = text.len();
        for name in names.into_iter().chain(server.map(|s| text::head(s, 255))) {
            text.push(' ');
            text.push_str(name);
        }
        Self { text, names_from }
    }

    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether a match that starts here is among the words.
    pub(super) const fn is_word(&self, start: usize) -> bool {
        start < self.names_from
    }

    /// Whether no word of ASCII letters and digits goes on beyond either end.
    pub(super) fn is_whole(&self, start: usize, end: usize) -> bool {
        let bytes = self.text.as_bytes();
        let inside = |at: Option<usize>| {
            at.and_then(|at| bytes.get(at))
                .is_some_and(u8::is_ascii_alphanumeric)
        };
        let before = start.checked_sub(1);
        let goes_on_before = inside(before) && inside(Some(start));
        let goes_on_behind = inside(Some(end)) && inside(end.checked_sub(1));
        !goes_on_before && !goes_on_behind
    }
}

/// Appends one word, its address replaced; what is a name goes to `names`.
fn push<'a>(text: &mut String, token: &'a str, names: &mut Vec<&'a str>) {
    if token.contains("://") {
        names.push(token);
        return;
    }
    if !text.is_empty() {
        text.push(' ');
    }
    let Some((before, domain, after)) = around_address(token) else {
        push_plain(text, token);
        return;
    };
    names.push(domain);
    push_plain(text, before);
    text.push('@');
    push_plain(text, after);
}

/// What stands before an address and its brackets, its domain, and what stands behind.
fn around_address(token: &str) -> Option<(&str, &str, &str)> {
    let (left, right) = token.split_once('@')?;
    let is_local = |c: char| !matches!(c, '<' | '(' | '[' | '"' | '\'' | ':' | ';' | ',');
    let is_domain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_');
    let before = left.trim_end_matches(is_local);
    let length = right.find(|c| !is_domain(c)).unwrap_or(right.len());
    let domain = right.get(..length)?.trim_end_matches('.');
    let after = right.get(domain.len()..)?;
    if before.len() == left.len() || domain.is_empty() {
        return None;
    }
    let before = before.trim_end_matches(['<', '(', '"', '\'']);
    Some((
        before,
        domain,
        after.trim_start_matches(['>', ')', '"', '\'']),
    ))
}

/// The word without the codes of a reply: `550-5.7.1` is nothing, `550-no` is `no`.
fn without_codes(token: &str) -> Option<&str> {
    let rest = match token.split_at_checked(3) {
        Some((digits, rest)) if quote::is_reply_code(digits) => {
            if rest.is_empty() {
                return None;
            }
            rest.strip_prefix('-').unwrap_or(token)
        }
        _ => token,
    };
    (!rest.is_empty() && quote::enhanced_code(rest).is_none()).then_some(rest)
}

fn push_plain(text: &mut String, token: &str) {
    if token.is_ascii() {
        text.push_str(token);
        return;
    }
    for c in token.chars() {
        match c {
            '\u{2018}' | '\u{2019}' | '\u{b4}' => text.push('\''),
            '\u{201c}' | '\u{201d}' | '\u{201e}' | '\u{ab}' | '\u{bb}' => text.push('"'),
            '\u{2010}' | '\u{2011}' | '\u{2013}' | '\u{2014}' => text.push('-'),
            c if c.is_ascii() => text.push(c),
            c => text.extend(c.to_lowercase()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Wording;

    #[test]
    fn words_are_written_as_rules_are() {
        for (text, expected) in [
            (
                "550 5.1.1 <joe@example.org>... User  Unknown",
                "@... User Unknown",
            ),
            ("joe@example.org... no", "@... no"),
            (
                "said: 550-5.7.1 a\r\n\t550-5.7.1 b 550 5.7.1 c",
                "said: a b c",
            ),
            ("550-no 550 more (#5.1.1)", "no more"),
            (
                "User \"joe@example.org\" isn\u{2019}t here",
                "User @ isn't here",
            ),
            ("mailto:<joe+a=b@example.org>, is full", "mailto:@, is full"),
            ("see https://example.org/spam now", "see now"),
            ("\u{c9}TAIT", "\u{e9}TAIT"),
            ("a 5500 192.0.2.1 4096", "a 5500 192.0.2.1 4096"),
            ("@ alone a@ @b", "@ alone a@ @b"),
        ] {
            let wording = Wording::new(text, Some("mx.example.org"));
            assert_eq!(
                wording.text.get(..wording.names_from),
                Some(expected),
                "{text}"
            );
        }
    }

    #[test]
    fn names_follow_the_words() {
        let wording = Wording::new(
            "no <joe@docomo.example>: see https://example.org/a?b",
            Some("mx.example"),
        );
        assert_eq!(
            wording.as_str(),
            "no @: see docomo.example https://example.org/a?b mx.example"
        );
        assert!(wording.is_word(3) && !wording.is_word(12));
    }

    #[test]
    fn long_words_are_cut_at_a_character() {
        assert_eq!(
            Wording::new(&"\u{e9}".repeat(4_000), None).as_str().len(),
            Wording::MAX_OCTETS
        );
    }
}
