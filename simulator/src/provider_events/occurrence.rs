//! What a provider has to tell, whatever its form.

use std::net::IpAddr;

use letterhead_mail::{EmailAddress, EnhancedCode, Message, RecipientReport};

use crate::reports::{Action, RecipientStatus};

/// A message as the customer handed it in, as far as events speak of it.
#[derive(Debug)]
pub(crate) struct Submitted {
    /// The provider's id for it, the last word of its reply.
    pub(crate) id: String,
    /// As it came, before the provider changed anything.
    pub(crate) message: Message,
    /// Whom it is from.
    pub(crate) author: Option<EmailAddress>,
    /// Everyone it goes to.
    pub(crate) destination: Vec<EmailAddress>,
    /// Who was logged in.
    pub(crate) user: Option<String>,
    /// Where it came from.
    pub(crate) client: IpAddr,
}

/// Something that became of a message.
#[derive(Debug)]
pub(crate) enum Occurrence {
    /// The provider took it.
    Accepted,
    /// The servers of these recipients took it.
    Delivered(Vec<RecipientStatus>),
    /// It will be tried again for these.
    Delayed(Vec<RecipientStatus>),
    /// It will never reach these.
    Bounced(Vec<RecipientStatus>),
    /// The provider did not try these.
    Suppressed(Vec<RecipientStatus>, SuppressedBy),
    /// These complained.
    Complained(Vec<EmailAddress>),
    /// Automatic answers came from these.
    AutoReplied(Vec<EmailAddress>),
}

/// Whose list an address is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SuppressedBy {
    /// The provider's own, for all its customers.
    Provider,
    /// The customer's, kept by the provider.
    Account,
}

/// What is told of a recipient whose server took the message.
pub(crate) fn delivered(row: &RecipientReport) -> Option<RecipientStatus> {
    let given = row.enhanced().filter(|code| code.class() == 2);
    status(row, Action::Delivered, given.or(EnhancedCode::new(2, 0, 0)))
}

/// What is told of a recipient that will be tried again. Where no server said anything, none was reached.
pub(crate) fn delayed(row: &RecipientReport) -> Option<RecipientStatus> {
    let fallback = match row.reply() {
        Some(_) => EnhancedCode::new(4, 0, 0),
        None => EnhancedCode::new(4, 4, 2),
    };
    let given = row.enhanced().filter(|code| code.class() == 4);
    status(row, Action::Delayed, given.or(fallback))
}

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

impl Occurrence {
    /// Whether there is nothing to tell.
    pub(super) fn is_about_nobody(&self) -> bool {
        match self {
            Self::Accepted => false,
            Self::Delivered(statuses)
            | Self::Delayed(statuses)
            | Self::Bounced(statuses)
            | Self::Suppressed(statuses, _) => statuses.is_empty(),
            Self::Complained(recipients) | Self::AutoReplied(recipients) => recipients.is_empty(),
        }
    }
}
