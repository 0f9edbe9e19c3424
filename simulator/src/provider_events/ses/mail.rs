//! The message that an event is about: `mail`.

use serde_json::{Map, Value, json};

use super::header;
use super::{SesHeaders, SesOverSns, SesPublishing};
use crate::provider_events::document::set;
use crate::provider_events::form::Telling;
use crate::reports::iso_8601;

pub(super) fn write(form: &SesOverSns, telling: &Telling<'_>) -> Value {
    let (topic, submitted) = (&form.topic, telling.submitted);
    let destination: Vec<String> = submitted
        .destination
        .iter()
        .map(ToString::to_string)
        .collect();
    let mut mail = json!({
        "timestamp": iso_8601(telling.outbound.arrived),
        "messageId": submitted.id,
        "sendingAccountId": topic.account(),
        "destination": destination,
    });
    let author = submitted.author.as_ref().map(ToString::to_string);
    if let Some(author) = &author {
        let (partition, region, account) = (topic.partition(), topic.region(), topic.account());
        let arn = format!("arn:{partition}:ses:{region}:{account}:identity/{author}");
        set(&mut mail, "sourceArn", Some(arn));
    }
    let is_event = form.publishing == SesPublishing::Events;
    let source = match (is_event, &telling.outbound.return_path) {
        (false, letterhead_mail::ReversePath::Address(sender)) => Some(sender.to_string()),
        _ => author.clone(),
    };
    set(&mut mail, "source", source);
    if is_event {
        set(&mut mail, "tags", Some(tags(form, telling)));
    } else {
        let client = submitted.client.to_string();
        set(&mut mail, "sourceIp", Some(client));
        let user = submitted.user.clone();
        set(&mut mail, "callerIdentity", user);
    }
    if is_event || form.headers == SesHeaders::Included {
        header::add(&mut mail, telling);
    }
    mail
}

/// Tags by their names, each with a list of values: those that SES sets itself, and the message's own.
fn tags(form: &SesOverSns, telling: &Telling<'_>) -> Value {
    let submitted = telling.submitted;
    let mut tags = Map::new();
    let mut add = |name: &str, value: String| {
        tags.insert(name.to_owned(), json!([value]));
    };
    let own = submitted.message.headers_named("X-SES-MESSAGE-TAGS");
    for pair in own.flat_map(|field| {
        let pairs = field.unfolded();
        pairs.split(',').map(str::to_owned).collect::<Vec<_>>()
    }) {
        if let Some((name, value)) = pair.split_once('=')
            && is_word(name.trim())
            && is_word(value.trim())
        {
            add(name.trim(), value.trim().to_owned());
        }
    }
    add("ses:source-ip", submitted.client.to_string());
    add("ses:outgoing-ip", telling.outbound.host.address.to_string());
    add("ses:operation", "SendSmtpEmail".to_owned());
    let domain = submitted.author.as_ref().map(|author| author.domain());
    if let Some(domain) = domain {
        add("ses:from-domain", domain.to_string());
    }
    if let Some(user) = &submitted.user {
        add("ses:caller-identity", user.clone());
    }
    if let Some(name) = &form.configuration_set {
        add("ses:configuration-set", name.clone());
    }
    Value::Object(tags)
}

/// What a tag's name and value may be made of.
fn is_word(text: &str) -> bool {
    let allowed =
        |octet: u8| octet.is_ascii_alphanumeric() || matches!(octet, b'_' | b'-' | b'.' | b'@');
    (1..=MAX_TAG).contains(&text.len()) && text.bytes().all(allowed)
}

/// Octets of a tag's name or value.
const MAX_TAG: usize = 256;
