//! Oracle Cloud Infrastructure Email Delivery: the service logs of a domain.
//!
//! The fields are those of
//! [Oracle's reference](https://docs.oracle.com/iaas/Content/Logging/Reference/details_for_emaildelivery.htm).

use letterhead_mail::EnhancedCode;
use serde_json::{Value, json};

use super::Occurrence;
use super::document::set;
use super::form::{Post, Telling};
use super::occurrence::{Fate, FateKind};
use super::uuid::uuid;
use crate::reports::iso_8601;

/// The records of the logs `outboundaccepted` and `outboundrelayed` of Oracle's Email Delivery, as a service connector
/// passes them on: a JSON array of those that are written at the same time, one for every recipient.
///
/// Recipients that were taken, or suppressed, are in the first; deliveries, bounces, complaints, opens and clicks in the second. The logs
/// know neither delays nor automatic answers, so there is nothing of them.
#[derive(Debug, Clone)]
pub struct OciLogs {
    compartment: String,
}

impl OciLogs {
    /// The logs, of the resources of a made-up compartment.
    #[must_use]
    pub fn new() -> Self {
        Self {
            compartment: "ocid1.compartment.oc1..simulated".to_owned(),
        }
    }

    /// The OCID of the compartment that the domain and the logs are in.
    #[must_use]
    pub fn compartment(mut self, ocid: impl Into<String>) -> Self {
        self.compartment = ocid.into();
        self
    }

    /// The records, if this is logged.
    pub(super) fn write(&self, telling: &Telling<'_>, occurrence: &Occurrence) -> Option<Post> {
        Post::json_of_all(self.records(telling, occurrence))
    }

    fn records(&self, telling: &Telling<'_>, occurrence: &Occurrence) -> Vec<Value> {
        let record = |fate: &Fate<'_>| {
            let (category, data) = match fate.kind {
                FateKind::Accepted | FateKind::Rejected => {
                    let status = format!("250 2.1.5 {} and options Ok", fate.recipient);
                    (ACCEPTED, json!({"action": "accept", "smtpStatus": status}))
                }
                FateKind::Suppressed => {
                    let data = json!({"action": "accept", "errorType": "Recipient suppressed"});
                    (ACCEPTED, data)
                }
                FateKind::Delivered => (RELAYED, relayed(telling, fate)),
                FateKind::Bounced => (RELAYED, bounced(telling, fate)),
                FateKind::Complained => {
                    let time = iso_8601(telling.now);
                    let data = json!({"action": "complaint", "reportGeneratedTime": time});
                    (RELAYED, data)
                }
                FateKind::Opened => (RELAYED, json!({"action": "open"})),
                FateKind::Clicked => (RELAYED, json!({"action": "click", "url": fate.link})),
                FateKind::Delayed | FateKind::AutoReplied => return None,
            };
            Some(self.record(telling, category, &fate.recipient.to_string(), data))
        };
        let fates = occurrence.fates(telling.submitted);
        fates.iter().filter_map(record).collect()
    }

    /// A record with what every one has.
    fn record(
        &self,
        telling: &Telling<'_>,
        category: &str,
        recipient: &str,
        mut data: Value,
    ) -> Value {
        let submitted = telling.submitted;
        let sender = submitted.author.as_ref().map(ToString::to_string);
        let message_id = telling.outbound.message.message_id();
        let message_id = message_id.unwrap_or_else(|| submitted.id.clone());
        set(&mut data, "recipient", Some(recipient));
        set(&mut data, "sender", sender);
        set(&mut data, "messageId", Some(message_id));
        let author = submitted.author.as_ref();
        let source = author.map_or_else(String::new, |author| author.domain().to_string());
        let time = iso_8601(telling.now);
        json!({
            "id": uuid(telling.entropy),
            "specversion": "1.0",
            "type": format!("com.oraclecloud.emaildelivery.emaildomain.{category}"),
            "source": source,
            "time": time,
            "oracle": {
                "compartmentid": self.compartment,
                "ingestedtime": time,
                "loggroupid": "ocid1.loggroup.oc1..simulated",
                "logid": format!("ocid1.log.oc1..{category}"),
                "tenantid": "ocid1.tenancy.oc1..simulated",
            },
            "data": data,
        })
    }
}

impl Default for OciLogs {
    fn default() -> Self {
        Self::new()
    }
}

fn relayed(telling: &Telling<'_>, fate: &Fate<'_>) -> Value {
    let mut data = json!({
        "action": "relay",
        "internalProcessingDurationInMs": telling.age_in_millis(),
    });
    add_server(&mut data, telling, fate);
    data
}

fn bounced(telling: &Telling<'_>, fate: &Fate<'_>) -> Value {
    let code = fate.code();
    let kind = match code.map(EnhancedCode::class) {
        Some(4) => "soft",
        _ => "hard",
    };
    let mut data = json!({
        "action": "bounce",
        "errorType": kind,
        "bounceCode": code.map(|code| code.to_string()),
        "reportGeneratedTime": iso_8601(telling.now),
    });
    set(&mut data, "bounceCategory", code.and_then(category));
    add_server(&mut data, telling, fate);
    data
}

/// What the server said, and which one it was.
fn add_server(data: &mut Value, telling: &Telling<'_>, fate: &Fate<'_>) {
    set(data, "smtpStatus", fate.reply());
    let server = fate
        .server()
        .map(|server| match telling.address_of(server) {
            Some(address) => format!("{server} ({address})"),
            None => server.to_owned(),
        });
    set(data, "recipientMailServer", server);
}

/// The kind of bounce that a status is of; `None` where it says nothing.
fn category(code: EnhancedCode) -> Option<&'static str> {
    Some(match (code.class(), code.subject(), code.detail()) {
        (4, 4, 7) => "message-expired",
        (_, 1, 1 | 3 | 6) => "bad-mailbox",
        (_, 1, 2 | 10) => "bad-domain",
        (_, 1, 7 | 8) => "invalid-sender",
        (_, 2, 1) => "inactive-mailbox",
        (_, 2, 2) => "quota-issues",
        (_, 3, 5) => "bad-configuration",
        (_, 4, 1) => "no-answer-from-host",
        (_, 4, 2) => "bad-connection",
        (_, 4, _) => "routing-errors",
        (_, 5, _) => "protocol-errors",
        (_, 6, _) => "content-related",
        (_, 7, _) => "policy-related",
        _ => return None,
    })
}

const ACCEPTED: &str = "outboundaccepted";

const RELAYED: &str = "outboundrelayed";
