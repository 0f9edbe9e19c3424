//! Where a provider tells things, and in which form.

use std::fmt;
use std::sync::Arc;

use letterhead_mail::HeaderName;

use super::form::{Form, SigningKey};
use super::{OciLogs, ProviderNotification, SendGridSigning, SesOverSns};

/// Where a front tells of what becomes of mail, and in which form.
///
/// ```
/// use letterhead_simulator::provider_events::{ProviderNotification, SesOverSns, Webhook};
///
/// let topic = "arn:aws:sns:us-east-1:123456789012:mail".parse()?;
/// let webhook = Webhook::ses("https://app.yourcompany.example/hooks/ses", SesOverSns::new(topic))
///     .sink(|notification: &ProviderNotification| println!("{}", notification.text()));
/// # let _ = webhook;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Webhook {
    target: String,
    form: Form,
    headers: Vec<(String, String)>,
    sink: Option<Arc<dyn NotificationSink>>,
}

impl Webhook {
    /// Amazon SES's own, over SNS.
    #[must_use]
    pub fn ses(target: impl Into<String>, form: SesOverSns) -> Self {
        Self::of(target, Form::Ses(Box::new(form)))
    }

    /// The logs of Oracle's Email Delivery, as a service connector passes them on.
    #[must_use]
    pub fn oci_logs(target: impl Into<String>, form: OciLogs) -> Self {
        Self::of(target, Form::Oci(Box::new(form)))
    }

    /// SendGrid's event webhook: one request for all recipients that something becomes of at the same time.
    #[must_use]
    pub fn sendgrid(target: impl Into<String>, signing: SendGridSigning) -> Self {
        Self::of(target, Form::SendGrid(signing))
    }

    /// Mailgun's webhooks, one request for each recipient, signed with this key: the account's webhook signing key, any
    /// text.
    #[must_use]
    pub fn mailgun(target: impl Into<String>, signing_key: impl Into<String>) -> Self {
        let key = SigningKey(signing_key.into());
        Self::of(target, Form::Mailgun { key })
    }

    /// Postmark's webhooks, one request for each recipient. They are not signed; give a secret in the target or in a
    /// [header field](Self::header).
    #[must_use]
    pub fn postmark(target: impl Into<String>) -> Self {
        Self::of(target, Form::Postmark)
    }

    /// SparkPost's event webhooks: one request for all recipients that something becomes of at the same time. They are not
    /// signed.
    #[must_use]
    pub fn sparkpost(target: impl Into<String>) -> Self {
        Self::of(target, Form::SparkPost)
    }

    /// Mailjet's events, grouped. They are not signed.
    #[must_use]
    pub fn mailjet(target: impl Into<String>) -> Self {
        Self::of(target, Form::Mailjet)
    }

    /// With this header field in every request, as a provider is told to send it: one that holds a secret, say. Controls in
    /// the value become spaces.
    #[must_use]
    pub fn header(mut self, name: &HeaderName, value: &str) -> Self {
        let value = value.replace(char::is_control, " ");
        self.headers.push((name.to_string(), value));
        self
    }

    fn of(target: impl Into<String>, form: Form) -> Self {
        Self {
            target: target.into(),
            form,
            headers: Vec::new(),
            sink: None,
        }
    }

    /// Whoever takes what is told, when it is told: a closure, or an application that listens
    /// ([`LoopbackHttp`](crate::LoopbackHttp)); nobody where nothing is said. What is told is kept by the simulation all the same.
    #[must_use]
    pub fn sink(mut self, sink: impl NotificationSink + 'static) -> Self {
        self.sink = Some(Arc::new(sink));
        self
    }

    pub(super) fn target(&self) -> &str {
        &self.target
    }

    pub(super) fn form(&self) -> &Form {
        &self.form
    }

    pub(super) fn headers(&self) -> &[(String, String)] {
        &self.headers
    }

    pub(super) fn taker(&self) -> Option<Arc<dyn NotificationSink>> {
        self.sink.clone()
    }
}

impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Webhook")
            .field("target", &self.target)
            .field("form", &self.form)
            .field(
                "headers",
                &self
                    .headers
                    .iter()
                    .map(|(name, _)| name)
                    .collect::<Vec<_>>(),
            )
            .field("has_sink", &self.sink.is_some())
            .finish()
    }
}

/// Takes what a provider tells: an application's handler, in a test. Every closure over a
/// `&ProviderNotification` is one; [`LoopbackHttp`](crate::LoopbackHttp) is an application that listens.
///
/// It is called by whoever moves the simulation on, after what was told has happened; it may send mail through the
/// simulation and move its clock.
pub trait NotificationSink: Send + Sync {
    /// Takes one.
    ///
    /// # Errors
    ///
    /// Why it was not taken; that is an [event](crate::SimEventKind::NotificationNotTaken), and it is not told again.
    fn take(&self, notification: &ProviderNotification) -> Result<(), String>;
}

impl<F: Fn(&ProviderNotification) + Send + Sync> NotificationSink for F {
    fn take(&self, notification: &ProviderNotification) -> Result<(), String> {
        self(notification);
        Ok(())
    }
}

const _: fn(&dyn NotificationSink) = |_| {};
