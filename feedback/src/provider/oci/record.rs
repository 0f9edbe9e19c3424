//! One log record.

use std::time::SystemTime;

use serde_json::Value;

use super::meaning::{self, Words};
use crate::event::{Event, EventKind};
use crate::provider::details::native_kind;
use crate::provider::reported::Reported;
use crate::provider::said::Said;
use crate::provider::{field, timestamp};
use crate::report::typed_value;

/// Whether it is one: what happened stands in `data.action`.
pub(super) fn is_one(value: &Value) -> bool {
    field::text(value, &["data", "action"]).is_some()
}

/// Reads it.
pub(super) fn read(value: &Value, reported: &mut Reported) {
    reported.push_with(|| {
        let Some(data) = value.get("data") else {
            return Event::new(EventKind::Unknown);
        };
        let record = Record { value, data };
        record.event()
    });
}

#[derive(Debug, Clone, Copy)]
struct Record<'a> {
    value: &'a Value,
    data: &'a Value,
}

impl<'a> Record<'a> {
    fn event(self) -> Event {
        let said = Said {
            status: self.text("bounceCode"),
            diagnostic: self.text("smtpStatus"),
            remote_mta: self.text("recipientMailServer"),
        };
        let diagnosis = said.diagnosis();
        let native = ["action", "errorType", "bounceCategory"].map(|name| self.text(name));
        let [action, error_type, category] = native;
        let words = Words {
            error_type,
            category,
        };
        let (kind, reason) = meaning::of(action.unwrap_or_default(), words, &said, &diagnosis);
        let mut event = Event::new(kind).with_native_kind(&native_kind(&native));
        event = said.onto(event, diagnosis, reason);
        if let Some(id) = self.text("messageId") {
            event = event.with_provider_message_id(id).with_message_id(id);
        }
        if let Some(recipient) = self.text("recipient").and_then(typed_value::address) {
            event = event.with_recipient(recipient);
        }
        let time = ["time", "datetime"].map(|name| self.value.get(name));
        let generated = self.data.get("reportGeneratedTime");
        let time = time.into_iter().chain([generated]).flatten();
        let time = time.filter_map(point_in_time).next();
        if let Some(time) = time {
            event = event.with_time(time);
        }
        // The id of the log entry stays the same however often it is passed on.
        let of_message = || {
            let instant = time.and_then(timestamp::nanos_since_1970)?;
            Some(format!("{}/{}/{instant}", self.text("messageId")?, action?))
        };
        let id = field::text(self.value, &["id"]).map(str::to_owned);
        match id.or_else(of_message) {
            Some(id) => event.with_provider_event_id(&id),
            None => event,
        }
    }

    fn text(self, name: &str) -> Option<&'a str> {
        field::text(self.data, &[name])
    }
}

/// Records write text; a search of the logs adds milliseconds.
fn point_in_time(value: &Value) -> Option<SystemTime> {
    timestamp::time(value).or_else(|| timestamp::unix_millis(value))
}
