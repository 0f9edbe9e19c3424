//! The fields and recipients of two copies of a message.

use std::collections::BTreeSet;

use letterhead_dns::Finding;
use letterhead_mail::mailbox::MailboxListError;
use letterhead_mail::{HeaderName, Message, parse_mailbox_list};

use super::code::Code;
use crate::profile::{PreservedHeader, Profile};

/// What has changed that must not.
pub(super) fn findings(profile: &Profile, before: &Message, after: &Message) -> Vec<Finding<Code>> {
    let preserved = profile.preserved_headers();
    let fixed = profile
        .relay()
        .map(|relay| relay.fixed_headers.as_slice())
        .unwrap_or_default();
    let is_preserved = |name: &HeaderName| preserved.iter().any(|rule| rule.header == *name);
    let preserved = preserved
        .iter()
        .filter_map(|rule| of_preserved(rule, before, after));
    let fixed = fixed
        .iter()
        .filter(|name| !is_preserved(name))
        .filter_map(|name| of_fixed(name, before, after));
    preserved
        .chain(fixed)
        .chain(of_recipients(before, after))
        .collect()
}

/// The values of a field, without folds and with each stretch of white space as one space.
pub(super) fn values(message: &Message, name: &str) -> Vec<String> {
    let fields = message.headers_named(name);
    fields
        .map(|field| {
            let text = field.unfolded();
            let words: Vec<&str> = text.split_ascii_whitespace().collect();
            words.join(" ")
        })
        .collect()
}

fn of_preserved(
    rule: &PreservedHeader,
    before: &Message,
    after: &Message,
) -> Option<Finding<Code>> {
    let name = rule.header.as_str();
    let (was, is) = (values(before, name), values(after, name));
    if was.is_empty() {
        return Some(Finding::new(
            Code::FieldNotHandedOver,
            name,
            "the message did not have the field when it was handed over, so that nothing can be said about it",
            "compare a message as the provider hands it over, before any filter of the server's own",
        ));
    }
    let wanted = match &rule.value {
        Some(value) => vec![value.clone()],
        None => was.clone(),
    };
    if is == wanted {
        return None;
    }
    if is.is_empty() {
        return Some(lost(name, &was));
    }
    let has_to_be = rule
        .value
        .as_ref()
        .map(|value| format!(", and has to be {}", shown(value)));
    Some(Finding::new(
        Code::FieldChanged,
        name,
        format!(
            "the field was {} and is {}{}",
            all_shown(&was),
            all_shown(&is),
            has_to_be.unwrap_or_default()
        ),
        "let the server pass it on as it comes",
    ))
}

fn of_fixed(name: &HeaderName, before: &Message, after: &Message) -> Option<Finding<Code>> {
    let name = name.as_str();
    let (was, is) = (values(before, name), values(after, name));
    if was == is {
        return None;
    }
    Some(match (was.as_slice(), is.as_slice()) {
        (_, []) => lost(name, &was),
        ([], _) => Finding::new(
            Code::FieldAdded,
            name,
            format!("the message had no such field and has {}", all_shown(&is)),
            "take out the rule of the server that adds it",
        ),
        _ => Finding::new(
            Code::FieldChanged,
            name,
            format!(
                "the field was {} and is {}",
                all_shown(&was),
                all_shown(&is)
            ),
            "take out the rule of the server that rewrites it",
        ),
    })
}

fn lost(name: &str, was: &[String]) -> Finding<Code> {
    Finding::new(
        Code::FieldLost,
        name,
        format!("the field was {} and is gone", all_shown(was)),
        "take out the rule of the server that removes it",
    )
}

fn of_recipients(before: &Message, after: &Message) -> Option<Finding<Code>> {
    let (was, is) = match (recipients(before), recipients(after)) {
        (Ok(was), Ok(is)) => (was, is),
        (Err(_), _) => {
            return Some(not_readable("before"));
        }
        (_, Err(_)) => {
            return Some(not_readable("after"));
        }
    };
    if was == is {
        return None;
    }
    let of_one = |one: &BTreeSet<String>, other: &BTreeSet<String>| {
        let only: Vec<&str> = one.difference(other).map(String::as_str).collect();
        only.join(", ")
    };
    let (lost, new) = (of_one(&was, &is), of_one(&is, &was));
    let (problem, text) = match (lost.is_empty(), new.is_empty()) {
        (false, true) => (format!("no longer named as recipients: {lost}"), lost),
        (true, _) => (format!("newly named as recipients: {new}"), new),
        (false, false) => (
            format!("newly named as recipients: {new}; no longer named: {lost}"),
            format!("{new}, {lost}"),
        ),
    };
    Some(Finding::new(
        Code::RecipientsChanged,
        text,
        problem,
        "leave To, Cc and Bcc as they come: who answers to whom depends on them",
    ))
}

fn not_readable(when: &str) -> Finding<Code> {
    Finding::new(
        Code::RecipientsNotReadable,
        "",
        format!(
            "To, Cc or Bcc cannot be read in the copy from {when} the relay, so that the recipients were not compared"
        ),
        "see whether the server, or a filter before it, writes the field anew",
    )
}

fn recipients(message: &Message) -> Result<BTreeSet<String>, MailboxListError> {
    let mut addresses = BTreeSet::new();
    for name in ["To", "Cc", "Bcc"] {
        for field in message.headers_named(name) {
            // An empty field names nobody.
            if field.unfolded().is_empty() {
                continue;
            }
            for mailbox in parse_mailbox_list(field.value())? {
                addresses.insert(mailbox.address().to_string());
            }
        }
    }
    Ok(addresses)
}

fn all_shown(values: &[String]) -> String {
    let shown: Vec<String> = values.iter().map(|value| shown(value)).collect();
    shown.join(" and ")
}

/// A value in quotes, on one line, and not too much of it.
fn shown(value: &str) -> String {
    let start: String = value.chars().take(LONGEST_SHOWN).collect();
    let more = if start.len() < value.len() { "…" } else { "" };
    format!("{start:?}{more}")
}

const LONGEST_SHOWN: usize = 100;
