use std::time::SystemTime;

use letterhead_mail::EmailAddress;

use crate::event::Proof;
use crate::origin::Origin;
use crate::return_path::ReturnPathId;
use crate::sent_log::SentMessage;
use crate::token::{Mailing, TokenError};

/// What a return path of ours says. Only reading one makes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReturnPathToken {
    subject: Subject,
    issued: SystemTime,
    proof: Proof,
}

/// Whom a return path is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Subject {
    Recipient(EmailAddress),
    Id(ReturnPathId),
}

impl ReturnPathToken {
    pub(super) fn new(subject: Subject, issued: SystemTime) -> Self {
        Self {
            subject,
            issued,
            proof: Proof::ReturnPath,
        }
    }

    /// The token as something quotes it, which did not come to it.
    pub(super) fn quoted(self) -> Self {
        Self {
            proof: Proof::Token,
            ..self
        }
    }

    /// What it proves: [`Proof::ReturnPath`] if it was read from an address that something came to, [`Proof::Token`] if
    /// from the content of a report.
    #[must_use]
    pub fn proof(&self) -> Proof {
        self.proof
    }

    /// The beginning of the day on which it was made, in UTC.
    #[must_use]
    pub fn issued(&self) -> SystemTime {
        self.issued
    }

    /// What to look the mailing up by, where the return path is opaque.
    #[must_use]
    pub fn id(&self) -> Option<ReturnPathId> {
        match self.subject {
            Subject::Id(id) => Some(id),
            Subject::Recipient(_) => None,
        }
    }

    /// The mailing, where the return path names its recipient itself. Which submission it was is not known then.
    #[must_use]
    pub fn mailing(&self) -> Option<Mailing> {
        match &self.subject {
            Subject::Recipient(recipient) => Some(self.about(recipient)),
            Subject::Id(_) => None,
        }
    }

    /// The mailing, where this is the message it was, which a log gave: of an opaque return path, where the id is that
    /// of the submission and one of its recipients; of the other, where the message went to its recipient.
    #[must_use]
    pub fn resolve(&self, sent: &SentMessage) -> Option<Mailing> {
        let recipient = match &self.subject {
            Subject::Recipient(recipient) => Some(recipient).filter(|one| sent.went_to(one)),
            Subject::Id(id) => {
                let has_id = |one: &&EmailAddress| ReturnPathId::of(&sent.submission, one) == *id;
                sent.recipients.iter().find(has_id)
            }
        };
        let mut mailing = self.about(recipient?);
        mailing.origin = sent.origin();
        Some(mailing)
    }

    /// The mailing that it is about: the one of these messages that [`resolve`](Self::resolve)s it, or else what it says
    /// by itself.
    ///
    /// # Errors
    ///
    /// [`TokenError::Unresolved`] where it has an id and none of the messages is the one.
    pub fn mailing_among(&self, sent: &[SentMessage]) -> Result<Mailing, TokenError> {
        let resolved = sent.iter().find_map(|sent| self.resolve(sent));
        let mailing = resolved.or_else(|| self.mailing());
        mailing.ok_or(TokenError::Unresolved)
    }

    fn about(&self, recipient: &EmailAddress) -> Mailing {
        Mailing {
            recipient: recipient.clone(),
            origin: Origin::default(),
            proof: self.proof,
            issued: self.issued,
        }
    }
}
