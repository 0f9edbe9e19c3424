//! Enhanced status codes.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// An enhanced status code such as `5.1.1` ([RFC 3463](https://www.rfc-editor.org/rfc/rfc3463)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EnhancedCode {
    class: u8,
    subject: u16,
    detail: u16,
}

impl EnhancedCode {
    /// The code, if its class is 2 (success), 4 (persistent transient failure) or 5 (permanent failure) and the other
    /// parts have at most three digits.
    #[must_use]
    pub const fn new(class: u8, subject: u16, detail: u16) -> Option<Self> {
        if matches!(class, 2 | 4 | 5) && subject <= 999 && detail <= 999 {
            Some(Self {
                class,
                subject,
                detail,
            })
        } else {
            None
        }
    }

    /// 2, 4 or 5.
    #[must_use]
    pub const fn class(self) -> u8 {
        self.class
    }

    /// What the status is about: 1 addressing, 2 mailbox, 3 mail system, 4 network, 5 protocol, 6 content, 7 policy.
    #[must_use]
    pub const fn subject(self) -> u16 {
        self.subject
    }

    /// The precise condition within the subject.
    #[must_use]
    pub const fn detail(self) -> u16 {
        self.detail
    }

    /// What the code means, in a few words, where it is in the registry
    /// ([RFC 5248](https://www.rfc-editor.org/rfc/rfc5248)); the class says whether it is for good.
    ///
    /// ```
    /// use letterhead_mail::EnhancedCode;
    ///
    /// let code: EnhancedCode = "5.1.10".parse()?;
    /// assert_eq!(code.meaning(), Some("the domain takes no mail (null MX)"));
    /// assert_eq!("5.99.99".parse::<EnhancedCode>()?.meaning(), None);
    /// # Ok::<(), letterhead_mail::reply::EnhancedCodeError>(())
    /// ```
    #[must_use]
    pub fn meaning(self) -> Option<&'static str> {
        MEANINGS
            .binary_search_by_key(&(self.subject, self.detail), |(subject, detail, _)| {
                (*subject, *detail)
            })
            .ok()
            .and_then(|place| MEANINGS.get(place))
            .map(|(_, _, meaning)| *meaning)
    }
}

impl fmt::Display for EnhancedCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.class, self.subject, self.detail)
    }
}

impl FromStr for EnhancedCode {
    type Err = EnhancedCodeError;

    fn from_str(text: &str) -> Result<Self, EnhancedCodeError> {
        let mut parts = text.split('.').map(|part| {
            let digits = (1..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
            digits.then(|| part.parse::<u16>().ok()).flatten()
        });
        let (Some(Some(class)), Some(Some(subject)), Some(Some(detail)), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(EnhancedCodeError);
        };
        u8::try_from(class)
            .ok()
            .and_then(|class| Self::new(class, subject, detail))
            .ok_or(EnhancedCodeError)
    }
}

impl TryFrom<String> for EnhancedCode {
    type Error = EnhancedCodeError;

    fn try_from(text: String) -> Result<Self, EnhancedCodeError> {
        text.parse()
    }
}

impl From<EnhancedCode> for String {
    fn from(code: EnhancedCode) -> Self {
        code.to_string()
    }
}

/// Text that is not an enhanced status code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "an enhanced status code is 2, 4 or 5, then two numbers of up to three digits, with dots between them"
)]
#[non_exhaustive]
pub struct EnhancedCodeError;

