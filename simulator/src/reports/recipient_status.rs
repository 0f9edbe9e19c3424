//! What a delivery status notification says of one recipient.

use std::fmt::Write as _;
use std::time::SystemTime;

use letterhead_mail::{EmailAddress, EnhancedCode, OriginalRecipient};

use super::container::one_line;
use super::date::date_time;

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
    pub(super) fn keyword(self) -> &'static str {
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
    pub(super) fn is_global(&self) -> bool {
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

    pub(super) fn action(&self) -> Action {
        self.action
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

    /// Whose status this is.
    #[must_use]
    pub fn recipient(&self) -> &EmailAddress {
        &self.recipient
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
