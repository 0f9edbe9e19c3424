use std::sync::Arc;
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use letterhead_mail::HttpGet;

use super::canonical::string_to_sign;
use super::certificate::Digest;
use super::certificate_store::CertificateStore;
use super::envelope::Envelope;
use super::error::{SnsError, SnsErrorKind};
use super::message::{SnsMessage, SnsMessageKind};
use super::source::SnsSource;
use crate::provider::subscription::{SubscriptionRequest, SubscriptionRequestKind};
use crate::provider::timestamp;

/// Tells messages of Amazon SNS from those of anyone else.
///
/// A message is believed when
///
/// - it is of a topic that was asked for: SNS signs for everyone who has an account, so the signature alone proves nothing;
/// - it was published not too long ago ([`max_age`](Self::max_age)) and not later than 15 minutes from now;
/// - its signature, of version 1 (SHA-1) or 2 (SHA-256), is that of the certificate, with RSA of 2048 bits or more;
/// - that certificate was fetched over HTTPS from the host `sns.REGION.amazonaws.com` (or `.amazonaws.com.cn`,
///   `.amazonaws.eu`), names SNS, and is valid now.
///
/// It is that host, checked by the [`HttpGet`], that vouches for the certificate. Its chain to an authority is not followed,
/// for SNS serves it without the links in between, and it is not asked for whether it was revoked.
///
/// Version 1 is what topics have unless they are set otherwise. What breaks SHA-1 today is that one party can prepare two
/// texts with the same hash; here the topic, the time and an id that SNS draws come after the part that anyone can choose, and
/// so are the same in both. Still, set the topic's `SignatureVersion` to 2 and say [`version_2_only`](Self::version_2_only).
///
/// A message is delivered again when the answer is lost. [`SnsMessage::id`] is the same then, and so is
/// [`Event::id`](crate::Event::id), by which a suppression list counts an event once.
///
/// Certificates are kept for a day, up to 64 of them. A clock is not read: `now` comes from the caller.
///
/// ```
/// use std::sync::Arc;
/// use std::time::SystemTime;
///
/// use letterhead_feedback::{SnsVerifier, SuppressionList};
/// use letterhead_mail::{HttpGet, TenantId};
///
/// async fn webhook(
///     verifier: &SnsVerifier,
///     list: &SuppressionList,
///     tenant: &TenantId,
///     body: &[u8],
///     now: SystemTime,
/// ) -> Result<(), Box<dyn std::error::Error>> {
///     let message = verifier.verify(body, now).await?;
///     if let Some(request) = message.subscription() {
///         println!("to subscribe, fetch {:?}", request.url());
///     }
///     for event in message.reading().events {
///         list.record(tenant, &event, now).await?;
///     }
///     Ok(())
/// }
///
/// fn verifier(http: Arc<dyn HttpGet>) -> Result<SnsVerifier, Box<dyn std::error::Error>> {
///     Ok(SnsVerifier::new(http, "arn:aws:sns:eu-west-1:123456789012:bounces".parse()?))
/// }
/// ```
#[derive(Debug)]
pub struct SnsVerifier {
    certificates: CertificateStore,
    sources: Vec<SnsSource>,
    max_age: Duration,
    is_version_1_accepted: bool,
}

impl SnsVerifier {
    /// How old a message may be unless said otherwise: a day. SNS tries an HTTPS endpoint again for an hour at most
    /// ([its reference](https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html)); the rest is for queues
    /// on this side.
    pub const DEFAULT_MAX_AGE: Duration = Duration::from_secs(24 * 60 * 60);

    /// A verifier of messages from this source, which fetches certificates through `http`.
    #[must_use]
    pub fn new(http: Arc<dyn HttpGet>, source: SnsSource) -> Self {
        Self {
            certificates: CertificateStore::new(http),
            sources: vec![source],
            max_age: Self::DEFAULT_MAX_AGE,
            is_version_1_accepted: true,
        }
    }

