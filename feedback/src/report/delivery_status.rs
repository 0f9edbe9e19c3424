//! Delivery status notifications ([RFC 3464](https://www.rfc-editor.org/rfc/rfc3464),
//! [RFC 6533](https://www.rfc-editor.org/rfc/rfc6533)).

use crate::diagnosis::{Clues, Diagnosis, diagnose, quoted_reply};
use crate::event::{Event, EventKind};
use crate::event_list::EventList;
use crate::report::bounce::BounceText;
use crate::report::context::Context;
use crate::report::field_group::{Field, field_groups};
use crate::report::typed_value;
use crate::text;

/// Reads the machine-readable part, one event for every recipient.
///
/// Real reports leave blank lines out or put extra ones in, so what belongs together is decided by the fields: a
/// recipient begins with a group that names one or states another action, or where a name comes a second time. What is
/// not about a recipient is about the message.
pub(crate) fn read(
    body: &[u8],
    context: &Context,
    text: Option<&BounceText>,
    events: &mut EventList,
) {
    let around = Around { context, text };
    let mut message = MessageFields::default();
    let mut current: Option<RecipientFields> = None;
    for group in field_groups(body) {
        let had_action = current
            .as_ref()
            .is_some_and(|current| current.has(Slot::Action));
        let begins = |slot: Slot| slot.names_recipient() || (slot == Slot::Action && had_action);
        if group
            .fields()
            .any(|field| Slot::of(&field).is_some_and(begins))
        {
            push(current.take(), &message, around, events);
        }
        for field in group.fields() {
            let Some(slot) = Slot::of(&field) else {
                message.take(&field);
                continue;
            };
            let Some(value) = field.value() else { continue };
            if slot.names_recipient() && current.as_ref().is_some_and(|current| current.has(slot)) {
                push(current.take(), &message, around, events);
            }
            current.get_or_insert_default().put(slot, value);
        }
    }
    push(current, &message, around, events);
}

/// What the report says beside the machine-readable part.
#[derive(Debug, Clone, Copy)]
struct Around<'a> {
    context: &'a Context,
    text: Option<&'a BounceText>,
}

fn push(
    recipient: Option<RecipientFields>,
    message: &MessageFields,
    around: Around<'_>,
    events: &mut EventList,
) {
    if let Some(recipient) = recipient {
        events.push_with(|| recipient.into_event(message, around));
    }
}

/// The fields about the message
/// ([RFC 3464 §2.2](https://www.rfc-editor.org/rfc/rfc3464#section-2.2)).
#[derive(Debug, Default)]
struct MessageFields {
    reporting_mta: Option<String>,
    original_envelope_id: Option<String>,
    arrival_date: Option<String>,
    message_id: Option<String>,
}

impl MessageFields {
    /// The first of each name counts.
    fn take(&mut self, field: &Field<'_>) {
        let slot = if field.is("Reporting-MTA") {
            &mut self.reporting_mta
        } else if field.is("Original-Envelope-Id") {
            &mut self.original_envelope_id
        } else if field.is("Arrival-Date") {
            &mut self.arrival_date
        } else if field.is("X-Original-Message-ID") || field.is("Original-Message-ID") {
            &mut self.message_id
        } else {
            return;
        };
        field.fill(slot);
    }
}

/// A field about a recipient ([RFC 3464 §2.3](https://www.rfc-editor.org/rfc/rfc3464#section-2.3)).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Slot {
    OriginalRecipient,
    FinalRecipient,
    ActualRecipient,
    Action,
    Status,
    RemoteMta,
    DiagnosticCode,
    LastAttemptDate,
}

impl Slot {
    const ALL: [(&str, Self); 8] = [
        ("Original-Recipient", Self::OriginalRecipient),
        ("Final-Recipient", Self::FinalRecipient),
        ("X-Actual-Recipient", Self::ActualRecipient),
        ("Action", Self::Action),
        ("Status", Self::Status),
        ("Remote-MTA", Self::RemoteMta),
        ("Diagnostic-Code", Self::DiagnosticCode),
        ("Last-Attempt-Date", Self::LastAttemptDate),
    ];

    fn of(field: &Field<'_>) -> Option<Self> {
        let found = Self::ALL.iter().find(|(name, _)| field.is(name));
        found.map(|(_, slot)| *slot)
    }

    fn names_recipient(self) -> bool {
        matches!(self, Self::OriginalRecipient | Self::FinalRecipient)
    }
}

#[derive(Debug, Default)]
struct RecipientFields {
    values: Vec<(Slot, String)>,
}

