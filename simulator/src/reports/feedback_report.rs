//! Feedback reports, [RFC 5965](https://www.rfc-editor.org/rfc/rfc5965).

use std::fmt::Write as _;
use std::net::IpAddr;
use std::time::SystemTime;

use letterhead_mail::message::MessageError;
use letterhead_mail::{DomainName, EmailAddress, Message, ReversePath};

use super::container::{Outer, Parts, Returned, compose};
use super::date::date_time;
use crate::entropy::SeededEntropy;

/// A complaint about one message, as a mailbox provider's feedback loop sends it.
///
/// It returns the whole original message.
#[derive(Debug, Clone)]
pub struct FeedbackReport {
    reporter: DomainName,
    to: EmailAddress,
    feedback_type: FeedbackType,
    original_sender: Option<ReversePath>,
    original_recipients: Vec<EmailAddress>,
    arrival: Option<SystemTime>,
    source: Option<IpAddr>,
}

/// What the report is about ([RFC 5965 §7.3](https://www.rfc-editor.org/rfc/rfc5965#section-7.3)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FeedbackType {
    /// The recipient called it spam.
    Abuse,
    /// Fraud or phishing.
    Fraud,
    /// The recipient says that it is not spam: no complaint ([RFC 6430](https://www.rfc-editor.org/rfc/rfc6430)).
    NotSpam,
}

impl FeedbackType {
    fn keyword(self) -> &'static str {
        match self {
            Self::Abuse => "abuse",
            Self::Fraud => "fraud",
            Self::NotSpam => "not-spam",
        }
    }
}

impl FeedbackReport {
    /// A report by the host `reporter`, to `to`.
    #[must_use]
    pub fn new(reporter: DomainName, to: EmailAddress, feedback_type: FeedbackType) -> Self {
        Self {
            reporter,
            to,
            feedback_type,
            original_sender: None,
            original_recipients: Vec::new(),
            arrival: None,
            source: None,
        }
    }

    /// With the envelope sender of the original message.
    #[must_use]
    pub fn with_original_sender(mut self, sender: ReversePath) -> Self {
        self.original_sender = Some(sender);
        self
    }

    /// With one more recipient who complains.
    #[must_use]
    pub fn with_original_recipient(mut self, recipient: EmailAddress) -> Self {
        self.original_recipients.push(recipient);
        self
    }

    /// With when the original message arrived.
    #[must_use]
    pub fn with_arrival(mut self, time: SystemTime) -> Self {
        self.arrival = Some(time);
        self
    }

    /// With the address that the original message came from.
    #[must_use]
    pub fn with_source(mut self, address: IpAddr) -> Self {
        self.source = Some(address);
        self
    }

    /// Writes the report about `original`.
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
        let fields = self.fields();
        compose(
            &Outer {
                from: &format!("Feedback Loop <feedback@{}>", self.reporter),
                host: &self.reporter.clone().into(),
                to: &self.to,
                subject: "Complaint about a message",
                report_type: "feedback-report",
            },
            &Parts {
                text: "This is a report about a message that came from your system.\n",
                fields_type: "message/feedback-report",
                fields: &fields,
                returned: Returned::Whole(original),
            },
            now,
            entropy,
        )
    }

    fn fields(&self) -> String {
        let mut fields = format!(
            "Feedback-Type: {}\nUser-Agent: letterhead-simulator/{}\nVersion: 1\n",
            self.feedback_type.keyword(),
            env!("CARGO_PKG_VERSION"),
        );
        // Writing to a String does not fail.
        if let Some(sender) = &self.original_sender {
            let _ = writeln!(fields, "Original-Mail-From: <{sender}>");
        }
        if let Some(arrival) = self.arrival {
            let _ = writeln!(fields, "Arrival-Date: {}", date_time(arrival));
        }
        let _ = writeln!(fields, "Reporting-MTA: dns; {}", self.reporter);
        if let Some(source) = self.source {
            let _ = writeln!(fields, "Source-IP: {source}");
        }
        for recipient in &self.original_recipients {
            let _ = writeln!(fields, "Original-Rcpt-To: <{recipient}>");
        }
        fields
    }
}
