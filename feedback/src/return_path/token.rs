use std::time::SystemTime;

use letterhead_mail::{EmailAddress, SubmissionId, TenantId};

use crate::event::Proof;
use crate::return_path::ReturnPathId;
use crate::sent_log::SentMessage;
use crate::token::Mailing;

/// What a return path of ours says. Only reading one makes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReturnPathToken {
    subject: Subject,
    issued: SystemTime,
}

/// Whom a return path is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Subject {
    Recipient(EmailAddress),
    Id(ReturnPathId),
}

impl ReturnPathToken {
    pub(super) fn new(subject: Subject, issued: SystemTime) -> Self {
        Self { subject, issued }
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
            Subject::Recipient(recipient) => Some(self.about(recipient, None)),
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
        Some(self.about(recipient?, Some((&sent.submission, &sent.tenant))))
    }

    fn about(
        &self,
        recipient: &EmailAddress,
        message: Option<(&SubmissionId, &TenantId)>,
    ) -> Mailing {
        Mailing {
            recipient: recipient.clone(),
            submission: message.map(|(submission, _)| submission.clone()),
            tenant: message.map(|(_, tenant)| tenant.clone()),
            identity: None,
            stream: None,
            proof: Proof::ReturnPath,
            issued: self.issued,
        }
    }
}
