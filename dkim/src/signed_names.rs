//! The names of the fields that a signature covers, `h=`.

use std::fmt;
use std::sync::OnceLock;

use crate::header_name::{HeaderName, is_header_name};
use crate::scan::{self, Stop};

/// The value of `h=` ([RFC 6376 §3.5](https://www.rfc-editor.org/rfc/rfc6376#section-3.5)): one name or more, with colons
/// between and white space around.
///
/// Kept as it stands, for a verifier reads each name once; the names are made when somebody asks for them.
#[derive(Clone)]
pub(crate) struct SignedNames {
    list: Box<[u8]>,
    names: OnceLock<Box<[HeaderName]>>,
}

impl SignedNames {
    /// Reads the value of the tag, which has no semicolon and no control characters but white space; `None` where a name is missing or is none.
    pub(crate) fn parse(list: &[u8]) -> Option<Self> {
        are_names(list).then(|| Self {
            list: list.into(),
            names: OnceLock::new(),
        })
    }

    /// The names as they are spelt, in order.
    pub(crate) fn spellings(&self) -> impl Iterator<Item = &[u8]> {
        let mut start = 0;
        let colons = memchr::memchr_iter(b':', &self.list);
        colons.chain([self.list.len()]).map(move |end| {
            let name = self.list.get(start..end).unwrap_or_default();
            start = end + 1;
            name.trim_ascii()
        })
    }

    /// The names, in order.
    pub(crate) fn names(&self) -> &[HeaderName] {
        self.names.get_or_init(|| {
            let texts = self.spellings().map(str::from_utf8);
            let names = texts.filter_map(|text| text.ok()?.parse().ok());
            names.collect()
        })
    }
}

/// Whether a list is one of names. Most have their white space behind colons, where one look at all of it will do.
fn are_names(list: &[u8]) -> bool {
    let begins = list.first().is_some_and(|first| *first != b':');
    begins && !scan::any::<Odd>(list, b':')
        || list
            .split(|octet| *octet == b':')
            .all(|name| is_header_name(name.trim_ascii()))
}

/// What is neither part of a name nor white space, the end of a name before white space, and a colon where a name should
/// begin.
struct Odd;

impl Stop for Odd {
    #[inline]
    fn at(octet: u8, next: u8) -> bool {
        let space = octet <= b' ';
        let colon = octet == b':';
        let ends = !space & !colon & (next <= b' ');
        (octet >= 0x7f) | ends | ((space | colon) & (next == b':'))
    }

    #[inline]
    fn among(word: u64, next: u64) -> u64 {
        let space = scan::at_most_space(word);
        let colon = scan::equal(word, b':');
        let ends = !space & !colon & scan::at_most_space(next);
        let other = scan::not_graphic(word) & !space;
        other | ends | ((space | colon) & scan::equal(next, b':'))
    }
}

impl PartialEq for SignedNames {
    fn eq(&self, other: &Self) -> bool {
        self.names() == other.names()
    }
}

impl Eq for SignedNames {}

impl fmt::Debug for SignedNames {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.names().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_between_colons_with_white_space_around() {
        for (list, expected) in [
            (&b"From"[..], &["From"][..]),
            (b"From:To:to", &["From", "To", "to"]),
            (
                b"From :To: Subject\r\n\t:\r\n Date",
                &["From", "To", "Subject", "Date"],
            ),
            (b"A:\r\n B", &["A", "B"]),
        ] {
            let read = SignedNames::parse(list).unwrap();
            let names: Vec<&str> = read.names().iter().map(HeaderName::as_str).collect();
            assert_eq!(names, expected);
            let spellings: Vec<&[u8]> = read.spellings().collect();
            assert!(
                spellings
                    .iter()
                    .zip(expected)
                    .all(|(own, name)| *own == name.as_bytes())
            );
            assert_eq!(spellings.len(), expected.len());
        }
    }

    #[test]
    fn a_list_with_a_hole_or_with_what_is_no_name_is_refused() {
        let long = "X-Long-Name-Of-A-Field:".repeat(9);
        for odd in [
            "",
            ":",
            "::",
            "A:",
            ":A",
            "A::B",
            "A: :B",
            "A :\t: B",
            "A:\r\n :B",
            "A B",
            "A:B C:D",
            "\u{e4}",
            "A\x7f",
            "A: ",
        ] {
            assert!(SignedNames::parse(odd.as_bytes()).is_none(), "{odd:?}");
            let list = format!("{long}{odd}");
            assert!(SignedNames::parse(list.as_bytes()).is_none(), "{list:?}");
            let list = format!("{odd}:{long}A");
            assert!(
                SignedNames::parse(list.trim_ascii().as_bytes()).is_none(),
                "{list:?}"
            );
        }
    }
}
