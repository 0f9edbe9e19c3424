//! What recipients do with a message: they open it, follow its links, change what they are subscribed to.

use serde_json::Value;

use super::notification::Notification;
use crate::event::{EventKind, Reason};
use crate::provider::field;
use crate::provider::reported::Reported;

/// One event. SES marks the message, not its copies, so with several recipients each of them may have done it.
pub(super) fn read(notification: &Notification<'_>, kind: EventKind, reported: &mut Reported) {
    reported.push_with(|| {
        let event = notification.event(kind, &[]);
        Notification::about(event, notification.mail.destination())
    });
}

/// One event for every topic that the recipient has left or joined, or one for all of them.
///
/// The settings before and after are compared. Where nothing has changed that is understood, there is one event of the kind
/// `Unknown`.
pub(super) fn subscription(notification: &Notification<'_>, reported: &mut Reported) {
    let before = Preferences::of(notification.detail, "oldTopicPreferences");
    let after = Preferences::of(notification.detail, "newTopicPreferences");
    let mut push = |kind: EventKind, subtypes: [Option<&str>; 2]| {
        reported.push_with(|| {
            let event = notification.event(kind, &subtypes);
            let event = match (event.provider_event_id(), subtypes) {
                (Some(id), [_, Some(topic)]) => {
                    let id = format!("{id}/{topic}");
                    event.with_provider_event_id(&id)
                }
                _ => event,
            };
            let event = match kind {
                EventKind::Unsubscribed => event.with_reason(Reason::OPT_OUT),
                _ => event,
            };
            Notification::about(event, notification.mail.destination())
        });
    };
    match (before.is_out_of_all, after.is_out_of_all) {
        (_, Some(true)) => return push(EventKind::Unsubscribed, [Some(OUT), None]),
        (Some(true), _) if !after.is_out_of_any() => {
            return push(EventKind::Subscribed, [Some(IN), None]);
        }
        _ => {}
    }
    let mut is_any = false;
    for (topic, state) in &after.topics {
        let kind = match *state {
            _ if before.state(topic) == Some(*state) => continue,
            OUT => EventKind::Unsubscribed,
            IN => EventKind::Subscribed,
            _ => continue,
        };
        is_any = true;
        push(kind, [Some(state), Some(topic)]);
    }
    if !is_any {
        push(EventKind::Unknown, [None, None]);
    }
}

/// What someone is subscribed to.
#[derive(Debug, Default)]
struct Preferences<'a> {
    is_out_of_all: Option<bool>,
    /// Topics and their states.
    topics: Vec<(&'a str, &'a str)>,
}

impl<'a> Preferences<'a> {
    fn of(subscription: &'a Value, name: &str) -> Self {
        let topic = |topic: &'a Value| {
            let state = field::text(topic, &["subscriptionStatus"])?;
            Some((field::text(topic, &["topicName"])?, state))
        };
        Self {
            is_out_of_all: field::at(subscription, &[name, "unsubscribeAll"])
                .and_then(Value::as_bool),
            topics: field::list(subscription, &[name, "topicSubscriptionStatus"])
                .iter()
                .take(MAX_TOPICS)
                .filter_map(topic)
                .collect(),
        }
    }

    fn state(&self, topic: &str) -> Option<&'a str> {
        let found = self.topics.iter().find(|(name, _)| *name == topic);
        found.map(|(_, state)| *state)
    }

    fn is_out_of_any(&self) -> bool {
        self.topics.iter().any(|(_, state)| *state == OUT)
    }
}

const OUT: &str = "OptOut";
const IN: &str = "OptIn";

/// A contact list has at most 20 topics.
const MAX_TOPICS: usize = 100;
