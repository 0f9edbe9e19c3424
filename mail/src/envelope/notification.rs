//! What a sender asks of delivery status notifications ([RFC 3461](https://www.rfc-editor.org/rfc/rfc3461)).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::xtext::{decoded, xtext};

/// When a report about a recipient is wanted ([RFC 3461 §4.1](https://www.rfc-editor.org/rfc/rfc3461#section-4.1)).
///
/// ```
/// use letterhead_mail::envelope::Notify;
///
/// let notify = Notify::FAILURE.and(Notify::DELAY);
/// assert_eq!(notify.to_string(), "FAILURE,DELAY");
/// assert_eq!("delay,failure".parse::<Notify>()?, notify);
/// # Ok::<(), letterhead_mail::envelope::NotificationError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Notify {
    /// Bits of [`WORDS`]; none is NEVER.
    events: u8,
}

const WORDS: [(&str, Notify); 3] = [
    ("SUCCESS", Notify::SUCCESS),
    ("FAILURE", Notify::FAILURE),
    ("DELAY", Notify::DELAY),
];

impl Notify {
    /// No report at all.
    pub const NEVER: Self = Self { events: 0 };
    /// When it was delivered.
    pub const SUCCESS: Self = Self { events: 1 };
    /// When it cannot be delivered.
    pub const FAILURE: Self = Self { events: 2 };
    /// When delivery takes long.
    pub const DELAY: Self = Self { events: 4 };

    /// On these events and on those. With [`NEVER`](Self::NEVER) it is the other.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self {
            events: self.events | other.events,
        }
    }
}

impl Notify {
    /// Whether a report on all these events is asked for. On none of them it always is.
    #[must_use]
    pub const fn includes(self, events: Self) -> bool {
        self.events & events.events == events.events
    }
}

impl FromStr for Notify {
    type Err = NotificationError;

    fn from_str(text: &str) -> Result<Self, NotificationError> {
        if text.eq_ignore_ascii_case("NEVER") {
            return Ok(Self::NEVER);
        }
        text.split(',').try_fold(Self::NEVER, |notify, word| {
            let known = WORDS
                .iter()
                .find(|(known, _)| known.eq_ignore_ascii_case(word));
            let (_, event) = known.ok_or(NotificationError::Notify)?;
            Ok(notify.and(*event))
        })
    }
}

impl TryFrom<String> for Notify {
    type Error = NotificationError;

    fn try_from(text: String) -> Result<Self, NotificationError> {
        text.parse()
    }
}

impl From<Notify> for String {
    fn from(notify: Notify) -> Self {
        notify.to_string()
    }
}

/// As the parameter NOTIFY has it.
impl fmt::Display for Notify {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for (word, event) in WORDS {
            if self.events & event.events != 0 {
                write!(f, "{separator}{word}")?;
                separator = ",";
            }
        }
        if self.events == 0 {
            f.write_str("NEVER")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Notify {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Notify({self})")
    }
}

/// How much of the message a report is to bring back ([RFC 3461 §4.3](https://www.rfc-editor.org/rfc/rfc3461#section-4.3)).
#[expect(
    clippy::exhaustive_enums,
    reason = "all of it or its header is all that RET has"
)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReturnContent {
    /// All of it.
    Full,
    /// The header only.
    Headers,
}

/// As the parameter RET has it.
impl fmt::Display for ReturnContent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full => "FULL",
            Self::Headers => "HDRS",
        })
    }
}

/// A name for this sending that comes back in reports about it
/// ([RFC 3461 §4.4](https://www.rfc-editor.org/rfc/rfc3461#section-4.4)): 1 to 100 printable ASCII characters as ENVID
/// carries them, which writes some of them with three.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EnvelopeId(Box<str>);

impl EnvelopeId {
    /// The most characters as ENVID carries them.
    pub const MAX_LENGTH: usize = 100;

