//! Text with macros.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::num::NonZeroUsize;
use std::str::FromStr;
use std::sync::Arc;

use crate::record::parse_error::{ParseError, ParseErrorKind};
use crate::record::parser::octet_class::is_literal;
use crate::record::parser::part::Part;
use crate::text::Text;

/// Text with macros in it, read but not expanded ([RFC 7208 §7.1](https://www.rfc-editor.org/rfc/rfc7208#section-7.1)).
///
/// `Display` prints the text it was read from.
#[derive(Clone)]
pub struct MacroString {
    /// Seen to be well-formed.
    text: Text,
    form: Form,
}

/// Whether a text has to be expanded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// There is no `%` in it: it is one literal as a whole, as most are.
    Literal,
    /// There is.
    Macros,
}

/// One part of a [`MacroString`].
#[expect(clippy::exhaustive_enums, reason = "RFC 7208 §7.1 closes the set")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Segment<'a> {
    /// Characters that stand for themselves.
    Literal(&'a str),
    /// A macro, `%{…}`.
    Expand(MacroExpand),
    /// `%%`, which is `%`.
    Percent,
    /// `%_`, which is a space.
    Space,
    /// `%-`, which is a space as in a URL, `%20`.
    EncodedSpace,
}

impl MacroString {
    /// Reads the text that an `exp` modifier points to: spaces and the macro letters c, r and t are allowed
    /// ([RFC 7208 §6.2](https://www.rfc-editor.org/rfc/rfc7208#section-6.2)).
    ///
    /// # Errors
    ///
    /// Octets outside printable ASCII, and macros that are not written as the grammar says.
    pub fn parse_explanation(text: &[u8]) -> Result<Self, ParseError> {
        let form = Form::of(read(text, 0, Place::Explanation)?);
        // Every octet was seen to be ASCII, so nothing is replaced here.
        let text = String::from_utf8_lossy(text).into();
        Ok(Self { text, form })
    }

    /// The text as it was read.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The parts, in order.
    pub fn segments(&self) -> impl Iterator<Item = Segment<'_>> {
        Segments { rest: &self.text }
    }

    /// The text where it stands for itself.
    pub(crate) fn literal(&self) -> Option<&str> {
        (self.form == Form::Literal).then_some(&*self.text)
    }

    /// Whether expansion needs this letter.
    #[must_use]
    pub fn uses(&self, letter: MacroLetter) -> bool {
        self.form == Form::Macros
            && self.segments().any(
                |segment| matches!(segment, Segment::Expand(expand) if expand.letter == letter),
            )
    }

    /// Reads a part of a record.
    pub(crate) fn parse(part: Part<'_>) -> Result<Self, ParseError> {
        let after_macros = Self::end_of_macros(part)?;
        Ok(Self::well_formed(part, Form::of(after_macros)))
    }

    /// Where the last macro of a part of a record ends, if there is one. It refuses what is not well-formed.
    pub(crate) fn end_of_macros(part: Part<'_>) -> Result<Option<usize>, ParseError> {
        if part.is_literal() {
            return Ok(None);
        }
        read(part.octets(), part.offset(), Place::Record)
    }

    /// Takes a part that was [found](Self::end_of_macros) to be well-formed.
    #[inline]
    pub(crate) fn well_formed(part: Part<'_>, form: Form) -> Self {
        Self {
            text: part.to_text(),
            form,
        }
    }
}

impl Form {
    pub(crate) fn of(after_macros: Option<usize>) -> Self {
        match after_macros {
            None => Self::Literal,
            Some(_) => Self::Macros,
        }
    }
}

/// Refuses what is not well-formed, and finds where the last macro ends, if there is one.
fn read(octets: &[u8], base: usize, place: Place) -> Result<Option<usize>, ParseError> {
    let mut after_macros = None;
    let mut position = 0;
    while let Some(&octet) = octets.get(position) {
        if is_literal(octet) || (octet == b' ' && place == Place::Explanation) {
            position += 1;
        } else if octet == b'%' {
            let rest = octets.get(position + 1..).unwrap_or_default();
            let (_, length) = read_expand(rest, base + position + 1, place)?;
            position += 1 + length;
            after_macros = Some(position);
        } else {
            let kind = ParseErrorKind::Octet(octet);
            return Err(ParseError::new(base + position, kind));
        }
    }
    Ok(after_macros)
}

