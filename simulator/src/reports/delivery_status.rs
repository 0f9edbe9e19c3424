//! Delivery status notifications, [RFC 3464](https://www.rfc-editor.org/rfc/rfc3464).

use std::fmt::Write as _;
use std::time::SystemTime;

use letterhead_mail::message::MessageError;
use letterhead_mail::{DomainName, EmailAddress, EnhancedCode, Message};

use super::container::{Outer, Parts, Returned, compose, one_line};
use super::date::date_time;
use crate::entropy::SeededEntropy;

/// A delivery status notification: what became of some recipients of one message.
///
/// It returns the header of the original message. Addresses outside ASCII make it the internationalised form of
/// [RFC 6533](https://www.rfc-editor.org/rfc/rfc6533). A notification is sent from the null sender, which is for
/// whoever sends it to see to.
#[derive(Debug, Clone)]
pub struct DeliveryStatusNotification {
    reporting_mta: DomainName,
    to: EmailAddress,
    arrival: Option<SystemTime>,
    recipients: Vec<RecipientStatus>,
}

/// What became of one recipient.
#[derive(Debug, Clone)]
pub struct RecipientStatus {
    recipient: EmailAddress,
    action: Action,
    status: EnhancedCode,
    remote_mta: Option<String>,
    diagnostic: Option<String>,
    last_attempt: Option<SystemTime>,
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
}

impl Action {
    fn keyword(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Delayed => "delayed",
            Self::Delivered => "delivered",
        }
    }
}

impl RecipientStatus {
    /// What became of `recipient`.
    #[must_use]
    pub fn new(recipient: EmailAddress, action: Action, status: EnhancedCode) -> Self {
        Self {
            recipient,
            action,
            status,
            remote_mta: None,
            diagnostic: None,
            last_attempt: None,
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

    /// Whose status this is.
    #[must_use]
    pub fn recipient(&self) -> &EmailAddress {
        &self.recipient
    }

    /// The status.
    #[must_use]
    pub fn status(&self) -> EnhancedCode {
        self.status
    }

    /// The name of the host that said so.
    #[must_use]
    pub fn remote_mta(&self) -> Option<&str> {
        self.remote_mta.as_deref()
    }

    /// What it said, led by its type.
    #[must_use]
    pub fn diagnostic(&self) -> Option<&str> {
        self.diagnostic.as_deref()
    }
}

impl DeliveryStatusNotification {
    /// A notification by the host `reporting_mta`, to the return path `to` of the original message.
    #[must_use]
    pub fn new(reporting_mta: DomainName, to: EmailAddress) -> Self {
        Self {
            reporting_mta,
            to,
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
        let is_global = self
            .recipients
            .iter()
            .any(|status| status.recipient.needs_smtputf8());
        let (text, fields) = (self.text(), self.fields());
        compose(
            &Outer {
                from_name: "Mail Delivery Subsystem",
                from: "MAILER-DAEMON",
                host: &self.reporting_mta,
                to: &self.to,
                subject: self.subject(),
                report_type: "delivery-status",
            },
            &Parts {
                text: &text,
                fields_type: if is_global {
                    "message/global-delivery-status"
                } else {
                    "message/delivery-status"
                },
                fields: &fields,
                returned: Returned::Header(original),
            },
            now,
            entropy,
        )
    }

    fn subject(&self) -> &'static str {
        let all = |action| self.recipients.iter().all(|status| status.action == action);
        if all(Action::Delivered) {
            "Delivery Status Notification (Success)"
        } else if all(Action::Delayed) {
            "Delivery Status Notification (Delay)"
        } else {
            "Delivery Status Notification (Failure)"
        }
    }

    fn text(&self) -> String {
        let mut text = String::from("What became of your message:\n\n");
        for status in &self.recipients {
            let said = status.diagnostic.as_deref().map(one_line);
            let said = said.unwrap_or_else(|| status.status.to_string());
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

    fn fields(&self) -> String {
        let mut fields = format!("Reporting-MTA: dns; {}\n", self.reporting_mta);
        if let Some(arrival) = self.arrival {
            let _ = writeln!(fields, "Arrival-Date: {}", date_time(arrival));
        }
        for status in &self.recipients {
            let address_type = if status.recipient.needs_smtputf8() {
                "utf-8"
            } else {
                "rfc822"
            };
            let _ = write!(
                fields,
                "\nFinal-Recipient: {address_type}; {}\nAction: {}\nStatus: {}\n",
                status.recipient,
                status.action.keyword(),
                status.status,
            );
            if let Some(host) = &status.remote_mta {
                let _ = writeln!(fields, "Remote-MTA: dns; {}", one_line(host));
            }
            if let Some(diagnostic) = &status.diagnostic {
                let _ = writeln!(fields, "Diagnostic-Code: {}", one_line(diagnostic));
            }
            if let Some(time) = status.last_attempt {
                let _ = writeln!(fields, "Last-Attempt-Date: {}", date_time(time));
            }
        }
        fields
    }
}
