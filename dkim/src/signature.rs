//! The DKIM-Signature header field.

use std::fmt;
use std::ops::Range;
use std::time::{Duration, SystemTime};

use letterhead_dns::DomainName;

use crate::agent_identifier::AgentOrUserIdentifier;
use crate::algorithm::Algorithm;
use crate::canonicalization::Canonicalization;
use crate::domain_name;
use crate::header_name::HeaderName;
use crate::long_values::LongValues;
use crate::query_method::QueryMethods;
use crate::selector::Selector;
use crate::signature_writer::{Unsigned, push_signature, push_unsigned};
use crate::signed_names::Spellings;
use crate::tag_list::{self, Octets, TagListError};

/// The tags of a DKIM-Signature ([RFC 6376 §3.5](https://www.rfc-editor.org/rfc/rfc6376#section-3.5)).
///
/// `Display` writes the complete header field, folded, without final CRLF. `z=` and unknown tags are not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    algorithm: AlgorithmTag,
    canonicalization: Canonicalization,
    domain: DomainName,
    selector: Selector,
    identifier: Option<AgentOrUserIdentifier>,
    long: LongValues,
    body_length: Option<u64>,
    signed_at: Option<u64>,
    expires_at: Option<u64>,
}

/// The value of `a=`, which may name what cannot be verified.
#[derive(Debug, Clone, PartialEq, Eq)]
enum AlgorithmTag {
    Known(Algorithm),
    Other(Box<str>),
}

impl Signature {
    /// Reads the value of a DKIM-Signature field, what follows the colon, with or without its final CRLF.
    ///
    /// # Errors
    ///
    /// A value that breaks a rule of the section linked above; the error names the tag.
    pub fn parse(value: &[u8]) -> Result<Self, SignatureError> {
        let value = value.strip_suffix(b"\r\n").unwrap_or(value);
        Self::parse_with_span(value, Octets::Any).map(|(signature, _)| *signature)
    }

    /// Also tells where the value of `b=` lies, which is taken out before hashing.
    ///
    /// In a box, since it is passed on from hand to hand.
    pub(crate) fn parse_with_span(
        value: &[u8],
        octets: Octets,
    ) -> Result<(Box<Self>, Range<usize>), SignatureError> {
        let tags = Tags::read(value, octets)?;
        if required(tags.v, "v")? != b"1" {
            return Err(SignatureError::Version);
        }
        // Only one way to look keys up is defined, and it is the default.
        if let Some(methods) = tags.q {
            match QueryMethods::parse(methods) {
                Some(QueryMethods::WithDnsTxt) => {}
                Some(QueryMethods::Others) => return Err(SignatureError::Query),
                None => return Err(invalid("q")),
            }
        }
        let domain = domain_name::parse(text(tags.d, "d")?).ok_or_else(|| invalid("d"))?;
        let identifier = tags
            .i
            .map(|text| AgentOrUserIdentifier::parse(text).ok_or_else(|| invalid("i")))
            .transpose()?;
        if let Some(identifier) = &identifier
            && !identifier.domain().is_at_or_below(&domain)
        {
            return Err(SignatureError::IdentifierOutsideDomain);
        }
        let signed_at = number(tags.t, "t", 12)?;
        let expires_at = number(tags.x, "x", 12)?;
        if let (Some(signed_at), Some(expires_at)) = (signed_at, expires_at)
            && expires_at <= signed_at
        {
            return Err(SignatureError::ExpiresBeforeSigned);
        }
        let signature = Box::new(Self {
            algorithm: AlgorithmTag::read(text(tags.a, "a")?).ok_or_else(|| invalid("a"))?,
            canonicalization: match tags.c {
                Some(text) => str::from_utf8(text)
                    .ok()
                    .and_then(|text| text.parse().ok())
                    .ok_or_else(|| invalid("c"))?,
                None => Canonicalization::SIMPLE,
            },
            domain,
            selector: Selector::parse(text(tags.s, "s")?).ok_or_else(|| invalid("s"))?,
            identifier,
            long: LongValues::read(
                required(tags.h, "h")?,
                required(tags.bh, "bh")?,
                required(tags.b, "b")?,
            )
            .map_err(invalid)?,
            body_length: number(tags.l, "l", 76)?,
            signed_at,
            expires_at,
        });
        Ok((signature, tags.b_span))
    }