    /// The id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The id out of the parameter ENVID.
    ///
    /// # Errors
    ///
    /// When the value is not xtext, is longer than [`MAX_LENGTH`](Self::MAX_LENGTH), or stands for no id.
    pub fn from_xtext(value: &str) -> Result<Self, NotificationError> {
        if value.len() > Self::MAX_LENGTH {
            return Err(NotificationError::EnvelopeId);
        }
        decoded(value)?.parse()
    }

    /// The id as the parameter ENVID has it.
    #[must_use]
    pub fn to_xtext(&self) -> String {
        xtext(&self.0)
    }
}

impl FromStr for EnvelopeId {
    type Err = NotificationError;

    fn from_str(text: &str) -> Result<Self, NotificationError> {
        let printable = text.bytes().all(|b| matches!(b, b' '..=b'~'));
        if text.is_empty() || !printable || xtext(text).len() > Self::MAX_LENGTH {
            return Err(NotificationError::EnvelopeId);
        }
        Ok(Self(text.into()))
    }
}

impl TryFrom<String> for EnvelopeId {
    type Error = NotificationError;

    fn try_from(text: String) -> Result<Self, NotificationError> {
        text.parse()
    }
}

impl From<EnvelopeId> for String {
    fn from(id: EnvelopeId) -> Self {
        id.0.into()
    }
}

impl fmt::Display for EnvelopeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What is not what a notification asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotificationError {
    /// Not a value of NOTIFY.
    #[error("NOTIFY is NEVER, or some of SUCCESS, FAILURE and DELAY with commas between them")]
    Notify,
    /// Not an envelope id.
    #[error(
        "an envelope id is 1 to 100 printable ASCII characters; '+', '=' and the space count as three"
    )]
    EnvelopeId,
    /// Not xtext.
    #[error(
        "xtext is printable ASCII without '+', '=' and spaces, which are written as '+' and two upper-case hexadecimal \
         digits"
    )]
    Xtext,
    /// Not a value of ORCPT.
    #[error("an original recipient is an address type, ';' and an address")]
    OriginalRecipient,
    /// A value of ORCPT, but not one of mail.
    #[error(
        "the original recipient is of a type that is not an address of mail; rfc822 and utf-8 are"
    )]
    AddressType,
}

#[cfg(test)]
mod tests {
    use super::{EnvelopeId, NotificationError, Notify};

    #[test]
    fn notify_is_never_or_a_list_of_events() {
        for (text, printed) in [
            ("NEVER", "NEVER"),
            ("never", "NEVER"),
            ("SUCCESS", "SUCCESS"),
            ("delay,success,delay", "SUCCESS,DELAY"),
            ("FAILURE,DELAY,SUCCESS", "SUCCESS,FAILURE,DELAY"),
        ] {
            assert_eq!(text.parse::<Notify>().unwrap().to_string(), printed);
        }
        for text in ["", "SUCCESS,", "NEVER,SUCCESS", "ALWAYS", "SUCCESS FAILURE"] {
            assert_eq!(
                text.parse::<Notify>(),
                Err(NotificationError::Notify),
                "{text}"
            );
        }
    }

    #[test]
    fn an_envelope_id_is_carried_in_xtext() {
        let id: EnvelopeId = "a+b=c d".parse().unwrap();
        assert_eq!(id.to_xtext(), "a+2Bb+3Dc+20d");
        assert_eq!(EnvelopeId::from_xtext(&id.to_xtext()), Ok(id));
        for value in [
            "", "a=b", "a b", "a+", "a+2", "a+2b", "+0D+0A", "+C3+A4", "+7F", "\u{e4}", "a+ZZ",
        ] {
            assert!(EnvelopeId::from_xtext(value).is_err(), "{value:?}");
        }
        assert!(EnvelopeId::from_xtext(&"+41".repeat(33)).is_ok());
        assert!(EnvelopeId::from_xtext(&"+41".repeat(34)).is_err());
        let longest = "x".repeat(100);
        assert!(longest.parse::<EnvelopeId>().is_ok());
        for text in [
            "",
            "a\r\nRCPT",
            "\u{e4}",
            &format!("{longest}x"),
            &"=".repeat(34),
        ] {
            assert!(text.parse::<EnvelopeId>().is_err(), "{text:?}");
        }
    }
}
