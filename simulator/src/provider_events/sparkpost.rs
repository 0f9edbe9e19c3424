//! SparkPost's event webhooks ([its reference](https://developers.sparkpost.com/api/webhooks/)).

use serde_json::{Value, json};

use super::Occurrence;
use super::document::set;
use super::form::{Post, Telling, unix_seconds};
use super::occurrence::{Fate, FateKind};

/// One request with all of them.
pub(super) fn write(telling: &Telling<'_>, occurrence: &Occurrence) -> Vec<Post> {
    let fates = occurrence.fates(telling.submitted);
    let event = |fate: &Fate<'_>| {
        let class = match fate.kind {
            FateKind::Opened | FateKind::Clicked => "track_event",
            _ => "message_event",
        };
        json!({"msys": {class: event(telling, fate)}})
    };
    let events: Vec<Value> = fates.iter().map(event).collect();
    vec![Post::json(&Value::Array(events))]
}

fn event(telling: &Telling<'_>, fate: &Fate<'_>) -> Value {
    let (kind, class) = match fate.kind {
        FateKind::Accepted => ("injection", None),
        FateKind::Delivered => ("delivery", None),
        FateKind::Delayed => ("delay", Some(class(fate))),
        FateKind::Bounced => match fate.status.and_then(|status| status.diagnostic()) {
            Some(_) => ("bounce", Some(class(fate))),
            // Nobody spoke in a session.
            None => ("out_of_band", Some("10")),
        },
        FateKind::AutoReplied => ("out_of_band", Some("60")),
        FateKind::Suppressed | FateKind::Rejected => ("policy_rejection", Some("25")),
        FateKind::Complained => ("spam_complaint", None),
        FateKind::Opened => ("open", None),
        FateKind::Clicked => ("click", None),
    };
    let submitted = telling.submitted;
    let mut event = json!({
        "type": kind,
        "customer_id": "1",
        "event_id": (telling.entropy.next() >> 12).to_string(),
        "message_id": submitted.id,
        "transmission_id": submitted.id,
        "friendly_from": submitted.author.as_ref().map(ToString::to_string),
        "msg_from": telling.outbound.sender.to_string(),
        "raw_rcpt_to": fate.recipient.to_string(),
        "rcpt_to": fate.recipient.to_string().to_lowercase(),
        "rcpt_meta": {},
        "rcpt_tags": [],
        "recipient_domain": fate.recipient.domain().to_string(),
        "sending_ip": telling.outbound.host.address.to_string(),
        "timestamp": unix_seconds(telling.now).to_string(),
        "delv_method": "esmtp",
    });
    let words = match fate.kind {
        FateKind::Suppressed => {
            Some("554 5.7.1 recipient address suppressed due to customer policy")
        }
        FateKind::Rejected => Some("550 5.7.1 the message has a virus"),
        FateKind::Delivered => None,
        _ => fate.reply(),
    };
    let server = fate.server().and_then(|server| telling.address_of(server));
    set(&mut event, "bounce_class", class);
    set(&mut event, "error_code", words.and_then(code_in));
    set(&mut event, "raw_reason", words);
    set(&mut event, "reason", words);
    let server = server.map(|address| address.to_string());
    set(&mut event, "ip_address", server);
    set(&mut event, "target_link_url", fate.link);
    if fate.kind == FateKind::Complained {
        set(&mut event, "fbtype", Some("abuse"));
        let by = fate.recipient.domain().to_string();
        set(&mut event, "report_by", Some(by));
    }
    event
}

fn code_in(words: &str) -> Option<&str> {
    words.split(' ').next()
}

/// The [class](https://support.sparkpost.com/docs/deliverability/bounce-classification-codes) of a bounce with this status.
fn class(fate: &Fate<'_>) -> &'static str {
    let Some(code) = fate.code() else {
        return "1";
    };
    match (code.class(), code.subject(), code.detail()) {
        (_, 1, 2 | 10) => "21",
        (5, 1, _) => "10",
        (_, 2, 2) => "22",
        (_, 2, 3) | (_, 3, 4) => "23",
        (4, 4, 7) => "24",
        (4, 7, _) => "70",
        (5, 7, _) => "50",
        (5, 6, _) => "53",
        (4, ..) => "20",
        _ => "1",
    }
}
