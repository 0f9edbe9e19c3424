//! A message that is ready to be sent, and who is to get it.

use std::collections::HashSet;

use crate::address::EmailAddress;
use crate::envelope::{EmptyEnvelope, Envelope, ReversePath};
use crate::mailbox::{Mailbox, MailboxListError, parse_mailbox_list};
use crate::message::Message;

/// A message that was built, and who is to get it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Draft {
    message: Message,
    recipients: Vec<EmailAddress>,
}

impl Draft {
    /// A message to those named, to each once.
    pub(super) fn new(message: Message, named: impl Iterator<Item = EmailAddress>) -> Self {
        let mut recipients: Vec<EmailAddress> = named.collect();
        let mut seen = HashSet::with_capacity(recipients.len());
        recipients.retain(|address| seen.insert(address.clone()));
        Self {
            message,
            recipients,
        }
    }

    /// A message that something else has built, to everyone it names in To, Cc and Bcc; the Bcc fields are taken out.
    ///
    /// Whom an earlier sender sent it to is another matter: Resent fields are neither read nor touched
    /// ([RFC 5322 §3.6.6](https://www.rfc-editor.org/rfc/rfc5322#section-3.6.6)). Nothing else is changed or checked; a
    /// message that names nobody has no recipients.
    ///
    /// ```
    /// use letterhead_mail::{Draft, LineEndings, Message};
    ///
    /// let raw = "From: a@example.org\nTo: Ann <ann@example.com>\nBcc: archive@example.org\n\nHello\n";
    /// let draft = Draft::from_message(&Message::from_bytes(raw, LineEndings::Normalise)?)?;
    /// assert_eq!(draft.recipients().len(), 2);
    /// assert!(draft.message().header("Bcc").is_none());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When To, Cc or Bcc cannot be read, as [`parse_mailbox_list`] reads it; a field without content is an empty list.
    pub fn from_message(message: &Message) -> Result<Self, DraftError> {
        let mut named = Vec::new();
        for name in ["To", "Cc", "Bcc"] {
            for field in message.headers_named(name) {
                if field.value().trim_ascii().is_empty() {
                    continue;
                }
                let mailboxes = parse_mailbox_list(field.value()).map_err(|source| DraftError {
                    field: name,
                    source,
                })?;
                named.extend(mailboxes);
            }
        }
        let named = named
            .iter()
            .map(|mailbox: &Mailbox| mailbox.address().clone());
        Ok(Self::new(message.without_fields("Bcc"), named))
    }

    /// The message. It never has a Bcc field.
    #[must_use]
    pub fn message(&self) -> &Message {
        &self.message
    }

    /// The addresses of To, Cc and Bcc in this order, each once.
    #[must_use]
    pub fn recipients(&self) -> &[EmailAddress] {
        &self.recipients
    }

    /// The envelope to all of the recipients, from this sender: the address where bounces go, which need not be the author's.
    ///
    /// ```
    /// use letterhead_mail::{Draft, EmailAddress, LineEndings, Message, Submission};
    ///
    /// let raw = "From: a@example.org\nTo: Ann <ann@example.com>\n\nHello\n";
    /// let draft = Draft::from_message(&Message::from_bytes(raw, LineEndings::Normalise)?)?;
    /// let bounces: EmailAddress = "bounces@example.org".parse()?;
    /// let envelope = draft.envelope(bounces)?;
    /// let submission = Submission::new("1".parse()?, "acme".parse()?, draft.message().clone(), envelope);
    /// assert_eq!(submission.envelope.recipients().len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When the message names nobody.
    pub fn envelope(&self, sender: impl Into<ReversePath>) -> Result<Envelope, EmptyEnvelope> {
        Envelope::new(sender, &self.recipients)
    }

    /// The message and the recipients.
    #[must_use]
    pub fn into_parts(self) -> (Message, Vec<EmailAddress>) {
        (self.message, self.recipients)
    }
}

/// An address field of a message that cannot be read, so nobody knows to whom it goes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the {field} field cannot be read; correct its addresses, or give the envelope yourself")]
#[non_exhaustive]
pub struct DraftError {
    field: &'static str,
    source: MailboxListError,
}

impl DraftError {
    /// `To`, `Cc` or `Bcc`.
    #[must_use]
    pub fn field(&self) -> &'static str {
        self.field
    }
}
