//! What an SMTP server answers.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::printable::{MAX_CHARACTERS, printable};

mod enhanced;
mod hints;

pub use enhanced::{EnhancedCode, EnhancedCodeError};

/// A three-digit SMTP reply code ([RFC 5321 §4.2](https://www.rfc-editor.org/rfc/rfc5321#section-4.2)).
///
/// Any number from 200 to 599 is kept, registered or not: servers use what they like, and only the first digit decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub struct ReplyCode(u16);

impl ReplyCode {
    /// Service ready.
    pub const SERVICE_READY: Self = Self(220);
    /// Service closing the connection.
    pub const CLOSING: Self = Self(221);
    /// Authentication succeeded.
    pub const AUTHENTICATED: Self = Self(235);
    /// Requested action completed.
    pub const OK: Self = Self(250);
    /// Authentication challenge.
    pub const CHALLENGE: Self = Self(334);
    /// Start mail input.
    pub const START_MAIL_INPUT: Self = Self(354);
    /// Service not available, closing the connection.
    pub const NOT_AVAILABLE: Self = Self(421);

    /// The code, if it is one that SMTP can carry as an answer.
    #[must_use]
    pub const fn new(code: u16) -> Option<Self> {
        if code >= 200 && code <= 599 {
            Some(Self(code))
        } else {
            None
        }
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u16 {
        self.0
    }

    /// 2xx: done.
    #[must_use]
    pub const fn is_completion(self) -> bool {
        self.0 / 100 == 2
    }

    /// 3xx: go on.
    #[must_use]
    pub const fn is_intermediate(self) -> bool {
        self.0 / 100 == 3
    }

    /// 4xx: not now.
    #[must_use]
    pub const fn is_transient(self) -> bool {
        self.0 / 100 == 4
    }

    /// 5xx: no.
    #[must_use]
    pub const fn is_permanent(self) -> bool {
        self.0 / 100 == 5
    }
}

impl TryFrom<u16> for ReplyCode {
    type Error = ReplyCodeError;

    fn try_from(code: u16) -> Result<Self, ReplyCodeError> {
        Self::new(code).ok_or(ReplyCodeError)
    }
}

impl From<ReplyCode> for u16 {
    fn from(code: ReplyCode) -> Self {
        code.0
    }
}

impl fmt::Display for ReplyCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// A number that is not a reply code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an SMTP reply code is a number from 200 to 599")]
#[non_exhaustive]
pub struct ReplyCodeError;

/// A server's reply, made safe to keep and to show: control characters are replaced by spaces, the text is bounded.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "RawReply")]
pub struct Reply {
    code: ReplyCode,
    enhanced: Option<EnhancedCode>,
    text: String,
}

impl Reply {
    /// The most characters of text that are kept.
    pub const MAX_TEXT: usize = MAX_CHARACTERS;

    /// A reply. Lines of `text` are joined by single spaces, other control characters become spaces, and what goes
    /// beyond [`MAX_TEXT`](Self::MAX_TEXT) characters is cut.
    #[must_use]
    pub fn new(code: ReplyCode, enhanced: Option<EnhancedCode>, text: &str) -> Self {
        Self {
            code,
            enhanced,
            text: printable(text),
        }
    }

    /// The reply code.
    #[must_use]
    pub fn code(&self) -> ReplyCode {
        self.code
    }

    /// The enhanced status code, where the server gave one.
    #[must_use]
    pub fn enhanced(&self) -> Option<EnhancedCode> {
        self.enhanced
    }

    /// The text, without codes.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The name under which the server keeps the message, where a 2xx says it in one of the ways that servers in wide use
    /// say it: `queued as 4XyZ`, `id=1abc-def`, `OK 0100018f…`. A guess: no standard says where it stands.
    #[must_use]
    pub fn queue_id(&self) -> Option<&str> {
        hints::queue_id(self.code, &self.text)
    }

    /// How long a 4xx asks to wait, where its text names a time such as `in 300 seconds`. A guess, as no standard has a
    /// place for it; a day at most.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        hints::retry_after(self.code, &self.text)
    }
}

/// `550 5.1.1 no such user`.
impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.code)?;
        if let Some(enhanced) = self.enhanced {
            write!(f, " {enhanced}")?;
        }
        if !self.text.is_empty() {
            write!(f, " {}", self.text)?;
        }
        Ok(())
    }
}

/// A reply as it was stored; reading it back goes through [`Reply::new`], so that what is bounded stays bounded.
#[derive(Deserialize)]
struct RawReply {
    code: ReplyCode,
    enhanced: Option<EnhancedCode>,
    text: String,
}

impl From<RawReply> for Reply {
    fn from(raw: RawReply) -> Self {
        Self::new(raw.code, raw.enhanced, &raw.text)
    }
}

#[cfg(test)]
mod tests {
    use super::{EnhancedCode, Reply, ReplyCode};

    #[test]
    fn enhanced_codes_round_trip() {
        for text in ["2.0.0", "4.2.2", "5.1.10", "5.7.515"] {
            assert_eq!(text.parse::<EnhancedCode>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_no_enhanced_code_is_refused() {
        for text in [
            "", "5", "5.1", "3.0.0", "5.1.1.1", "5.1000.1", "5.+1.1", "5..1", "x.1.1",
        ] {
            assert!(text.parse::<EnhancedCode>().is_err(), "{text}");
        }
    }

    #[test]
    fn reply_text_holds_no_control_characters_and_is_bounded() {
        let code = ReplyCode::new(550).unwrap();
        let reply = Reply::new(code, None, &format!("a\r\nb\0c\x1b{}", "x".repeat(2_000)));
        assert!(reply.text().starts_with("a b c x"));
        assert_eq!(reply.text().chars().count(), Reply::MAX_TEXT);
        assert!(!reply.text().chars().any(char::is_control));
    }

    #[test]
    fn codes_outside_smtp_do_not_exist() {
        assert!(ReplyCode::new(199).is_none() && ReplyCode::new(600).is_none());
        assert!(serde_json::from_str::<ReplyCode>("99").is_err());
    }
}
