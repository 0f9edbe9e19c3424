//! The message that a notification is about.

use letterhead_mail::EmailAddress;
use serde_json::Value;

use crate::SuppressionKey;
use crate::event::Event;
use crate::provider::field;
use crate::report::typed_value;

/// The `mail` object.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mail<'a>(pub(super) &'a Value);

impl<'a> Mail<'a> {
    /// The id that SES returned when it took the message.
    pub(super) fn id(self) -> Option<&'a str> {
        field::text(self.0, &["messageId"])
    }

    /// When it was taken.
    pub(super) fn time(self) -> Option<&'a Value> {
        self.0.get("timestamp")
    }

    /// To whom it went.
    pub(super) fn destination(self) -> impl Iterator<Item = EmailAddress> + 'a {
        addresses(field::list(self.0, &["destination"]))
    }

    /// The event with whom it is about. Where a server has reported, SES names the address that the message came to in the
    /// end; where it went to one address only, that is the one that was written to.
    pub(super) fn onto_recipient(self, event: Event, recipient: Option<EmailAddress>) -> Event {
        let Some(recipient) = recipient else {
            return event;
        };
        let mut destination = self.destination();
        let only = destination.next().filter(|_| destination.next().is_none());
        let is_other =
            |only: &EmailAddress| SuppressionKey::from(only) != SuppressionKey::from(&recipient);
        match only.filter(is_other) {
            Some(only) => event
                .with_original_recipient(only)
                .with_recipient(recipient),
            None => event.with_recipient(recipient),
        }
    }

    /// The event with the names of the message.
    ///
    /// The Message-ID is the one that the sender gave. SES sends the message under another, made of its own id and a host
    /// of the region, which is not in here.
    pub(super) fn onto(self, mut event: Event) -> Event {
        if let Some(id) = self.id() {
            event = event.with_provider_message_id(id);
        }
        let common = field::text(self.0, &["commonHeaders", "messageId"]);
        for id in [common, self.header("Message-ID")].into_iter().flatten() {
            if event.message_id().is_none() {
                event = event.with_message_id(id);
            }
        }
        event
    }

    fn header(self, name: &str) -> Option<&'a str> {
        let named = |header: &&Value| {
            field::text(header, &["name"]).is_some_and(|found| found.eq_ignore_ascii_case(name))
        };
        let header = field::list(self.0, &["headers"]).iter().find(named)?;
        field::text(header, &["value"])
    }
}

/// The addresses among texts.
pub(super) fn addresses(values: &[Value]) -> impl Iterator<Item = EmailAddress> + '_ {
    values
        .iter()
        .filter_map(Value::as_str)
        .filter_map(typed_value::address)
}

/// The address of a recipient object.
pub(super) fn address_of(recipient: &Value) -> Option<EmailAddress> {
    field::text(recipient, &["emailAddress"]).and_then(typed_value::address)
}
