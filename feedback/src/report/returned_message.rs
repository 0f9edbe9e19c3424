//! The message that a report is about, as far as the report gives it back.

use letterhead_mail::EmailAddress;

use crate::report::bounce::addresses;
use crate::report::field_group::FieldGroup;
use crate::text;

/// What the header of the returned message says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ReturnedMessage {
    pub(crate) message_id: Option<String>,
    /// Who it was sent to, by the fields that say so best: the envelope's if they are there, else To, else Cc and Bcc.
    pub(crate) recipients: Vec<EmailAddress>,
    /// Who sent it, by its Return-Path.
    pub(crate) envelope_sender: Option<EmailAddress>,
}

impl ReturnedMessage {
    /// Reads a header.
    pub(crate) fn of(header: FieldGroup<'_>) -> Self {
        let mut found = Self::default();
        let mut best = usize::MAX;
        for field in header.fields() {
            if field.is("Message-ID") {
                if found.message_id.is_none() {
                    found.message_id = field.value().and_then(|value| text::message_id(&value));
                }
            } else if field.is("Return-Path") {
                let value = field.value().unwrap_or_default();
                found.envelope_sender = addresses(&value).next().map(|found| found.address);
            } else if let Some(rank) = RECIPIENTS.iter().position(|name| field.is(name)) {
                if rank > best {
                    continue;
                }
                let value = field.value().unwrap_or_default();
                let mut addresses = addresses(&value).map(|found| found.address).peekable();
                if rank < best && addresses.peek().is_some() {
                    best = rank;
                    found.recipients.clear();
                }
                let room = MAX_RECIPIENTS.saturating_sub(found.recipients.len());
                found.recipients.extend(addresses.take(room));
            }
        }
        found
    }

    /// Whether nothing was found.
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The one recipient, if there is just one.
    pub(crate) fn only_recipient(&self) -> Option<&EmailAddress> {
        let (first, others) = self.recipients.split_first()?;
        others.iter().all(|other| other == first).then_some(first)
    }
}

/// Fields that name recipients, the most reliable first.
const RECIPIENTS: &[&str] = &["X-Envelope-To", "Envelope-To", "To", "Cc", "Bcc"];
/// The most recipients of one message that are kept.
const MAX_RECIPIENTS: usize = 100;