/// The parts of text that was seen to be well-formed.
struct Segments<'a> {
    rest: &'a str,
}

impl<'a> Iterator for Segments<'a> {
    type Item = Segment<'a>;

    fn next(&mut self) -> Option<Segment<'a>> {
        let (segment, length) = match self.rest.as_bytes().split_first()? {
            // An explanation may hold all that a record may.
            (b'%', rest) => {
                let (segment, length) = read_expand(rest, 0, Place::Explanation).ok()?;
                (segment, 1 + length)
            }
            _ => {
                let length = self.rest.find('%').unwrap_or(self.rest.len());
                (Segment::Literal(self.rest.get(..length)?), length)
            }
        };
        self.rest = self.rest.get(length..)?;
        Some(segment)
    }
}

impl FromStr for MacroString {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let text = Arc::<str>::from(text);
        Self::parse(Part::whole(&text)?)
    }
}

impl fmt::Display for MacroString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

// The form follows from the text.
impl PartialEq for MacroString {
    fn eq(&self, other: &Self) -> bool {
        *self.text == *other.text
    }
}

impl Eq for MacroString {}

impl Hash for MacroString {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

impl fmt::Debug for MacroString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MacroString({})", &*self.text)
    }
}

/// Where a macro string stands, which decides what it may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Record,
    Explanation,
}

/// A macro: a letter and how its value is cut and turned
/// ([RFC 7208 §7.1](https://www.rfc-editor.org/rfc/rfc7208#section-7.1)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct MacroExpand {
    letter: MacroLetter,
    url_escaped: bool,
    parts: Option<NonZeroUsize>,
    reversed: bool,
    delimiters: Delimiters,
}

impl MacroExpand {
    /// What it stands for.
    #[must_use]
    pub fn letter(&self) -> MacroLetter {
        self.letter
    }

    /// Whether the letter was written in upper case, which escapes the value as in a URL.
    #[must_use]
    pub fn is_url_escaped(&self) -> bool {
        self.url_escaped
    }

    /// How many parts are kept, counted from the right after any reversal; `None` keeps all.
    #[must_use]
    pub fn parts(&self) -> Option<NonZeroUsize> {
        self.parts
    }

    /// Whether the parts are put in reverse order.
    #[must_use]
    pub fn is_reversed(&self) -> bool {
        self.reversed
    }

    /// Whether the value is split at this character; a dot where the macro names none.
    #[must_use]
    pub fn splits_at(&self, character: char) -> bool {
        self.delimiters.contains(character)
    }

    /// Whether the value is used as it is.
    pub(crate) fn keeps_value(&self) -> bool {
        self.parts.is_none() && !self.reversed && self.delimiters == Delimiters::DOT
    }
}

/// A set of the seven delimiters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Delimiters(u8);

impl Delimiters {
    const EMPTY: Self = Self(0);
    const DOT: Self = Self(1);

    fn bit(character: char) -> Option<u8> {
        let index = ".-+,/_="
            .chars()
            .position(|delimiter| delimiter == character)?;
        1_u8.checked_shl(u32::try_from(index).ok()?)
    }

    fn with(self, octet: u8) -> Option<Self> {
        Self::bit(char::from(octet)).map(|bit| Self(self.0 | bit))
    }

    fn contains(self, character: char) -> bool {
        Self::bit(character).is_some_and(|bit| self.0 & bit != 0)
    }
}

