//! Bounces in words: what mail systems write that report in no format, and what stands beside a format.
//!
//! `author` knows who writes bounces and under which subject, `phrases` what they say, `region` where the message that is
//! returned begins, `line` how recipients are named, `words` where the reason stands; each is a few rules over the lists in
//! `data`.

mod address_in_text;
mod author;
mod line;
mod phrases;
mod region;
mod reply_in_text;
mod text;
mod word_list;
mod words;

pub(crate) use address_in_text::{addresses, lenient};
pub(crate) use author::Author;
use reply_in_text::{reply as reply_in_text, status as status_in_text};
pub(crate) use text::BounceText;

use letterhead_mail::EmailAddress;

use crate::diagnosis::{Clues, diagnose, quoted_reply};
use crate::event::{Event, EventKind};
use crate::event_list::EventList;
use crate::report::context::Context;
use crate::report::field_group::{FieldGroup, field_groups};

/// Whether octets begin with fields of a delivery status and name a recipient in them.
pub(crate) fn begins_with_status_fields(octets: &[u8]) -> bool {
    let octets = octets.trim_ascii_start();
    begins_status_field(octets)
        && field_groups(octets)
            .take(4)
            .flat_map(FieldGroup::fields)
            .any(|field| field.is("Final-Recipient") || field.is("Original-Recipient"))
}

/// The fields of a delivery status that stand in a text instead of in a part of their own.
pub(crate) fn status_fields_in(text: &str) -> Option<&str> {
    let mut start = 0;
    for line in text.split_inclusive('\n').take(MAX_STATUS_LINES) {
        if begins_status_field(line.as_bytes()) {
            let fields = text.get(start..)?;
            return begins_with_status_fields(fields.as_bytes()).then_some(fields);
        }
        start += line.len();
    }
    None
}

fn begins_status_field(octets: &[u8]) -> bool {
    let mut names = STATUS_FIELDS.iter();
    names.any(|name| crate::text::begins_with(octets, *name))
}

/// The fields that a delivery status begins with.
const STATUS_FIELDS: &[&str] = &[
    "Reporting-MTA:",
    "Original-Envelope-Id:",
    "Final-Recipient:",
    "Original-Recipient:",
    "Action:",
];
/// How many lines of a text are searched for fields of a delivery status.
const MAX_STATUS_LINES: usize = 400;

/// What became of a message, by the words of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Failed,
    Delayed,
    Delivered,
    Relayed,
}

impl Outcome {
    fn of(author: &Author, text: &BounceText) -> Self {
        let signs = text.signs;
        if signs.is_delayed && !signs.is_final {
            Self::Delayed
        } else if signs.is_delivered && !signs.is_final && author.failed.is_empty() {
            Self::Delivered
        } else if signs.is_relayed && !signs.is_final && author.failed.is_empty() {
            Self::Relayed
        } else {
            Self::Failed
        }
    }
}

/// Whether a mail is a bounce in words. Neither a null sender nor a subject nor a sentence alone proves anything: people
/// forward bounces, discuss them and quote them. It takes an author that is a mail system, or a mail that cannot be answered,
/// and enough of the rest.
pub(crate) fn is_bounce(author: &Author, text: &BounceText, returned: Returned) -> bool {
    let has_returned = returned == Returned::Attached || text.has_returned;
    let named = !author.failed.is_empty();
    // A server's reply about somebody is the same in any language.
    let quotes = text.recipients.iter().any(|about| {
        let words = about.words.as_deref();
        words.is_some_and(|words| reply_in_text(words).is_some())
    });
    if !author.may_be_mail_system() {
        return false;
    }
    let weight = author.weight;
    let sum = weight
        + author.subject
        + text.signs.weight
        + u8::from(author.no_return)
        + u8::from(has_returned)
        + u8::from(quotes)
        + if named { ENOUGH } else { 0 };
    let enough = match weight {
        3.. => text.signs.weight > 0 || has_returned || named || !text.recipients.is_empty(),
        // Postmasters are people as well, and answer to those who ask about bounces.
        2 => {
            let says_so = text.signs.weight >= 3 || (text.signs.weight >= 2 && author.subject >= 2);
            author.no_return || has_returned || named || says_so
        }
        _ => has_returned || named || text.signs.weight >= 3,
    };
    let is_answer_by_hand =
        author.is_answer && weight < 3 && !author.no_return && text.signs.weight < 3;
    sum >= ENOUGH && enough && !is_answer_by_hand
}

