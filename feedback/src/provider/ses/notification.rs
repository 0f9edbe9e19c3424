//! One notification, by its type.

use std::time::SystemTime;

use letterhead_mail::EmailAddress;
use serde_json::Value;

use super::mail::{Mail, address_of, addresses};
use super::{bounce, complaint, engagement};
use crate::event::{Event, EventKind, Reason};
use crate::provider::category::{Address, Category, judge};
use crate::provider::details::native_kind;
use crate::provider::reported::Reported;
use crate::provider::said::Said;
use crate::provider::{field, timestamp};
use crate::report::typed_value;

/// The type: `notificationType` where an identity notifies, `eventType` where events are published.
pub(super) fn kind(value: &Value) -> Option<&str> {
    field::text(value, &["eventType"]).or_else(|| field::text(value, &["notificationType"]))
}

/// Reads it. A type that has no name here is an unknown event.
pub(super) fn read(value: &Value, reported: &mut Reported) {
    let kind = kind(value).unwrap_or_default();
    let of = |name: &str| Notification {
        kind,
        mail: Mail(value.get("mail").unwrap_or(&Value::Null)),
        detail: value.get(name).unwrap_or(&Value::Null),
    };
    match kind {
        "Bounce" => bounce::read(&of("bounce"), reported),
        "Complaint" => complaint::read(&of("complaint"), reported),
        "Delivery" => delivery(&of("delivery"), reported),
        "Send" => send(&of("send"), reported),
        "Reject" => reject(&of("reject"), reported),
        "Rendering Failure" | "RenderingFailure" => rendering_failure(&of("failure"), reported),
        "DeliveryDelay" => delay(&of("deliveryDelay"), reported),
        "Open" => engagement::read(&of("open"), EventKind::Opened, reported),
        "Click" => engagement::read(&of("click"), EventKind::Clicked, reported),
        "Subscription" => engagement::subscription(&of("subscription"), reported),
        _ => unknown(&of(""), value, reported),
    }
}

/// A notification: its type, the message, and what it says of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Notification<'a> {
    pub(super) kind: &'a str,
    pub(super) mail: Mail<'a>,
    pub(super) detail: &'a Value,
}

impl<'a> Notification<'a> {
    /// An event of this notification. The subtypes go into its native kind; what tells apart several events of one
    /// notification and one recipient, into its id.
    pub(super) fn event(&self, kind: EventKind, subtypes: &[Option<&str>]) -> Event {
        let native = native_kind(&[&[Some(self.kind)], subtypes].concat());
        let mut event = self.mail.onto(Event::new(kind).with_native_kind(&native));
        let at = self.detail.get("timestamp").or_else(|| self.mail.time());
        let time = at.and_then(timestamp::time);
        if let Some(time) = time {
            event = event.with_time(time);
        }
        if let Some(server) = self.text("reportingMTA") {
            event = event.with_reporting_mta(typed_value::server(server));
        }
        match self.event_id(time) {
            Some(id) => event.with_provider_event_id(&id),
            None => event,
        }
    }

    /// The id that SES gives to what an outsider reports; otherwise the message, the type and the time, which are the same
    /// whenever the same thing is told again.
    fn event_id(&self, time: Option<SystemTime>) -> Option<String> {
        if let Some(id) = self.text("feedbackId") {
            return Some(id.to_owned());
        }
        let instant = time.and_then(timestamp::nanos_since_1970)?;
        Some(format!("{}/{}/{instant}", self.mail.id()?, self.kind))
    }

    /// A text of what it says.
    pub(super) fn text(&self, name: &str) -> Option<&'a str> {
        field::text(self.detail, &[name])
    }

    /// The event for whom it may be about: the only one, or one of several.
    pub(super) fn about(event: Event, mut who: impl Iterator<Item = EmailAddress>) -> Event {
        match (who.next(), who.next()) {
            (Some(first), None) => event.with_recipient(first),
            (first, second) => event.with_candidates(first.into_iter().chain(second).chain(who)),
        }
    }
}

fn delivery(notification: &Notification<'_>, reported: &mut Reported) {
    let said = Said {
        diagnostic: notification.text("smtpResponse"),
        remote_mta: notification.text("remoteMtaIp"),
        ..Said::default()
    };
    let diagnosis = said.diagnosis();
    let recipients = addresses(field::list(notification.detail, &["recipients"]));
    for_each(recipients, reported, || {
        let event = notification.event(EventKind::Delivered, &[]);
        said.onto(event, diagnosis.clone(), Reason::DELIVERED)
    });
}