/// What a macro stands for ([RFC 7208 §7.2](https://www.rfc-editor.org/rfc/rfc7208#section-7.2)).
#[expect(clippy::exhaustive_enums, reason = "RFC 7208 §7.2 closes the set")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MacroLetter {
    /// `s`: the sender, local part and domain.
    Sender,
    /// `l`: the local part of the sender.
    LocalPart,
    /// `o`: the domain of the sender.
    SenderDomain,
    /// `d`: the domain whose record is evaluated.
    Domain,
    /// `i`: the client's address, dotted; of an IPv6 address the nibbles.
    Address,
    /// `p`: a validated name of the client; do not publish it.
    ValidatedName,
    /// `v`: `in-addr` or `ip6`.
    AddressVersion,
    /// `h`: the HELO or EHLO argument.
    Helo,
    /// `c`: the client's address as people write it; explanations only.
    ReadableAddress,
    /// `r`: the host that checks; explanations only.
    Receiver,
    /// `t`: seconds since 1970; explanations only.
    Timestamp,
}

impl MacroLetter {
    fn from_octet(octet: u8) -> Option<Self> {
        Some(match octet.to_ascii_lowercase() {
            b's' => Self::Sender,
            b'l' => Self::LocalPart,
            b'o' => Self::SenderDomain,
            b'd' => Self::Domain,
            b'i' => Self::Address,
            b'p' => Self::ValidatedName,
            b'v' => Self::AddressVersion,
            b'h' => Self::Helo,
            b'c' => Self::ReadableAddress,
            b'r' => Self::Receiver,
            b't' => Self::Timestamp,
            _ => return None,
        })
    }

    fn is_for_explanations(self) -> bool {
        matches!(
            self,
            Self::ReadableAddress | Self::Receiver | Self::Timestamp
        )
    }
}

/// Reads what follows `%`; the second value is how many octets that was.
fn read_expand(
    rest: &[u8],
    offset: usize,
    place: Place,
) -> Result<(Segment<'static>, usize), ParseError> {
    match rest.split_first() {
        Some((b'%', _)) => Ok((Segment::Percent, 1)),
        Some((b'_', _)) => Ok((Segment::Space, 1)),
        Some((b'-', _)) => Ok((Segment::EncodedSpace, 1)),
        Some((b'{', inside)) => {
            let (expand, length) = read_macro(inside, offset + 1, place)?;
            Ok((Segment::Expand(expand), length + 1))
        }
        _ => Err(ParseError::new(offset, ParseErrorKind::Percent)),
    }
}

/// Reads what follows `%{`, the closing brace included.
fn read_macro(
    inside: &[u8],
    offset: usize,
    place: Place,
) -> Result<(MacroExpand, usize), ParseError> {
    let fault = |at: usize, kind| Err(ParseError::new(offset + at, kind));
    let Some((letter_octet, letter)) = inside
        .first()
        .and_then(|octet| Some((octet, MacroLetter::from_octet(*octet)?)))
    else {
        return fault(0, ParseErrorKind::MacroLetter);
    };
    if place == Place::Record && letter.is_for_explanations() {
        return fault(0, ParseErrorKind::ExplanationMacro);
    }
    let mut position = 1;
    let mut count: Option<usize> = None;
    while let Some(digit) = inside.get(position).filter(|octet| octet.is_ascii_digit()) {
        // No value has usize::MAX parts, so a saturated count keeps all of them, as the exact one would.
        let value = count.unwrap_or(0).saturating_mul(10);
        count = Some(value.saturating_add(usize::from(digit - b'0')));
        position += 1;
    }
    let parts = match count.map(NonZeroUsize::new) {
        Some(None) => return fault(position - 1, ParseErrorKind::ZeroParts),
        Some(some) => some,
        None => None,
    };
    let reversed = matches!(inside.get(position), Some(b'r' | b'R'));
    if reversed {
        position += 1;
    }
    let mut delimiters = Delimiters::EMPTY;
    while let Some(more) = inside
        .get(position)
        .and_then(|octet| delimiters.with(*octet))
    {
        delimiters = more;
        position += 1;
    }
    if delimiters == Delimiters::EMPTY {
        delimiters = Delimiters::DOT;
    }
    if inside.get(position) != Some(&b'}') {
        return fault(position, ParseErrorKind::MacroEnd);
    }
    let expand = MacroExpand {
        letter,
        url_escaped: letter_octet.is_ascii_uppercase(),
        parts,
        reversed,
        delimiters,
    };
    Ok((expand, position + 1))
}
