//! Names as the DNS carries them.

#[cfg(test)]
mod tests;

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;
use std::sync::Arc;

/// A fully qualified DNS name: labels of 1 to 63 octets of any value, 255 octets in all on the wire
/// ([RFC 1035 §3.1](https://www.rfc-editor.org/rfc/rfc1035#section-3.1),
/// [RFC 2181 §11](https://www.rfc-editor.org/rfc/rfc2181#section-11)).
///
/// Comparison, ordering and hashing ignore ASCII case; the case given is kept for printing.
/// `Display` writes the absolute presentation form (`a\.b.example.com.`), `FromStr` reads it back with or without the
/// final dot. A clone shares the octets.
#[derive(Clone)]
pub struct Name {
    /// Length-prefixed labels in wire order, without the root's zero octet; `None` for the root.
    wire: Option<Arc<[u8]>>,
}

impl Name {
    /// The root, `.`.
    pub const ROOT: Self = Self { wire: None };

    /// The longest name in octets on the wire, the root's zero octet included.
    pub const MAX_OCTETS: usize = 255;

    /// Builds a name from raw labels, leftmost first.
    ///
    /// # Errors
    ///
    /// An empty label, one of more than 63 octets, or more than 255 octets in all.
    pub fn from_labels<L: AsRef<[u8]>>(
        labels: impl IntoIterator<Item = L>,
    ) -> Result<Self, NameError> {
        let mut wire = Wire::default();
        for label in labels {
            wire.push_label(label.as_ref())?;
        }
        Ok(wire.into_name())
    }

    /// The labels, leftmost first, without the root.
    pub fn labels(&self) -> impl Iterator<Item = &[u8]> + Clone {
        Labels {
            rest: self.octets(),
        }
    }

    /// How many labels the name has; the root has none.
    #[must_use]
    pub fn label_count(&self) -> usize {
        self.labels().count()
    }

    /// Whether this is the root.
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.wire.is_none()
    }

    /// The name without its leftmost label; `None` for the root.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        let octets = self.octets();
        let first = usize::from(*octets.first()?);
        octets.get(first + 1..).map(Self::of_octets)
    }

    /// The name with one more label in front.
    ///
    /// # Errors
    ///
    /// As [`from_labels`](Self::from_labels).
    pub fn prepend(&self, label: impl AsRef<[u8]>) -> Result<Self, NameError> {
        let mut wire = Wire::default();
        wire.push_label(label.as_ref())?;
        wire.push_octets(self.octets())?;
        Ok(wire.into_name())
    }

    /// Whether this name is `ancestor` or below it, compared label by label.
    #[must_use]
    pub fn is_at_or_below(&self, ancestor: &Self) -> bool {
        let above = ancestor.octets();
        let mut labels = Labels {
            rest: self.octets(),
        };
        while labels.rest.len() > above.len() {
            labels.next();
        }
        labels.rest.eq_ignore_ascii_case(above)
    }

    /// Reads presentation format; a name without final dot is completed with `origin`, or taken as absolute where
    /// there is none. A lone `@` is not special here.
    ///
    /// # Errors
    ///
    /// Empty labels, over-long labels or names, and `\` escapes that are neither `\X` nor `\DDD` with DDD ≤ 255.
    pub fn parse_relative(text: &[u8], origin: Option<&Self>) -> Result<Self, NameError> {
        if text == b"." {
            return Ok(Self::ROOT);
        }
        if text.is_empty() {
            return Err(NameError::Empty);
        }
        let mut wire = Wire::default();
        let mut label = Vec::new();
        let mut rest = text.iter().copied();
        let mut absolute = false;
        while let Some(octet) = rest.next() {
            absolute = false;
            match octet {
                b'.' => {
                    wire.push_label(&label)?;
                    label.clear();
                    absolute = true;
                }
                b'\\' => label.push(unescape(&mut rest)?),
                other => label.push(other),
            }
        }
        if !absolute {
            wire.push_label(&label)?;
            if let Some(origin) = origin {
                wire.push_octets(origin.octets())?;
            }
        }
        Ok(wire.into_name())
    }

    /// The labels as on the wire, without the root's zero octet.
    fn octets(&self) -> &[u8] {
        self.wire.as_deref().unwrap_or_default()
    }

    /// The name of whole labels as on the wire.
    fn of_octets(octets: &[u8]) -> Self {
        Self {
            wire: (!octets.is_empty()).then(|| octets.into()),
        }
    }
}

/// A name that is being put together: on the stack, so that the only allocation is the one that is kept.
struct Wire {
    octets: [u8; Name::MAX_OCTETS - 1],
    length: usize,
}

impl Default for Wire {
    fn default() -> Self {
        Self {
            octets: [0; Name::MAX_OCTETS - 1],
            length: 0,
        }
    }
}

impl Wire {
    fn push_label(&mut self, label: &[u8]) -> Result<(), NameError> {
        if label.is_empty() {
            return Err(NameError::EmptyLabel);
        }
        let length = u8::try_from(label.len())
            .ok()
            .filter(|length| *length <= 63)
            .ok_or(NameError::LabelTooLong)?;
        self.push_octets(&[length])?;
        self.push_octets(label)
    }

    fn push_octets(&mut self, octets: &[u8]) -> Result<(), NameError> {
        let end = self.length + octets.len();
        self.octets
            .get_mut(self.length..end)
            .ok_or(NameError::TooLong)?
            .copy_from_slice(octets);
        self.length = end;
        Ok(())
    }

    fn into_name(self) -> Name {
        Name::of_octets(self.octets.get(..self.length).unwrap_or_default())
    }
}

