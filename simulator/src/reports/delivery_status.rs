//! Delivery status notifications, [RFC 3464](https://www.rfc-editor.org/rfc/rfc3464).

use std::fmt::Write as _;
use std::time::SystemTime;

use letterhead_mail::message::MessageError;
use letterhead_mail::{DomainName, EmailAddress, EnvelopeId, Message, ReturnContent};

use super::container::{Outer, Parts, Returned, compose};
use super::date::date_time;
pub use super::recipient_status::{Action, RecipientStatus};
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
        let all = |action| {
            self.recipients
                .iter()
                .all(|status| status.action() == action)
        };
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
        self.recipients
            .iter()
            .any(|status| status.action() == action)
    }

    pub(super) fn text(&self) -> String {
        let mut text = String::from("What became of your message:\n\n");
        for status in &self.recipients {
            let said = status.said();
            // Writing to a String does not fail.
            let _ = writeln!(
                text,
                "  {}: {} ({said})",
                status.recipient(),
                status.action().keyword()
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
