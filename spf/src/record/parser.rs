//! Reads terms ([RFC 7208 §12](https://www.rfc-editor.org/rfc/rfc7208#section-12)).

mod network_directive;
pub(crate) mod octet_class;

use std::net::{Ipv4Addr, Ipv6Addr};
use std::str::FromStr;
use std::sync::Arc;

use crate::record::domain_spec::DomainSpec;
use crate::record::macro_string::MacroString;
use crate::record::network::{DualPrefix, Ip4Network, Ip6Network};
use crate::record::parse_error::{ParseError, ParseErrorKind};
use crate::record::parser::octet_class::{is_graphic, is_in_name};
use crate::record::term::{Directive, HostSpec, Mechanism, Modifier, Qualifier, Term, TermKind};

/// The version that begins every record.
pub(crate) const VERSION: &str = "v=spf1";

/// Whether the octets begin as a record: the version, and then a space or the end
/// ([RFC 7208 §4.5](https://www.rfc-editor.org/rfc/rfc7208#section-4.5)).
pub(crate) fn has_version(octets: &[u8]) -> bool {
    octets
        .split_at_checked(VERSION.len())
        .is_some_and(|(version, rest)| {
            version.eq_ignore_ascii_case(VERSION.as_bytes())
                && rest.first().is_none_or(|octet| *octet == b' ')
        })
}

/// Reads the terms of a whole record. Its domains become parts of `text`, which is the same record where that is ASCII,
/// as it must be.
pub(crate) fn terms(octets: &[u8], text: &Arc<str>) -> Result<Vec<Term>, ParseError> {
    if !has_version(octets) {
        return Err(ParseError::new(0, ParseErrorKind::Version));
    }
    if u32::try_from(octets.len()).is_err() {
        return Err(ParseError::new(0, ParseErrorKind::TooLong));
    }
    // About one term in sixteen octets; a longer list is moved once.
    let mut terms = Vec::with_capacity(octets.len() / 16);
    let mut redirects = 0_usize;
    let mut explanations = 0_usize;
    let mut start = VERSION.len();
    while let Some((first, _)) = octets.get(start..).and_then(<[u8]>::split_first) {
        if *first == b' ' {
            start += 1;
            continue;
        }
        let rest = octets.get(start..).unwrap_or_default();
        if let Some(length) = network_directive::append(rest, start, &mut terms) {
            start += length;
            continue;
        }
        let length = rest.iter().position(|octet| !is_graphic(*octet));
        let length = length.unwrap_or(rest.len());
        let end = start + length;
        if let Some(octet) = rest.get(length).filter(|octet| **octet != b' ') {
            return Err(ParseError::new(end, ParseErrorKind::Octet(*octet)));
        }
        let kind = term(rest.get(..length).unwrap_or_default(), start, text)?;
        let (seen, name) = match &kind {
            TermKind::Modifier(Modifier::Redirect(_)) => (&mut redirects, "redirect"),
            TermKind::Modifier(Modifier::Explanation(_)) => (&mut explanations, "exp"),
            _ => {
                terms.push(Term::new(kind, start..end));
                start = end;
                continue;
            }
        };
        *seen += 1;
        if *seen > 1 {
            return Err(ParseError::new(
                start,
                ParseErrorKind::DuplicateModifier(name),
            ));
        }
        terms.push(Term::new(kind, start..end));
        start = end;
    }
    Ok(terms)
}

/// Reads one directive and nothing else.
impl FromStr for Directive {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let octets = text.as_bytes();
        let invalid = octets
            .iter()
            .enumerate()
            .find(|(_, octet)| !is_graphic(**octet));
        if let Some((offset, octet)) = invalid {
            return Err(ParseError::new(offset, ParseErrorKind::Octet(*octet)));
        }
        match term(octets, 0, &text.into())? {
            TermKind::Directive(directive) => Ok(directive),
            TermKind::Modifier(_) => Err(ParseError::new(0, ParseErrorKind::NotDirective)),
        }
    }
}

