//! Domain names as mail uses them.

#[cfg(feature = "serde")]
mod serde;
#[cfg(test)]
mod tests;

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;
use std::sync::Arc;

use crate::name::Name;

/// A domain name in the form mail uses: letters, digits, hyphens and underscores in labels of 1 to 63 octets, at most
/// 253 characters, lower case, Unicode already turned into A-labels.
///
/// Two spellings that differ only in case are the same value, so `==`, `Hash` and `Ord` mean what mail means.
/// A final dot is accepted when parsing and not kept. Labels do not begin or end with a hyphen
/// ([RFC 5321 §4.1.2](https://www.rfc-editor.org/rfc/rfc5321#section-4.1.2)); underscores are allowed because policy
/// records live at names such as `_dmarc.example.org`.
///
/// ```
/// use letterhead_dns::DomainName;
///
/// let domain: DomainName = "Mail.Example.ORG".parse()?;
/// assert_eq!(domain.as_str(), "mail.example.org");
/// assert!(domain.is_subdomain_of(&"example.org".parse()?));
/// assert!(!"notexample.org".parse::<DomainName>()?.is_subdomain_of(&"example.org".parse()?));
/// # Ok::<(), letterhead_dns::domain_name::DomainNameError>(())
/// ```
#[derive(Clone)]
pub struct DomainName {
    text: Arc<str>,
    /// The same in wire form, so that a lookup costs no conversion.
    name: Name,
}

impl DomainName {
    /// The longest domain name in characters, without final dot.
    pub const MAX_LENGTH: usize = 253;

    /// The name in lower case, without final dot.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The name as the DNS carries it.
    #[must_use]
    pub fn as_name(&self) -> &Name {
        &self.name
    }

    /// The labels, leftmost first.
    #[must_use]
    pub fn labels(&self) -> impl DoubleEndedIterator<Item = &str> + Clone {
        self.text.split('.')
    }

    /// The name without its leftmost label; `None` when only one label is left.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        let (_, rest) = self.text.split_once('.')?;
        rest.parse().ok()
    }

    /// Whether this name is strictly below `other`, on label boundaries.
    #[must_use]
    pub fn is_subdomain_of(&self, other: &Self) -> bool {
        self.text
            .strip_suffix(other.as_str())
            .is_some_and(|front| front.ends_with('.'))
    }

    /// Whether this name is `other` or below it.
    #[must_use]
    pub fn is_at_or_below(&self, other: &Self) -> bool {
        self == other || self.is_subdomain_of(other)
    }

    /// The name with labels in front: `"_dmarc"` before `example.org` is `_dmarc.example.org`.
    ///
    /// # Errors
    ///
    /// When the result is not a domain name, for instance too long.
    pub fn prepend(&self, labels: &str) -> Result<Self, DomainNameError> {
        format!("{labels}.{}", self.text).parse()
    }
}

impl FromStr for DomainName {
    type Err = DomainNameError;

    fn from_str(text: &str) -> Result<Self, DomainNameError> {
        read_ascii(text).map_or_else(|| read_any(text), Ok)
    }
}

/// Reads what is ASCII and in order, as nearly all names are, in one pass; `None` leaves it to others to say what is wrong.
fn read_ascii(text: &str) -> Option<DomainName> {
    let text = text.strip_suffix('.').unwrap_or(text);
    if text.len() > DomainName::MAX_LENGTH {
        return None;
    }
    let mut last = b'.';
    let mut label_length = 0;
    let mut is_lower = true;
    for octet in text.bytes() {
        label_length += 1;
        match octet {
            b'a'..=b'z' | b'0'..=b'9' | b'_' => {}
            b'A'..=b'Z' => is_lower = false,
            b'-' if last != b'.' => {}
            b'.' if !matches!(last, b'.' | b'-') && label_length <= 64 => label_length = 0,
            _ => return None,
        }
        last = octet;
    }
    if matches!(last, b'.' | b'-') || label_length > 63 {
        return None;
    }
    if !is_lower {
        return read_ascii(&text.to_ascii_lowercase());
    }
    Some(DomainName {
        text: text.into(),
        name: Name::from_labels(text.as_bytes().split(|octet| *octet == b'.')).ok()?,
    })
}

