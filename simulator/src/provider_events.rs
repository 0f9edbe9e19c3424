//! What a provider tells its customer's application about mail, in the provider's own form, as it would POST it.
//!
//! A [`Front`](crate::Front) with a [`Webhook`] tells of what becomes of every message: that it was taken, delivered,
//! delayed, bounced, complained about. Nothing is sent anywhere: every [`ProviderNotification`] is kept by the simulation
//! ([`Simulator::notifications`](crate::Simulator::notifications)) and given to the webhook's [`NotificationSink`], if it
//! has one, at its time on the virtual clock.
//!
//! Every notification is made once: that a provider repeats what was not answered is not simulated. Bodies and fields are the
//! same for the same seed and calls, but for the signature of [`SendGridSigning::TestKey`].
//!
//! - [`SesOverSns`]: Amazon SES, by notifications of an identity or by event publishing, in signed envelopes of SNS.
//! - [`OciLogs`]: the service logs of Oracle's Email Delivery.
//! - [`Webhook::sendgrid`], [`Webhook::mailgun`], [`Webhook::postmark`], [`Webhook::sparkpost`], [`Webhook::mailjet`]: those
//!   providers' webhooks, signed where they are.
//!
//! ```
//! use std::sync::Arc;
//! use std::time::{Duration, SystemTime};
//! use letterhead_dns::block_on_ready;
//! use letterhead_feedback::{EventKind, SnsVerifier};
//! use letterhead_identity::Profile;
//! use letterhead_mail::{EmailAddress, Envelope, LineEndings, Message, Submission};
//! use letterhead_simulator::provider_events::{SesOverSns, SnsCertificates};
//! use letterhead_simulator::{Front, Password, Simulator, Webhook};
//!
//! let topic = "arn:aws:sns:eu-west-1:123456789012:mail";
//! let webhook = Webhook::ses("https://app.example/ses", SesOverSns::new(topic.parse()?));
//! let provider: letterhead_dns::DomainName = "smtp.provider.example".parse()?;
//! let front = Front::new(provider.clone(), "192.0.2.1".parse()?, Profile::built_in("amazon-ses")?)
//!     .login("user", Password::new("secret"))
//!     .verified("billing@yourcompany.example".to_owned().try_into()?)
//!     .webhook(webhook);
//! let simulator = Simulator::builder(SystemTime::UNIX_EPOCH, 42).front(front).build()?;
//!
//! let message = Message::from_bytes("From: billing@yourcompany.example\n\nHi\n", LineEndings::Normalise)?;
//! let return_path: EmailAddress = "bounces@yourcompany.example".parse()?;
//! let to: EmailAddress = "complaint@simulator.amazonses.com".parse()?;
//! let envelope = Envelope::new(return_path, [to])?;
//! let submission = Submission::new("1".parse()?, "acme".parse()?, message, envelope);
//! let transport = simulator.transport(&provider)?;
//! block_on_ready(transport.send(&submission)).ok_or("a simulation never waits")?;
//! simulator.advance(Duration::from_hours(2));
//!
//! let verifier = SnsVerifier::new(Arc::new(SnsCertificates::new()), topic.parse()?);
//! let mut kinds = Vec::new();
//! for told in simulator.notifications() {
//!     let message = block_on_ready(verifier.verify(&told.body, told.time)).ok_or("ready at once")??;
//!     kinds.extend(message.reading().events.iter().map(|event| event.kind()));
//! }
//! assert_eq!(kinds, [EventKind::Sent, EventKind::Delivered, EventKind::Complained]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod document;
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
pub(crate) use occurrence::{Engagement, Occurrence, Submitted, SuppressedBy};
