//! Resource records, as far as mail looks into them.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use crate::name::Name;

/// One resource record.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Record {
    /// The owner name.
    pub name: Name,
    /// Time to live in seconds.
    pub ttl: u32,
    /// Type and value.
    pub data: RecordData,
}

impl Record {
    /// A record; `ttl` in seconds.
    #[must_use]
    pub fn new(name: Name, ttl: u32, data: RecordData) -> Self {
        Self { name, ttl, data }
    }
}

/// The master-file line, `NAME TTL IN TYPE DATA` with an absolute name.
impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} {} IN {} {}",
            self.name,
            self.ttl,
            self.data.record_type(),
            self.data
        )
    }
}

/// A record's type and value.
///
/// Non-exhaustive: types that mail comes to need are added; until then their octets are in [`Unknown`](Self::Unknown).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RecordData {
    /// An IPv4 address.
    A(Ipv4Addr),
    /// An IPv6 address.
    Aaaa(Ipv6Addr),
    /// The canonical name that the owner is an alias of.
    Cname(Name),
    /// A mail exchanger; a null MX has preference 0 and the root as exchange
    /// ([RFC 7505](https://www.rfc-editor.org/rfc/rfc7505)).
    Mx {
        /// Lower is tried first.
        preference: u16,
        /// The host that takes mail.
        exchange: Name,
    },
    /// An authoritative name server.
    Ns(Name),
    /// The name an address points back to.
    Ptr(Name),
    /// Start of authority. Its `minimum` bounds how long a negative answer may be kept
    /// ([RFC 2308](https://www.rfc-editor.org/rfc/rfc2308)).
    Soa {
        /// Primary name server.
        primary: Name,
        /// Mailbox of the person responsible, as a name.
        responsible: Name,
        /// Version of the zone.
        serial: u32,
        /// Refresh interval in seconds.
        refresh: u32,
        /// Retry interval in seconds.
        retry: u32,
        /// Expiry in seconds.
        expire: u32,
        /// Negative time to live in seconds.
        minimum: u32,
    },
    /// Text, as character-strings.
    Txt(Txt),
    /// Any other type, as octets ([RFC 3597](https://www.rfc-editor.org/rfc/rfc3597)).
    Unknown {
        /// The type.
        record_type: RecordType,
        /// The value's octets.
        octets: Vec<u8>,
    },
}

impl RecordData {
    /// The address, where it is one of either family.
    #[must_use]
    pub fn address(&self) -> Option<IpAddr> {
        match self {
            Self::A(address) => Some(IpAddr::V4(*address)),
            Self::Aaaa(address) => Some(IpAddr::V6(*address)),
            _ => None,
        }
    }

    /// The type of this value.
    #[must_use]
    pub fn record_type(&self) -> RecordType {
        match self {
            Self::A(_) => RecordType::A,
            Self::Aaaa(_) => RecordType::AAAA,
            Self::Cname(_) => RecordType::CNAME,
            Self::Mx { .. } => RecordType::MX,
            Self::Ns(_) => RecordType::NS,
            Self::Ptr(_) => RecordType::PTR,
            Self::Soa { .. } => RecordType::SOA,
            Self::Txt(_) => RecordType::TXT,
            Self::Unknown { record_type, .. } => *record_type,
        }
    }
}

/// The master-file form of the value, without the type.
impl fmt::Display for RecordData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::A(address) => write!(f, "{address}"),
            Self::Aaaa(address) => write!(f, "{address}"),
            Self::Cname(name) | Self::Ns(name) | Self::Ptr(name) => write!(f, "{name}"),
            Self::Mx {
                preference,
                exchange,
            } => write!(f, "{preference} {exchange}"),
            Self::Soa {
                primary,
                responsible,
                serial,
                refresh,
                retry,
                expire,
                minimum,
            } => write!(
                f,
                "{primary} {responsible} {serial} {refresh} {retry} {expire} {minimum}"
            ),
            Self::Txt(text) => write!(f, "{text}"),
            Self::Unknown { octets, .. } => {
                write!(f, "\\# {}", octets.len())?;
                if !octets.is_empty() {
                    f.write_str(" ")?;
                }
                octets.iter().try_for_each(|octet| write!(f, "{octet:02x}"))
            }
        }
    }
}

