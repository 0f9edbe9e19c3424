//! Disposition notifications, [RFC 8098](https://www.rfc-editor.org/rfc/rfc8098): read receipts.

use std::fmt::Write as _;
use std::time::SystemTime;

use letterhead_mail::message::MessageError;
use letterhead_mail::{EmailAddress, Message, OriginalRecipient, ReversePath, parse_mailbox_list};

use super::container::{Outer, Parts, Returned, compose, one_line};
use super::recipient_status::typed;
use crate::entropy::SeededEntropy;

/// A disposition notification: what the recipient's mail program did with a message.
///
/// It returns the header of the original message. It is sent from the null sender, which is for whoever sends it to see
/// to.
#[derive(Debug, Clone)]
pub struct DispositionNotification {
    recipient: EmailAddress,
    to: EmailAddress,
    disposition: DispositionType,
    original_recipient: Option<OriginalRecipient>,
    reporting_program: Option<String>,
}

/// What was done with the message ([RFC 8098 §3.2.6.2](https://www.rfc-editor.org/rfc/rfc8098#section-3.2.6.2)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DispositionType {
    /// It was shown to somebody, who need not have read it.
    Displayed,
    /// It was deleted, which says nothing of whether it was shown before.
    Deleted,
}

impl DispositionType {
    fn keyword(self) -> &'static str {
        match self {
            Self::Displayed => "displayed",
            Self::Deleted => "deleted",
        }
    }
}

impl DispositionNotification {
    /// A notification by `recipient`, to the address that [asked](Self::asked_by) for it.
    #[must_use]
    pub fn new(recipient: EmailAddress, to: EmailAddress, disposition: DispositionType) -> Self {
        Self {
            recipient,
            to,
            disposition,
            original_recipient: None,
            reporting_program: None,
        }
    }

    /// The address that a notification about `original`, which came with this return path, may be sent to without asking
    /// the recipient: where one Disposition-Notification-To field names one address and it is the return path
    /// ([RFC 8098 §2.1](https://www.rfc-editor.org/rfc/rfc8098#section-2.1)).
    #[must_use]
    pub fn asked_by(original: &Message, return_path: &ReversePath) -> Option<EmailAddress> {
        let return_path = return_path.address()?;
        let mut fields = original.headers_named("Disposition-Notification-To");
        let (Some(field), None) = (fields.next(), fields.next()) else {
            return None;
        };
        let mailboxes = parse_mailbox_list(field.value()).ok()?;
        match mailboxes.as_slice() {
            [only] if only.address() == return_path => Some(return_path.clone()),
            _ => None,
        }
    }

    /// With the recipient as the sender first named it, from ORCPT.
    #[must_use]
    pub fn with_original_recipient(mut self, original: OriginalRecipient) -> Self {
        self.original_recipient = Some(original);
        self
    }

    /// With the host and the name of the mail program: `desk.example; Mail 1.0`
    /// ([RFC 8098 §3.2.1](https://www.rfc-editor.org/rfc/rfc8098#section-3.2.1)).
    #[must_use]
    pub fn with_reporting_program(mut self, program: impl Into<String>) -> Self {
        self.reporting_program = Some(program.into());
        self
    }

    /// Writes the notification about `original`.
    ///
    /// # Errors
    ///
    /// When the parts do not make a message; they do, whatever the arguments.
    pub fn write(
        &self,
        original: &Message,
        now: SystemTime,
        entropy: &SeededEntropy,
    ) -> Result<Message, MessageError> {
        let original_recipient = self.original_recipient.as_ref();
        let original_recipient = original_recipient.map(OriginalRecipient::address);
        let is_global = self.recipient.needs_smtputf8()
            || original_recipient.is_some_and(EmailAddress::needs_smtputf8);
        let keyword = self.disposition.keyword();
        let text = format!(
            "Your message to {} was {keyword}. That is no promise that anybody has read or understood it.\n",
            self.recipient
        );
        compose(
            &Outer {
                from: &format!("<{}>", self.recipient),
                host: self.recipient.domain(),
                to: &self.to,
                subject: "Disposition notification",
                report_type: "disposition-notification",
            },
            &Parts {
                text: &text,
                fields_type: if is_global {
                    "message/global-disposition-notification"
                } else {
                    "message/disposition-notification"
                },
                fields: &self.fields(original),
                returned: Returned::Header(original),
            },
            now,
            entropy,
        )
    }

    fn fields(&self, original: &Message) -> String {
        let mut fields = String::new();
        // Writing to a String does not fail.
        if let Some(program) = &self.reporting_program {
            let _ = writeln!(fields, "Reporting-UA: {}", one_line(program));
        }
        if let Some(recipient) = &self.original_recipient {
            let _ = writeln!(fields, "Original-Recipient: {}", typed(recipient.address()));
        }
        let _ = writeln!(fields, "Final-Recipient: {}", typed(&self.recipient));
        if let Some(id) = original.message_id() {
            let _ = writeln!(fields, "Original-Message-ID: {}", one_line(&id));
        }
        let mode = match self.disposition {
            DispositionType::Displayed => "manual-action/MDN-sent-automatically",
            DispositionType::Deleted => "automatic-action/MDN-sent-automatically",
        };
        let _ = writeln!(
            fields,
            "Disposition: {mode}; {}",
            self.disposition.keyword()
        );
        fields
    }
}
