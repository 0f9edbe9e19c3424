//! What a provider has to tell, whatever its form.

use std::net::IpAddr;

use letterhead_mail::{EmailAddress, EnhancedCode, Message};

use crate::reports::RecipientStatus;

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
    /// The provider took it, found a virus in it, and threw it away.
    Rejected,
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
    /// One of them did something with it.
    Engaged(EmailAddress, Engagement),
}

/// What a recipient does with a message.
#[derive(Debug)]
pub(crate) enum Engagement {
    /// It is opened.
    Opened,
    /// This link in it is followed.
    Clicked(String),
}

/// Whose list an address is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SuppressedBy {
    /// The provider's own, for all its customers.
    Provider,
    /// The customer's, kept by the provider.
    Account,
}

impl Occurrence {
    /// Whether there is nothing to tell.
    pub(super) fn is_about_nobody(&self) -> bool {
        match self {
            Self::Accepted | Self::Rejected | Self::Engaged(..) => false,
            Self::Delivered(statuses)
            | Self::Delayed(statuses)
            | Self::Bounced(statuses)
            | Self::Suppressed(statuses, _) => statuses.is_empty(),
            Self::Complained(recipients) | Self::AutoReplied(recipients) => recipients.is_empty(),
        }
    }
}

/// What became of one recipient.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fate<'a> {
    pub(super) kind: FateKind,
    pub(super) recipient: &'a EmailAddress,
    /// What is known of it beyond that.
    pub(super) status: Option<&'a RecipientStatus>,
    /// The link that was followed.
    pub(super) link: Option<&'a str>,
}

/// The kinds of what becomes of one recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FateKind {
    Accepted,
    Rejected,
    Delivered,
    Delayed,
    Bounced,
    Suppressed,
    Complained,
    AutoReplied,
    Opened,
    Clicked,
}

impl Occurrence {
    /// Recipient by recipient.
    pub(super) fn fates<'a>(&'a self, submitted: &'a Submitted) -> Vec<Fate<'a>> {
        let of_statuses = |kind, statuses: &'a [RecipientStatus]| {
            let fate = |status: &'a RecipientStatus| Fate {
                kind,
                recipient: status.recipient(),
                status: Some(status),
                link: None,
            };
            statuses.iter().map(fate).collect()
        };
        let of_recipients = |kind, recipients: &'a [EmailAddress]| {
            let fate = |recipient| Fate {
                kind,
                recipient,
                status: None,
                link: None,
            };
            recipients.iter().map(fate).collect()
        };
        match self {
            Self::Accepted => of_recipients(FateKind::Accepted, &submitted.destination),
            Self::Rejected => of_recipients(FateKind::Rejected, &submitted.destination),
            Self::Delivered(statuses) => of_statuses(FateKind::Delivered, statuses),
            Self::Delayed(statuses) => of_statuses(FateKind::Delayed, statuses),
            Self::Bounced(statuses) => of_statuses(FateKind::Bounced, statuses),
            Self::Suppressed(statuses, _) => of_statuses(FateKind::Suppressed, statuses),
            Self::Complained(recipients) => of_recipients(FateKind::Complained, recipients),
            Self::AutoReplied(recipients) => of_recipients(FateKind::AutoReplied, recipients),
            Self::Engaged(recipient, engagement) => {
                let (kind, link) = match engagement {
                    Engagement::Opened => (FateKind::Opened, None),
                    Engagement::Clicked(link) => (FateKind::Clicked, Some(link.as_str())),
                };
                vec![Fate {
                    kind,
                    recipient,
                    status: None,
                    link,
                }]
            }
        }
    }
}

impl Fate<'_> {
    /// The status, where one is known.
    pub(super) fn code(&self) -> Option<EnhancedCode> {
        self.status.map(RecipientStatus::status)
    }

    /// Class, subject and detail of the status.
    pub(super) fn digits(&self) -> Option<(u8, u16, u16)> {
        let code = self.code()?;
        Some((code.class(), code.subject(), code.detail()))
    }

    /// What the server said, without the type in front; `None` where no server spoke.
    pub(super) fn reply(&self) -> Option<&str> {
        self.status?.diagnostic()?.strip_prefix("smtp; ")
    }

    /// The server that spoke.
    pub(super) fn server(&self) -> Option<&str> {
        self.status?.remote_mta()
    }
}
