//! Networks, which are most of what records hold, read in one pass.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::split_qualifier;
use crate::record::network::{Ip4Network, Ip6Network};
use crate::record::term::{Mechanism, Term, TermKind};

/// Reads an `ip4` or `ip6` directive off the front, up to the space or the end behind it, appends it as a term that begins
/// at `start`, and returns how many octets it has. `None` says nothing: what is not written in the most common way is for
/// the general reader to take or to refuse, with the place of the fault.
#[inline]
pub(super) fn append(octets: &[u8], start: usize, terms: &mut Vec<Term>) -> Option<usize> {
    let (qualifier, rest) = split_qualifier(octets);
    let [b'i' | b'I', b'p' | b'P', version, b':', rest @ ..] = rest else {
        return None;
    };
    let end_of = |rest: &[u8]| {
        let ends = matches!(rest.first(), None | Some(b' '));
        ends.then(|| start + octets.len() - rest.len())
    };
    match version {
        b'4' => {
            let (network, rest) = ip4(rest)?;
            let end = end_of(rest)?;
            let blank = const { TermKind::blank(Mechanism::Ip4(Ip4Network::ALL)) };
            let term = Term::append(terms, blank, start..end)?;
            if let (sign, Mechanism::Ip4(place)) = term.directive_mut()? {
                *sign = qualifier;
                *place = network;
            }
            Some(end - start)
        }
        b'6' => {
            let (network, rest) = ip6(rest)?;
            let end = end_of(rest)?;
            let blank = const { TermKind::blank(Mechanism::Ip6(Ip6Network::ALL)) };
            let term = Term::append(terms, blank, start..end)?;
            if let (sign, Mechanism::Ip6(place)) = term.directive_mut()? {
                *sign = qualifier;
                *place = network;
            }
            Some(end - start)
        }
        _ => None,
    }
}

#[inline]
fn ip4(octets: &[u8]) -> Option<(Ip4Network, &[u8])> {
    let (first, rest) = number(octets)?;
    let (second, rest) = number(rest.strip_prefix(b".")?)?;
    let (third, rest) = number(rest.strip_prefix(b".")?)?;
    let (fourth, rest) = number(rest.strip_prefix(b".")?)?;
    let (prefix, rest) = prefix(rest, 32)?;
    let network = Ip4Network::new(Ipv4Addr::new(first, second, third, fourth), prefix)?;
    Some((network, rest))
}

/// Groups of hexadecimal digits, with `::` once or not at all, and no dots.
#[inline]
fn ip6(octets: &[u8]) -> Option<(Ip6Network, &[u8])> {
    let mut groups = [0; 8];
    let mut count = 0;
    let mut gap = None;
    let mut rest = octets;
    if let Some(after) = rest.strip_prefix(b"::") {
        gap = Some(0);
        rest = after;
    }
    while let Some((value, after)) = group(rest) {
        *groups.get_mut(count)? = value;
        count += 1;
        rest = after;
        match rest {
            [b':', b':', after @ ..] if gap.is_none() => {
                gap = Some(count);
                rest = after;
            }
            [b':', next, ..] if next.is_ascii_hexdigit() => rest = rest.get(1..)?,
            _ => break,
        }
    }
    let missing = groups.len() - count;
    match gap {
        Some(gap) if missing > 0 => groups.get_mut(gap..)?.rotate_right(missing),
        None if missing == 0 => {}
        _ => return None,
    }
    let (prefix, rest) = prefix(rest, 128)?;
    let network = Ip6Network::new(Ipv6Addr::from(groups), prefix)?;
    Some((network, rest))
}

/// A prefix length where a slash is, and all bits where none is.
#[inline]
fn prefix(octets: &[u8], all: u8) -> Option<(u8, &[u8])> {
    match octets.strip_prefix(b"/") {
        Some(length) => number(length),
        None => Some((all, octets)),
    }
}

/// A decimal number up to 255 without leading zeros. What follows is the caller's to look at.
#[inline]
fn number(octets: &[u8]) -> Option<(u8, &[u8])> {
    let (first, mut rest) = octets.split_first()?;
    let mut value = u16::from(digit(*first)?);
    if value > 0 {
        for _ in 0..2 {
            let Some((next, after)) = rest.split_first() else {
                break;
            };
            let Some(next) = digit(*next) else {
                break;
            };
            value = value * 10 + u16::from(next);
            rest = after;
        }
    }
    Some((u8::try_from(value).ok()?, rest))
}

