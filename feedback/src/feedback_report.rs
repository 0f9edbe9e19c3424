//! Complaints and other feedback: the abuse reporting format
//! ([RFC 5965](https://www.rfc-editor.org/rfc/rfc5965), [RFC 6591](https://www.rfc-editor.org/rfc/rfc6591)).

use letterhead_mail::EmailAddress;

use crate::context::Context;
use crate::event::{Event, EventKind, Reason};
use crate::event_list::EventList;
use crate::field_group::field_groups;
use crate::typed_value;

/// Reads the machine-readable part: one event for every recipient it names, or one without a recipient where the
/// reporter keeps that to itself.
pub(crate) fn read(body: &[u8], context: &Context, events: &mut EventList) {
    let mut fields = Fields::default();
    for field in field_groups(body).flat_map(crate::field_group::FieldGroup::fields) {
        let slot = if field.is("Feedback-Type") {
            &mut fields.feedback_type
        } else if field.is("Original-Envelope-Id") {
            &mut fields.original_envelope_id
        } else if field.is("Reporting-MTA") {
            &mut fields.reporting_mta
        } else if field.is("Arrival-Date") || field.is("Received-Date") {
            &mut fields.arrival_date
        } else if field.is("Auth-Failure") {
            &mut fields.auth_failure
        } else if field.is("Original-Rcpt-To") || field.is("Removal-Recipient") {
            if fields.recipients.len() >= MAX_RECIPIENTS {
                events.omit_one();
                continue;
            }
            let recipient = field.value().and_then(|value| recipient(&value));
            fields
                .recipients
                .extend(recipient.filter(|recipient| !fields.recipients.contains(recipient)));
            continue;
        } else {
            continue;
        };
        if slot.is_none() {
            *slot = field.value();
        }
    }
    let event = fields.event(context);
    if fields.recipients.is_empty() {
        events.push_with(|| event.clone());
    }
    for recipient in fields.recipients {
        events.push_with(|| event.clone().with_recipient(recipient));
    }
}

#[derive(Debug, Default)]
struct Fields {
    feedback_type: Option<String>,
    original_envelope_id: Option<String>,
    reporting_mta: Option<String>,
    arrival_date: Option<String>,
    auth_failure: Option<String>,
    recipients: Vec<EmailAddress>,
}

impl Fields {
    fn event(&self, context: &Context) -> Event {
        let feedback_type = self.feedback_type.as_deref().unwrap_or_default();
        let (kind, reason) = classify(feedback_type);
        let mut event = Event::new(kind)
            .with_reason(reason)
            .with_native_kind(feedback_type);
        // The date of the report itself comes first: Arrival-Date is when the reported message arrived.
        let arrival = || self.arrival_date.as_deref().and_then(typed_value::time);
        if let Some(time) = context.date.or_else(arrival) {
            event = event.with_time(time);
        }
        if let Some(message_id) = &context.message_id {
            event = event.with_message_id(message_id);
        }
        if let Some(envelope_id) = &self.original_envelope_id {
            event = event.with_original_envelope_id(envelope_id);
        }
        if let Some(server) = &self.reporting_mta {
            event = event.with_reporting_mta(typed_value::server(server));
        }
        match &self.auth_failure {
            Some(auth_failure) => event.with_diagnostic(auth_failure),
            None => event,
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

/// The recipient, unless the reporter has blotted it out
/// ([RFC 6590](https://www.rfc-editor.org/rfc/rfc6590)).
fn recipient(value: &str) -> Option<EmailAddress> {
    let address = typed_value::address(value)?;
    let redacted = address
        .local_part()
        .to_ascii_lowercase()
        .starts_with("redacted");
    (!redacted).then_some(address)
}

/// The most recipients of one report; a complaint is about one message to one person, and a few reporters list the
/// others.
const MAX_RECIPIENTS: usize = 100;
