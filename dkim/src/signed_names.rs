//! The names of the fields that a signature covers, `h=`.

use crate::header_name::is_header_name;
use crate::scan::{self, Places, Stop};

/// The names of a list as they are spelt, in order.
pub(crate) struct Spellings<'a> {
    list: &'a [u8],
    colons: Places<'a, b':'>,
    /// Where the next name starts; behind the list after the last one.
    start: usize,
}

impl<'a> Spellings<'a> {
    pub(crate) fn of(list: &'a [u8]) -> Self {
        Self {
            list,
            colons: Places::of(list),
            start: 0,
        }
    }
}

impl<'a> Iterator for Spellings<'a> {
    type Item = &'a [u8];

    #[inline]
    fn next(&mut self) -> Option<&'a [u8]> {
        let end = self.colons.next().unwrap_or(self.list.len());
        let name = self.list.get(self.start..end)?;
        self.start = end + 1;
        Some(match name {
            // Most have no white space around them.
            [first, .., last] if *first > b' ' && *last > b' ' => name,
            _ => name.trim_ascii(),
        })
    }
}

/// Whether the value of a tag is a list of names ([RFC 6376 §3.5](https://www.rfc-editor.org/rfc/rfc6376#section-3.5)): one or
/// more, with colons between and white space around. It has no semicolon and no control characters but white space.
///
/// Most have their white space behind colons, where one look at all of it will do.
pub(crate) fn are_names(list: &[u8]) -> bool {
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
            assert!(are_names(list));
            let names: Vec<&[u8]> = Spellings::of(list).collect();
            let expected: Vec<&[u8]> = expected.iter().map(|name| name.as_bytes()).collect();
            assert_eq!(names, expected);
            let many = [list; 40].join(&b":\r\n\t"[..]);
            let names: Vec<&[u8]> = Spellings::of(&many).collect();
            assert_eq!(names, expected.repeat(40));
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
        ] {
            let behind = format!("{long}{odd}");
            let before = format!("{odd}:{long}A");
            for list in [odd, behind.trim(), before.trim()] {
                assert!(!are_names(list.as_bytes()), "{list:?}");
            }
        }
    }
}