#[derive(Clone)]
struct Labels<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Labels<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let (length, rest) = self.rest.split_first()?;
        let (label, rest) = rest.split_at_checked(usize::from(*length))?;
        self.rest = rest;
        Some(label)
    }
}

/// Reads what follows a backslash: one octet for itself, or three decimal digits.
pub(crate) fn unescape(rest: &mut impl Iterator<Item = u8>) -> Result<u8, NameError> {
    let first = rest.next().ok_or(NameError::BadEscape)?;
    if !first.is_ascii_digit() {
        return Ok(first);
    }
    let mut value = u16::from(first - b'0');
    for _ in 0..2 {
        let digit = rest
            .next()
            .filter(u8::is_ascii_digit)
            .ok_or(NameError::BadEscape)?;
        value = value * 10 + u16::from(digit - b'0');
    }
    u8::try_from(value).map_err(|_| NameError::BadEscape)
}

impl FromStr for Name {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        Self::parse_relative(text.as_bytes(), None)
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_root() {
            return f.write_str(".");
        }
        for label in self.labels() {
            for octet in label {
                match octet {
                    b'.' | b'\\' | b'"' | b';' | b'(' | b')' | b'@' | b'$' => {
                        write!(f, "\\{}", char::from(*octet))?;
                    }
                    0x21..=0x7e => write!(f, "{}", char::from(*octet))?,
                    other => write!(f, "\\{other:03}")?,
                }
            }
            f.write_str(".")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Name({self})")
    }
}

// Length octets are below 64 and so never letters: comparing the whole wire form without case is comparing labels.
impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        let (own, theirs) = (self.octets(), other.octets());
        // Most names that are compared are spelt alike, and that is seen faster.
        own == theirs || own.eq_ignore_ascii_case(theirs)
    }
}

impl Eq for Name {}

impl Hash for Name {
    fn hash<H: Hasher>(&self, state: &mut H) {
        // Eight octets at a time, because hashers are slow with single ones.
        let octets = self.octets();
        let (words, rest) = octets.as_chunks();
        for word in words {
            state.write_u64(lower_case(u64::from_le_bytes(*word)));
        }
        // Some of the last eight for a second time, because putting fewer together takes longer. With how many there are one
        // name's octets cannot run into what is hashed next.
        let last = match octets.last_chunk() {
            Some(last) => u64::from_le_bytes(*last),
            None => rest
                .iter()
                .fold(0, |word, octet| word << 8 | u64::from(*octet)),
        };
        state.write_u64(lower_case(last) ^ (octets.len() as u64) << 56);
    }
}

/// Eight octets as a number, in lower case: all at once, by what a carry out of an octet's lower seven bits says.
fn lower_case(word: u64) -> u64 {
    let each = |octet: u8| u64::from_ne_bytes([octet; 8]);
    let low_bits = word & each(0x7f);
    let from_a = low_bits + each(0x80 - b'A');
    let after_z = low_bits + each(0x7f - b'Z');
    let is_upper = from_a & !after_z & !word & each(0x80);
    word | is_upper >> 2
}

impl PartialOrd for Name {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Canonical order: by labels from the right
/// ([RFC 4034 §6.1](https://www.rfc-editor.org/rfc/rfc4034#section-6.1)), so that the names below a name follow it
/// directly.
impl Ord for Name {
    fn cmp(&self, other: &Self) -> Ordering {
        let (own, theirs) = (Offsets::new(self), Offsets::new(other));
        for (a, b) in own.reversed().zip(theirs.reversed()) {
            let order = a
                .iter()
                .map(u8::to_ascii_lowercase)
                .cmp(b.iter().map(u8::to_ascii_lowercase));
            if order.is_ne() {
                return order;
            }
        }
        own.count.cmp(&theirs.count)
    }
}

/// Where each label starts: wire form can only be walked from the left. On the stack, because a lookup in an ordered
/// map compares often.
struct Offsets<'a> {
    wire: &'a [u8],
    starts: [u8; Name::MAX_OCTETS / 2],
    count: usize,
}

impl<'a> Offsets<'a> {
    fn new(name: &'a Name) -> Self {
        let mut starts = [0; Name::MAX_OCTETS / 2];
        let mut count = 0;
        let mut offset = 0_u8;
        for (start, label) in starts.iter_mut().zip(name.labels()) {
            *start = offset;
            count += 1;
            let octets = u8::try_from(label.len() + 1).unwrap_or(u8::MAX);
            offset = offset.saturating_add(octets);
        }
        Self {
            wire: name.octets(),
            starts,
            count,
        }
    }

    fn reversed(&self) -> impl Iterator<Item = &'a [u8]> {
        self.starts.iter().take(self.count).rev().map(|start| {
            let rest = self.wire.get(usize::from(*start)..).unwrap_or_default();
            Labels { rest }.next().unwrap_or_default()
        })
    }
}

/// Why octets are not a DNS name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NameError {
    /// There was nothing to read.
    #[error("the name is empty")]
    Empty,
    /// Two dots in a row, or a dot in front.
    #[error("the name has an empty label; remove the doubled or leading dot")]
    EmptyLabel,
    /// A label of more than 63 octets.
    #[error("a label is longer than 63 octets")]
    LabelTooLong,
    /// More than 255 octets on the wire.
    #[error("the name is longer than 255 octets")]
    TooLong,
    /// A backslash that is followed neither by one character nor by three digits up to 255.
    #[error("a backslash must be followed by one character or by three digits up to 255")]
    BadEscape,
}
