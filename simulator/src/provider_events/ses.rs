//! Amazon SES: what it publishes to a topic of SNS.
//!
//! Names and shapes are those of Amazon's references for
//! [notifications](https://docs.aws.amazon.com/ses/latest/dg/notification-contents.html) and for
//! [event publishing](https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html).

mod attempt;
mod bounce;
mod header;
mod mail;

use letterhead_mail::EmailAddress;
use serde_json::{Value, json};

use super::document::set;
use super::form::{Post, READER_ADDRESS, Telling, USER_AGENT};
use super::grouping::grouped;
use super::sns::{SnsConfirmation, SnsSubscriber, TopicArn};
use super::{Engagement, Occurrence, SuppressedBy};
use crate::reports::{RecipientStatus, iso_8601};

/// Amazon SES's events, published to a topic of SNS that an HTTP endpoint is subscribed to.
///
/// - The first request asks to confirm the subscription ([`confirmation`](Self::confirmation)).
/// - Event publishing tells of `Send`, `Delivery`, `DeliveryDelay`, `Bounce`, `Complaint`, `Reject`, `Open` and `Click`; notifications of an identity
///   of `Delivery`, `Bounce` and `Complaint` ([`publishing`](Self::publishing)).
/// - The bounces of one message that come at the same time and are of the same type are one `Bounce`; every complaint is
///   one of its own.
/// - What the mailbox simulator's `ooto` answers comes as a `Bounce` of the type `Transient` and the subtype `General`
///   that says nothing of a status, and a recipient on a suppression list as one of the type `Permanent` and the subtype
///   `Suppressed` (Amazon's list) or `OnAccountSuppressionList` (the customer's own).
/// - Envelopes are signed by version 2 with a [test key](crate#test-keys); [`SnsCertificates`](super::SnsCertificates) has
///   the certificate.
#[derive(Debug, Clone)]
pub struct SesOverSns {
    topic: TopicArn,
    publishing: SesPublishing,
    headers: SesHeaders,
    configuration_set: Option<String>,
    confirmation: SnsConfirmation,
    delivery: Delivery,
}

/// By what the application learns of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SesPublishing {
    /// Event publishing of a configuration set: all kinds of events (`eventType`), with headers and tags.
    Events,
    /// Notifications of an identity: deliveries, bounces and complaints (`notificationType`).
    Notifications,
}

/// Whether notifications of an identity have the message's header fields. Event publishing always has them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SesHeaders {
    /// They have.
    Included,
    /// They have not.
    LeftOut,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Delivery {
    Enveloped,
    Raw,
}

impl SesOverSns {
    /// Event publishing to this topic, without a name for the configuration set. Its subscription counts as confirmed.
    #[must_use]
    pub fn new(topic: TopicArn) -> Self {
        Self {
            topic,
            publishing: SesPublishing::Events,
            headers: SesHeaders::LeftOut,
            configuration_set: None,
            confirmation: SnsConfirmation::Assumed,
            delivery: Delivery::Enveloped,
        }
    }

    /// By what the application learns of events; by event publishing where nothing is said.
    #[must_use]
    pub fn publishing(mut self, publishing: SesPublishing) -> Self {
        self.publishing = publishing;
        self
    }

    /// Whether notifications of an identity have the message's header fields; they have not where nothing is said.
    #[must_use]
    pub fn headers(mut self, headers: SesHeaders) -> Self {
        self.headers = headers;
        self
    }

    /// The name of the configuration set, as the tag `ses:configuration-set` gives it.
    #[must_use]
    pub fn configuration_set(mut self, name: impl Into<String>) -> Self {
        self.configuration_set = Some(name.into());
        self
    }

    /// Whether the subscription has to be confirmed first; it is taken as confirmed where nothing is said.
    #[must_use]
    pub fn confirmation(mut self, confirmation: SnsConfirmation) -> Self {
        self.confirmation = confirmation;
        self
    }

    /// Without envelopes: raw message delivery, in which nothing is signed. The request to confirm the subscription has its
    /// envelope all the same.
    #[must_use]
    pub fn raw_delivery(mut self) -> Self {
        self.delivery = Delivery::Raw;
        self
    }

    pub(super) fn topic(&self) -> &TopicArn {
        &self.topic
    }

    pub(super) fn awaits_confirmation(&self) -> bool {
        self.confirmation == SnsConfirmation::Awaited
    }

    pub(super) fn write(
        &self,
        telling: &Telling<'_>,
        occurrence: &Occurrence,
        subscriber: Option<&SnsSubscriber>,
    ) -> Vec<Post> {
        let Some(subscriber) = subscriber else {
            return Vec::new();
        };
        let post = |details: Details| {
            let message = self.message(telling, details).to_string();
            match self.delivery {
                Delivery::Enveloped => {
                    subscriber.notification(self.subject(), message, telling.now, telling.entropy)
                }
                Delivery::Raw => subscriber.raw(message, telling.entropy),
            }
        };
        let details = self.details(telling, occurrence);
        details.into_iter().map(post).collect()
    }