#[inline]
fn digit(octet: u8) -> Option<u8> {
    let value = octet.wrapping_sub(b'0');
    (value < 10).then_some(value)
}

/// One to four hexadecimal digits.
fn group(octets: &[u8]) -> Option<(u16, &[u8])> {
    let (first, mut rest) = octets.split_first()?;
    let mut value = nibble(*first)?;
    for _ in 0..3 {
        let Some((next, after)) = rest.split_first() else {
            break;
        };
        let Some(next) = nibble(*next) else {
            break;
        };
        value = value << 4 | next;
        rest = after;
    }
    Some((value, rest))
}

fn nibble(octet: u8) -> Option<u16> {
    match octet {
        b'0'..=b'9' => Some(u16::from(octet - b'0')),
        b'a'..=b'f' => Some(u16::from(octet - b'a' + 10)),
        b'A'..=b'F' => Some(u16::from(octet - b'A' + 10)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::{prop_assert_eq, proptest};

    use super::append;
    use crate::record::parser::part::Part;
    use crate::record::parser::term;
    use crate::record::term::TermKind;

    /// What both readers make of a token.
    fn both(token: &str) -> (Option<TermKind>, Option<TermKind>) {
        let mut terms = Vec::new();
        let length = append(token.as_bytes(), 0, &mut terms);
        assert!(length.is_none_or(|length| length == token.len()), "{token}");
        assert_eq!(length.is_some(), !terms.is_empty(), "{token}");
        let quick = terms.pop().map(|term| term.kind().clone());
        let text = Arc::from(token);
        let mut kind = TermKind::BLANK;
        let general = Part::whole(&text).and_then(|part| term(part, &mut kind));
        (quick, general.ok().map(|()| kind))
    }

    #[test]
    fn common_networks_are_read_here() {
        for token in [
            "ip4:0.0.0.0",
            "-IP4:192.0.2.255/24",
            "?ip4:10.20.30.40/0",
            "ip6:::",
            "ip6:::1/128",
            "~Ip6:2001:db8::/32",
            "ip6:1:2:3:4:5:6:7:8/64",
            "ip6:1:2:3:4:5:6:7::",
            "ip6:::2:3:4:5:6:7:8",
            "ip6:fe80::00ab:CDEF",
        ] {
            let (quick, general) = both(token);
            assert!(quick.is_some(), "{token}");
            assert_eq!(quick, general, "{token}");
        }
    }

    #[test]
    fn faults_are_left_to_the_general_reader() {
        for token in [
            "ip4",
            "ip4:",
            "ip4:1.2.3",
            "ip4:1.2.3.",
            "ip4:1.2.3.4.",
            "ip4:01.2.3.4",
            "ip4:1.2.3.256",
            "ip4:1.2.3.4444",
            "ip4:1.2.3.4/",
            "ip4:1.2.3.4/33",
            "ip4:1.2.3.4/08",
            "ip4:1.2.3.4//24",
            "ip6:",
            "ip6::",
            "ip6:1:",
            "ip6::1",
            "ip6:::::",
            "ip6:1::2::3",
            "ip6:1:2:3:4:5:6:7",
            "ip6:1:2:3:4:5:6:7:8:9",
            "ip6:1:2:3:4:5:6:7:8::",
            "ip6:::1:2:3:4:5:6:7:8",
            "ip6:12345::",
            "ip6:::/129",
            "ip5:1.2.3.4",
        ] {
            assert_eq!(both(token), (None, None), "{token}");
        }
    }

    proptest! {
        #[test]
        fn what_is_read_here_is_what_the_general_reader_reads(
            token in r"[-+~?]?[iI][pP](4:([0-9]{1,3}\.){3}[0-9]{1,4}|6:[0-9a-fA-F:]{1,30}|6:(:?[0-9a-f]{1,5}){0,9}(::)?([0-9a-f]{1,4}:?){0,8})(/[0-9]{0,4})?"
        ) {
            let (quick, general) = both(&token);
            if quick.is_some() {
                prop_assert_eq!(quick, general);
            }
        }
    }
}
