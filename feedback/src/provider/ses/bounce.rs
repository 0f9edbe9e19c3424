//! Bounces: which of them mean a dead address.

use serde_json::Value;

use super::mail::address_of;
use super::notification::{Notification, found_in};
use crate::diagnosis::Diagnosis;
use crate::event::{EventKind, Permanence, Reason};
use crate::provider::field;
use crate::provider::reported::Reported;
use crate::provider::said::{Said, is_unspecific};

/// One event for every recipient that bounced.
///
/// Without recipients there is one event of the kind `Unknown` with everyone the message went to as a candidate: that is how
/// SES reports mail that came back and that it could make nothing of, automatic answers above all.
pub(super) fn read(notification: &Notification<'_>, reported: &mut Reported) {
    let bounce = Bounce {
        kind: notification.text("bounceType"),
        subtype: notification.text("bounceSubType"),
        has_report: notification.text("reportingMTA").is_some(),
    };
    let subtypes = [bounce.kind, bounce.subtype];
    let recipients = field::list(notification.detail, &["bouncedRecipients"]);
    for recipient in recipients {
        reported.push_with(|| {
            let said = Said {
                status: field::text(recipient, &["status"]),
                diagnostic: field::text(recipient, &["diagnosticCode"]),
                remote_mta: notification.text("remoteMtaIp"),
            };
            let diagnosis = said.diagnosis();
            let kind = bounce.event_kind(recipient, &said, &diagnosis);
            let event = notification.event(kind, &subtypes);
            let event = said.onto(event, diagnosis, bounce.category());
            // On the list is on the list, whatever the bounce was that put it there.
            let event = match kind {
                EventKind::Suppressed => {
                    event.with_reason(bounce.category().unwrap_or(Reason::SUPPRESSED))
                }
                _ => event,
            };
            notification
                .mail
                .onto_recipient(event, address_of(recipient))
        });
    }
    if recipients.is_empty() {
        reported.push_with(|| {
            let event = notification.event(EventKind::Unknown, &subtypes);
            let candidates = notification.mail.destination();
            event.with_candidates(candidates)
        });
    }
}

/// What SES says of a bounce as a whole.
#[derive(Debug, Clone, Copy)]
struct Bounce<'a> {
    kind: Option<&'a str>,
    subtype: Option<&'a str>,
    /// Whether it came with a delivery status notification.
    has_report: bool,
}

impl Bounce<'_> {
    fn event_kind(&self, recipient: &Value, said: &Said<'_>, diagnosis: &Diagnosis) -> EventKind {
        if self.is_suppression() {
            return EventKind::Suppressed;
        }
        let action = field::text(recipient, &["action"]);
        if action.is_some_and(|action| action.eq_ignore_ascii_case("delayed")) {
            return EventKind::Deferred;
        }
        let is_bare = said.status.is_none() && said.diagnostic.is_none() && action.is_none();
        match (self.kind, self.subtype) {
            // An automatic answer, taken for a bounce: a bounce would say something.
            (Some("Transient"), Some("General")) if is_bare && !self.has_report => {
                EventKind::AutoReplied
            }
            (Some("Transient"), _) => EventKind::Bounced(Permanence::Soft),
            (Some("Permanent"), subtype) => {
                EventKind::Bounced(permanence(subtype, said, diagnosis))
            }
            _ => EventKind::Bounced(diagnosis.permanence),
        }
    }

    /// SES did not try: the address is on the list of the account, of a tenant or of SES itself, or it has unsubscribed.
    fn is_suppression(&self) -> bool {
        self.subtype.is_some_and(|subtype| {
            subtype == "Suppressed"
                || subtype.ends_with("SuppressionList")
                || subtype == "UnsubscribedRecipient"
        })
    }

    fn category(&self) -> Option<Reason> {
        self.subtype
            .and_then(|subtype| found_in(CATEGORIES, subtype))
    }
}

/// SES calls every refusal for good permanent. The server's own words decide whether the address is dead; where it said
/// nothing that can be understood, SES does.
fn permanence(subtype: Option<&str>, said: &Said<'_>, diagnosis: &Diagnosis) -> Permanence {
    match subtype {
        _ if !is_unspecific(diagnosis) => diagnosis.permanence,
        Some("NoEmail") => Permanence::Hard,
        Some("General") if said.diagnostic.is_none() => Permanence::Hard,
        _ => diagnosis.permanence,
    }
}

/// The reasons behind the subtypes.
const CATEGORIES: &[(&str, Reason)] = &[
    ("AttachmentRejected", Reason::CONTENT_REJECTED),
    ("ContentRejected", Reason::CONTENT_REJECTED),
    ("CustomTimeoutExceeded", Reason::EXPIRED),
    ("MailboxFull", Reason::MAILBOX_FULL),
    ("MessageTooLarge", Reason::MESSAGE_TOO_BIG),
    ("NoEmail", Reason::USER_UNKNOWN),
    ("OnAccountSuppressionList", Reason::SUPPRESSED),
    ("Suppressed", Reason::SUPPRESSED),
    ("UnsubscribedRecipient", Reason::OPT_OUT),
];