impl RecipientFields {
    fn has(&self, slot: Slot) -> bool {
        self.get(slot).is_some()
    }

    fn get(&self, slot: Slot) -> Option<&str> {
        let found = self.values.iter().find(|(filled, _)| *filled == slot);
        found.map(|(_, value)| value.as_str())
    }

    /// The first of each name counts.
    fn put(&mut self, slot: Slot, value: String) {
        if !self.has(slot) {
            self.values.push((slot, value));
        }
    }

    fn into_event(self, message: &MessageFields, around: Around<'_>) -> Event {
        let Around { context, text } = around;
        let address = |slot| self.get(slot).and_then(typed_value::address);
        let original = address(Slot::OriginalRecipient);
        let named = address(Slot::FinalRecipient).or_else(|| address(Slot::ActualRecipient));
        let about = named.as_ref().or(original.as_ref());
        let said = text.and_then(|text| text.words_about(about));
        let empty = |own: &&str| typed_value::split_type(own).1.is_empty();
        let own = self.get(Slot::DiagnosticCode).filter(|own| !empty(own));
        let diagnostic = own.or(said);
        // What a server replied says more than what a reporter made of it; either may stand in the text only.
        let quotes = |words: &&str| quoted_reply(words).is_some();
        let words = own
            .filter(quotes)
            .or_else(|| said.filter(quotes))
            .or(diagnostic);
        let action = self.get(Slot::Action);
        let diagnosis = diagnose(&Clues {
            stated: self.get(Slot::Status).and_then(typed_value::status),
            diagnostic: words,
            remote_mta: self.get(Slot::RemoteMta).map(typed_value::server),
            ..Clues::default()
        });
        let mut event = Event::new(kind(action, &diagnosis)).with_reason(diagnosis.reason);
        if let Some(action) = action {
            event = event.with_native_kind(action);
        }
        if let Some(status) = diagnosis.status {
            event = event.with_status(status);
        }
        let last_attempt = self.get(Slot::LastAttemptDate).and_then(typed_value::time);
        let arrival = || message.arrival_date.as_deref().and_then(typed_value::time);
        if let Some(time) = last_attempt.or(context.date).or_else(arrival) {
            event = event.with_time(time);
        }
        // The report names nobody, or nobody that can be written to.
        let only_recipient = || {
            let of_text = text.and_then(|text| match text.recipients.as_slice() {
                [only] => Some(&only.address),
                _ => None,
            });
            of_text.or_else(|| context.only_recipient()).cloned()
        };
        let recipient = match (named, &original) {
            (None, None) => only_recipient(),
            (named, _) => named,
        };
        if let Some(recipient) = recipient {
            event = event.with_recipient(recipient);
        }
        if let Some(original) = original {
            event = event.with_original_recipient(original);
        }
        if let Some(diagnostic) = diagnostic {
            event = event.with_diagnostic(diagnostic);
        }
        if let Some(reply) = diagnosis.reply {
            event = event.with_reply(reply);
        }
        if let Some(server) = self.get(Slot::RemoteMta) {
            event = event.with_remote_mta(typed_value::server(server));
        }
        if let Some(server) = &message.reporting_mta {
            event = event.with_reporting_mta(typed_value::server(server));
        }
        if let Some(envelope_id) = &message.original_envelope_id {
            event = event.with_original_envelope_id(envelope_id);
        }
        match context.message_id.as_ref().or(message.message_id.as_ref()) {
            Some(message_id) => event.with_message_id(message_id),
            None => event,
        }
    }
}

/// What happened, by the stated action
/// ([RFC 3464 §2.3.3](https://www.rfc-editor.org/rfc/rfc3464#section-2.3.3)), and where there is none by the codes. A
/// transient code without an action is not called a bounce, because nobody said that it had been given up.
fn kind(action: Option<&str>, diagnosis: &Diagnosis) -> EventKind {
    let bounced = EventKind::Bounced(diagnosis.permanence);
    let Some(action) = action else {
        return match diagnosis.class() {
            Some(5) => bounced,
            Some(4) => EventKind::Deferred,
            Some(2) => EventKind::Delivered,
            _ => EventKind::Unknown,
        };
    };
    let action = text::without_comments(action).to_ascii_lowercase();
    match action.split_whitespace().next().unwrap_or_default() {
        // Three of these are not in the standard and are sent all the same.
        "failed" | "failure" | "expired" | "undeliverable" => bounced,
        "delayed" => EventKind::Deferred,
        "delivered" => EventKind::Delivered,
        "relayed" => EventKind::Relayed,
        "expanded" => EventKind::Expanded,
        _ => EventKind::Unknown,
    }
}
