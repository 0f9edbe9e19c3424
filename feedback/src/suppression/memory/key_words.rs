use crate::suppression::SuppressionKey;

/// A key's text in words of eight octets, the last filled up with zeros. No key has a zero octet, so words compare as the
/// texts do.
#[derive(Debug)]
pub(super) struct KeyWords {
    room: [u64; Self::MAX],
    length: usize,
}

impl KeyWords {
    /// The most words of a key.
    pub(super) const MAX: usize = SuppressionKey::MAX_LENGTH.div_ceil(OCTETS);

    pub(super) fn of(key: &str) -> Self {
        let mut room = [0; Self::MAX];
        let (whole, rest) = key.as_bytes().as_chunks::<OCTETS>();
        let mut last = [0; OCTETS];
        for (own, octet) in last.iter_mut().zip(rest) {
            *own = *octet;
        }
        let last = (!rest.is_empty()).then_some(&last);
        for (word, octets) in room.iter_mut().zip(whole.iter().chain(last)) {
            *word = u64::from_be_bytes(*octets);
        }
        Self {
            room,
            length: key.len().div_ceil(OCTETS),
        }
    }

    pub(super) fn as_slice(&self) -> &[u64] {
        self.room.get(..self.length).unwrap_or(&self.room)
    }
}

/// The text of a key's words.
pub(super) fn text_of(words: &[u64]) -> String {
    let mut octets: Vec<u8> = words.iter().flat_map(|word| word.to_be_bytes()).collect();
    while octets.pop_if(|octet| *octet == 0).is_some() {}
    String::from_utf8(octets).unwrap_or_default()
}

const OCTETS: usize = size_of::<u64>();

#[cfg(test)]
mod tests {
    use super::{KeyWords, text_of};

    #[test]
    fn words_compare_as_texts_and_read_back() {
        let longest = "é".repeat(381);
        let texts = [
            "",
            "a",
            "a@b.c",
            "a@b.com",
            "a@b.comm",
            "a@b.d",
            "b",
            "é",
            longest.as_str(),
        ];
        for one in texts {
            let words = KeyWords::of(one);
            assert_eq!(text_of(words.as_slice()), one);
            for other in texts {
                let others = KeyWords::of(other);
                let compared = words.as_slice().cmp(others.as_slice());
                assert_eq!(compared, one.cmp(other), "{one:?} and {other:?}");
            }
        }
    }
}