    /// The algorithm, if it is one that can be verified.
    #[must_use]
    pub fn algorithm(&self) -> Option<Algorithm> {
        match &self.algorithm {
            AlgorithmTag::Known(algorithm) => Some(*algorithm),
            AlgorithmTag::Other(_) => None,
        }
    }

    /// The text of `a=`, whatever it names.
    #[must_use]
    pub fn algorithm_text(&self) -> &str {
        match &self.algorithm {
            AlgorithmTag::Known(algorithm) => algorithm.as_str(),
            AlgorithmTag::Other(text) => text,
        }
    }

    /// How header and body were canonicalised (`c=`).
    #[must_use]
    pub fn canonicalization(&self) -> Canonicalization {
        self.canonicalization
    }

    /// The signing domain (`d=`).
    #[must_use]
    pub fn domain(&self) -> &DomainName {
        &self.domain
    }

    /// The selector (`s=`).
    #[must_use]
    pub fn selector(&self) -> &Selector {
        &self.selector
    }

    /// On whose behalf it was signed (`i=`), where that is said.
    #[must_use]
    pub fn agent_or_user_identifier(&self) -> Option<&AgentOrUserIdentifier> {
        self.identifier.as_ref()
    }

    /// The names of the fields signed (`h=`), in order.
    #[must_use]
    pub fn headers(&self) -> &[HeaderName] {
        self.long.names()
    }

    /// The same as they are spelt, which costs less.
    pub(crate) fn spellings(&self) -> Spellings<'_> {
        self.long.spellings()
    }

    /// The body hash (`bh=`).
    #[must_use]
    pub fn body_hash(&self) -> &[u8] {
        self.long.body_hash()
    }

    /// How many octets of the canonical body are covered (`l=`), where not all are.
    #[must_use]
    pub fn body_length(&self) -> Option<u64> {
        self.body_length
    }

    /// When it was signed (`t=`).
    #[must_use]
    pub fn signed_at(&self) -> Option<SystemTime> {
        self.signed_at.and_then(time)
    }

    /// When it expires (`x=`).
    #[must_use]
    pub fn expires_at(&self) -> Option<SystemTime> {
        self.expires_at.and_then(time)
    }

    /// The signature itself (`b=`).
    #[must_use]
    pub fn signature(&self) -> &[u8] {
        self.long.signature()
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut field = String::new();
        push_unsigned(
            &mut field,
            &Unsigned {
                algorithm: self.algorithm_text(),
                canonicalization: self.canonicalization,
                domain: &self.domain,
                selector: &self.selector,
                identifier: self.identifier.as_ref(),
                headers: self.headers().iter().map(HeaderName::as_str),
                body_hash: self.body_hash(),
                body_length: self.body_length,
                signed_at: self.signed_at,
                expires_at: self.expires_at,
            },
        );
        push_signature(&mut field, self.signature());
        f.write_str(&field)
    }
}

impl AlgorithmTag {
    /// A key type and a hash with a hyphen between; `None` where the text is not that.
    fn read(text: &str) -> Option<Self> {
        if let Ok(algorithm) = text.parse() {
            return Some(Self::Known(algorithm));
        }
        let is_word = |word: &str| {
            word.starts_with(|first: char| first.is_ascii_alphabetic())
                && word.bytes().all(|octet| octet.is_ascii_alphanumeric())
        };
        text.split_once('-')
            .filter(|(key_type, hash)| is_word(key_type) && is_word(hash))
            .map(|_| Self::Other(text.into()))
    }
}

