//! What is said of a recipient after an attempt, in reports and to webhooks.

use letterhead_mail::{EnhancedCode, Outcome, RecipientReport};

use crate::reports::{Action, RecipientStatus};

/// Of one whose server took the message.
pub(crate) fn delivered(row: &RecipientReport) -> Option<RecipientStatus> {
    let given = row.enhanced().filter(|code| code.class() == 2);
    status(row, Action::Delivered, given.or(EnhancedCode::new(2, 0, 0)))
}

/// Of one whose server took the message and makes no reports.
pub(crate) fn relayed(row: &RecipientReport) -> Option<RecipientStatus> {
    status(row, Action::Relayed, EnhancedCode::new(2, 0, 0))
}

/// Of one that will be tried again. Where no server said anything, none was reached.
pub(crate) fn delayed(row: &RecipientReport) -> Option<RecipientStatus> {
    let fallback = match row.reply() {
        Some(_) => EnhancedCode::new(4, 0, 0),
        None => EnhancedCode::new(4, 4, 2),
    };
    let given = row.enhanced().filter(|code| code.class() == 4);
    status(row, Action::Delayed, given.or(fallback))
}

/// Of one that will not be tried again.
pub(crate) fn failed(row: &RecipientReport) -> Option<RecipientStatus> {
    let is_expired = matches!(row.outcome(), Outcome::Deferred | Outcome::InDoubt);
    let code = match row.reply().and_then(letterhead_mail::Reply::enhanced) {
        _ if is_expired => EnhancedCode::new(4, 4, 7),
        Some(code) if code.class() == 5 => Some(code),
        _ => EnhancedCode::new(5, 0, 0),
    };
    status(row, Action::Failed, code)
}

/// With the server and its words.
fn status(
    row: &RecipientReport,
    action: Action,
    code: Option<EnhancedCode>,
) -> Option<RecipientStatus> {
    let mut status = RecipientStatus::new(row.recipient().clone(), action, code?);
    if let Some(server) = row.server() {
        status = status.with_remote_mta(server);
    }
    Some(match (row.reply(), row.detail()) {
        (Some(reply), _) => status.with_diagnostic(format!("smtp; {reply}")),
        (None, Some(detail)) => status.with_diagnostic(format!("x-letterhead; {detail}")),
        (None, None) => status,
    })
}