/// The registry of enhanced status codes (IANA, as of November 2026), by subject and detail.
const MEANINGS: [(u16, u16, &str); 81] = [
    (0, 0, "nothing more is known"),
    (1, 0, "something about an address"),
    (1, 1, "no such mailbox"),
    (1, 2, "no such host or domain"),
    (1, 3, "the recipient address is malformed"),
    (1, 4, "the recipient address matches several mailboxes"),
    (1, 5, "the recipient address is valid"),
    (1, 6, "the mailbox has moved and nothing is forwarded"),
    (1, 7, "the sender address is malformed"),
    (1, 8, "the sender's domain does not exist or takes no mail"),
    (1, 9, "passed on to a server that gives no such codes"),
    (1, 10, "the domain takes no mail (null MX)"),
    (2, 0, "something about the mailbox"),
    (2, 1, "the mailbox is disabled"),
    (2, 2, "the mailbox is full"),
    (2, 3, "the message is longer than the mailbox takes"),
    (2, 4, "a mailing list could not be expanded"),
    (3, 0, "something about the receiving system"),
    (3, 1, "the receiving system is full"),
    (3, 2, "the receiving system takes no messages now"),
    (
        3,
        3,
        "the receiving system cannot do what the message needs",
    ),
    (
        3,
        4,
        "the message is larger than the receiving system takes",
    ),
    (3, 5, "the receiving system is not set up for this"),
    (3, 6, "the priority that was asked for was changed"),
    (4, 0, "something about the network"),
    (4, 1, "the host does not answer"),
    (4, 2, "the connection broke"),
    (4, 3, "the directory, such as the DNS, does not answer"),
    (4, 4, "no route to the destination is known"),
    (4, 5, "the receiving system has too much to do"),
    (4, 6, "the message goes in circles"),
    (4, 7, "delivery took too long"),
    (5, 0, "something about the protocol"),
    (5, 1, "the command is out of order or not known"),
    (5, 2, "the command is malformed"),
    (5, 3, "too many recipients at once"),
    (5, 4, "a parameter is wrong"),
    (5, 5, "the versions of the protocol do not match"),
    (
        5,
        6,
        "the response of the authentication exchange is too long",
    ),
    (6, 0, "something about the content"),
    (6, 1, "the kind of content is not supported"),
    (
        6,
        2,
        "the content would have to be converted, which is forbidden",
    ),
    (
        6,
        3,
        "the content would have to be converted, which is not possible",
    ),
    (6, 4, "the content was converted with loss"),
    (6, 5, "converting the content failed"),
    (6, 6, "the content cannot be fetched"),
    (6, 7, "an address outside ASCII cannot be carried"),
    (6, 8, "a reply outside ASCII is needed and not permitted"),
    (6, 9, "a header outside ASCII cannot be carried any further"),
    (
        6,
        10,
        "a part of the message outside ASCII cannot be carried",
    ),
    (7, 0, "something about security or policy"),
    (7, 1, "delivery is not permitted, the message refused"),
    (7, 2, "the sender may not write to this list"),
    (
        7,
        3,
        "secure content would have to be converted, which is not possible",
    ),
    (7, 4, "a security feature is not supported"),
    (7, 5, "cryptography failed"),
    (7, 6, "the cryptographic algorithm is not supported"),
    (7, 7, "the message was altered"),
    (7, 8, "the credentials are not accepted"),
    (7, 9, "the authentication mechanism is too weak"),
    (7, 10, "encryption is needed"),
    (
        7,
        11,
        "encryption is needed for this authentication mechanism",
    ),
    (7, 12, "the password has to be changed"),
    (7, 13, "the user's account is disabled"),
    (7, 14, "a trust relationship is needed"),
    (7, 15, "the priority is too low for now"),
    (7, 16, "the message is too large for its priority"),
    (7, 17, "the mailbox has changed hands"),
    (7, 18, "the domain has changed hands"),
    (
        7,
        19,
        "it cannot be checked whether the mailbox has changed hands",
    ),
    (7, 20, "no DKIM signature passes"),
    (7, 21, "no acceptable DKIM signature passes"),
    (7, 22, "no DKIM signature of the author's domain passes"),
    (7, 23, "SPF fails"),
    (7, 24, "SPF could not be checked"),
    (7, 25, "the client's name by reverse DNS does not hold"),
    (7, 26, "several authentication checks fail"),
    (7, 27, "the sender's domain takes no mail (null MX)"),
    (7, 28, "so much mail is not permitted, as in a flood"),
    (7, 29, "the ARC chain does not hold"),
    (7, 30, "TLS on every hop is required and not supported here"),
];

#[cfg(test)]
mod tests {
    use super::{EnhancedCode, MEANINGS};

    #[test]
    fn the_registry_is_in_order_so_that_every_code_is_found() {
        assert!(MEANINGS.is_sorted_by_key(|(subject, detail, _)| (*subject, *detail)));
        for (subject, detail, meaning) in MEANINGS {
            let code = EnhancedCode::new(5, subject, detail).unwrap();
            assert_eq!(code.meaning(), Some(meaning));
        }
    }
}
