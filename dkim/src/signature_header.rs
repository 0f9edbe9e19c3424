//! A finished signature, ready for the message.

use std::fmt;

/// A complete DKIM-Signature field with its final CRLF. It goes in front of the message, octet for octet.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "a signature has an effect only in front of the message"]
pub struct SignatureHeader(String);

impl SignatureHeader {
    pub(crate) fn new(field: String) -> Self {
        Self(field)
    }

    /// The field as text, with its final CRLF.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl AsRef<[u8]> for SignatureHeader {
    fn as_ref(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Display for SignatureHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
