//! Where a provider tells things, and in which form.

use std::fmt;
use std::sync::Arc;

use super::form::Form;
use super::{OciLogs, ProviderNotification, SesOverSns};

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

    fn of(target: impl Into<String>, form: Form) -> Self {
        Self {
            target: target.into(),
            form,
            sink: None,
        }
    }

    /// Whoever takes what is told, when it is told; nobody where nothing is said. What is told is kept by the simulation
    /// all the same.
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

    pub(super) fn taker(&self) -> Option<Arc<dyn NotificationSink>> {
        self.sink.clone()
    }
}

impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Webhook")
            .field("target", &self.target)
            .field("form", &self.form)
            .field("has_sink", &self.sink.is_some())
            .finish()
    }
}

/// Takes what a provider tells: an application's handler, in a test. Every closure over a
/// `&ProviderNotification` is one.
///
/// It is called by whoever moves the simulation on, after what was told has happened; it may send mail through the
/// simulation and move its clock.
pub trait NotificationSink: Send + Sync {
    /// Takes one.
    fn take(&self, notification: &ProviderNotification);
}

impl<F: Fn(&ProviderNotification) + Send + Sync> NotificationSink for F {
    fn take(&self, notification: &ProviderNotification) {
        self(notification);
    }
}

const _: fn(&dyn NotificationSink) = |_| {};
