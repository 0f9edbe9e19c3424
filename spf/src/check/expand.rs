//! Macro expansion ([RFC 7208 §7](https://www.rfc-editor.org/rfc/rfc7208#section-7)).

use std::borrow::Cow;
use std::fmt::Write as _;
use std::net::IpAddr;
use std::time::UNIX_EPOCH;

use letterhead_dns::DomainName;

use crate::check::bad_target::BadTarget;
use crate::check::outcome::ExplanationProblem;
use crate::check::query::Query;
use crate::record::domain_spec::{DomainSpec, without_final_dot};
use crate::record::macro_string::{MacroExpand, MacroLetter, MacroString, Segment};
use crate::text::Text;

/// What the letters stand for while one record is evaluated.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Values<'a> {
    pub(crate) query: &'a Query,
    pub(crate) domain: &'a str,
    pub(crate) validated: Option<&'a str>,
}

impl<'a> Values<'a> {
    /// The domain of a term where nothing has to be expanded or cut.
    pub(crate) fn literal(spec: &DomainSpec) -> Option<&str> {
        let literal = spec.literal()?;
        (literal.len() <= DomainName::MAX_LENGTH).then(|| without_final_dot(literal))
    }

    /// Expands the domain of a term and cuts it to 253 characters, whole labels from the left
    /// ([RFC 7208 §7.3](https://www.rfc-editor.org/rfc/rfc7208#section-7.3)).
    ///
    /// It works from the right and stops when more characters are there than a name can have: those further left are
    /// cut in any case, so hostile repetition costs nothing.
    pub(crate) fn target(&self, spec: &DomainSpec) -> Result<Text, BadTarget> {
        if let Some(literal) = Self::literal(spec) {
            return Ok(literal.into());
        }
        let text = spec.macro_string();
        if !self.query.local_part().is_ascii()
            && (text.uses(MacroLetter::Sender) || text.uses(MacroLetter::LocalPart))
        {
            return Err(BadTarget::LocalPartNotAscii);
        }
        // One more for the final dot, and one to see whether the name is too long.
        let enough = DomainName::MAX_LENGTH + 2;
        let mut parts = Vec::new();
        let mut length = 0;
        let segments: Vec<Segment<'_>> = text.segments().collect();
        for segment in segments.into_iter().rev() {
            let part = self.segment(segment).unwrap_or_default();
            length += part.len();
            parts.push(part);
            if length >= enough {
                break;
            }
        }
        parts.reverse();
        let expanded = parts.concat();
        Ok(cut(without_final_dot(&expanded)).into())
    }

    /// Expands an explanation.
    pub(crate) fn explanation(&self, text: &MacroString) -> Result<String, ExplanationProblem> {
        let mut expanded = String::new();
        for segment in text.segments() {
            expanded.push_str(&self.segment(segment).ok_or(ExplanationProblem::NoTime)?);
            if expanded.len() > MAX_EXPLANATION {
                return Err(ExplanationProblem::TooLong);
            }
        }
        let printable = |octet| matches!(octet, b' '..=b'~');
        if expanded.bytes().all(printable) {
            Ok(expanded)
        } else {
            Err(ExplanationProblem::NotAscii)
        }
    }

    /// `None` only where the time is wanted and not known.
    fn segment<'s>(&self, segment: Segment<'s>) -> Option<Cow<'s, str>>
    where
        'a: 's,
    {
        Some(match segment {
            Segment::Literal(text) => Cow::Borrowed(text),
            Segment::Percent => Cow::Borrowed("%"),
            Segment::Space => Cow::Borrowed(" "),
            Segment::EncodedSpace => Cow::Borrowed("%20"),
            Segment::Expand(expand) => {
                let value = transform(self.letter(expand.letter())?, expand);
                if expand.is_url_escaped() {
                    Cow::Owned(url_escape(&value))
                } else {
                    value
                }
            }
        })
    }

    fn letter(&self, letter: MacroLetter) -> Option<Cow<'a, str>> {
        let query = self.query;
        let sender_domain = query.sender_domain();
        Some(match letter {
            MacroLetter::Sender => format!("{}@{sender_domain}", query.local_part()).into(),
            MacroLetter::LocalPart => query.local_part().into(),
            MacroLetter::SenderDomain => sender_domain.into(),
            MacroLetter::Domain => self.domain.into(),
            MacroLetter::Address => dotted(query.client()).into(),
            MacroLetter::ValidatedName => self.validated.unwrap_or(UNKNOWN).into(),
            MacroLetter::AddressVersion => match query.client() {
                IpAddr::V4(_) => "in-addr".into(),
                IpAddr::V6(_) => "ip6".into(),
            },
            MacroLetter::Helo => query.helo_text().into(),
            MacroLetter::ReadableAddress => query.client().to_string().into(),
            MacroLetter::Receiver => query.receiver().unwrap_or(UNKNOWN).into(),
            MacroLetter::Timestamp => {
                let since = query.now()?.duration_since(UNIX_EPOCH).unwrap_or_default();
                since.as_secs().to_string().into()
            }
        })
    }
}

/// The address as `%{i}`: four numbers, or 32 nibbles, with dots.
pub(crate) fn dotted(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let mut text = String::with_capacity(63);
            for octet in address.octets() {
                let dot = if text.is_empty() { "" } else { "." };
                // Writing to a String cannot fail.
                let _ = write!(text, "{dot}{:x}.{:x}", octet >> 4, octet & 15);
            }
            text
        }
    }
}

fn transform(value: Cow<'_, str>, expand: MacroExpand) -> Cow<'_, str> {
    if expand.keeps_value() {
        return value;
    }
    let mut parts: Vec<&str> = value
        .split(|character| expand.splits_at(character))
        .collect();
    if expand.is_reversed() {
        parts.reverse();
    }
    let dropped = expand
        .parts()
        .map_or(0, |keep| parts.len().saturating_sub(keep.get()));
    Cow::Owned(parts.get(dropped..).unwrap_or_default().join("."))
}

/// Escapes everything but the unreserved characters
/// ([RFC 3986 §2.3](https://www.rfc-editor.org/rfc/rfc3986#section-2.3)).
fn url_escape(value: &str) -> String {
    let mut escaped = String::with_capacity(value.len());
    for octet in value.bytes() {
        if octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'.' | b'_' | b'~') {
            escaped.push(char::from(octet));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(escaped, "%{octet:02X}");
        }
    }
    escaped
}

/// Drops labels from the left until 253 characters are left. What has no dot in reach stays too long, and is no name.
fn cut(name: &str) -> &str {
    let Some(excess) = name.len().checked_sub(DomainName::MAX_LENGTH + 1) else {
        return name;
    };
    name.as_bytes()
        .iter()
        .skip(excess)
        .position(|octet| *octet == b'.')
        .and_then(|dot| name.get(excess + dot + 1..))
        .unwrap_or(name)
}

/// What `%{p}` and `%{r}` are when nobody knows.
const UNKNOWN: &str = "unknown";

/// More than this is no explanation for a person, and does not fit in an SMTP reply either.
const MAX_EXPLANATION: usize = 4096;
