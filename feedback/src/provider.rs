//! What sending providers report, each in its own JSON, and whether it is they who report it.

mod category;
mod details;
mod document;
mod field;
mod mailgun;
mod mailgun_key;
mod mailjet;
mod oci;
mod postmark;
mod proven;
mod reading;
mod reading_error;
mod replay_guard;
mod reported;
mod said;
mod sendgrid;
mod sendgrid_key;
mod ses;
mod several;
mod signing_time;
mod sns;
mod sparkpost;
mod subscription;
mod timestamp;
mod webhook_error;
mod webhook_secret;

use std::fmt;
use std::str::FromStr;

pub use mailgun_key::{MailgunKey, MailgunKeyError};
pub use reading::{ProviderReading, read_events};
pub use reading_error::{ProviderReadingError, ProviderReadingErrorKind};
pub use replay_guard::{ReplayGuard, Seen};
pub use sendgrid_key::{SendGridKey, SendGridKeyError};
pub use sns::{
    SnsError, SnsErrorKind, SnsMessage, SnsMessageKind, SnsSource, SnsSourceError, SnsVerifier,
};
pub use subscription::{SubscriptionRequest, SubscriptionRequestKind};
pub use webhook_error::WebhookError;
pub use webhook_secret::{WebhookSecret, WebhookSecretError};

/// A sending provider whose reports are read here: by [`read_events`] without asking who sent them, or by what checks that
/// first.
///
/// | provider | what proves a webhook | checked with |
/// | --- | --- | --- |
/// | Amazon SES | an RSA signature of SNS, with a certificate fetched from AWS | [`SnsVerifier`] |
/// | OCI | nothing: logs are read with the tenancy's own credentials | |
/// | SendGrid | an ECDSA signature over time and body | [`SendGridKey`] |
/// | Mailgun | an HMAC over time and token, not over the body | [`MailgunKey`] with a [`ReplayGuard`] |
/// | Postmark, Mailjet, SparkPost | nothing is signed: a secret in the URL or in a header | [`WebhookSecret`] |
///
/// A provider sends again what was not answered with success: SendGrid and Mailjet for up to 24 hours, Postmark for up to
/// 10.5, Mailgun and SparkPost for 8. The events of a repetition have the [ids](crate::Event::id) they had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Provider {
    /// Amazon SES, by notifications or event publishing over SNS.
    Ses,
    /// Oracle Cloud Infrastructure Email Delivery, by its service logs.
    Oci,
    /// Twilio SendGrid, by its event webhook.
    SendGrid,
    /// Mailgun, by its webhooks.
    Mailgun,
    /// Postmark, by its webhooks.
    Postmark,
    /// Mailjet, by its event API.
    Mailjet,
    /// SparkPost, by its event webhooks.
    SparkPost,
}

impl Provider {
    /// All of them.
    pub const ALL: &[Self] = &[
        Self::Ses,
        Self::Oci,
        Self::SendGrid,
        Self::Mailgun,
        Self::Postmark,
        Self::Mailjet,
        Self::SparkPost,
    ];

    /// A stable name, such as `sendgrid`, which reads back.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ses => "ses",
            Self::Oci => "oci",
            Self::SendGrid => "sendgrid",
            Self::Mailgun => "mailgun",
            Self::Postmark => "postmark",
            Self::Mailjet => "mailjet",
            Self::SparkPost => "sparkpost",
        }
    }
}

impl fmt::Display for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Provider {
    type Err = ProviderError;

    fn from_str(text: &str) -> Result<Self, ProviderError> {
        let found = Self::ALL.iter().find(|provider| provider.as_str() == text);
        found.copied().ok_or(ProviderError)
    }
}

/// Text that names no provider whose reports are read here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a provider is one of ses, oci, sendgrid, mailgun, postmark, mailjet and sparkpost")]
#[non_exhaustive]
pub struct ProviderError;

#[cfg(test)]
mod tests {
    use super::Provider;

    #[test]
    fn names_read_back() {
        for provider in Provider::ALL {
            assert_eq!(provider.to_string().parse(), Ok(*provider));
        }
        assert!("SES".parse::<Provider>().is_err());
    }
}
