//! Bounces: which of them mean a dead address.

use letterhead_mail::EnhancedCode;
use serde_json::Value;

use super::mail::address_of;
use super::notification::Notification;
use crate::diagnosis::Diagnosis;
use crate::event::{EventKind, Permanence, Reason};
use crate::provider::category::{Address, Category, judge};
use crate::provider::field;
use crate::provider::reported::Reported;
use crate::provider::said::Said;

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
            let (permanence, reason) = judge(bounce.category(&said, &diagnosis), &diagnosis);
            let kind = bounce.event_kind(recipient, &said, permanence);
            let reason = match (kind, bounce.subtype) {
                (EventKind::Suppressed, Some("UnsubscribedRecipient")) => Reason::OPT_OUT,
                // Whatever the bounce was that put it on the list.
                (EventKind::Suppressed, _) => Reason::SUPPRESSED,
                _ => reason,
            };
            let event = notification.event(kind, &subtypes);
            let event = said.onto(event, diagnosis, reason);
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
    fn event_kind(&self, recipient: &Value, said: &Said<'_>, permanence: Permanence) -> EventKind {
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
            _ => EventKind::Bounced(permanence),
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

    /// What the subtype says. SES calls every refusal for good permanent, so that says little, unless it is all there is.
    fn category(&self, said: &Said<'_>, diagnosis: &Diagnosis) -> Option<&'static Category> {
        let says_nothing = |status: EnhancedCode| (status.class(), status.subject()) == (5, 0);
        let is_all = said.diagnostic.is_none() && diagnosis.status.is_none_or(says_nothing);
        match (self.kind, self.subtype) {
            (Some("Permanent"), Some("NoEmail")) => Some(&NO_EMAIL),
            (Some("Permanent"), Some("General")) if is_all => Some(&GENERAL),
            (_, subtype) => Category::named(CATEGORIES, subtype?),
        }
    }
}

static NO_EMAIL: Category = Category::new("NoEmail", Address::Dead, Reason::USER_UNKNOWN);

static GENERAL: Category = Category::new("General", Address::Dead, Reason::UNSPECIFIED);

/// The reasons behind the other subtypes.
const CATEGORIES: &[Category] = &[
    Category::new(
        "AttachmentRejected",
        Address::NotToBlame,
        Reason::CONTENT_REJECTED,
    ),
    Category::new(
        "ContentRejected",
        Address::NotToBlame,
        Reason::CONTENT_REJECTED,
    ),
    Category::new(
        "CustomTimeoutExceeded",
        Address::NotToBlame,
        Reason::EXPIRED,
    ),
    Category::new("MailboxFull", Address::NotToBlame, Reason::MAILBOX_FULL),
    Category::new(
        "MessageTooLarge",
        Address::NotToBlame,
        Reason::MESSAGE_TOO_BIG,
    ),
];