/// The value of a TXT record: one or more character-strings of at most 255 octets each
/// ([RFC 1035 §3.3.14](https://www.rfc-editor.org/rfc/rfc1035#section-3.3.14)). A clone shares the octets.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Txt {
    strings: Arc<Strings>,
}

#[derive(PartialEq, Eq, Hash)]
struct Strings {
    octets: Vec<u8>,
    /// How many octets belong to each string.
    lengths: Vec<u8>,
}

impl Txt {
    /// Splits `octets` into as few character-strings as possible, which is how long SPF and DKIM records are published.
    #[must_use]
    pub fn split(octets: &[u8]) -> Self {
        let mut lengths = vec![u8::MAX; octets.len() / MAX_STRING];
        let last = octets.len() % MAX_STRING;
        if last > 0 || lengths.is_empty() {
            lengths.extend(u8::try_from(last));
        }
        Self::of_parts(octets.to_vec(), lengths)
    }

    /// Takes character-strings as they are; `None` if there is none, or one of more than 255 octets.
    #[must_use]
    pub fn from_strings(strings: Vec<Vec<u8>>) -> Option<Self> {
        Self::of_strings(strings)
    }

    /// [`from_strings`](Self::from_strings) of whatever holds them.
    pub(crate) fn of_strings<S: AsRef<[u8]>>(strings: impl IntoIterator<Item = S>) -> Option<Self> {
        let (mut octets, mut lengths) = (Vec::new(), Vec::new());
        for string in strings {
            let string = string.as_ref();
            lengths.push(u8::try_from(string.len()).ok()?);
            octets.extend_from_slice(string);
        }
        (!lengths.is_empty()).then(|| Self::of_parts(octets, lengths))
    }

    /// The character-strings.
    #[must_use]
    pub fn strings(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        let mut rest = self.octets();
        self.strings.lengths.iter().map(move |length| {
            let (string, after) = rest
                .split_at_checked(usize::from(*length))
                .unwrap_or_default();
            rest = after;
            string
        })
    }

    /// The character-strings joined without anything between them, which is what SPF, DKIM and DMARC read.
    #[must_use]
    pub fn octets(&self) -> &[u8] {
        &self.strings.octets
    }

    /// The [octets](Self::octets), copied.
    #[must_use]
    pub fn joined(&self) -> Vec<u8> {
        self.octets().to_vec()
    }

    fn of_parts(octets: Vec<u8>, lengths: Vec<u8>) -> Self {
        Self {
            strings: Arc::new(Strings { octets, lengths }),
        }
    }
}

/// Quoted character-strings with one space between them; quotes and backslashes are escaped, other octets outside
/// printable ASCII are written as `\DDD`.
impl fmt::Display for Txt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, string) in self.strings().enumerate() {
            f.write_str(if index == 0 { "\"" } else { " \"" })?;
            for octet in string {
                match octet {
                    b'"' | b'\\' => write!(f, "\\{}", char::from(*octet))?,
                    0x20..=0x7e => write!(f, "{}", char::from(*octet))?,
                    other => write!(f, "\\{other:03}")?,
                }
            }
            f.write_str("\"")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Txt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Txt({self})")
    }
}

/// The longest character-string in octets.
const MAX_STRING: usize = 255;

/// A record type: the registry is open, so this is a number with names for those that mail uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RecordType(u16);