/// The values of the tags that mean something, by name.
#[derive(Default)]
struct Tags<'a> {
    v: Option<&'a [u8]>,
    a: Option<&'a [u8]>,
    b: Option<&'a [u8]>,
    /// Where the value of `b=` lies, with the white space around it.
    b_span: Range<usize>,
    bh: Option<&'a [u8]>,
    c: Option<&'a [u8]>,
    d: Option<&'a [u8]>,
    h: Option<&'a [u8]>,
    i: Option<&'a [u8]>,
    l: Option<&'a [u8]>,
    q: Option<&'a [u8]>,
    s: Option<&'a [u8]>,
    t: Option<&'a [u8]>,
    x: Option<&'a [u8]>,
}

impl<'a> Tags<'a> {
    fn read(list: &'a [u8], octets: Octets) -> Result<Self, SignatureError> {
        let mut tags = Self::default();
        tag_list::read(list, octets, |tag| {
            let place = match tag.name {
                b"v" => &mut tags.v,
                b"a" => &mut tags.a,
                b"b" => {
                    tags.b_span = tag.span.clone();
                    &mut tags.b
                }
                b"bh" => &mut tags.bh,
                b"c" => &mut tags.c,
                b"d" => &mut tags.d,
                b"h" => &mut tags.h,
                b"i" => &mut tags.i,
                b"l" => &mut tags.l,
                b"q" => &mut tags.q,
                b"s" => &mut tags.s,
                b"t" => &mut tags.t,
                b"x" => &mut tags.x,
                _ => return None,
            };
            Some(place.replace(tag.value).is_none())
        })?;
        Ok(tags)
    }
}

fn required<'a>(value: Option<&'a [u8]>, name: &'static str) -> Result<&'a [u8], SignatureError> {
    value.ok_or(SignatureError::Missing(name))
}

fn text<'a>(value: Option<&'a [u8]>, name: &'static str) -> Result<&'a str, SignatureError> {
    str::from_utf8(required(value, name)?).map_err(|_| invalid(name))
}

/// Decimal digits, as many as the tag may have; a number too large for 64 bits is the largest there is.
fn number(
    value: Option<&[u8]>,
    name: &'static str,
    digits: usize,
) -> Result<Option<u64>, SignatureError> {
    let Some(value) = value else {
        return Ok(None);
    };
    if value.is_empty() || value.len() > digits {
        return Err(invalid(name));
    }
    let mut number = 0_u64;
    for octet in value {
        let digit = octet.wrapping_sub(b'0');
        if digit > 9 {
            return Err(invalid(name));
        }
        number = number.saturating_mul(10).saturating_add(u64::from(digit));
    }
    Ok(Some(number))
}

fn time(seconds: u64) -> Option<SystemTime> {
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds))
}

fn invalid(tag: &'static str) -> SignatureError {
    SignatureError::Invalid(tag)
}

/// Why the value of a DKIM-Signature field is invalid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignatureError {
    /// It is not a tag list.
    #[error("the signature is not a list of tags")]
    TagList(#[from] TagListError),
    /// A required tag is missing.
    #[error("the required tag {0}= is missing")]
    Missing(&'static str),
    /// The value of a tag is not what the tag takes.
    #[error("the value of {0}= is invalid")]
    Invalid(&'static str),
    /// `v=` is not 1.
    #[error("v= must be 1")]
    Version,
    /// `q=` does not offer `dns/txt`.
    #[error("q= must include dns/txt")]
    Query,
    /// `x=` does not lie after `t=`.
    #[error("x= must lie after t=")]
    ExpiresBeforeSigned,
    /// The domain of `i=` is neither `d=` nor below it.
    #[error("the domain of i= must be that of d= or below it")]
    IdentifierOutsideDomain,
}

#[cfg(test)]
mod tests;