    /// With one more source.
    #[must_use]
    pub fn source(mut self, source: SnsSource) -> Self {
        self.sources.push(source);
        self
    }

    /// How long ago a message may have been published. Default: [`DEFAULT_MAX_AGE`](Self::DEFAULT_MAX_AGE).
    ///
    /// Less than an hour loses what SNS delivers late. Where messages wait in a queue of SQS before they come here, it is to be
    /// as long as they may wait there, up to 14 days. The longer, the longer a copied message can be sent again, which does
    /// nothing to whoever records an event once.
    #[must_use]
    pub fn max_age(mut self, max_age: Duration) -> Self {
        self.max_age = max_age;
        self
    }

    /// Refuses signatures of version 1.
    #[must_use]
    pub fn version_2_only(mut self) -> Self {
        self.is_version_1_accepted = false;
        self
    }

    /// Verifies the body of a request.
    ///
    /// # Errors
    ///
    /// When it is not a message of SNS, is of another topic, too old, or not signed by SNS; and when the certificate cannot be
    /// fetched, which [may pass](SnsError::is_transient).
    pub async fn verify(&self, body: &[u8], now: SystemTime) -> Result<SnsMessage, SnsError> {
        let envelope = Envelope::read(body)?;
        let kind = envelope.kind()?;
        let is_of = |source: &SnsSource| source.includes(&envelope.topic_arn);
        if !self.sources.iter().any(is_of) {
            return Err(SnsError::new(SnsErrorKind::Topic));
        }
        let time = self.checked_time(&envelope, now)?;
        let digest = match envelope.signature_version.as_str() {
            "1" if self.is_version_1_accepted => Digest::Sha1,
            "2" => Digest::Sha256,
            _ => return Err(SnsError::new(SnsErrorKind::Version)),
        };
        let text = string_to_sign(&envelope, kind)?;
        let signature = STANDARD.decode(&envelope.signature).map_err(|error| {
            let name = "Signature";
            SnsError::new(SnsErrorKind::Field { name }).with_source(error)
        })?;
        let certificate = self
            .certificates
            .certificate(&envelope.signing_cert_url, now)
            .await?;
        certificate.verify(digest, text.as_bytes(), &signature)?;
        Ok(message(envelope, kind, time))
    }

    /// When it was published, unless that is too long ago or still to come.
    fn checked_time(&self, envelope: &Envelope, now: SystemTime) -> Result<SystemTime, SnsError> {
        let Some(time) = timestamp::iso_8601(&envelope.timestamp) else {
            let name = "Timestamp";
            return Err(SnsError::new(SnsErrorKind::Field { name }));
        };
        match now.duration_since(time) {
            Ok(age) if age > self.max_age => Err(SnsError::new(SnsErrorKind::TooOld { age })),
            Err(error) if error.duration() > MAX_AHEAD => {
                Err(SnsError::new(SnsErrorKind::FromTheFuture))
            }
            _ => Ok(time),
        }
    }
}

fn message(envelope: Envelope, kind: SnsMessageKind, time: SystemTime) -> SnsMessage {
    let request = |kind| {
        SubscriptionRequest::new(kind)
            .with_topic(Some(&envelope.topic_arn))
            .with_url(envelope.subscribe_url.as_deref())
            .with_token(envelope.token.as_deref())
    };
    let subscription = match kind {
        SnsMessageKind::Notification => None,
        SnsMessageKind::SubscriptionConfirmation => {
            Some(request(SubscriptionRequestKind::Subscribe))
        }
        SnsMessageKind::UnsubscribeConfirmation => {
            Some(request(SubscriptionRequestKind::Unsubscribe))
        }
    };
    SnsMessage {
        kind,
        id: envelope.message_id,
        topic: envelope.topic_arn,
        subject: envelope.subject,
        message: envelope.message,
        time,
        subscription,
    }
}

/// How far two clocks may be apart.
const MAX_AHEAD: Duration = Duration::from_secs(15 * 60);
