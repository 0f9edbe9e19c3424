//! The name of a message.

use std::fmt;
use std::str::FromStr;

/// The id of a message, written `<left@right>` ([RFC 5322 §3.6.4](https://www.rfc-editor.org/rfc/rfc5322#section-3.6.4)).
///
/// What other systems wrote is kept as long as it is printable ASCII without spaces and angle brackets inside, at most
/// 250 octets; `FromStr` takes it with angle brackets or without.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MessageId(Box<str>);

impl MessageId {
    /// The longest id in octets, without its angle brackets.
    pub const MAX_LENGTH: usize = 250;

    /// The id without angle brackets.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for MessageId {
    type Err = MessageIdError;

    fn from_str(text: &str) -> Result<Self, MessageIdError> {
        let inner = text
            .strip_prefix('<')
            .and_then(|rest| rest.strip_suffix('>'))
            .unwrap_or(text);
        let is_valid = (1..=Self::MAX_LENGTH).contains(&inner.len())
            && inner
                .bytes()
                .all(|b| b.is_ascii_graphic() && !matches!(b, b'<' | b'>'));
        if is_valid {
            Ok(Self(inner.into()))
        } else {
            Err(MessageIdError)
        }
    }
}

/// With angle brackets.
impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{}>", self.0)
    }
}

/// Text that is not the id of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a message id is 1 to 250 printable ASCII characters between angle brackets, without spaces"
)]
#[non_exhaustive]
pub struct MessageIdError;
