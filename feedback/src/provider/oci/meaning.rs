//! What the words of a log record mean.

use crate::diagnosis::Diagnosis;
use crate::event::{EventKind, Permanence, Reason};
use crate::provider::category::{Address, Category, judge};
use crate::provider::said::Said;

/// What the record says beside its action and the server's words.
#[derive(Debug, Clone, Copy)]
pub(super) struct Words<'a> {
    pub(super) error_type: Option<&'a str>,
    pub(super) category: Option<&'a str>,
}

/// The kind and the reason, by the action and what went wrong.
pub(super) fn of(
    action: &str,
    words: Words<'_>,
    said: &Said<'_>,
    diagnosis: &Diagnosis,
) -> (EventKind, Reason) {
    let error = words.error_type.map(str::to_ascii_lowercase);
    let error = error.as_deref();
    let (kind, reason) = match action.to_ascii_lowercase().as_str() {
        "accept" => accept(error, diagnosis),
        "relay" => relay(error, diagnosis),
        "bounce" => {
            let (permanence, reason) = bounce(error, words.category, said, diagnosis);
            (EventKind::Bounced(permanence), Some(reason))
        }
        "complaint" => (EventKind::Complained, Some(Reason::FEEDBACK)),
        "unsubscribe" => (EventKind::Unsubscribed, Some(Reason::OPT_OUT)),
        "open" => (EventKind::Opened, None),
        "click" => (EventKind::Clicked, None),
        _ => (EventKind::Unknown, None),
    };
    (kind, reason.unwrap_or_else(|| diagnosis.reason.clone()))
}

/// What the service said when the message was handed in.
fn accept(error: Option<&str>, diagnosis: &Diagnosis) -> (EventKind, Option<Reason>) {
    let Some(error) = error else {
        return (EventKind::Sent, Some(Reason::UNSPECIFIED));
    };
    match error {
        // The reference has it with this spelling.
        "recipient suppressed" | "recepient suppressed" => {
            (EventKind::Suppressed, Some(Reason::SUPPRESSED))
        }
        // Nobody asked the recipient's server. It is dead where the answer says so.
        "invalid recipient" => (
            EventKind::Bounced(diagnosis.permanence),
            Some(Reason::BAD_ADDRESS),
        ),
        // The sender took it back, or the connection broke: nothing was refused.
        "reset" | "disconnected" => (EventKind::Unknown, Some(Reason::PROTOCOL)),
        _ => match found_in(REFUSALS, error) {
            Some(reason) => (EventKind::Rejected, Some(reason)),
            None => (EventKind::Unknown, None),
        },
    }
}

/// What the recipient's server said. The documentation knows no errors here; if there is one, its class decides.
fn relay(error: Option<&str>, diagnosis: &Diagnosis) -> (EventKind, Option<Reason>) {
    match (error, diagnosis.class()) {
        (None, None | Some(2)) => (EventKind::Delivered, Some(Reason::DELIVERED)),
        (_, Some(4)) => (EventKind::Deferred, None),
        (_, Some(5)) => (EventKind::Bounced(diagnosis.permanence), None),
        _ => (EventKind::Unknown, None),
    }
}

/// The service calls every refusal for good hard, so that says little, unless it is all there is.
fn bounce(
    error: Option<&str>,
    category: Option<&str>,
    said: &Said<'_>,
    diagnosis: &Diagnosis,
) -> (Permanence, Reason) {
    let is = |name: &str| error.is_some_and(|error| error.starts_with(name));
    let is_all = category.is_none() && said.diagnostic.is_none() && diagnosis.status.is_none();
    let category = match category {
        None if is("hard") && is_all => Some(&HARD),
        category => category.and_then(|name| Category::named(CATEGORIES, name)),
    };
    let (permanence, reason) = judge(category, diagnosis);
    match permanence {
        Permanence::Hard if is("soft") => (Permanence::Soft, reason),
        _ => (permanence, reason),
    }
}

fn found_in(table: &[(&str, Reason)], word: &str) -> Option<Reason> {
    let found = table.iter().find(|(name, _)| *name == word);
    found.map(|(_, reason)| reason.clone())
}

/// Why a message was not taken, in lower case.
const REFUSALS: &[(&str, Reason)] = &[
    ("authorization failure", Reason::SECURITY),
    ("byte limit exceeded", Reason::MESSAGE_TOO_BIG),
    ("daily limit reached", Reason::RATE_LIMITED),
    ("message parse error", Reason::NOT_COMPLIANT),
    ("sender rate limit reached", Reason::RATE_LIMITED),
];

static HARD: Category = Category::new("hard", Address::Dead, Reason::UNSPECIFIED);

/// The categories of a bounce. An inactive mailbox may be opened again.
const CATEGORIES: &[Category] = &[
    Category::new("bad-configuration", Address::NotToBlame, Reason::SYSTEM),
    Category::new("bad-connection", Address::NotToBlame, Reason::NETWORK),
    Category::new("bad-domain", Address::Dead, Reason::HOST_UNKNOWN),
    Category::new("bad-mailbox", Address::Dead, Reason::USER_UNKNOWN),
    Category::new(
        "content-related",
        Address::NotToBlame,
        Reason::CONTENT_REJECTED,
    ),
    Category::new(
        "inactive-mailbox",
        Address::NotToBlame,
        Reason::MAILBOX_DISABLED,
    ),
    Category::new(
        "invalid-sender",
        Address::NotToBlame,
        Reason::SENDER_REJECTED,
    ),
    Category::new("message-expired", Address::NotToBlame, Reason::EXPIRED),
    Category::new("no-answer-from-host", Address::NotToBlame, Reason::NETWORK),
    Category::new("policy-related", Address::NotToBlame, Reason::POLICY),
    Category::new("protocol-errors", Address::NotToBlame, Reason::PROTOCOL),
    Category::new("quota-issues", Address::NotToBlame, Reason::MAILBOX_FULL),
    Category::new(
        "relaying-issues",
        Address::NotToBlame,
        Reason::RELAYING_DENIED,
    ),
    Category::new("routing-errors", Address::NotToBlame, Reason::NETWORK),
    Category::new("spam-block", Address::NotToBlame, Reason::BLOCKED),
    Category::new("spam-related", Address::NotToBlame, Reason::SPAM),
    Category::new("virus-related", Address::NotToBlame, Reason::VIRUS),
];
