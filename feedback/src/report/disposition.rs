//! Disposition notifications ([RFC 8098](https://www.rfc-editor.org/rfc/rfc8098)): what the recipient's mail program did
//! with a message that had been delivered.

use crate::event::{Event, EventKind};
use crate::event_list::EventList;
use crate::report::context::Context;
use crate::report::field_group::{FieldGroup, field_groups};
use crate::report::typed_value;
use crate::text;

/// Reads the machine-readable part: one event, never a bounce, whatever became of the message after its delivery.
///
/// Displayed is [`EventKind::Opened`]; deleted, processed, dispatched and whatever a program makes up is
/// [`EventKind::Unknown`], with its own word as the [native kind](Event::native_kind).
pub(crate) fn read(body: &[u8], context: &Context, events: &mut EventList) {
    let mut fields = Fields::default();
    for field in field_groups(body).flat_map(FieldGroup::fields) {
        let slot = if field.is("Disposition") {
            &mut fields.disposition
        } else if field.is("Final-Recipient") {
            &mut fields.final_recipient
        } else if field.is("Original-Recipient") {
            &mut fields.original_recipient
        } else if field.is("Original-Message-ID") {
            &mut fields.message_id
        } else if field.is("Reporting-UA") {
            &mut fields.reporting_ua
        } else if field.is("Error") || field.is("Failure") {
            &mut fields.problem
        } else {
            continue;
        };
        field.fill(slot);
    }
    events.push_with(|| fields.into_event(context));
}

/// The fields of [RFC 8098 §3.2](https://www.rfc-editor.org/rfc/rfc8098#section-3.2) that are read; the first of each name
/// counts.
#[derive(Debug, Default)]
struct Fields {
    disposition: Option<String>,
    final_recipient: Option<String>,
    original_recipient: Option<String>,
    message_id: Option<String>,
    reporting_ua: Option<String>,
    problem: Option<String>,
}

impl Fields {
    fn into_event(self, context: &Context) -> Event {
        let disposition = self.disposition.as_deref().map(disposition_type);
        let kind = match disposition.as_deref() {
            Some("displayed") => EventKind::Opened,
            _ => EventKind::Unknown,
        };
        let mut event = context.put_on(Event::new(kind));
        if let Some(disposition) = &disposition {
            event = event.with_native_kind(disposition);
        }
        let address = |value: &Option<String>| value.as_deref().and_then(typed_value::address);
        if let Some(recipient) = address(&self.final_recipient) {
            event = event.with_recipient(recipient);
        }
        if let Some(recipient) = address(&self.original_recipient) {
            event = event.with_original_recipient(recipient);
        }
        if let Some(problem) = &self.problem {
            event = event.with_diagnostic(problem);
        }
        if let Some(program) = &self.reporting_ua {
            event = event.with_reporting_mta(program);
        }
        match &self.message_id {
            Some(message_id) => event.with_message_id(message_id),
            None => event,
        }
    }
}

/// `displayed` of `manual-action/MDN-sent-manually; displayed/error`
/// ([RFC 8098 §3.2.6](https://www.rfc-editor.org/rfc/rfc8098#section-3.2.6)), in lower case.
fn disposition_type(value: &str) -> String {
    let bare = text::without_comments(value);
    let after_modes = bare
        .rsplit_once(';')
        .map_or(bare.as_str(), |(_, kind)| kind);
    let kind = after_modes.split(['/', ',']).next().unwrap_or_default();
    kind.trim().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::disposition_type;

    #[test]
    fn a_disposition_is_found_behind_its_modes_and_before_its_modifiers() {
        for (text, expected) in [
            ("manual-action/MDN-sent-manually; displayed", "displayed"),
            (
                "automatic-action/MDN-sent-automatically; Deleted",
                "deleted",
            ),
            (
                "manual-action/MDN-sent-manually;displayed/error,expired",
                "displayed",
            ),
            ("(by hand) displayed", "displayed"),
            ("", ""),
        ] {
            assert_eq!(disposition_type(text), expected, "{text}");
        }
    }
}