/// Reads one term of visible ASCII, which stands at this offset of the text.
fn term(token: &[u8], offset: usize, text: &Arc<str>) -> Result<TermKind, ParseError> {
    if let Some((name, value)) = split_modifier(token) {
        let offset = offset + name.len() + 1;
        return modifier(name, value, offset, text).map(TermKind::Modifier);
    }
    let (qualifier, rest) = split_qualifier(token);
    let mechanism = mechanism(rest, offset + token.len() - rest.len(), text)?;
    Ok(TermKind::Directive(Directive::new(qualifier, mechanism)))
}

fn split_qualifier(token: &[u8]) -> (Qualifier, &[u8]) {
    match token.split_first() {
        Some((b'+', rest)) => (Qualifier::Pass, rest),
        Some((b'-', rest)) => (Qualifier::Fail, rest),
        Some((b'~', rest)) => (Qualifier::SoftFail, rest),
        Some((b'?', rest)) => (Qualifier::Neutral, rest),
        _ => (Qualifier::Pass, token),
    }
}

/// A token is a modifier when a name, and nothing else, stands before the first `=`.
fn split_modifier(token: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = token.iter().position(|octet| !is_in_name(*octet))?;
    let (name, rest) = token.split_at_checked(end)?;
    let value = rest.strip_prefix(b"=")?;
    name.first()?.is_ascii_alphabetic().then_some((name, value))
}

fn modifier(
    name: &[u8],
    value: &[u8],
    offset: usize,
    text: &Arc<str>,
) -> Result<Modifier, ParseError> {
    if name.eq_ignore_ascii_case(b"redirect") {
        DomainSpec::parse(value, offset, text, "redirect").map(Modifier::Redirect)
    } else if name.eq_ignore_ascii_case(b"exp") {
        DomainSpec::parse(value, offset, text, "exp").map(Modifier::Explanation)
    } else {
        Ok(Modifier::Unknown {
            name: String::from_utf8_lossy(name).into_owned(),
            value: MacroString::parse(value, offset, text)?,
        })
    }
}

fn mechanism(token: &[u8], offset: usize, text: &Arc<str>) -> Result<Mechanism, ParseError> {
    let end = token.iter().position(|octet| matches!(octet, b':' | b'/'));
    let (name, argument) = token
        .split_at_checked(end.unwrap_or(token.len()))
        .unwrap_or_default();
    let after = offset + name.len();
    let is = |known: &str| name.eq_ignore_ascii_case(known.as_bytes());
    if is("all") {
        none(argument, after, "all").map(|()| Mechanism::All)
    } else if is("include") {
        required(argument, after, text, "include").map(Mechanism::Include)
    } else if is("a") {
        host(argument, after, text, "a").map(Mechanism::A)
    } else if is("mx") {
        host(argument, after, text, "mx").map(Mechanism::Mx)
    } else if is("ptr") {
        optional(argument, after, text, "ptr").map(Mechanism::Ptr)
    } else if is("ip4") {
        ip4(argument, after).map(Mechanism::Ip4)
    } else if is("ip6") {
        ip6(argument, after).map(Mechanism::Ip6)
    } else if is("exists") {
        required(argument, after, text, "exists").map(Mechanism::Exists)
    } else {
        let name = String::from_utf8_lossy(name).into_owned();
        Err(ParseError::new(
            offset,
            ParseErrorKind::UnknownMechanism(name),
        ))
    }
}

fn none(argument: &[u8], offset: usize, owner: &'static str) -> Result<(), ParseError> {
    if argument.is_empty() {
        Ok(())
    } else {
        Err(ParseError::new(
            offset,
            ParseErrorKind::UnexpectedArgument(owner),
        ))
    }
}

fn required(
    argument: &[u8],
    offset: usize,
    text: &Arc<str>,
    owner: &'static str,
) -> Result<DomainSpec, ParseError> {
    optional(argument, offset, text, owner)?
        .ok_or_else(|| ParseError::new(offset, ParseErrorKind::MissingDomain(owner)))
}

fn optional(
    argument: &[u8],
    offset: usize,
    text: &Arc<str>,
    owner: &'static str,
) -> Result<Option<DomainSpec>, ParseError> {
    match argument.split_first() {
        None => Ok(None),
        Some((b':', domain)) => DomainSpec::parse(domain, offset + 1, text, owner).map(Some),
        Some(_) => Err(ParseError::new(
            offset,
            ParseErrorKind::UnexpectedArgument(owner),
        )),
    }
}

