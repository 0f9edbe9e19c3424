//! Records that cannot be read, or are read otherwise than meant.

use std::net::{Ipv4Addr, Ipv6Addr};

use letterhead_dns::{Finding, Txt};

use crate::lint::code::Code;
use crate::record::Record;
use crate::record::parse_error::{ParseError, ParseErrorKind};
use crate::record::parser::VERSION;

/// The syntax errors of a record: the one that its reading stopped at, and those behind it, were its term left out.
pub(super) fn findings(octets: &[u8], error: ParseError) -> Vec<Finding<Code>> {
    let mut findings = Vec::new();
    let mut left = octets.to_vec();
    let mut next = Some(error);
    while let Some(error) = next.filter(|_| findings.len() < MOST) {
        findings.push(finding(octets, &error));
        let mut span = token_at(&left, error.offset());
        // Without its version it is no record.
        if span.is_empty() || span.start == 0 {
            break;
        }
        if left
            .get(span.clone())
            .is_some_and(|term| term.ends_with(b":") || term.ends_with(b"="))
        {
            // What should stand behind the colon is the next term.
            span.end = token_at(&left, span.end + 1).end.min(left.len());
        }
        if let Some(term) = left.get_mut(span) {
            term.fill(b' ');
        }
        next = Record::try_from(left.as_slice()).err();
    }
    findings
}

/// A syntax error, and what was probably meant.
fn finding(octets: &[u8], error: &ParseError) -> Finding<Code> {
    let text = String::from_utf8_lossy(octets);
    let span = token_at(octets, error.offset());
    let token = octets.get(span.clone()).unwrap_or_default();
    let token = String::from_utf8_lossy(token).into_owned();
    let remedy = remedy(&token, error).unwrap_or_else(|| String::from("correct it"));
    let subject = if token.is_empty() { &*text } else { &token };
    Finding::new(
        Code::Syntax,
        subject,
        format!(
            "a permanent error for every check: octet {}: {}",
            error.offset(),
            error.kind()
        ),
        remedy,
    )
    .at(span)
}

/// How many syntax errors of one record are told.
const MOST: usize = 20;

/// The term in which an offset is.
fn token_at(octets: &[u8], offset: usize) -> std::ops::Range<usize> {
    let before = octets.get(..offset).unwrap_or_default();
    let start = before
        .iter()
        .rposition(|octet| *octet == b' ')
        .map_or(0, |space| space + 1);
    let after = octets.get(offset..).unwrap_or_default();
    let length = after
        .iter()
        .position(|octet| *octet == b' ')
        .unwrap_or(after.len());
    start..offset + length
}

fn remedy(token: &str, error: &ParseError) -> Option<String> {
    let bare = token.trim_start_matches(['+', '-', '~', '?']);
    Some(match error.kind() {
        ParseErrorKind::MissingDomain(name) if bare.ends_with([':', '=']) => {
            format!("write the domain behind `{name}` without a space between")
        }
        ParseErrorKind::UnknownMechanism(name) => {
            let rest = bare.get(name.len()..).unwrap_or_default();
            if bare.parse::<Ipv4Addr>().is_ok() || name.parse::<Ipv4Addr>().is_ok() {
                return Some(format!("write `ip4:{bare}`"));
            }
            if bare.parse::<Ipv6Addr>().is_ok() {
                return Some(format!("write `ip6:{bare}`"));
            }
            match meant(name).or_else(|| near(name))? {
                name @ ("redirect" | "exp") => {
                    format!("write `{name}={}`", rest.trim_start_matches(':'))
                }
                meant => format!("write `{meant}{rest}`"),
            }
        }
        ParseErrorKind::DomainEnd
            if host_of(bare).is_some_and(|host| host.parse::<Ipv4Addr>().is_ok()) =>
        {
            format!("write `ip4:{}`", host_of(bare).unwrap_or_default())
        }
        ParseErrorKind::DomainEnd if bare.ends_with(|c: char| c.is_ascii_punctuation()) => {
            String::from("remove what stands behind the domain")
        }
        ParseErrorKind::Ip4Network if host_of(bare).is_some_and(is_ip6) => {
            format!("write `ip6:{}`", host_of(bare).unwrap_or_default())
        }
        ParseErrorKind::Ip6Network if host_of(bare).is_some_and(is_ip4) => {
            format!("write `ip4:{}`", host_of(bare).unwrap_or_default())
        }
        ParseErrorKind::PrefixLength { .. }
            if bare.matches('/').count() == 2 && !bare.contains("//") =>
        {
            String::from("put two slashes in front of the prefix length for IPv6")
        }
        ParseErrorKind::DuplicateModifier(name) => format!("leave one `{name}`"),
        ParseErrorKind::Octet(b'"') => {
            String::from("remove the quotation marks from the text of the record")
        }
        ParseErrorKind::Octet(octet) if *octet >= 0x80 => {
            String::from("type it anew in plain ASCII: a dash or a space was copied from a text")
        }
        _ => return None,
    })
}

