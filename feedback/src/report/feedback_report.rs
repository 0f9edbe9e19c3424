//! Complaints and other feedback: the abuse reporting format
//! ([RFC 5965](https://www.rfc-editor.org/rfc/rfc5965), [RFC 6591](https://www.rfc-editor.org/rfc/rfc6591)).

use letterhead_mail::EmailAddress;

use crate::event::{Event, EventKind, Reason};
use crate::event_list::EventList;
use crate::report::context::Context;
use crate::report::field_group::{Field, FieldGroup, field_groups};
use crate::report::part::Part;
use crate::report::typed_value;
use crate::text;

/// Reads the machine-readable part: one event, since one person judged one message.
///
/// A reporter that names several recipients does not say whose judgement it is: the event has no recipient then and them
/// as [candidates](Event::candidates). One that names none is about whom the returned message went to, where that shows.
pub(crate) fn read(body: &[u8], leaves: &[Part<'_>], context: &Context, events: &mut EventList) {
    let mut fields = Fields::default();
    for field in field_groups(body).flat_map(FieldGroup::fields) {
        if field.is("Original-Rcpt-To") || field.is("Removal-Recipient") {
            let recipient = field.value().and_then(|value| recipient(&value));
            let is_new = |recipient: &EmailAddress| !fields.recipients.contains(recipient);
            if let Some(recipient) = recipient.filter(is_new) {
                // One more than is kept, so that the rest is not taken for nothing.
                if fields.recipients.len() <= Event::MAX_CANDIDATES {
                    fields.recipients.push(recipient);
                }
            }
            continue;
        }
        if let Some(slot) = fields.slot(&field) {
            field.fill(slot);
        }
    }
    if fields.recipients.is_empty() {
        let returned = leaves.iter().find(|part| part.is_returned_by_type());
        let returned = returned.map(Part::decoded);
        let header = returned
            .as_deref()
            .map(|octets| FieldGroup::header_of(octets).0);
        fields
            .recipients
            .extend(header.and_then(recipient_of_returned));
    }
    events.push_with(|| fields.into_event(context));
}

/// The fields of [RFC 5965 §3](https://www.rfc-editor.org/rfc/rfc5965#section-3) and
/// [RFC 6591 §3](https://www.rfc-editor.org/rfc/rfc6591#section-3) that are read; the first of each name counts.
#[derive(Debug, Default)]
struct Fields {
    feedback_type: Option<String>,
    original_envelope_id: Option<String>,
    reporting_mta: Option<String>,
    user_agent: Option<String>,
    arrival_date: Option<String>,
    auth_failure: Option<String>,
    delivery_result: Option<String>,
    source_ip: Option<String>,
    message_id: Option<String>,
    recipients: Vec<EmailAddress>,
}

impl Fields {
    fn slot(&mut self, field: &Field<'_>) -> Option<&mut Option<String>> {
        let slots: [(&str, &mut Option<String>); 9] = [
            ("Feedback-Type", &mut self.feedback_type),
            ("Original-Envelope-Id", &mut self.original_envelope_id),
            ("Reporting-MTA", &mut self.reporting_mta),
            ("User-Agent", &mut self.user_agent),
            ("Arrival-Date", &mut self.arrival_date),
            ("Auth-Failure", &mut self.auth_failure),
            ("Delivery-Result", &mut self.delivery_result),
            ("Source-IP", &mut self.source_ip),
            ("Message-ID", &mut self.message_id),
        ];
        slots
            .into_iter()
            .find_map(|(name, slot)| field.is(name).then_some(slot))
    }

    fn into_event(self, context: &Context) -> Event {
        let feedback_type = self.feedback_type.as_deref().unwrap_or_default();
        let (kind, reason) = classify(feedback_type);
        let mut event = Event::new(kind)
            .with_reason(reason)
            .with_native_kind(feedback_type);
        if let Some(arrival) = self.arrival_date.as_deref().and_then(typed_value::time) {
            event = event.with_time(arrival);
        }
        if let Some(message_id) = &self.message_id {
            event = event.with_message_id(message_id);
        }
        // The date of the report itself comes first: Arrival-Date is when the reported message arrived.
        event = context.put_on(event);
        if let Some(envelope_id) = &self.original_envelope_id {
            event = event.with_original_envelope_id(envelope_id);
        }
        if let Some(server) = &self.reporting_mta {
            event = event.with_reporting_mta(typed_value::server(server));
        } else if let Some(program) = &self.user_agent {
            event = event.with_reporting_mta(program);
        }
        let words: Vec<String> = [
            ("", &self.auth_failure),
            ("delivery-result=", &self.delivery_result),
            ("source-ip=", &self.source_ip),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some(format!("{name}{}", value.as_ref()?)))
        .collect();
        if !words.is_empty() {
            event = event.with_diagnostic(&words.join("; "));
        }
        match <[EmailAddress; 1]>::try_from(self.recipients) {
            Ok([only]) => event.with_recipient(only),
            Err(several) => event.with_candidates(several),
        }
    }
}

/// What a feedback type says ([RFC 5965 §7.3](https://www.rfc-editor.org/rfc/rfc5965#section-7.3)). A type that is not
/// known is no complaint: what nobody understood must not stop anyone's mail.
fn classify(feedback_type: &str) -> (EventKind, Reason) {
    match feedback_type.to_ascii_lowercase().as_str() {
        "abuse" | "fraud" | "virus" | "other" => (EventKind::Complained, Reason::FEEDBACK),
        "opt-out" | "opt-out-list" => (EventKind::Unsubscribed, Reason::OPT_OUT),
        "not-spam" => (EventKind::NotSpam, Reason::FEEDBACK),
        "auth-failure" => (EventKind::AuthFailure, Reason::FEEDBACK),
        _ => (EventKind::Unknown, Reason::FEEDBACK),
    }
}

/// Whom a returned message went to, by what its header says: what a feedback loop or the last server wrote into it, else
/// the only address in To.
pub(crate) fn recipient_of_returned(header: FieldGroup<'_>) -> Option<EmailAddress> {
    let named = RECIPIENT_FIELDS
        .iter()
        .find_map(|name| recipient(&header.value(name)?));
    named.or_else(|| {
        let only = typed_value::only_mailbox(&header.value("To")?);
        only.filter(is_legible)
    })
}

/// The recipient, unless the reporter has blotted it out.
fn recipient(value: &str) -> Option<EmailAddress> {
    // Yahoo writes when it arrived behind it.
    let address = value.split(';').next().and_then(typed_value::address);
    let address = address.or_else(|| typed_value::address(value));
    address.filter(is_legible)
}

/// Whether the reporter has left the local part as it was
/// ([RFC 6590](https://www.rfc-editor.org/rfc/rfc6590)).
fn is_legible(address: &EmailAddress) -> bool {
    let local_part = address.local_part();
    !REDACTED
        .iter()
        .any(|word| text::begins_with(local_part, *word))
}

/// Where a feedback loop, or the server before the mailbox, writes whom a message was for; most telling first.
const RECIPIENT_FIELDS: &[&str] = &[
    "X-HmXmrOriginalRecipient",
    "X-Original-To",
    "X-Apparently-To",
    "Envelope-To",
    "X-Envelope-To",
    "Delivered-To",
];

/// How a blotted-out local part begins.
const REDACTED: &[&str] = &[
    "redacted",
    "undisclosed",
    "[redacted",
    "<redacted",
    "hidden-",
];