macro_rules! record_types {
    ($($(#[$doc:meta])* $name:ident = $number:literal;)*) => {
        impl RecordType {
            $($(#[$doc])* pub const $name: Self = Self($number);)*

            fn mnemonic(self) -> Option<&'static str> {
                match self.0 {
                    $($number => Some(stringify!($name)),)*
                    _ => None,
                }
            }

            fn from_mnemonic(text: &str) -> Option<Self> {
                $(if text.eq_ignore_ascii_case(stringify!($name)) {
                    return Some(Self($number));
                })*
                None
            }
        }
    };
}

record_types! {
    /// IPv4 address.
    A = 1;
    /// Name server.
    NS = 2;
    /// Canonical name.
    CNAME = 5;
    /// Start of authority.
    SOA = 6;
    /// Pointer.
    PTR = 12;
    /// Mail exchanger.
    MX = 15;
    /// Text.
    TXT = 16;
    /// IPv6 address.
    AAAA = 28;
    /// Service location.
    SRV = 33;
    /// Delegation signer.
    DS = 43;
    /// DNSSEC key.
    DNSKEY = 48;
    /// TLS certificate association.
    TLSA = 52;
    /// The retired SPF type; the policy lives in TXT ([RFC 7208 §3.1](https://www.rfc-editor.org/rfc/rfc7208#section-3.1)).
    SPF = 99;
    /// Every type at once, in questions ([RFC 8482](https://www.rfc-editor.org/rfc/rfc8482)).
    ANY = 255;
    /// Certification authority authorisation.
    CAA = 257;
}

impl RecordType {
    /// The type with this number.
    #[must_use]
    pub const fn new(number: u16) -> Self {
        Self(number)
    }

    /// The type's number.
    #[must_use]
    pub const fn number(self) -> u16 {
        self.0
    }

    /// Whether [`RecordData`] has a variant for this type.
    pub(crate) fn has_own_form(self) -> bool {
        matches!(
            self,
            Self::A
                | Self::AAAA
                | Self::CNAME
                | Self::MX
                | Self::NS
                | Self::PTR
                | Self::SOA
                | Self::TXT
        )
    }
}

/// The mnemonic, or `TYPEnnn` ([RFC 3597 §5](https://www.rfc-editor.org/rfc/rfc3597#section-5)).
impl fmt::Display for RecordType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.mnemonic() {
            Some(mnemonic) => f.pad(mnemonic),
            None => f.pad(&format!("TYPE{}", self.0)),
        }
    }
}

impl std::str::FromStr for RecordType {
    type Err = UnknownRecordType;

    fn from_str(text: &str) -> Result<Self, UnknownRecordType> {
        if let Some(known) = Self::from_mnemonic(text) {
            return Ok(known);
        }
        text.get(..4)
            .filter(|prefix| prefix.eq_ignore_ascii_case("TYPE"))
            .and_then(|_| text.get(4..))
            .filter(|number| number.bytes().all(|octet| octet.is_ascii_digit()))
            .and_then(|number| number.parse().ok())
            .map(Self)
            .ok_or(UnknownRecordType)
    }
}

/// Text that is neither a known mnemonic nor `TYPEnnn`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a record type; write a mnemonic such as TXT, or TYPE and a number")]
#[non_exhaustive]
pub struct UnknownRecordType;

#[cfg(test)]
mod tests {
    use super::{RecordType, Txt, UnknownRecordType};

    #[test]
    fn types_are_mnemonics_or_numbers() {
        for (text, number, printed) in [
            ("txt", 16, "TXT"),
            ("AAAA", 28, "AAAA"),
            ("TYPE16", 16, "TXT"),
            ("type65280", 65280, "TYPE65280"),
        ] {
            let record_type: RecordType = text.parse().unwrap();
            assert_eq!(record_type.number(), number, "{text}");
            assert_eq!(record_type.to_string(), printed, "{text}");
        }
        for text in ["", "TYPE", "TYPE65536", "TYPE+1", "TYPE-1", "TXTX", "äöü"] {
            assert_eq!(text.parse::<RecordType>(), Err(UnknownRecordType), "{text}");
        }
    }

    #[test]
    fn text_is_split_into_as_few_strings_as_possible() {
        for (octets, lengths) in [
            (0, &[0][..]),
            (255, &[255]),
            (256, &[255, 1]),
            (510, &[255, 255]),
        ] {
            let octets = vec![b'x'; octets];
            let text = Txt::split(&octets);
            let found: Vec<usize> = text.strings().map(<[u8]>::len).collect();
            assert_eq!(found, lengths);
            assert_eq!(text.joined(), octets);
        }
    }

    #[test]
    fn strings_taken_as_they_are_must_be_some_and_short() {
        assert_eq!(Txt::from_strings(vec![]), None);
        assert_eq!(Txt::from_strings(vec![vec![b'x'; 256]]), None);
        assert!(Txt::from_strings(vec![vec![], vec![b'x'; 255]]).is_some());
    }
}
