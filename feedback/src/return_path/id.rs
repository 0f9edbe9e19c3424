use std::fmt;
use std::str::FromStr;

use aws_lc_rs::digest;
use letterhead_mail::{EmailAddress, SubmissionId};

use crate::base32::{octets_of, read_symbols, symbols_of, write_symbols};

/// What an opaque return path is looked up by: 80 bits, written as 16 letters and digits.
///
/// It is a hash of the submission's id and the recipient, so whoever has these two can find it again, whichever key was
/// in use; and it tells nothing to anybody who cannot guess the submission's id, which is random unless an application
/// chooses it. Among a thousand million mailings, that any two share one has a chance below one in a million.
///
/// It proves nothing by itself: the tag in the return path does. A log that can also be asked for what a report says should
/// keep these ids apart from other names; [`Attribution`](crate::Attribution) looks no unproven event up by one.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ReturnPathId([u8; 10]);

impl ReturnPathId {
    pub(crate) const SYMBOLS: usize = 16;

    /// The id of mail of this submission to this recipient, as the submission spells the address.
    #[must_use]
    pub fn of(submission: &SubmissionId, recipient: &EmailAddress) -> Self {
        let recipient = recipient.to_string();
        let mut context = digest::Context::new(&digest::SHA256);
        context.update(b"letterhead return path 1");
        for text in [submission.as_str(), recipient.as_str()] {
            let length = u64::try_from(text.len()).unwrap_or(u64::MAX);
            context.update(&length.to_be_bytes());
            context.update(text.as_bytes());
        }
        let mut octets = [0; 10];
        for (octet, hashed) in octets.iter_mut().zip(context.finish().as_ref()) {
            *octet = *hashed;
        }
        Self(octets)
    }

    pub(crate) fn octets(&self) -> &[u8] {
        &self.0
    }

    pub(crate) fn of_symbols(symbols: &[u8]) -> Option<Self> {
        octets_of(symbols)?.try_into().ok().map(Self)
    }
}

impl fmt::Display for ReturnPathId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&write_symbols(&symbols_of(&self.0)))
    }
}

impl fmt::Debug for ReturnPathId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ReturnPathId({self})")
    }
}

impl FromStr for ReturnPathId {
    type Err = ReturnPathIdError;

    fn from_str(text: &str) -> Result<Self, ReturnPathIdError> {
        read_symbols(text)
            .and_then(|symbols| Self::of_symbols(&symbols))
            .ok_or(ReturnPathIdError)
    }
}

/// Text that is no id of a return path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the id of a return path is 16 letters and digits from 2 to 7")]
#[non_exhaustive]
pub struct ReturnPathIdError;

#[cfg(test)]
mod tests {
    use super::ReturnPathId;

    #[test]
    fn an_id_is_the_same_in_every_process_and_reads_back() {
        let id = |submission: &str, recipient: &str| {
            ReturnPathId::of(&submission.parse().unwrap(), &recipient.parse().unwrap())
        };
        let first = id("s-1", "joe@x.example");
        assert_eq!(first, id("s-1", "joe@X.example"));
        assert_ne!(first, id("s-2", "joe@x.example"));
        assert_ne!(first, id("s-1", "Joe@x.example"));
        assert_eq!(first.to_string().to_uppercase().parse(), Ok(first));
        assert_eq!(first.to_string().len(), ReturnPathId::SYMBOLS);
        for text in [
            "",
            "a",
            "aaaaaaaaaaaaaaa",
            "aaaaaaaaaaaaaaaaa",
            "aaaaaaaaaaaaaaa1",
        ] {
            assert!(text.parse::<ReturnPathId>().is_err(), "{text}");
        }
    }
}
