//! Whether an event webhook is SendGrid's.

use std::fmt;
use std::str::FromStr;
use std::time::{Duration, SystemTime};

use aws_lc_rs::digest::{Context, SHA256};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1, ParsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Provider, ProviderReading, WebhookError, proven, signing_time};

/// The public key that SendGrid shows for a signed event webhook: P-256, as base64 of its
/// [`SubjectPublicKeyInfo`](https://www.rfc-editor.org/rfc/rfc5480#section-2), with or without PEM lines around it.
///
/// SendGrid signs the time and the body, both as they were sent, with ECDSA and SHA-256. Whoever holds a genuine webhook
/// can send it again unchanged: its events have the [ids](crate::Event::id) they had.
///
/// ```
/// use std::time::{Duration, SystemTime};
///
/// use letterhead_feedback::{Proof, SendGridKey};
///
/// // The example of SendGrid's own libraries.
/// let key: SendGridKey = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEEDr2LjtURuePQzplybdC+u4CwrqD
///     qBaWjcMMsTbhdbcwHBcepxo7yAQGhHPTnlvFYPAZFceEu/1FwCM/QmGUhA==".parse()?;
/// let body = br#"{"category":"example_payload","event":"test_event","message_id":"message_id"}"#;
/// let signature = "MEUCIQCtIHJeH93Y+qpYeWrySphQgpNGNr/U+UyUlBkU6n7RAwIgJTz2C+8a8xonZGi6BpSzoQsbVRamr2nlx\
///     FDWYNH2j/0=";
/// let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_588_788_400);
///
/// let reading = key.verify(signature, "1588788367", body, now)?;
/// assert_eq!(reading.events[0].native_kind(), Some("test_event"));
/// assert_eq!(reading.events[0].proof(), Proof::Provider);
/// assert!(key.verify(signature, "1588788368", body, now).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct SendGridKey(ParsedPublicKey);

impl SendGridKey {
    /// The header that holds the signature.
    pub const SIGNATURE_HEADER: &'static str = "X-Twilio-Email-Event-Webhook-Signature";
    /// The header that holds the time of signing.
    pub const TIMESTAMP_HEADER: &'static str = "X-Twilio-Email-Event-Webhook-Timestamp";
    /// The longest ago that a webhook may have been signed: SendGrid tries again
    /// [for up to 24 hours](https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event#considerations),
    /// and an hour is for what lies between.
    pub const MAX_AGE: Duration = Duration::from_secs(25 * 3_600);

    /// Checks a webhook and reads it: the values of the two headers, empty where they are missing, and the body as it
    /// came, to the last line end. The events are proven by the [provider](crate::Proof::Provider).
    ///
    /// # Errors
    ///
    /// [`WebhookError`]: a header is missing or not in its form, the signature does not fit, it was signed longer than
    /// [`MAX_AGE`](Self::MAX_AGE) ago or more than 5 minutes from now, or the body cannot be read.
    pub fn verify(
        &self,
        signature: &str,
        timestamp: &str,
        body: &[u8],
        now: SystemTime,
    ) -> Result<ProviderReading, WebhookError> {
        let provider = Provider::SendGrid;
        let malformed = |place, expected| WebhookError::Malformed {
            provider,
            place,
            expected,
        };
        for (place, value) in [
            (Self::SIGNATURE_HEADER, signature),
            (Self::TIMESTAMP_HEADER, timestamp),
        ] {
            if value.trim().is_empty() {
                return Err(WebhookError::Missing { provider, place });
            }
        }
        let (signature, timestamp) = (signature.trim(), timestamp.trim());
        let signature = STANDARD
            .decode(signature)
            .map_err(|_| malformed(Self::SIGNATURE_HEADER, "base64"))?;
        let signed = signing_time::unix_seconds(timestamp)
            .ok_or_else(|| malformed(Self::TIMESTAMP_HEADER, "a count of seconds"))?;
        let mut hash = Context::new(&SHA256);
        hash.update(timestamp.as_bytes());
        hash.update(body);
        self.0
            .verify_digest_sig(&hash.finish(), &signature)
            .map_err(|_| WebhookError::WrongSignature { provider })?;
        signing_time::check(provider, signed, Self::MAX_AGE, now)?;
        proven::read(provider, body)
    }
}

impl FromStr for SendGridKey {
    type Err = SendGridKeyError;

    fn from_str(text: &str) -> Result<Self, SendGridKeyError> {
        let base64: String = text
            .lines()
            .filter(|line| !line.trim_start().starts_with("-----"))
            .flat_map(str::split_whitespace)
            .collect();
        let der = STANDARD.decode(base64).map_err(|_| SendGridKeyError)?;
        // A point without its wrapping is not what SendGrid shows.
        let wrapped = der.first() == Some(&SEQUENCE);
        ParsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, &der)
            .ok()
            .filter(|_| wrapped)
            .map(Self)
            .ok_or(SendGridKeyError)
    }
}

impl fmt::Debug for SendGridKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SendGridKey(P-256)")
    }
}

/// Text that is not a key of SendGrid's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a SendGrid key is the base64 of a P-256 public key: copy the verification key from the event webhook's settings"
)]
#[non_exhaustive]
pub struct SendGridKeyError;

/// The first octet of a `SubjectPublicKeyInfo`.
const SEQUENCE: u8 = 0x30;
