//! What the providers' documents have in common.

use std::time::SystemTime;

use letterhead_mail::EnhancedCode;
use serde_json::Value;

use crate::diagnosis::{Clues, Diagnosis, diagnose, quoted_reply};
use crate::event::{Event, EventKind, Reason};
use crate::provider::field;
use crate::provider::said::Said;
use crate::report::typed_value;

/// What one document says of one message and one recipient.
#[derive(Debug, Default)]
pub(crate) struct Details<'a> {
    pub(crate) native_kind: String,
    pub(crate) event_id: Option<String>,
    pub(crate) provider_message_id: Option<String>,
    pub(crate) message_id: Option<&'a str>,
    pub(crate) recipient: Option<&'a str>,
    pub(crate) time: Option<SystemTime>,
    pub(crate) status: Option<EnhancedCode>,
    /// The code of the SMTP reply, where it stands apart from its text.
    pub(crate) code: Option<u64>,
    /// The text of the SMTP reply, with its code in front or not, or what is there instead.
    pub(crate) words: Option<&'a str>,
    pub(crate) remote_mta: Option<&'a str>,
}

impl Details<'_> {
    /// What status, code and words come to.
    pub(crate) fn diagnose(&self) -> Diagnosis {
        let words = self.words.unwrap_or_default();
        let code = self.code.filter(|code| (200..600).contains(code));
        let with_code = match code {
            Some(code) if quoted_reply(words).is_none() => Some(format!("{code} {words}")),
            _ => None,
        };
        diagnose(&Clues {
            stated: self.status,
            diagnostic: with_code.as_deref().or(self.words),
            remote_mta: self.remote_mta,
            ..Clues::default()
        })
    }

    /// The event. The diagnosis is the one of [`diagnose`](Self::diagnose).
    pub(crate) fn event(&self, kind: EventKind, reason: Reason, diagnosis: &Diagnosis) -> Event {
        let mut event = Event::new(kind).with_native_kind(&self.native_kind);
        if let Some(id) = &self.event_id {
            event = event.with_provider_event_id(id);
        }
        if let Some(id) = &self.provider_message_id {
            event = event.with_provider_message_id(id);
        }
        if let Some(id) = self.message_id {
            event = event.with_message_id(id);
        }
        if let Some(recipient) = self.recipient.and_then(typed_value::address) {
            event = event.with_recipient(recipient);
        }
        if let Some(time) = self.time {
            event = event.with_time(time);
        }
        let said = Said {
            status: None,
            diagnostic: self.words,
            remote_mta: self.remote_mta,
        };
        said.onto(event, diagnosis.clone(), reason)
    }
}

/// The provider's words for what happened, from the general to the particular; what is missing is left out.
pub(crate) fn native_kind(parts: &[Option<&str>]) -> String {
    let words: Vec<&str> = parts.iter().copied().flatten().collect();
    words.join("/")
}

/// The reason that goes with a kind, where nothing more is known.
pub(crate) fn reason_of(kind: EventKind) -> Reason {
    match kind {
        EventKind::Delivered => Reason::DELIVERED,
        EventKind::Complained | EventKind::NotSpam | EventKind::AuthFailure => Reason::FEEDBACK,
        EventKind::Unsubscribed => Reason::OPT_OUT,
        EventKind::AutoReplied => Reason::VACATION,
        EventKind::Suppressed => Reason::SUPPRESSED,
        EventKind::Sent
        | EventKind::Relayed
        | EventKind::Expanded
        | EventKind::Deferred
        | EventKind::Bounced(_)
        | EventKind::Subscribed
        | EventKind::Opened
        | EventKind::Clicked
        | EventKind::Rejected
        | EventKind::Unknown => Reason::UNSPECIFIED,
    }
}

/// The text or the number at this path, as text; an empty one is none.
pub(crate) fn scalar(value: &Value, path: &[&str]) -> Option<String> {
    match field::at(value, path)? {
        Value::Number(number) => Some(number.to_string()),
        Value::String(_) => field::text(value, path).map(str::to_owned),
        _ => None,
    }
}

/// The whole number at this path, be it written as text.
pub(crate) fn number(value: &Value, path: &[&str]) -> Option<u64> {
    scalar(value, path)?.parse().ok()
}

/// The first of these fields that holds text.
pub(crate) fn first_text<'a>(value: &'a Value, names: &[&str]) -> Option<&'a str> {
    names.iter().find_map(|name| field::text(value, &[name]))
}
