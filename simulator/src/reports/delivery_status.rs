//! Delivery status notifications, [RFC 3464](https://www.rfc-editor.org/rfc/rfc3464).

use std::fmt::Write as _;
use std::time::SystemTime;

use letterhead_mail::envelope::{EnvelopeId, OriginalRecipient, ReturnContent};
use letterhead_mail::message::MessageError;
use letterhead_mail::{DomainName, EmailAddress, EnhancedCode, Message};

use super::container::{Outer, Parts, Returned, compose, one_line};
use super::date::date_time;
use crate::entropy::SeededEntropy;

/// A delivery status notification: what became of some recipients of one message.
///
/// It returns the header of the original message, or all of it where [asked](Self::with_return_content). Addresses outside ASCII make it the internationalised form of
/// [RFC 6533](https://www.rfc-editor.org/rfc/rfc6533). A notification is sent from the null sender, which is for
/// whoever sends it to see to.
#[derive(Debug, Clone)]
pub struct DeliveryStatusNotification {
    reporting_mta: DomainName,
    to: EmailAddress,
    envelope_id: Option<EnvelopeId>,
    return_content: ReturnContent,
    arrival: Option<SystemTime>,
    recipients: Vec<RecipientStatus>,
}

/// What became of one recipient.
#[derive(Debug, Clone)]
pub struct RecipientStatus {
    recipient: EmailAddress,
    original: Option<OriginalRecipient>,
    action: Action,
    status: EnhancedCode,
    remote_mta: Option<String>,
    diagnostic: Option<String>,
    last_attempt: Option<SystemTime>,
    will_retry_until: Option<SystemTime>,
}

/// What was done with the message ([RFC 3464 §2.3.3](https://www.rfc-editor.org/rfc/rfc3464#section-2.3.3)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Action {
    /// It could not be delivered, and nobody tries any more.
    Failed,
    /// It could not be delivered so far; this is no bounce.
    Delayed,
    /// It was delivered.
    Delivered,
    /// It was handed to a system that makes no such reports: nothing more will be known.
    Relayed,
    /// It was delivered to an alias or a list, and sent on from there to several.
    Expanded,
}

impl Action {
    fn keyword(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Delayed => "delayed",
            Self::Delivered => "delivered",
            Self::Relayed => "relayed",
            Self::Expanded => "expanded",
        }
    }
}

impl RecipientStatus {
    /// What became of `recipient`.
    #[must_use]
    pub fn new(recipient: EmailAddress, action: Action, status: EnhancedCode) -> Self {
        Self {
            recipient,
            original: None,
            action,
            status,
            remote_mta: None,
            diagnostic: None,
            last_attempt: None,
            will_retry_until: None,
        }
    }

    /// With the name of the host that said so.
    #[must_use]
    pub fn with_remote_mta(mut self, host: impl Into<String>) -> Self {
        self.remote_mta = Some(host.into());
        self
    }

    /// With what it said, led by its type: `smtp; 550 5.1.1 user unknown`.
    #[must_use]
    pub fn with_diagnostic(mut self, diagnostic: impl Into<String>) -> Self {
        self.diagnostic = Some(diagnostic.into());
        self
    }

    /// With when it was tried last.
    #[must_use]
    pub fn with_last_attempt(mut self, time: SystemTime) -> Self {
        self.last_attempt = Some(time);
        self
    }

    /// With the recipient as the sender first named it, from ORCPT
    /// ([RFC 3464 §2.3.1](https://www.rfc-editor.org/rfc/rfc3464#section-2.3.1)).
    #[must_use]
    pub fn with_original_recipient(mut self, original: OriginalRecipient) -> Self {
        self.original = Some(original);
        self
    }

    /// With how long it will be tried. Only a delay is written with it
    /// ([RFC 3464 §2.3.9](https://www.rfc-editor.org/rfc/rfc3464#section-2.3.9)).
    #[must_use]
    pub fn with_will_retry_until(mut self, time: SystemTime) -> Self {
        self.will_retry_until = Some(time);
        self
    }

    /// Whether an address of it is outside ASCII.
    fn is_global(&self) -> bool {
        let original = self.original.as_ref().map(OriginalRecipient::address);
        self.recipient.needs_smtputf8() || original.is_some_and(EmailAddress::needs_smtputf8)
    }

    pub(super) fn fields(&self) -> String {
        let mut fields = String::new();
        // Writing to a String does not fail.
        if let Some(original) = &self.original {
            let _ = writeln!(fields, "Original-Recipient: {}", typed(original.address()));
        }
        let _ = write!(
            fields,
            "Final-Recipient: {}\nAction: {}\nStatus: {}\n",
            typed(&self.recipient),
            self.action.keyword(),
            self.status,
        );
        if let Some(host) = &self.remote_mta {
            let _ = writeln!(fields, "Remote-MTA: dns; {}", one_line(host));
        }
        if let Some(diagnostic) = &self.diagnostic {
            let _ = writeln!(fields, "Diagnostic-Code: {}", one_line(diagnostic));
        }
        if let Some(time) = self.last_attempt {
            let _ = writeln!(fields, "Last-Attempt-Date: {}", date_time(time));
        }
        let until = self.will_retry_until;
        if let Some(time) = until.filter(|_| self.action == Action::Delayed) {
            let _ = writeln!(fields, "Will-Retry-Until: {}", date_time(time));
        }
        fields
    }

    /// What is said of it, in words.
    pub(super) fn said(&self) -> String {
        let said = self.diagnostic.as_deref().map(one_line);
        said.unwrap_or_else(|| self.status.to_string())
    }

