use std::fmt;
use std::str::FromStr;

/// A name for an event or for a decision taken on one: 128 bits, written as 32 hexadecimal digits.
///
/// It is for telling events apart, not for proving anything: whoever can choose what a report says can choose its id.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EventId(u128);

impl EventId {
    /// The id of a sequence of texts, any of which may be absent: absent and empty differ, and no two sequences run
    /// into each other.
    pub(crate) fn of(parts: &[Option<&str>]) -> Self {
        let mut hash = OFFSET_BASIS;
        let mut feed = |bytes: &[u8]| {
            for byte in bytes {
                hash = (hash ^ u128::from(*byte)).wrapping_mul(PRIME);
            }
        };
        for part in parts {
            match part {
                None => feed(&[0]),
                Some(text) => {
                    feed(&[1]);
                    feed(&u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
                    feed(text.as_bytes());
                }
            }
        }
        Self(hash)
    }

    /// Its 128 bits in two halves, for whoever keeps many.
    pub(crate) fn halves(self) -> [u64; 2] {
        let low = u64::try_from(self.0 & u128::from(u64::MAX));
        let high = u64::try_from(self.0 >> 64);
        [high.unwrap_or_default(), low.unwrap_or_default()]
    }

    /// The id of these halves.
    pub(crate) fn of_halves([high, low]: [u64; 2]) -> Self {
        Self(u128::from(high) << 64 | u128::from(low))
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl fmt::Debug for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EventId({self})")
    }
}

impl FromStr for EventId {
    type Err = EventIdError;

    fn from_str(text: &str) -> Result<Self, EventIdError> {
        let lower_hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        if text.len() != 32 || !text.bytes().all(lower_hex) {
            return Err(EventIdError);
        }
        u128::from_str_radix(text, 16)
            .map(Self)
            .map_err(|_| EventIdError)
    }
}

/// Text that is not an event id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an event id is 32 lower-case hexadecimal digits")]
#[non_exhaustive]
pub struct EventIdError;

// FNV-1a with 128 bits: the same in every process and release, which std's hashers do not promise.
const OFFSET_BASIS: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;

#[cfg(test)]
mod tests {
    use super::EventId;

    #[test]
    fn ids_round_trip() {
        let id = EventId::of(&[Some("a"), None]);
        assert_eq!(id.to_string().parse(), Ok(id));
        for text in [
            "",
            "0",
            "+0000000000000000000000000000000",
            "ABCDEFABCDEFABCDEFABCDEFABCDEFAB",
        ] {
            assert!(text.parse::<EventId>().is_err(), "{text}");
        }
    }

    #[test]
    fn an_id_is_its_two_halves() {
        let id = EventId::of(&[Some("a"), None]);
        assert_eq!(EventId::of_halves(id.halves()), id);
        assert_ne!(id.halves()[0], id.halves()[1]);
    }

    #[test]
    fn neighbouring_parts_do_not_run_into_each_other() {
        let ids = [
            EventId::of(&[Some("ab"), Some("c")]),
            EventId::of(&[Some("a"), Some("bc")]),
            EventId::of(&[Some("abc")]),
            EventId::of(&[Some("abc"), None]),
            EventId::of(&[Some("abc"), Some("")]),
        ];
        for (position, id) in ids.iter().enumerate() {
            assert!(!ids[position + 1..].contains(id));
        }
    }
}
