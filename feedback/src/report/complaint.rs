//! Complaints that are in no format: the message complained about, attached to a mail whose author and subject say what it
//! is.

use crate::event::{Event, EventKind, Reason};
use crate::report::context::Context;
use crate::report::feedback_report::recipient_of_returned;
use crate::report::field_group::FieldGroup;
use crate::report::part::Part;

/// The event, if this is such a complaint.
pub(crate) fn read(
    header: FieldGroup<'_>,
    leaves: &[Part<'_>],
    context: &Context,
) -> Option<Event> {
    let returned = leaves
        .iter()
        .find(|part| part.essence() == "message/rfc822")?
        .decoded();
    let (returned, _) = FieldGroup::header_of(&returned);
    let is_marked = MARKS.iter().any(|name| returned.value(name).is_some());
    if !is_marked && !is_from_a_feedback_loop(header) {
        return None;
    }
    let event = Event::new(EventKind::Complained)
        .with_reason(Reason::FEEDBACK)
        .with_native_kind("abuse");
    let event = context.put_on(event);
    Some(match recipient_of_returned(returned) {
        Some(recipient) => event.with_recipient(recipient),
        None => event,
    })
}

fn is_from_a_feedback_loop(header: FieldGroup<'_>) -> bool {
    let lower = |name: &str| header.value(name).unwrap_or_default().to_ascii_lowercase();
    let (from, subject) = (lower("From"), lower("Subject"));
    LOOPS
        .iter()
        .any(|(author, start)| from.contains(author) && subject.starts_with(start))
}

/// Fields that a feedback loop adds to the message it attaches.
const MARKS: &[&str] = &["X-HmXmrOriginalRecipient"];

/// Part of the author's address, and how the subject begins, in lower case.
const LOOPS: &[(&str, &str)] = &[
    ("staff@hotmail.com", "complaint about message from"),
    ("@hotmail.com", "complaint about message from"),
    ("@outlook.com", "complaint about message from"),
    ("@reports.spamcop.net", "[spamcop ("),
    ("@bounces.spamcop.net", "[spamcop ("),
    ("@abuse.net", "complaint about"),
    ("scomp@aol.", "client tos notification"),
    ("@fbl.", "abuse report"),
];