fn host(
    argument: &[u8],
    offset: usize,
    text: &Arc<str>,
    owner: &'static str,
) -> Result<HostSpec, ParseError> {
    let (domain, prefix) = split_prefix(argument);
    let prefix = dual_prefix(prefix, offset + domain.len())?;
    let domain = optional(domain, offset, text, owner)?;
    Ok(HostSpec::new(domain, prefix))
}

/// Cuts a dual prefix length off the end. No domain-spec ends in slashes and digits, so this is never ambiguous.
fn split_prefix(argument: &[u8]) -> (&[u8], &[u8]) {
    let mut start = argument.len();
    loop {
        let before = argument.get(..start).unwrap_or_default();
        let digits = before
            .iter()
            .rev()
            .take_while(|octet| octet.is_ascii_digit())
            .count();
        let slashes = before
            .iter()
            .rev()
            .skip(digits)
            .take_while(|octet| **octet == b'/')
            .count();
        if slashes == 0 {
            return argument.split_at_checked(start).unwrap_or_default();
        }
        start -= digits + slashes;
    }
}

fn dual_prefix(text: &[u8], offset: usize) -> Result<DualPrefix, ParseError> {
    let slashes = text.windows(2).position(|pair| pair == b"//");
    let (ip4, ip6) = text
        .split_at_checked(slashes.unwrap_or(text.len()))
        .unwrap_or_default();
    let ip6_offset = offset + ip4.len() + 1;
    let ip4 = prefix(ip4, offset, 32)?;
    let ip6 = prefix(ip6.get(1..).unwrap_or_default(), ip6_offset, 128)?;
    DualPrefix::new(ip4, ip6)
        .ok_or_else(|| ParseError::new(offset, ParseErrorKind::PrefixLength { maximum: 32 }))
}

/// Reads `/` and a number up to `maximum`; nothing at all is `maximum`.
fn prefix(text: &[u8], offset: usize, maximum: u8) -> Result<u8, ParseError> {
    let Some((slash, digits)) = text.split_first() else {
        return Ok(maximum);
    };
    let well_formed = *slash == b'/'
        && matches!(digits.len(), 1..=3)
        && digits.iter().all(u8::is_ascii_digit)
        && (digits.len() == 1 || digits.first() != Some(&b'0'));
    let value = digits.iter().fold(0_u16, |value, digit| {
        value
            .wrapping_mul(10)
            .wrapping_add(u16::from(digit.wrapping_sub(b'0')))
    });
    u8::try_from(value)
        .ok()
        .filter(|value| well_formed && *value <= maximum)
        .ok_or_else(|| ParseError::new(offset, ParseErrorKind::PrefixLength { maximum }))
}

fn ip4(argument: &[u8], offset: usize) -> Result<Ip4Network, ParseError> {
    let (address, length) = address(argument);
    let fault = || ParseError::new(offset, ParseErrorKind::Ip4Network);
    let parsed: Ipv4Addr = address
        .and_then(|text| text.parse().ok())
        .ok_or_else(fault)?;
    let at = offset + argument.len() - length.len();
    Ip4Network::new(parsed, prefix(length, at, 32)?).ok_or_else(fault)
}

fn ip6(argument: &[u8], offset: usize) -> Result<Ip6Network, ParseError> {
    let (address, length) = address(argument);
    let fault = || ParseError::new(offset, ParseErrorKind::Ip6Network);
    let parsed: Ipv6Addr = address
        .and_then(|text| text.parse().ok())
        .ok_or_else(fault)?;
    let at = offset + argument.len() - length.len();
    Ip6Network::new(parsed, prefix(length, at, 128)?).ok_or_else(fault)
}

/// Splits `:address/length`; the address is `None` without the colon.
fn address(argument: &[u8]) -> (Option<&str>, &[u8]) {
    let end = argument
        .iter()
        .position(|octet| *octet == b'/')
        .unwrap_or(argument.len());
    let (address, length) = argument.split_at_checked(end).unwrap_or_default();
    let text = address
        .strip_prefix(b":")
        .and_then(|text| str::from_utf8(text).ok());
    (text, length)
}