fn send(notification: &Notification<'_>, reported: &mut Reported) {
    for_each(notification.mail.destination(), reported, || {
        notification.event(EventKind::Sent, &[])
    });
}

fn reject(notification: &Notification<'_>, reported: &mut Reported) {
    let words = notification.text("reason");
    for_each(notification.mail.destination(), reported, || {
        let event = notification.event(EventKind::Rejected, &[words]);
        match words {
            // The only one there is, for a virus.
            Some(words @ "Bad content") => event.with_diagnostic(words).with_reason(Reason::VIRUS),
            Some(words) => event.with_diagnostic(words),
            None => event,
        }
    });
}

fn rendering_failure(notification: &Notification<'_>, reported: &mut Reported) {
    let template = notification.text("templateName");
    let message = notification.text("errorMessage");
    let words = match (template, message) {
        (Some(template), Some(message)) => Some(format!("{template}: {message}")),
        (words, None) | (None, words) => words.map(str::to_owned),
    };
    let reason = "rendering-failure".parse::<Reason>().ok();
    for_each(notification.mail.destination(), reported, || {
        let mut event = notification.event(EventKind::Rejected, &[]);
        if let Some(words) = &words {
            event = event.with_diagnostic(words);
        }
        match &reason {
            Some(reason) => event.with_reason(reason.clone()),
            None => event,
        }
    });
}

/// An event for each of them; one for nobody where there are none.
fn for_each(
    recipients: impl Iterator<Item = EmailAddress>,
    reported: &mut Reported,
    event: impl Fn() -> Event,
) {
    let mut recipients = recipients.peekable();
    if recipients.peek().is_none() {
        reported.push_with(&event);
    }
    for recipient in recipients {
        reported.push_with(|| event().with_recipient(recipient));
    }
}

fn delay(notification: &Notification<'_>, reported: &mut Reported) {
    let delay_type = notification.text("delayType");
    let category = delay_type.and_then(|delay_type| Category::named(DELAYS, delay_type));
    let event = || notification.event(EventKind::Deferred, &[delay_type]);
    let delayed = field::list(notification.detail, &["delayedRecipients"]);
    for recipient in delayed {
        reported.push_with(|| {
            let said = Said {
                status: field::text(recipient, &["status"]),
                diagnostic: field::text(recipient, &["diagnosticCode"]),
                remote_mta: None,
            };
            let diagnosis = said.diagnosis();
            let (_, reason) = judge(category, &diagnosis);
            let event = said.onto(event(), diagnosis, reason);
            notification
                .mail
                .onto_recipient(event, address_of(recipient))
        });
    }
    if delayed.is_empty() {
        reported.push_with(|| {
            let event = event();
            match category {
                Some(category) => event.with_reason(category.reason.clone()),
                None => event,
            }
        });
    }
}

/// A type from later than this, and what SES says when a topic begins to work.
fn unknown(notification: &Notification<'_>, value: &Value, reported: &mut Reported) {
    reported.push_with(|| {
        let event = notification.event(EventKind::Unknown, &[]);
        let event = Notification::about(event, notification.mail.destination());
        match field::text(value, &["message"]) {
            Some(words) => event.with_diagnostic(words),
            None => event,
        }
    });
}

/// Where the delay is within SES itself, all that is said is that it waits.
const DELAYS: &[Category] = &[
    Category::new(
        "BYOIPHostNameLookupUnavailable",
        Address::NotToBlame,
        Reason::REQUIRES_PTR,
    ),
    Category::new("IPFailure", Address::NotToBlame, Reason::BLOCKED),
    Category::new("InternalFailure", Address::NotToBlame, Reason::ON_HOLD),
    Category::new("MailboxFull", Address::NotToBlame, Reason::MAILBOX_FULL),
    Category::new("RecipientServerError", Address::NotToBlame, Reason::SYSTEM),
    Category::new("SendingDeferral", Address::NotToBlame, Reason::ON_HOLD),
    Category::new("SpamDetected", Address::NotToBlame, Reason::SPAM),
    Category::new(
        "TransientCommunicationFailure",
        Address::NotToBlame,
        Reason::NETWORK,
    ),
];
