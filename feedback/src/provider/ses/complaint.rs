//! Complaints, and what else comes in their form.

use super::mail::address_of;
use super::notification::Notification;
use crate::event::{EventKind, Reason};
use crate::provider::field;
use crate::provider::reported::Reported;

/// One event.
///
/// Most mailbox providers leave out who complained; SES then lists everyone at that provider's domain that the message went
/// to. So where several are listed, the event has no recipient but [candidates](crate::Event::candidates), and nobody is
/// suppressed. Only where SES did not send because of its own list, it knows whom it means, and there is an event each.
pub(super) fn read(notification: &Notification<'_>, reported: &mut Reported) {
    let subtype = notification.text("complaintSubType");
    let feedback_type = notification.text("complaintFeedbackType");
    let recipients = field::list(notification.detail, &["complainedRecipients"]);
    let listed = || recipients.iter().filter_map(address_of);
    let subtypes = [subtype, feedback_type];
    let is_suppression = subtype.is_some_and(|subtype| subtype.ends_with("SuppressionList"));
    if is_suppression && listed().next().is_some() {
        for recipient in listed() {
            reported.push_with(|| {
                let event = notification.event(EventKind::Suppressed, &subtypes);
                event
                    .with_reason(Reason::SUPPRESSED)
                    .with_recipient(recipient)
            });
        }
        return;
    }
    let (kind, reason) = if is_suppression {
        (EventKind::Suppressed, Reason::SUPPRESSED)
    } else {
        meaning(feedback_type)
    };
    reported.push_with(|| {
        let event = notification.event(kind, &subtypes).with_reason(reason);
        if recipients.is_empty() {
            event.with_candidates(notification.mail.destination())
        } else if recipients.len() == 1 {
            Notification::about(event, listed())
        } else {
            event.with_candidates(listed())
        }
    });
}

/// What the type of the feedback report says
/// ([RFC 5965 §7.3](https://www.rfc-editor.org/rfc/rfc5965#section-7.3)). Without a type it is SES that calls it a
/// complaint; a type that is not known is none, for what nobody understood must not stop anyone's mail.
fn meaning(feedback_type: Option<&str>) -> (EventKind, Reason) {
    let lower = feedback_type.map(str::to_ascii_lowercase);
    match lower.as_deref() {
        None | Some("abuse" | "fraud" | "virus" | "other") => {
            (EventKind::Complained, Reason::FEEDBACK)
        }
        Some("opt-out" | "opt-out-list") => (EventKind::Unsubscribed, Reason::OPT_OUT),
        Some("not-spam") => (EventKind::NotSpam, Reason::FEEDBACK),
        Some("auth-failure") => (EventKind::AuthFailure, Reason::FEEDBACK),
        Some(_) => (EventKind::Unknown, Reason::FEEDBACK),
    }
}
