//! Who a message goes to and where reports about it come back.

use std::collections::HashSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::address::EmailAddress;

mod notification;
mod original_recipient;
mod verp;
mod xtext;

pub use notification::{EnvelopeId, NotificationError, Notify, ReturnContent};
pub use original_recipient::OriginalRecipient;
pub use verp::{VerpError, VerpSender};

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
    #[serde(default, skip_serializing_if = "Option::is_none")]
    notify: Option<Notify>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    original: Option<OriginalRecipient>,
}

impl Recipient {
    /// The address to deliver to.
    #[must_use]
    pub fn address(&self) -> &EmailAddress {
        &self.address
    }

    /// With a wish for reports; without one a server reports what it cannot deliver. A server that does not offer DSN
    /// is not told of it.
    #[must_use]
    pub fn with_notify(mut self, notify: Notify) -> Self {
        self.notify = Some(notify);
        self
    }

    /// With the address that reports are to show beside the one delivered to.
    #[must_use]
    pub fn with_original(mut self, original: impl Into<OriginalRecipient>) -> Self {
        self.original = Some(original.into());
        self
    }

    /// When reports are wanted, where something was asked for.
    #[must_use]
    pub fn notify(&self) -> Option<Notify> {
        self.notify
    }

    /// The address that reports are to show.
    #[must_use]
    pub fn original(&self) -> Option<&OriginalRecipient> {
        self.original.as_ref()
    }
}

impl From<EmailAddress> for Recipient {
    fn from(address: EmailAddress) -> Self {
        Self {
            address,
            notify: None,
            original: None,
        }
    }
}

impl From<&EmailAddress> for Recipient {
    fn from(address: &EmailAddress) -> Self {
        address.clone().into()
    }
}

/// A sender and at least one recipient; this, and not the message's header, decides where mail goes.
///
/// Recipients keep their order, and an address that is named twice is kept once, as it was named first.
///
/// Sender and recipients are whatever becomes one, so text has to be told what it is to become:
///
/// ```
/// use letterhead_mail::{EmailAddress, Envelope, ReversePath};
///
/// let sender: EmailAddress = "bounces@mail.example.com".parse()?;
/// let recipients: [EmailAddress; 2] = ["ann@example.com".parse()?, "bob@example.org".parse()?];
/// let envelope = Envelope::new(sender, recipients)?;
/// assert_eq!(envelope.recipients().len(), 2);
///
/// let report = envelope.from_other(ReversePath::Null);
/// assert!(report.sender().is_null());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// One that asks for notifications ([RFC 3461](https://www.rfc-editor.org/rfc/rfc3461)), under a return path that names the
/// recipient. Such an envelope has one recipient, so there is a submission for each:
///
/// ```
/// use letterhead_mail::{EmailAddress, Envelope, Notify, Recipient, ReturnContent, VerpSender};
///
/// let verp = VerpSender::new("bounces@mail.example.com".parse()?)?;
/// let to: EmailAddress = "ann@example.com".parse()?;
/// let recipient = Recipient::from(&to)
///     .with_notify(Notify::SUCCESS.and(Notify::FAILURE))
///     .with_original(to.clone());
/// let envelope = Envelope::new(verp.for_recipient(&to)?, [recipient])?
///     .with_id("invoice 4711".parse()?)
///     .with_return_content(ReturnContent::Headers);
/// assert_eq!(envelope.sender().to_string(), "bounces+ann=example.com@mail.example.com");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "RawEnvelope")]
pub struct Envelope {
    sender: ReversePath,
    recipients: Vec<Recipient>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id: Option<EnvelopeId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    return_content: Option<ReturnContent>,
    #[serde(default)]
    tls: TlsRequirement,
}

