//! Mailgun's webhooks ([its reference](https://documentation.mailgun.com/docs/mailgun/user-manual/events/events)).

use std::time::{Duration, SystemTime};

use aws_lc_rs::hmac;
use serde_json::{Value, json};

use super::Occurrence;
use super::document::{set, with_all};
use super::form::{Post, Telling, USER_AGENT};
use super::occurrence::{Fate, FateKind};
use super::uuid::hexadecimal;

/// One request for every recipient, signed with `key` as Mailgun signs: the time and a token, with HMAC-SHA256. Automatic
/// answers are not told.
pub(super) fn write(telling: &Telling<'_>, occurrence: &Occurrence, key: &str) -> Vec<Post> {
    let fates = occurrence.fates(telling.submitted);
    let data = fates.iter().filter_map(|fate| event_data(telling, fate));
    data.map(|data| Post::json(&json!({"signature": signature(telling, key), "event-data": data})))
        .collect()
}

fn signature(telling: &Telling<'_>, key: &str) -> Value {
    let timestamp = since_1970(telling.now).as_secs().to_string();
    let token = hexadecimal(telling.entropy, 50);
    let key = hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes());
    let tag = hmac::sign(&key, format!("{timestamp}{token}").as_bytes());
    let digits: String = tag
        .as_ref()
        .iter()
        .map(|octet| format!("{octet:02x}"))
        .collect();
    json!({"timestamp": timestamp, "token": token, "signature": digits})
}

fn event_data(telling: &Telling<'_>, fate: &Fate<'_>) -> Option<Value> {
    let (event, particulars) = match fate.kind {
        FateKind::Accepted => ("accepted", json!({})),
        FateKind::Rejected => ("rejected", json!({"reject": {"reason": "Virus found"}})),
        FateKind::Delivered => ("delivered", json!({"delivery-status": status(fate, None)})),
        FateKind::Delayed => (
            "failed",
            json!({"severity": "temporary", "reason": "generic", "delivery-status": status(fate, None)}),
        ),
        FateKind::Bounced => {
            let class = fate.code().map(|code| code.class());
            // What was tried for as long as it lives, and what was refused.
            let (reason, kind) = match class {
                Some(4) => ("old", "soft"),
                _ => ("bounce", "hard"),
            };
            (
                "failed",
                json!({"severity": "permanent", "reason": reason, "delivery-status": status(fate, Some(kind))}),
            )
        }
        FateKind::Suppressed => (
            "failed",
            json!({
                "severity": "permanent",
                "reason": "suppress-bounce",
                "delivery-status": {"code": 605, "message": "", "description": "Not delivering to previously bounced address"},
            }),
        ),
        FateKind::Complained => ("complained", json!({})),
        FateKind::Opened => ("opened", json!({"client-info": {"user-agent": USER_AGENT}})),
        FateKind::Clicked => (
            "clicked",
            json!({"client-info": {"user-agent": USER_AGENT}, "url": fate.link}),
        ),
        FateKind::AutoReplied => return None,
    };
    let submitted = telling.submitted;
    let now = since_1970(telling.now);
    let message_id = telling.outbound.message.message_id().unwrap_or_default();
    let text = |name: &str| {
        let field = submitted.message.header(name);
        field.map(|field| field.unfolded()).unwrap_or_default()
    };
    let data = json!({
        "event": event,
        "id": telling.entropy.token(22),
        "timestamp": now.as_secs_f64(),
        "log-level": match fate.kind {
            FateKind::Bounced | FateKind::Suppressed | FateKind::Rejected => "error",
            FateKind::Delayed | FateKind::Complained => "warn",
            _ => "info",
        },
        "recipient": fate.recipient.to_string(),
        "recipient-domain": fate.recipient.domain().to_string(),
        "tags": [],
        "user-variables": {},
        "flags": {"is-routed": false, "is-authenticated": true, "is-system-test": false, "is-test-mode": false},
        "message": {
            "headers": {
                // Without the angle brackets.
                "message-id": message_id.trim_start_matches('<').trim_end_matches('>'),
                "to": text("To"),
                "from": text("From"),
                "subject": text("Subject"),
            },
            "attachments": [],
            "size": telling.outbound.message.len(),
        },
    });
    Some(with_all(data, particulars))
}

/// What the server said. Where it was never asked, the code is one of Mailgun's own.
fn status(fate: &Fate<'_>, kind: Option<&str>) -> Value {
    let reply = fate.reply().unwrap_or_default();
    let (code, words) = reply.split_once(' ').unwrap_or((reply, ""));
    let code = match (code.parse::<u16>(), fate.code().map(|code| code.class())) {
        (Ok(code), _) => code,
        (Err(_), Some(4)) => 499,
        (Err(_), _) => 498,
    };
    let mut status = json!({
        "attempt-no": 1,
        "code": code,
        "message": words,
        "description": "",
        "session-seconds": 0.0,
        "tls": true,
    });
    let code = fate.code().map(|code| code.to_string());
    set(&mut status, "enhanced-code", code);
    set(&mut status, "mx-host", fate.server());
    set(&mut status, "bounce-type", kind);
    status
}

fn since_1970(time: SystemTime) -> Duration {
    time.duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or(Duration::ZERO)
}
