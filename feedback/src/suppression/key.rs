use std::fmt;

use letterhead_mail::EmailAddress;

/// An address as suppression compares it: domain and local part both without regard to case.
///
/// SMTP leaves the case of a local part to the receiving host
/// ([RFC 5321 §2.4](https://www.rfc-editor.org/rfc/rfc5321#section-2.4)), and [`EmailAddress`] compares it exactly. A
/// suppression list errs to the other side on purpose: people type their address in any case, reporters change the case
/// of what they report, and next to no host tells two mailboxes apart by it. A match too many costs one message; a match
/// too few writes to somebody who complained. Labels (`+news`) are kept: what a host makes of them is not known.
///
/// ```
/// use letterhead_feedback::SuppressionKey;
/// use letterhead_mail::EmailAddress;
///
/// let typed: EmailAddress = "Joe.Doe@Example.ORG".parse()?;
/// let reported: EmailAddress = "joe.doe@example.org".parse()?;
/// assert_ne!(typed, reported);
/// assert_eq!(SuppressionKey::from(&typed), SuppressionKey::from(&reported));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SuppressionKey(Box<str>);

impl SuppressionKey {
    /// The text: what a table of suppressed addresses has its index on.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&EmailAddress> for SuppressionKey {
    fn from(address: &EmailAddress) -> Self {
        Self(address.to_string().to_lowercase().into_boxed_str())
    }
}

impl fmt::Display for SuppressionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}
