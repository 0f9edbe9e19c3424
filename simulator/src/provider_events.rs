//! What a provider tells its customer's application about mail, in the provider's own form, as it would POST it.
//!
//! A [`Front`](crate::Front) with a [`Webhook`] tells of what becomes of every message: that it was taken, delivered,
//! delayed, bounced, complained about. Nothing is sent anywhere: every [`ProviderNotification`] is kept by the simulation
//! ([`Simulator::notifications`](crate::Simulator::notifications)) and given to the webhook's [`NotificationSink`], if it
//! has one, at its time on the virtual clock.
//!
//! - [`SesOverSns`]: Amazon SES, by notifications of an identity or by event publishing, in signed envelopes of SNS.
//! - [`OciLogs`]: the service logs of Oracle's Email Delivery.
//! - [`Webhook::sendgrid`], [`Webhook::mailgun`], [`Webhook::postmark`], [`Webhook::sparkpost`], [`Webhook::mailjet`]: those
//!   providers' webhooks, signed where they are.

mod emission;
mod form;
mod grouping;
mod mailgun;
mod mailjet;
mod notification;
mod occurrence;
mod oci;
mod postmark;
mod sendgrid;
mod ses;
mod sns;
mod sparkpost;
mod uuid;
mod webhook;

pub use notification::ProviderNotification;
pub use oci::OciLogs;
pub use sendgrid::SendGridSigning;
pub use ses::{SesHeaders, SesOverSns, SesPublishing};
pub use sns::{SnsCertificates, SnsConfirmation, TopicArn, TopicArnError, UnknownSubscription};
pub use webhook::{NotificationSink, Webhook};

pub(crate) use emission::{Subscriber, publish, subscribe, tell};
pub(crate) use occurrence::{Occurrence, Submitted, SuppressedBy, delayed, delivered};