/// What stands behind the mechanism's name.
fn host_of(term: &str) -> Option<&str> {
    term.split_once(':').map(|(_, host)| host)
}

fn is_ip4(network: &str) -> bool {
    let address = network.split('/').next().unwrap_or_default();
    address.parse::<Ipv4Addr>().is_ok()
}

fn is_ip6(network: &str) -> bool {
    let address = network.split('/').next().unwrap_or_default();
    address.parse::<Ipv6Addr>().is_ok()
}

/// What someone who writes this name means.
pub(super) fn meant(name: &str) -> Option<&'static str> {
    MEANT
        .iter()
        .find(|(written, _)| name.eq_ignore_ascii_case(written))
        .map(|(_, meant)| *meant)
}

/// The name that this one is a slip away from. Punctuation at the end does not count.
fn near(name: &str) -> Option<&'static str> {
    let name = name.to_ascii_lowercase();
    let bare = name.trim_end_matches(|c: char| c.is_ascii_punctuation());
    ["include", "redirect", "exists", "all", "mx", "a"]
        .into_iter()
        .find(|known| bare == *known || (known.len() > 4 && distance(bare, known) <= 2))
}

/// How many letters must be put in, taken out or replaced to make one of the other. Long names are as far as they can be.
pub(super) fn distance(one: &str, other: &str) -> usize {
    if one.len() > 20 {
        return usize::MAX;
    }
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (index, own) in one.bytes().enumerate() {
        let mut diagonal = index;
        let mut left = index + 1;
        for (above, letter) in row.iter_mut().skip(1).zip(other.bytes()) {
            let replaced = diagonal + usize::from(own != letter);
            diagonal = *above;
            left = replaced.min(left + 1).min(*above + 1);
            *above = left;
        }
        if let Some(first) = row.first_mut() {
            *first = index + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

/// Names that are written for mechanisms and are none.
const MEANT: &[(&str, &str)] = &[
    ("ip", "ip4"),
    ("ipv4", "ip4"),
    ("ip-4", "ip4"),
    ("ipv6", "ip6"),
    ("ip-6", "ip6"),
    ("includes", "include"),
    ("inlcude", "include"),
    ("inc", "include"),
    ("host", "a"),
    ("hostname", "a"),
    ("aaaa", "a"),
    ("exist", "exists"),
    ("al", "all"),
    ("redirect", "redirect"),
    ("exp", "exp"),
];

/// A boundary between character-strings in the middle of two terms: they are joined without a space
/// ([RFC 7208 §3.3](https://www.rfc-editor.org/rfc/rfc7208#section-3.3)).
pub(super) fn bad_split(text: &Txt) -> Option<Finding<Code>> {
    let strings: Vec<&[u8]> = text.strings().collect();
    let mut offset = 0;
    for pair in strings.windows(2) {
        let [before, after] = pair else { continue };
        offset += before.len();
        let tail = before.rsplit(|octet| *octet == b' ').next()?;
        let head = after.split(|octet| *octet == b' ').next()?;
        if tail.is_empty() || head.is_empty() || !is_term(tail) || !begins_term(head) {
            continue;
        }
        let both = [tail, head].concat();
        let problem = format!(
            "a character-string of the TXT record ends in `{}` and the next begins with `{}`, and they are joined without a space",
            String::from_utf8_lossy(tail),
            String::from_utf8_lossy(head)
        );
        let remedy =
            String::from("put a space at the end of the first or at the beginning of the second");
        let span = offset - tail.len()..offset + head.len();
        let text = String::from_utf8_lossy(&both).into_owned();
        return Some(Finding::new(Code::TxtSplit, &text, problem, remedy).at(span));
    }
    None
}

/// Whether the octets are a term by themselves, or the version.
fn is_term(octets: &[u8]) -> bool {
    octets.eq_ignore_ascii_case(VERSION.as_bytes()) || is_record_of(octets)
}

/// Whether a new term begins here: one that says which mechanism it is, so that no half of a domain or number is taken for
/// one.
fn begins_term(octets: &[u8]) -> bool {
    let bare = match octets.split_first() {
        Some((b'+' | b'-' | b'~' | b'?', rest)) => rest,
        _ => octets,
    };
    let named = [
        &b"include:"[..],
        b"ip4:",
        b"ip6:",
        b"a:",
        b"mx:",
        b"ptr:",
        b"exists:",
        b"redirect=",
        b"exp=",
    ];
    let begins = |prefix: &&[u8]| {
        bare.get(..prefix.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(prefix))
    };
    (named.iter().any(begins) && is_record_of(octets))
        || (bare.len() < octets.len() && bare.eq_ignore_ascii_case(b"all"))
}

fn is_record_of(term: &[u8]) -> bool {
    Record::try_from([VERSION.as_bytes(), b" ", term].concat().as_slice()).is_ok()
}