/// Reads whatever a name can be, and says what is wrong with what is none.
fn read_any(text: &str) -> Result<DomainName, DomainNameError> {
    // ASCII is taken as it is, so a label such as `xn--a` that decodes to nothing stays usable.
    let ascii = if text.is_ascii() {
        text.to_ascii_lowercase()
    } else {
        to_ascii(text)?
    };
    let ascii = ascii.strip_suffix('.').unwrap_or(&ascii);
    if ascii.is_empty() {
        return Err(DomainNameError::Empty);
    }
    if ascii.len() > DomainName::MAX_LENGTH {
        return Err(DomainNameError::TooLong);
    }
    for label in ascii.split('.') {
        check_label(label)?;
    }
    let name = Name::from_labels(ascii.split('.')).map_err(|_| DomainNameError::TooLong)?;
    Ok(DomainName {
        text: ascii.into(),
        name,
    })
}

fn check_label(label: &str) -> Result<(), DomainNameError> {
    if label.is_empty() {
        return Err(DomainNameError::EmptyLabel);
    }
    if label.len() > 63 {
        return Err(DomainNameError::LabelTooLong);
    }
    if label.starts_with('-') || label.ends_with('-') {
        return Err(DomainNameError::Hyphen);
    }
    let is_allowed = |octet: u8| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'_');
    match label.bytes().position(|octet| !is_allowed(octet)) {
        Some(place) => {
            // What comes before it is ASCII, so a character begins there.
            let rest = label.get(place..).unwrap_or_default();
            Err(DomainNameError::Character(
                rest.chars().next().unwrap_or(char::REPLACEMENT_CHARACTER),
            ))
        }
        None => Ok(()),
    }
}

/// Maps as [UTS #46](https://www.unicode.org/reports/tr46/) says, without transitional processing. What is not allowed
/// in ASCII is left to `check_label`, which names the character.
#[cfg(feature = "idna")]
fn to_ascii(text: &str) -> Result<String, DomainNameError> {
    idna::domain_to_ascii_cow(text.as_bytes(), idna::AsciiDenyList::EMPTY)
        .map(|ascii| ascii.to_ascii_lowercase())
        .map_err(|_| DomainNameError::Idna)
}

#[cfg(not(feature = "idna"))]
fn to_ascii(text: &str) -> Result<String, DomainNameError> {
    let c = text.chars().find(|c| !c.is_ascii()).unwrap_or_default();
    Err(DomainNameError::Character(c))
}

impl PartialEq for DomainName {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for DomainName {}

impl Hash for DomainName {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

impl PartialOrd for DomainName {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The order of the text.
impl Ord for DomainName {
    fn cmp(&self, other: &Self) -> Ordering {
        self.text.cmp(&other.text)
    }
}

impl TryFrom<&Name> for DomainName {
    type Error = DomainNameError;

    fn try_from(name: &Name) -> Result<Self, DomainNameError> {
        let mut text = String::new();
        for label in name.labels() {
            if !text.is_empty() {
                text.push('.');
            }
            // A label may hold a dot of its own; joined it would read as two labels.
            if label.contains(&b'.') {
                return Err(DomainNameError::Character('.'));
            }
            // Octets outside ASCII are not Unicode to be mapped: a name from the DNS has its A-labels already.
            if let Some(octet) = label.iter().find(|octet| !octet.is_ascii()) {
                return Err(DomainNameError::Character(char::from(*octet)));
            }
            text.extend(label.iter().copied().map(char::from));
        }
        text.parse()
    }
}

impl From<DomainName> for Name {
    fn from(domain: DomainName) -> Self {
        domain.name
    }
}

impl fmt::Display for DomainName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl fmt::Debug for DomainName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DomainName({})", self.text)
    }
}

impl AsRef<str> for DomainName {
    fn as_ref(&self) -> &str {
        &self.text
    }
}

/// Why text is not a domain name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DomainNameError {
    /// There was nothing to read.
    #[error("the domain name is empty")]
    Empty,
    /// Two dots in a row, or a dot in front.
    #[error("the domain name has an empty label; remove the doubled or leading dot")]
    EmptyLabel,
    /// A label of more than 63 octets.
    #[error("a label of the domain name is longer than 63 octets")]
    LabelTooLong,
    /// More than 253 characters.
    #[error("the domain name is longer than 253 characters")]
    TooLong,
    /// A label that begins or ends with a hyphen.
    #[error("a label of the domain name begins or ends with a hyphen")]
    Hyphen,
    /// A character that domain names of mail do not have.
    #[error(
        "the domain name holds {0:?}; only letters, digits, hyphens and underscores are allowed"
    )]
    Character(char),
    /// Unicode that IDNA does not map to A-labels.
    #[error("the domain name is not valid under IDNA")]
    Idna,
}
