//! Mails and events as JSON.

use std::time::SystemTime;

use letterhead_mail::{AuthenticationResults, EmailAddress};
use serde_json::{Value, json};

use crate::event::SimEvent;
use crate::mailbox::{StoredMail, field_values};
use crate::simulator::Simulator;

/// What a list shows of a mail.
pub(super) fn summary(mailbox: &EmailAddress, mail: &StoredMail) -> Value {
    json!({
        "id": mail.number,
        "mailbox": mailbox.to_string(),
        "recipient": mail.recipient.to_string(),
        "sender": mail.envelope.sender().to_string(),
        "from": first(mail, "From"),
        "subject": first(mail, "Subject"),
        "time": seconds(mail.received_at),
        "disposition": mail.disposition.to_string(),
        "size": mail.message.as_bytes().len(),
        "client": mail.client.to_string(),
        "verdicts": verdicts(&mail.authentication),
    })
}

/// All of a mail.
pub(super) fn whole(simulator: &Simulator, mailbox: &EmailAddress, mail: &StoredMail) -> Value {
    let fields = mail.message.header_fields().map(|field| {
        let name = field.name().to_owned();
        json!([name, field.unfolded()])
    });
    let attachments = mail.attachments();
    let attachments = attachments.iter().enumerate().map(|(place, attachment)| {
        json!({
            "place": place,
            "name": attachment.file_name(),
            "type": attachment.media_type(),
            "size": attachment.content().len(),
        })
    });
    let mut document = summary(mailbox, mail);
    if let Some(members) = document.as_object_mut() {
        let recipients = mail.envelope.addresses().map(ToString::to_string);
        members.insert("recipients".into(), recipients.collect());
        members.insert("client_name".into(), mail.client_name.as_str().into());
        members.insert("headers".into(), fields.collect());
        members.insert("text".into(), mail.text().into());
        members.insert("has_html".into(), mail.html().is_some().into());
        members.insert("attachments".into(), attachments.collect());
        let results = mail.authentication.to_string();
        members.insert("authentication_results".into(), results.into());
        members.insert("transcript".into(), transcript(simulator, mail).into());
        members.insert("events".into(), concerning(simulator, mail));
    }
    document
}

/// An event; `number` counts from 1.
pub(super) fn event(number: usize, event: &SimEvent) -> Value {
    json!({
        "number": number,
        "time": seconds(event.time),
        "host": event.host.to_string(),
        "text": event.kind.to_string(),
    })
}

/// What was said when it came, once the session has ended.
fn transcript(simulator: &Simulator, mail: &StoredMail) -> Option<String> {
    let sessions = simulator.sessions();
    let session = sessions.iter().find(|session| {
        let lines = session.transcript.lines();
        lines.iter().any(|line| line.text.ends_with(&mail.queue_id))
    });
    session.map(|session| session.transcript.to_string())
}

/// What happened about its recipient since it came.
fn concerning(simulator: &Simulator, mail: &StoredMail) -> Value {
    let recipient = mail.recipient.to_string();
    let events = simulator.events();
    let events = events.iter().enumerate();
    events
        .filter(|(_, event)| event.time >= mail.received_at)
        .map(|(place, known)| (known.kind.to_string(), event(place + 1, known)))
        .filter(|(text, _)| names(text, &recipient))
        .map(|(_, document)| document)
        .collect()
}

/// Whether the address is one of the text's words.
fn names(text: &str, address: &str) -> bool {
    let is_around = |c: char| c.is_whitespace() || matches!(c, '<' | '>' | ',' | ':' | ';');
    text.split(is_around).any(|word| word == address)
}

fn verdicts(results: &AuthenticationResults) -> Value {
    let results = results.results().iter();
    results
        .map(|result| {
            let properties = result.properties().iter();
            let properties = properties.map(|property| {
                let kind = property.kind().as_str();
                format!("{kind}.{}={}", property.name(), property.value())
            });
            json!({
                "method": result.method().as_str(),
                "result": result.result(),
                "reason": result.reason_text(),
                "properties": properties.collect::<Vec<_>>(),
            })
        })
        .collect()
}

fn first(mail: &StoredMail, name: &str) -> Option<String> {
    field_values(&mail.message, name).into_iter().next()
}

/// Since 1970.
fn seconds(time: SystemTime) -> u64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH);
    since.unwrap_or_default().as_secs()
}