/// How far TLS is required.
#[expect(
    clippy::exhaustive_enums,
    reason = "a sender leaves it to each server or requires it of all"
)]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TlsRequirement {
    /// The connection to the first server is secured as its transport is set up; what follows is for the servers to decide.
    #[default]
    FirstHop,
    /// Every server on the way has to promise TLS with a verified server, or the message is not handed over
    /// ([RFC 8689](https://www.rfc-editor.org/rfc/rfc8689), REQUIRETLS).
    EveryHop,
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
            id: None,
            return_content: None,
            tls: TlsRequirement::default(),
        })
    }

    /// With a name that comes back in reports.
    #[must_use]
    pub fn with_id(mut self, id: EnvelopeId) -> Self {
        self.id = Some(id);
        self
    }

    /// With a wish for how much of the message reports bring back; without one the server decides.
    #[must_use]
    pub fn with_return_content(mut self, content: ReturnContent) -> Self {
        self.return_content = Some(content);
        self
    }

    /// With TLS required so far; [`TlsRequirement::FirstHop`] by default.
    #[must_use]
    pub fn with_tls(mut self, requirement: TlsRequirement) -> Self {
        self.tls = requirement;
        self
    }

    /// The same envelope to others: sender, id and all else as they are.
    ///
    /// # Errors
    ///
    /// When there is no recipient.
    pub fn to_others<R: Into<Recipient>>(
        &self,
        recipients: impl IntoIterator<Item = R>,
    ) -> Result<Self, EmptyEnvelope> {
        let envelope = Self::new(self.sender.clone(), recipients)?;
        Ok(Self {
            id: self.id.clone(),
            return_content: self.return_content,
            tls: self.tls,
            ..envelope
        })
    }

    /// The same envelope from another sender.
    #[must_use]
    pub fn from_other(&self, sender: impl Into<ReversePath>) -> Self {
        Self {
            sender: sender.into(),
            ..self.clone()
        }
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

    /// The name that comes back in reports.
    #[must_use]
    pub fn id(&self) -> Option<&EnvelopeId> {
        self.id.as_ref()
    }

    /// How much of the message reports are to bring back.
    #[must_use]
    pub fn return_content(&self) -> Option<ReturnContent> {
        self.return_content
    }

    /// How far TLS is required.
    #[must_use]
    pub fn tls(&self) -> TlsRequirement {
        self.tls
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
    id: Option<EnvelopeId>,
    return_content: Option<ReturnContent>,
    #[serde(default)]
    tls: TlsRequirement,
}

impl TryFrom<RawEnvelope> for Envelope {
    type Error = EmptyEnvelope;

    fn try_from(raw: RawEnvelope) -> Result<Self, EmptyEnvelope> {
        let envelope = Self::new(raw.sender, raw.recipients)?;
        Ok(Self {
            id: raw.id,
            return_content: raw.return_content,
            tls: raw.tls,
            ..envelope
        })
    }
}

/// An envelope without recipients.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an envelope needs at least one recipient")]
#[non_exhaustive]
pub struct EmptyEnvelope;

#[cfg(test)]
mod tests {
    use super::{
        EmptyEnvelope, Envelope, Notify, Recipient, ReturnContent, ReversePath, TlsRequirement,
    };
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

    #[test]
    fn what_is_asked_of_servers_survives_storage_and_a_change_of_recipients() {
        let recipient = Recipient::from(address("b@x.example"))
            .with_notify(Notify::NEVER)
            .with_original(address("team@x.example"));
        let envelope = Envelope::new(address("s@x.example"), [recipient])
            .unwrap()
            .with_id("batch 7".parse().unwrap())
            .with_return_content(ReturnContent::Headers)
            .with_tls(TlsRequirement::EveryHop);
        let stored = serde_json::to_string(&envelope).unwrap();
        assert_eq!(serde_json::from_str::<Envelope>(&stored).unwrap(), envelope);
        let others = envelope.to_others([address("c@x.example")]).unwrap();
        assert_eq!(
            (others.id(), others.return_content(), others.tls()),
            (envelope.id(), envelope.return_content(), envelope.tls())
        );
        assert_eq!(
            others.addresses().collect::<Vec<_>>(),
            [&address("c@x.example")]
        );
        let null = envelope.from_other(ReversePath::Null);
        assert!(null.sender().is_null());
        assert_eq!(null.recipients(), envelope.recipients());
        // Envelopes that were stored before there was any of this are read as well.
        let old = r#"{"sender":"Null","recipients":[{"address":"b@x.example"}]}"#;
        let old: Envelope = serde_json::from_str(old).unwrap();
        assert_eq!((old.id(), old.tls()), (None, TlsRequirement::FirstHop));
    }
}
