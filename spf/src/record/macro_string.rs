//! Text with macros.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::num::NonZeroUsize;
use std::ops::Range;
use std::str::FromStr;
use std::sync::Arc;

use crate::record::parse_error::{ParseError, ParseErrorKind};
use crate::record::parser::octet_class::is_literal;
use crate::text::Text;

/// Text with macros in it, read but not expanded ([RFC 7208 §7.1](https://www.rfc-editor.org/rfc/rfc7208#section-7.1)).
///
/// `Display` prints the text it was read from.
#[derive(Clone)]
pub struct MacroString {
    text: Text,
    /// None where the text has no `%`: it is then one literal as a whole, as most are. Boxed, so that terms are small.
    pieces: Option<Box<Pieces>>,
}

#[derive(Clone)]
struct Pieces(Vec<Piece>);

#[derive(Clone)]
enum Piece {
    Literal(Range<usize>),
    Expand(MacroExpand),
    Percent,
    Space,
    EncodedSpace,
}

/// One part of a [`MacroString`].
#[expect(clippy::exhaustive_enums, reason = "RFC 7208 §7.1 closes the set")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Segment<'a> {
    /// Characters that stand for themselves.
    Literal(&'a str),
    /// A macro, `%{…}`.
    Expand(&'a MacroExpand),
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
        let pieces = read(text, 0, Place::Explanation)?;
        // Every octet was seen to be ASCII, so nothing is replaced here.
        let text = String::from_utf8_lossy(text).into();
        Ok(Self { text, pieces })
    }

    /// The text as it was read.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The parts, in order.
    #[must_use]
    pub fn segments(&self) -> impl DoubleEndedIterator<Item = Segment<'_>> {
        let pieces = self.pieces().iter().map(|piece| match piece {
            Piece::Literal(range) => {
                Segment::Literal(self.text.get(range.clone()).unwrap_or_default())
            }
            Piece::Expand(expand) => Segment::Expand(expand),
            Piece::Percent => Segment::Percent,
            Piece::Space => Segment::Space,
            Piece::EncodedSpace => Segment::EncodedSpace,
        });
        let whole = self.literal().filter(|text| !text.is_empty());
        whole
            .map(|text| Segment::Literal(text))
            .into_iter()
            .chain(pieces)
    }

    /// The text where it stands for itself.
    pub(crate) fn literal(&self) -> Option<&Text> {
        self.pieces.is_none().then_some(&self.text)
    }

    /// Whether expansion needs this letter.
    #[must_use]
    pub fn uses(&self, letter: MacroLetter) -> bool {
        self.pieces()
            .iter()
            .any(|piece| matches!(piece, Piece::Expand(expand) if expand.letter == letter))
    }

    fn pieces(&self) -> &[Piece] {
        self.pieces.as_ref().map_or(&[], |pieces| &pieces.0)
    }

    /// Reads what stands at this offset of the text.
    pub(crate) fn parse(octets: &[u8], offset: usize, text: &Arc<str>) -> Result<Self, ParseError> {
        if u32::try_from(offset + octets.len()).is_err() {
            return Err(ParseError::new(offset, ParseErrorKind::TooLong));
        }
        Ok(Self {
            pieces: read(octets, offset, Place::Record)?,
            text: Text::part(text, offset..offset + octets.len()),
        })
    }
}

/// Reads the pieces; none where the text is one literal.
fn read(octets: &[u8], base: usize, place: Place) -> Result<Option<Box<Pieces>>, ParseError> {
    if octets.iter().all(|octet| is_literal(*octet)) {
        return Ok(None);
    }
    let mut pieces = Vec::new();
    let mut position = 0;
    let mut literal = 0;
    while let Some(&octet) = octets.get(position) {
        if octet == b'%' {
            if literal < position {
                pieces.push(Piece::Literal(literal..position));
            }
            let rest = octets.get(position + 1..).unwrap_or_default();
            let (piece, length) = read_expand(rest, base + position + 1, place)?;
            pieces.push(piece);
            position += 1 + length;
            literal = position;
        } else if octet.is_ascii_graphic() || (octet == b' ' && place == Place::Explanation) {
            position += 1;
        } else {
            return Err(ParseError::new(
                base + position,
                ParseErrorKind::Octet(octet),
            ));
        }
    }
    if literal < position && !pieces.is_empty() {
        pieces.push(Piece::Literal(literal..position));
    }
    Ok((!pieces.is_empty()).then(|| Box::new(Pieces(pieces))))
}

impl FromStr for MacroString {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        Self::parse(text.as_bytes(), 0, &text.into())
    }
}

impl fmt::Display for MacroString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

// The pieces follow from the text.
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
fn read_expand(rest: &[u8], offset: usize, place: Place) -> Result<(Piece, usize), ParseError> {
    match rest.split_first() {
        Some((b'%', _)) => Ok((Piece::Percent, 1)),
        Some((b'_', _)) => Ok((Piece::Space, 1)),
        Some((b'-', _)) => Ok((Piece::EncodedSpace, 1)),
        Some((b'{', inside)) => {
            let (expand, length) = read_macro(inside, offset + 1, place)?;
            Ok((Piece::Expand(expand), length + 1))
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
