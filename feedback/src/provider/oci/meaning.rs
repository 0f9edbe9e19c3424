//! What the words of a log record mean.

use crate::diagnosis::Diagnosis;
use crate::event::{EventKind, Permanence, Reason};
use crate::provider::said::{Said, is_unspecific};

/// The meaning of a record.
#[derive(Debug)]
pub(super) struct Meaning {
    pub(super) kind: EventKind,
    /// The reason behind the provider's category, for where the server was vague.
    pub(super) category: Option<Reason>,
    /// The reason whatever the server said.
    pub(super) reason: Option<Reason>,
}

/// By the action, what went wrong and its category.
pub(super) fn of(
    action: &str,
    error_type: Option<&str>,
    category: Option<&str>,
    said: &Said<'_>,
    diagnosis: &Diagnosis,
) -> Meaning {
    let error = error_type.map(str::to_ascii_lowercase);
    let error = error.as_deref();
    let category = category.map(str::to_ascii_lowercase);
    let (kind, reason) = match action.to_ascii_lowercase().as_str() {
        "accept" => accept(error, diagnosis),
        "relay" => relay(error, diagnosis),
        "bounce" => {
            let kind = EventKind::Bounced(permanence(error, category.as_deref(), said, diagnosis));
            return Meaning {
                kind,
                category: category
                    .as_deref()
                    .and_then(|name| found_in(CATEGORIES, name)),
                reason: None,
            };
        }
        "complaint" => (EventKind::Complained, Some(Reason::FEEDBACK)),
        "unsubscribe" => (EventKind::Unsubscribed, Some(Reason::OPT_OUT)),
        "open" => (EventKind::Opened, None),
        "click" => (EventKind::Clicked, None),
        _ => (EventKind::Unknown, None),
    };
    Meaning {
        kind,
        category: None,
        reason,
    }
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

/// The service calls every refusal for good hard. The server's own words decide whether the address is dead; where they leave
/// it open, the category does, and where there is neither, the service.
fn permanence(
    error: Option<&str>,
    category: Option<&str>,
    said: &Said<'_>,
    diagnosis: &Diagnosis,
) -> Permanence {
    let is_soft = error.is_some_and(|error| error.starts_with("soft"));
    let is_hard = error.is_some_and(|error| error.starts_with("hard"));
    let is_dead = category.is_some_and(|category| DEAD.contains(&category));
    if is_soft {
        Permanence::Soft
    } else if !is_unspecific(diagnosis) {
        diagnosis.permanence
    } else if is_dead || (is_hard && category.is_none() && said.diagnostic.is_none()) {
        Permanence::Hard
    } else {
        Permanence::Soft
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

/// The categories that mean a dead address. An inactive mailbox may be opened again.
const DEAD: &[&str] = &["bad-domain", "bad-mailbox"];

/// The categories of a bounce.
const CATEGORIES: &[(&str, Reason)] = &[
    ("bad-configuration", Reason::SYSTEM),
    ("bad-connection", Reason::NETWORK),
    ("bad-domain", Reason::HOST_UNKNOWN),
    ("bad-mailbox", Reason::USER_UNKNOWN),
    ("content-related", Reason::CONTENT_REJECTED),
    ("inactive-mailbox", Reason::MAILBOX_DISABLED),
    ("invalid-sender", Reason::SENDER_REJECTED),
    ("message-expired", Reason::EXPIRED),
    ("no-answer-from-host", Reason::NETWORK),
    ("policy-related", Reason::POLICY),
    ("protocol-errors", Reason::PROTOCOL),
    ("quota-issues", Reason::MAILBOX_FULL),
    ("relaying-issues", Reason::RELAYING_DENIED),
    ("routing-errors", Reason::NETWORK),
    ("spam-block", Reason::BLOCKED),
    ("spam-related", Reason::SPAM),
    ("virus-related", Reason::VIRUS),
];
