//! What surrounds the machine-readable part of a report.

use std::time::SystemTime;

use letterhead_mail::EmailAddress;

use crate::event::Event;
use crate::report::bounce::{Author, BounceText};
use crate::report::field_group::FieldGroup;
use crate::report::part::Part;
use crate::report::returned_message::ReturnedMessage;
use crate::report::typed_value;
use crate::text;

/// What a report says outside its machine-readable part.
#[derive(Debug)]
pub(crate) struct Context {
    /// When the report was written.
    pub(crate) date: Option<SystemTime>,
    /// The Message-ID of the message it is about.
    pub(crate) message_id: Option<String>,
    /// The message that it is about, as far as it is given back.
    pub(crate) returned: ReturnedMessage,
    /// The one recipient that the header names as failed.
    failed_recipient: Option<EmailAddress>,
}

impl Context {
    /// What the header of the report and the message it returns say; `leaves` are the parts in which that may be.
    pub(crate) fn of(
        header: FieldGroup<'_>,
        leaves: &[Part<'_>],
        author: &Author,
        text: Option<&BounceText>,
    ) -> Self {
        let attached = leaves
            .iter()
            .filter(|part| part.is_returned())
            .map(Part::returned_message)
            .find(|returned| !returned.is_empty());
        let returned = attached
            .or_else(|| text.map(|text| text.returned.clone()))
            .unwrap_or_default();
        // A report answers the message it is about; where the message is not returned, that is the only trace of it.
        let answered = || {
            header
                .value("In-Reply-To")
                .and_then(|value| text::message_id(&value))
        };
        let referred = || {
            let references = header.value("References")?;
            let last = references
                .rsplit_once('<')
                .map(|(_, last)| format!("<{last}"))?;
            text::message_id(&last)
        };
        let failed_recipient = match author.failed.as_slice() {
            [only] => Some(only.clone()),
            _ => None,
        };
        let message_id = returned.message_id.clone();
        Self {
            date: header
                .value("Date")
                .and_then(|date| typed_value::time(&date)),
            message_id: message_id.or_else(answered).or_else(referred),
            returned,
            failed_recipient,
        }
    }

    /// The event with when the report was written and with the message that it is about, as far as either is known.
    pub(crate) fn put_on(&self, event: Event) -> Event {
        let event = match self.date {
            Some(date) => event.with_time(date),
            None => event,
        };
        match &self.message_id {
            Some(message_id) => event.with_message_id(message_id),
            None => event,
        }
    }

    /// The recipient where the report names none: the one that its header names as failed, or the only one that the
    /// message was sent to.
    pub(crate) fn only_recipient(&self) -> Option<&EmailAddress> {
        let failed = self.failed_recipient.as_ref();
        failed.or_else(|| self.returned.only_recipient())
    }
}
