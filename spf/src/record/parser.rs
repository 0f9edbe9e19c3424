//! Reads terms ([RFC 7208 §12](https://www.rfc-editor.org/rfc/rfc7208#section-12)).

mod keyword;
mod network_directive;
pub(crate) mod octet_class;
mod octet_run;
pub(crate) mod octet_word;
pub(crate) mod part;

use std::net::{Ipv4Addr, Ipv6Addr};
use std::str::FromStr;
use std::sync::Arc;

use crate::record::domain_spec::{Checked, DomainSpec};
use crate::record::macro_string::MacroString;
use crate::record::network::{DualPrefix, Ip4Network, Ip6Network};
use crate::record::parse_error::{ParseError, ParseErrorKind};
use crate::record::parser::keyword::Keyword;
use crate::record::parser::octet_class::is_in_name;
use crate::record::parser::part::Part;
use crate::record::term::{
    Directive, HostSpec, Mechanism, Modifier, Qualifier, Term, TermKind, UnknownModifier,
};

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

/// The terms of a record, and where among them its modifiers are.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Terms {
    pub(crate) list: Vec<Term>,
    pub(crate) redirect: Option<usize>,
    pub(crate) explanation: Option<usize>,
}

/// Reads the terms of a whole record. Its domains become parts of `text`, which is the same record where that is ASCII,
/// as it must be.
#[inline(always)]
pub(crate) fn terms(octets: &[u8], text: &Arc<str>) -> Result<Terms, ParseError> {
    if !has_version(octets) {
        return Err(ParseError::new(0, ParseErrorKind::Version));
    }
    if u32::try_from(octets.len()).is_err() {
        return Err(ParseError::new(0, ParseErrorKind::TooLong));
    }
    // One in fourteen octets is more than most have; a longer list is moved.
    let mut terms = Vec::with_capacity(octets.len() / 14);
    let mut redirect = None;
    let mut explanation = None;
    let mut start = VERSION.len();
    while let Some(rest) = octets.get(start..).filter(|rest| !rest.is_empty()) {
        if rest.first() == Some(&b' ') {
            start += 1;
            continue;
        }
        if let Some(length) = network_directive::append(rest, start, &mut terms) {
            start += length;
            continue;
        }
        let token = Part::term(rest, start, text);
        let end = start + token.octets().len();
        if let Some(octet) = octets.get(end).filter(|octet| **octet != b' ') {
            return Err(ParseError::new(end, ParseErrorKind::Octet(*octet)));
        }
        let Some(kind) = Term::append(&mut terms, TermKind::BLANK, start..end) else {
            break;
        };
        term(token, kind)?;
        let modifier = match kind {
            TermKind::Modifier(Modifier::Redirect(_)) => Some((&mut redirect, "redirect")),
            TermKind::Modifier(Modifier::Explanation(_)) => Some((&mut explanation, "exp")),
            _ => None,
        };
        if let Some((place, name)) = modifier
            && place.replace(terms.len() - 1).is_some()
        {
            let kind = ParseErrorKind::DuplicateModifier(name);
            return Err(ParseError::new(start, kind));
        }
        start = end;
    }
    Ok(Terms {
        list: terms,
        redirect,
        explanation,
    })
}

/// Reads one directive and nothing else.
impl FromStr for Directive {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let text = Arc::<str>::from(text);
        let mut kind = TermKind::BLANK;
        term(Part::whole(&text)?, &mut kind)?;
        match kind {
            TermKind::Directive(directive) => Ok(directive),
            TermKind::Modifier(_) => Err(ParseError::new(0, ParseErrorKind::NotDirective)),
        }
    }
}

/// Reads one term and writes it into its place: a term is large, and what was just written in small pieces is slow to copy
/// in large ones.
#[inline(always)]
fn term(token: Part<'_>, place: &mut TermKind) -> Result<(), ParseError> {
    let (qualifier, rest) = split_qualifier(token.octets());
    let (_, rest) = token.split(token.octets().len() - rest.len());
    match Keyword::read(rest.octets()) {
        Some((keyword, length)) => {
            let (_, argument) = rest.split(length);
            mechanism(keyword, argument, qualifier, place)?.ok_or_else(|| unknown(rest))
        }
        None => modifier_or_unknown(token, rest, place),
    }
}