    /// Whose status this is.
    #[must_use]
    pub fn recipient(&self) -> &EmailAddress {
        &self.recipient
    }
}

impl DeliveryStatusNotification {
    /// A notification by the host `reporting_mta`, to the return path `to` of the original message.
    #[must_use]
    pub fn new(reporting_mta: DomainName, to: EmailAddress) -> Self {
        Self {
            reporting_mta,
            to,
            envelope_id: None,
            return_content: ReturnContent::Headers,
            arrival: None,
            recipients: Vec::new(),
        }
    }

    /// With when the original message arrived at the reporting host.
    #[must_use]
    pub fn with_arrival(mut self, time: SystemTime) -> Self {
        self.arrival = Some(time);
        self
    }

    /// With the sender's name for this sending, from ENVID
    /// ([RFC 3464 §2.2.1](https://www.rfc-editor.org/rfc/rfc3464#section-2.2.1)).
    #[must_use]
    pub fn with_envelope_id(mut self, id: EnvelopeId) -> Self {
        self.envelope_id = Some(id);
        self
    }

    /// With this much of the original message, from RET; the header where nothing is said. All of it comes back only
    /// where a recipient failed ([RFC 3461 §4.3](https://www.rfc-editor.org/rfc/rfc3461#section-4.3)).
    #[must_use]
    pub fn with_return_content(mut self, content: ReturnContent) -> Self {
        self.return_content = content;
        self
    }

    /// With one more recipient; a notification without any is of no use to a reader.
    #[must_use]
    pub fn with_recipient(mut self, recipient: RecipientStatus) -> Self {
        self.recipients.push(recipient);
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
        self.compose(
            self.subject(),
            &self.text(),
            &self.fields(),
            self.returned(original),
            now,
            entropy,
        )
    }

    /// The notification with these words instead of its own.
    pub(super) fn compose(
        &self,
        subject: &str,
        text: &str,
        fields: &str,
        returned: Returned<'_>,
        now: SystemTime,
        entropy: &SeededEntropy,
    ) -> Result<Message, MessageError> {
        let is_global = self.recipients.iter().any(RecipientStatus::is_global);
        compose(
            &Outer {
                from: &self.author(),
                host: &self.reporting_mta.clone().into(),
                to: &self.to,
                subject,
                report_type: "delivery-status",
            },
            &Parts {
                text,
                fields_type: if is_global {
                    "message/global-delivery-status"
                } else {
                    "message/delivery-status"
                },
                fields,
                returned,
            },
            now,
            entropy,
        )
    }

    pub(super) fn author(&self) -> String {
        format!(
            "Mail Delivery Subsystem <MAILER-DAEMON@{}>",
            self.reporting_mta
        )
    }

    pub(super) fn returned<'a>(&self, original: &'a Message) -> Returned<'a> {
        let has_failed = self.any(Action::Failed);
        match self.return_content {
            ReturnContent::Full if has_failed => Returned::Whole(original),
            ReturnContent::Full | ReturnContent::Headers => Returned::Header(original),
        }
    }

    pub(super) fn subject(&self) -> &'static str {
        let all = |action| self.recipients.iter().all(|status| status.action == action);
        if self.any(Action::Failed) {
            "Delivery Status Notification (Failure)"
        } else if self.any(Action::Delayed) {
            "Delivery Status Notification (Delay)"
        } else if !self.recipients.is_empty() && all(Action::Relayed) {
            "Delivery Status Notification (Relay)"
        } else {
            "Delivery Status Notification (Success)"
        }
    }

    fn any(&self, action: Action) -> bool {
        self.recipients.iter().any(|status| status.action == action)
    }

    pub(super) fn text(&self) -> String {
        let mut text = String::from("What became of your message:\n\n");
        for status in &self.recipients {
            let said = status.said();
            // Writing to a String does not fail.
            let _ = writeln!(
                text,
                "  {}: {} ({said})",
                status.recipient,
                status.action.keyword()
            );
        }
        text
    }

    /// The group of fields about the message, and one about each recipient.
    pub(super) fn fields(&self) -> String {
        let groups = self.recipients.iter().map(RecipientStatus::fields);
        let groups: Vec<String> = std::iter::once(self.message_fields())
            .chain(groups)
            .collect();
        groups.join("\n")
    }

    pub(super) fn message_fields(&self) -> String {
        let mut fields = String::new();
        // Writing to a String does not fail.
        if let Some(id) = &self.envelope_id {
            let _ = writeln!(fields, "Original-Envelope-Id: {}", id.as_str());
        }
        let _ = writeln!(fields, "Reporting-MTA: dns; {}", self.reporting_mta);
        if let Some(arrival) = self.arrival {
            let _ = writeln!(fields, "Arrival-Date: {}", date_time(arrival));
        }
        fields
    }

    pub(super) fn recipients(&self) -> &[RecipientStatus] {
        &self.recipients
    }

    pub(super) fn reporting_mta(&self) -> &DomainName {
        &self.reporting_mta
    }

    pub(super) fn to(&self) -> &EmailAddress {
        &self.to
    }
}

/// An address as a field of a report has it: its type and itself
/// ([RFC 3464 §2.1.2](https://www.rfc-editor.org/rfc/rfc3464#section-2.1.2),
/// [RFC 6533 §3](https://www.rfc-editor.org/rfc/rfc6533#section-3)).
pub(super) fn typed(address: &EmailAddress) -> String {
    let address_type = if address.needs_smtputf8() {
        "utf-8"
    } else {
        "rfc822"
    };
    format!("{address_type}; {address}")
}