    fn subject(&self) -> Option<&'static str> {
        match self.publishing {
            SesPublishing::Events => Some("Amazon SES Email Event Notification"),
            SesPublishing::Notifications => None,
        }
    }

    fn message(&self, telling: &Telling<'_>, details: Details) -> Value {
        let kind = match self.publishing {
            SesPublishing::Events => "eventType",
            SesPublishing::Notifications => "notificationType",
        };
        let mut message = json!({
            kind: details.kind,
            "mail": mail::write(self, telling),
        });
        set(&mut message, details.name, Some(details.value));
        message
    }

    fn details(&self, telling: &Telling<'_>, occurrence: &Occurrence) -> Vec<Details> {
        let has_all = self.publishing == SesPublishing::Events;
        match occurrence {
            Occurrence::Accepted if has_all => vec![Details::new("Send", "send", json!({}))],
            Occurrence::Rejected if has_all => {
                let value = json!({"reason": "Bad content"});
                vec![Details::new("Reject", "reject", value)]
            }
            Occurrence::Delayed(statuses) if has_all => {
                let groups = grouped(statuses, attempt::delay_type);
                let delay = |(kind, group): (_, Vec<_>)| attempt::delay(telling, kind, &group);
                groups.into_iter().map(delay).collect()
            }
            Occurrence::Engaged(_, engagement) if has_all => {
                let mut value = json!({
                    "timestamp": iso_8601(telling.now),
                    "ipAddress": READER_ADDRESS,
                    "userAgent": USER_AGENT,
                });
                vec![match engagement {
                    Engagement::Opened => Details::new("Open", "open", value),
                    Engagement::Clicked(link) => {
                        set(&mut value, "link", Some(link.as_str()));
                        set(&mut value, "linkTags", Some(Value::Null));
                        Details::new("Click", "click", value)
                    }
                }]
            }
            Occurrence::Accepted
            | Occurrence::Rejected
            | Occurrence::Delayed(_)
            | Occurrence::Engaged(..) => Vec::new(),
            Occurrence::Delivered(statuses) => {
                let groups = grouped(statuses, |one| (one.remote_mta(), one.diagnostic()));
                let delivery = |(_, group): (_, Vec<_>)| attempt::delivery(telling, &group);
                groups.into_iter().map(delivery).collect()
            }
            Occurrence::Bounced(statuses) => {
                let groups = grouped(statuses, bounce::types);
                let bounce = |(types, group): (_, Vec<_>)| bounce::write(telling, types, &group);
                groups.into_iter().map(bounce).collect()
            }
            Occurrence::Suppressed(statuses, by) => {
                let subtype = match by {
                    SuppressedBy::Provider => "Suppressed",
                    SuppressedBy::Account => "OnAccountSuppressionList",
                };
                let all: Vec<&RecipientStatus> = statuses.iter().collect();
                vec![bounce::write(telling, ("Permanent", subtype), &all)]
            }
            Occurrence::AutoReplied(recipients) => recipients
                .iter()
                .map(|recipient| bounce::automatic_answer(telling, recipient))
                .collect(),
            Occurrence::Complained(recipients) => {
                let complaint = |recipient: &EmailAddress| {
                    let value = json!({
                        "complainedRecipients": [{"emailAddress": recipient.to_string()}],
                        "timestamp": iso_8601(telling.now),
                        "feedbackId": feedback_id(telling),
                        "complaintSubType": null,
                        "userAgent": "Amazon SES Mailbox Simulator",
                        "complaintFeedbackType": "abuse",
                        "arrivalDate": iso_8601(telling.outbound.arrived),
                    });
                    Details::new("Complaint", "complaint", value)
                };
                recipients.iter().map(complaint).collect()
            }
        }
    }
}

/// What a message of SES says beside `mail`.
#[derive(Debug)]
struct Details {
    kind: &'static str,
    name: &'static str,
    value: Value,
}

impl Details {
    fn new(kind: &'static str, name: &'static str, value: Value) -> Self {
        Self { kind, name, value }
    }
}

/// A recipient with what is known of it.
fn recipient(status: &RecipientStatus, action: Option<&str>) -> Value {
    let mut value = json!({
        "emailAddress": status.recipient().to_string(),
        "status": status.status().to_string(),
    });
    set(&mut value, "action", action);
    set(&mut value, "diagnosticCode", status.diagnostic());
    value
}

fn address_of(telling: &Telling<'_>, server: &str) -> Option<String> {
    Some(telling.address_of(server)?.to_string())
}

/// The id of something that SES was told by others.
fn feedback_id(telling: &Telling<'_>) -> String {
    format!("{}-000000", telling.entropy.token(32))
}
