//! Who a message goes to and where reports about it come back.

use std::collections::HashSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::address::EmailAddress;

/// The sender of the envelope, which SMTP calls the reverse-path: where bounces go
/// ([RFC 5321 §4.1.1.2](https://www.rfc-editor.org/rfc/rfc5321#section-4.1.1.2)).
#[expect(
    clippy::exhaustive_enums,
    reason = "an address or nothing is all that SMTP has"
)]
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ReversePath {
    /// `<>`: nobody is told when delivery fails. Reports themselves are sent this way.
    Null,
    /// Reports come back to this address.
    Address(EmailAddress),
}

impl ReversePath {
    /// The address; `None` for the null sender.
    #[must_use]
    pub fn address(&self) -> Option<&EmailAddress> {
        match self {
            Self::Null => None,
            Self::Address(address) => Some(address),
        }
    }

    /// Whether this is the null sender.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }
}

impl From<EmailAddress> for ReversePath {
    fn from(address: EmailAddress) -> Self {
        Self::Address(address)
    }
}

/// The address without angle brackets; nothing for the null sender.
impl fmt::Display for ReversePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => Ok(()),
            Self::Address(address) => address.fmt(f),
        }
    }
}

/// One recipient of an envelope.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Recipient {
    address: EmailAddress,
}

impl Recipient {
    /// The address to deliver to.
    #[must_use]
    pub fn address(&self) -> &EmailAddress {
        &self.address
    }
}

impl From<EmailAddress> for Recipient {
    fn from(address: EmailAddress) -> Self {
        Self { address }
    }
}

/// A sender and at least one recipient; this, and not the message's header, decides where mail goes.
///
/// Recipients keep their order, and an address that is named twice is kept once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "RawEnvelope")]
pub struct Envelope {
    sender: ReversePath,
    recipients: Vec<Recipient>,
}

impl Envelope {
    /// An envelope.
    ///
    /// # Errors
    ///
    /// When there is no recipient.
    pub fn new<R: Into<Recipient>>(
        sender: impl Into<ReversePath>,
        recipients: impl IntoIterator<Item = R>,
    ) -> Result<Self, EmptyEnvelope> {
        let mut recipients: Vec<Recipient> = recipients.into_iter().map(Into::into).collect();
        let mut seen = HashSet::with_capacity(recipients.len());
        recipients.retain(|recipient| seen.insert(recipient.address.clone()));
        if recipients.is_empty() {
            return Err(EmptyEnvelope);
        }
        Ok(Self {
            sender: sender.into(),
            recipients,
        })
    }

    /// Where reports go.
    #[must_use]
    pub fn sender(&self) -> &ReversePath {
        &self.sender
    }

    /// The recipients, at least one.
    #[must_use]
    pub fn recipients(&self) -> &[Recipient] {
        &self.recipients
    }

    /// The recipients' addresses, in order.
    pub fn addresses(&self) -> impl ExactSizeIterator<Item = &EmailAddress> {
        self.recipients.iter().map(Recipient::address)
    }

    /// Whether an address in it can only be carried by a server that offers SMTPUTF8
    /// ([RFC 6531](https://www.rfc-editor.org/rfc/rfc6531)).
    #[must_use]
    pub fn needs_smtputf8(&self) -> bool {
        self.sender
            .address()
            .is_some_and(EmailAddress::needs_smtputf8)
            || self.addresses().any(EmailAddress::needs_smtputf8)
    }
}

/// An envelope as it was stored; reading it back goes through [`Envelope::new`], so a stored one is never empty either.
#[derive(Deserialize)]
struct RawEnvelope {
    sender: ReversePath,
    recipients: Vec<Recipient>,
}

impl TryFrom<RawEnvelope> for Envelope {
    type Error = EmptyEnvelope;

    fn try_from(raw: RawEnvelope) -> Result<Self, EmptyEnvelope> {
        Self::new(raw.sender, raw.recipients)
    }
}

/// An envelope without recipients.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an envelope needs at least one recipient")]
#[non_exhaustive]
pub struct EmptyEnvelope;

#[cfg(test)]
mod tests {
    use super::{EmptyEnvelope, Envelope, ReversePath};
    use crate::address::EmailAddress;

    fn address(text: &str) -> EmailAddress {
        text.parse().unwrap()
    }

    #[test]
    fn an_envelope_has_a_recipient() {
        let none: [EmailAddress; 0] = [];
        assert_eq!(Envelope::new(ReversePath::Null, none), Err(EmptyEnvelope));
    }

    #[test]
    fn a_stored_envelope_has_a_recipient_too() {
        let stored = r#"{"sender":"Null","recipients":[]}"#;
        assert!(serde_json::from_str::<Envelope>(stored).is_err());
    }

    #[test]
    fn recipients_keep_their_order_and_come_once() {
        let all = ["b@x.example", "a@x.example", "b@X.EXAMPLE", "B@x.example"].map(address);
        let envelope = Envelope::new(address("s@x.example"), all).unwrap();
        let got: Vec<String> = envelope.addresses().map(ToString::to_string).collect();
        assert_eq!(got, ["b@x.example", "a@x.example", "B@x.example"]);
    }
}