#[cold]
fn modifier_or_unknown(
    token: Part<'_>,
    rest: Part<'_>,
    place: &mut TermKind,
) -> Result<(), ParseError> {
    let (name, value) = split_modifier(token).ok_or_else(|| unknown(rest))?;
    *place = TermKind::Modifier(modifier(name.octets(), value)?);
    Ok(())
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

/// A token is a modifier when a name, and nothing else, stands before the first `=`: name and value.
fn split_modifier(token: Part<'_>) -> Option<(Part<'_>, Part<'_>)> {
    let end = token
        .octets()
        .iter()
        .position(|octet| !is_in_name(*octet))?;
    let (name, rest) = token.split(end);
    let is_modifier = rest.octets().first() == Some(&b'=')
        && name.octets().first().is_some_and(u8::is_ascii_alphabetic);
    is_modifier.then_some((name, rest.behind_first()))
}

fn modifier(name: &[u8], value: Part<'_>) -> Result<Modifier, ParseError> {
    if name.eq_ignore_ascii_case(b"redirect") {
        DomainSpec::check(value, "redirect").map(|domain| Modifier::Redirect(domain.spec()))
    } else if name.eq_ignore_ascii_case(b"exp") {
        DomainSpec::check(value, "exp").map(|domain| Modifier::Explanation(domain.spec()))
    } else {
        Ok(Modifier::Unknown(Box::new(UnknownModifier {
            name: String::from_utf8_lossy(name).into_owned(),
            value: MacroString::parse(value)?,
        })))
    }
}

/// Writes the mechanism of this name into its place; `None` where there is none.
#[inline(always)]
fn mechanism(
    name: Keyword,
    argument: Part<'_>,
    qualifier: Qualifier,
    place: &mut TermKind,
) -> Result<Option<()>, ParseError> {
    let mut write = |mechanism| {
        let directive = TermKind::Directive(Directive::new(qualifier, mechanism));
        // What was there is blank and has nothing to drop; not to look for it saves time.
        std::mem::forget(std::mem::replace(place, directive));
    };
    match name {
        Keyword::ALL => {
            none(argument, "all")?;
            write(Mechanism::All);
        }
        Keyword::INCLUDE => {
            let domain = required(argument, "include")?;
            write(Mechanism::Include(domain.spec()));
        }
        Keyword::A => {
            let (domain, prefix) = host(argument, "a")?;
            write(Mechanism::A(HostSpec::new(
                domain.map(Checked::spec),
                prefix,
            )));
        }
        Keyword::MX => {
            let (domain, prefix) = host(argument, "mx")?;
            write(Mechanism::Mx(HostSpec::new(
                domain.map(Checked::spec),
                prefix,
            )));
        }
        Keyword::PTR => {
            let domain = optional(argument, "ptr")?;
            write(Mechanism::Ptr(domain.map(Checked::spec)));
        }
        Keyword::IP4 => write(Mechanism::Ip4(ip4(argument.octets(), argument.offset())?)),
        Keyword::IP6 => write(Mechanism::Ip6(ip6(argument.octets(), argument.offset())?)),
        Keyword::EXISTS => {
            let domain = required(argument, "exists")?;
            write(Mechanism::Exists(domain.spec()));
        }
        _ => return Ok(None),
    }
    Ok(Some(()))
}

fn unknown(token: Part<'_>) -> ParseError {
    let mut parts = token.octets().split(|octet| matches!(octet, b':' | b'/'));
    let name = parts.next().unwrap_or_default();
    let name = String::from_utf8_lossy(name).into_owned();
    ParseError::new(token.offset(), ParseErrorKind::UnknownMechanism(name))
}

fn none(argument: Part<'_>, owner: &'static str) -> Result<(), ParseError> {
    if argument.octets().is_empty() {
        return Ok(());
    }
    let kind = ParseErrorKind::UnexpectedArgument(owner);
    Err(ParseError::new(argument.offset(), kind))
}

#[inline(always)]
fn required<'a>(argument: Part<'a>, owner: &'static str) -> Result<Checked<'a>, ParseError> {
    optional(argument, owner)?
        .ok_or_else(|| ParseError::new(argument.offset(), ParseErrorKind::MissingDomain(owner)))
}

#[inline(always)]
fn optional<'a>(
    argument: Part<'a>,
    owner: &'static str,
) -> Result<Option<Checked<'a>>, ParseError> {
    match argument.octets().first() {
        None => Ok(None),
        Some(b':') => DomainSpec::check(argument.behind_first(), owner).map(Some),
        Some(_) => none(argument, owner).map(|()| None),
    }
}

#[inline(always)]
fn host<'a>(
    argument: Part<'a>,
    owner: &'static str,
) -> Result<(Option<Checked<'a>>, DualPrefix), ParseError> {
    if !argument.octets().last().is_some_and(ends_prefix) {
        return Ok((optional(argument, owner)?, DualPrefix::FULL));
    }
    let (domain, prefix) = argument.split(start_of_prefix(argument.octets()));
    let prefix = dual_prefix(prefix.octets(), prefix.offset())?;
    Ok((optional(domain, owner)?, prefix))
}

/// Whether a prefix length may end in the octet.
fn ends_prefix(octet: &u8) -> bool {
    octet.is_ascii_digit() || *octet == b'/'
}

/// Where the dual prefix length begins. No domain-spec ends in slashes and digits, so this is never ambiguous.
fn start_of_prefix(argument: &[u8]) -> usize {
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
            return start;
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
