//! The names of the mechanisms, each compared at once.

use super::octet_word::{each, equal, front, places_below};

/// A short name at the front of octets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Keyword(u64);

impl Keyword {
    pub(super) const ALL: Self = Self::of(b"all\0\0\0\0\0");
    pub(super) const INCLUDE: Self = Self::of(b"include\0");
    pub(super) const A: Self = Self::of(b"a\0\0\0\0\0\0\0");
    pub(super) const MX: Self = Self::of(b"mx\0\0\0\0\0\0");
    pub(super) const PTR: Self = Self::of(b"ptr\0\0\0\0\0");
    pub(super) const IP4: Self = Self::of(b"ip4\0\0\0\0\0");
    pub(super) const IP6: Self = Self::of(b"ip6\0\0\0\0\0");
    pub(super) const EXISTS: Self = Self::of(b"exists\0\0");

    const fn of(name: &[u8; 8]) -> Self {
        Self(u64::from_le_bytes(*name))
    }

    /// What stands before the first colon or slash of a token, or all of it, and how many octets that is. `None` where that
    /// is more than any mechanism's name has, and where an equals sign comes first.
    ///
    /// Case makes no difference, and none of the octets that this makes equal is both visible and no letter.
    #[inline]
    pub(super) fn read(token: &[u8]) -> Option<(Self, usize)> {
        let word = front(token);
        let stops = equal(word, b':') | equal(word, b'/') | equal(word, b'=') | equal(word, 0);
        if stops == 0 {
            return None;
        }
        let length = (stops.trailing_zeros() / 8) as usize;
        if token.get(length) == Some(&b'=') {
            return None;
        }
        // The stop's high bit is set: below it are its other seven bits, and then the name.
        let name = (word | each(b' ')) & places_below(stops) >> 7;
        Some((Self(name), length))
    }
}

#[cfg(test)]
mod tests {
    use super::Keyword;

    #[test]
    fn names_end_where_an_argument_begins_and_have_no_case() {
        for (token, keyword, length) in [
            ("all", Keyword::ALL, 3),
            ("INCLUDE:a.example", Keyword::INCLUDE, 7),
            ("a", Keyword::A, 1),
            ("A/24//64", Keyword::A, 1),
            ("Mx:b=c.example/d", Keyword::MX, 2),
            ("ptr", Keyword::PTR, 3),
            ("iP4:192.0.2.1", Keyword::IP4, 3),
            ("ip6:::1", Keyword::IP6, 3),
            ("exists:%{i}.example", Keyword::EXISTS, 6),
        ] {
            assert_eq!(
                Keyword::read(token.as_bytes()),
                Some((keyword, length)),
                "{token}"
            );
        }
        for other in [
            "redirect=a.example",
            "exp=a.example",
            "a=b:c",
            "includes:a.example",
            "v",
        ] {
            let name = Keyword::read(other.as_bytes()).map(|(name, _)| name);
            assert!(
                name.is_none_or(|name| name == Keyword(u64::from(b'v'))),
                "{other}"
            );
        }
    }
}