/// Whether a mail has the message that it is about attached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Returned {
    Attached,
    Missing,
}

/// The events of a bounce in words: one for every recipient that its header names as failed, or else its text, or else
/// the returned message; one without recipient where none does.
pub(crate) fn read(author: &Author, text: &BounceText, context: &Context, events: &mut EventList) {
    let outcome = Outcome::of(author, text);
    if let Some(list) = &author.list {
        let words = text.words.as_deref().or_else(|| text.words_about(None));
        events.push_with(|| event(outcome, Some(list), None, words, context));
        return;
    }
    for address in &author.failed {
        let about = text
            .recipients
            .iter()
            .find(|about| about.address == *address);
        let original = about.and_then(|about| about.original.as_ref());
        let words = text
            .words_about(Some(address))
            .or_else(|| match author.failed.len() {
                1 => text.words_about(None),
                _ => None,
            });
        events.push_with(|| event(outcome, Some(address), original, words, context));
    }
    if !author.failed.is_empty() {
        return;
    }
    for about in &text.recipients {
        let words = about.words.as_deref();
        let original = about.original.as_ref();
        events.push_with(|| event(outcome, Some(&about.address), original, words, context));
    }
    if text.recipients.is_empty() {
        let only = context.only_recipient();
        events.push_with(|| event(outcome, only, None, text.words_about(None), context));
    }
}

fn event(
    outcome: Outcome,
    address: Option<&EmailAddress>,
    original: Option<&EmailAddress>,
    words: Option<&str>,
    context: &Context,
) -> Event {
    let remote_mta = words.and_then(words_remote_mta);
    // Replies are dressed in many ways in words.
    let reply = words
        .and_then(|words| quoted_reply(words).or_else(|| quoted_reply(&reply_in_text(words)?)));
    let diagnosis = diagnose(&Clues {
        stated: words.and_then(status_in_text),
        diagnostic: words,
        reply: reply.as_ref(),
        remote_mta,
    });
    let kind = match outcome {
        Outcome::Failed => EventKind::Bounced(diagnosis.permanence),
        Outcome::Delayed => EventKind::Deferred,
        Outcome::Delivered => EventKind::Delivered,
        Outcome::Relayed => EventKind::Relayed,
    };
    let mut event = context.put_on(Event::new(kind).with_reason(diagnosis.reason));
    if let Some(address) = address {
        event = event.with_recipient(address.clone());
    }
    if let Some(original) = original {
        event = event.with_original_recipient(original.clone());
    }
    if let Some(status) = diagnosis.status {
        event = event.with_status(status);
    }
    if let Some(reply) = diagnosis.reply {
        event = event.with_reply(reply);
    }
    if let Some(words) = words {
        event = event.with_diagnostic(words);
    }
    match remote_mta {
        Some(server) => event.with_remote_mta(server),
        None => event,
    }
}

/// The server in `host mx.example.org[192.0.2.1] said:` and `Connected to 192.0.2.1 but`.
fn words_remote_mta(words: &str) -> Option<&str> {
    let rest = words
        .split_once("host ")
        .or_else(|| words.split_once("Connected to "))
        .map(|(_, rest)| rest)?;
    let name = rest.split(['[', ' ', ':', ',', '(']).next()?;
    let is_name = name.contains('.')
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'));
    is_name.then_some(name)
}

/// The least sum of weights that makes a bounce.
const ENOUGH: u8 = 5;
