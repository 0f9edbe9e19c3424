//! Names of header fields.

use std::borrow::Cow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

/// The name of a header field that can be listed in `h=`: printable ASCII without colon and semicolon
/// ([RFC 5322 §2.2](https://www.rfc-editor.org/rfc/rfc5322#section-2.2),
/// [RFC 6376 §3.5](https://www.rfc-editor.org/rfc/rfc6376#section-3.5)).
///
/// Comparison ignores case; the spelling given is kept for printing.
#[derive(Debug, Clone)]
pub struct HeaderName(Cow<'static, str>);

impl HeaderName {
    pub(crate) const fn known(name: &'static str) -> Self {
        Self(Cow::Borrowed(name))
    }

    /// The name as it was spelt.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn has_prefix(&self, prefix: &str) -> bool {
        self.0
            .get(..prefix.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(prefix))
    }
}

/// Whether octets can be a [`HeaderName`].
pub(crate) fn is_header_name(name: &[u8]) -> bool {
    !name.is_empty()
        && name
            .iter()
            .all(|octet| octet.is_ascii_graphic() && !matches!(octet, b':' | b';'))
}

/// Names that signatures list: the same text without an allocation.
fn common(text: &str) -> Option<&'static str> {
    macro_rules! one_of {
        ($($name:literal)*) => {
            match text {
                $($name => Some($name),)*
                _ => None,
            }
        };
    }
    match text.len() {
        2 => one_of!("To" "to" "Cc" "cc"),
        4 => one_of!("From" "from" "Date" "date"),
        6 => one_of!("Sender" "sender"),
        7 => one_of!("Subject" "subject"),
        8 => one_of!("Reply-To" "reply-to"),
        10 => one_of!("Message-ID" "Message-Id" "message-id" "References" "references"),
        11 => one_of!("In-Reply-To" "in-reply-to" "Feedback-ID" "feedback-id"),
        12 => one_of!("MIME-Version" "mime-version" "Content-Type" "content-type"),
        14 => one_of!("Auto-Submitted" "auto-submitted"),
        16 => one_of!("List-Unsubscribe" "list-unsubscribe"),
        21 => one_of!("List-Unsubscribe-Post" "list-unsubscribe-post"),
        25 => one_of!("Content-Transfer-Encoding" "content-transfer-encoding"),
        _ => None,
    }
}

impl FromStr for HeaderName {
    type Err = HeaderNameError;

    fn from_str(text: &str) -> Result<Self, HeaderNameError> {
        if let Some(name) = common(text) {
            Ok(Self::known(name))
        } else if is_header_name(text.as_bytes()) {
            Ok(Self(Cow::Owned(text.to_owned())))
        } else {
            Err(HeaderNameError)
        }
    }
}

impl fmt::Display for HeaderName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl PartialEq for HeaderName {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for HeaderName {}

impl Hash for HeaderName {
    fn hash<H: Hasher>(&self, state: &mut H) {
        for octet in self.0.bytes() {
            state.write_u8(octet.to_ascii_lowercase());
        }
    }
}

/// Text that is no name of a header field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "not the name of a header field; use printable ASCII without spaces, colons and semicolons"
)]
#[non_exhaustive]
pub struct HeaderNameError;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_hold_nothing_that_would_break_the_tag() {
        assert_eq!(
            "X-Mailer".parse::<HeaderName>().unwrap(),
            HeaderName::known("x-mailer")
        );
        for bad in ["", "A B", "A:", "A;", "Ä", "A\r\nB"] {
            assert_eq!(bad.parse::<HeaderName>(), Err(HeaderNameError));
        }
    }
}
