//! Whether a webhook is Mailgun's.

use std::fmt;
use std::str::FromStr;
use std::time::{Duration, SystemTime};

use aws_lc_rs::hmac;
use serde_json::Value;

use super::{
    Provider, ProviderReading, ReplayGuard, Seen, WebhookError, proven, reading, signing_time,
};

/// The key that Mailgun signs webhooks with: the HTTP webhook signing key of the account, not an API key.
///
/// Mailgun signs a time and a random token with HMAC-SHA256
/// ([RFC 2104](https://www.rfc-editor.org/rfc/rfc2104)), and *not* what happened. Whoever gets hold of one signature could
/// say anything under it; so each is good for one body, which the [`ReplayGuard`] sees to.
///
/// ```
/// use std::time::{Duration, SystemTime};
///
/// use letterhead_feedback::{EventKind, MailgunKey};
///
/// let key: MailgunKey = "an example of a key".parse()?;
/// let guard = MailgunKey::replay_guard(100_000);
/// let body = br#"{
///     "signature": {
///         "timestamp": "1700000000",
///         "token": "d09bb44a3f0d0e5b0a4b3c1fe3b0b1d9b5a3c8f2a1e0d4c7b6",
///         "signature": "553fbae79b304b5951d95bc1205b03d6f4ef56f4091d18aa3c789aceff429de1"
///     },
///     "event-data": {"event": "delivered", "id": "G9Bn5sl1TC6nu79C8C0bwg", "recipient": "joe@example.org"}
/// }"#;
/// let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_060);
/// let reading = key.verify(body, &guard, now)?;
/// assert_eq!(reading.events[0].kind(), EventKind::Delivered);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct MailgunKey(hmac::Key);

impl MailgunKey {
    /// The longest ago that a webhook may have been signed. Mailgun tries again
    /// [8 hours and 5 minutes](https://help.mailgun.com/hc/en-us/articles/202236504-Webhooks) long, and the rest is for
    /// what lies between.
    pub const MAX_AGE: Duration = Duration::from_secs(9 * 3_600);

    /// A guard that remembers as long as a signature is good, and `capacity` of them: more than the webhooks of
    /// [`MAX_AGE`](Self::MAX_AGE).
    #[must_use]
    pub fn replay_guard(capacity: usize) -> ReplayGuard {
        ReplayGuard::new(Self::MAX_AGE + 2 * signing_time::CLOCK_TOLERANCE, capacity)
    }

    /// Checks a webhook and reads it, with a guard from [`replay_guard`](Self::replay_guard) that is kept from one webhook to
    /// the next: one that forgets sooner lets a signature be used for another body. The events are proven by the [provider](crate::Proof::Provider). The same webhook
    /// again, as Mailgun sends it where the first was not answered, is read again, into events with the same
    /// [ids](crate::Event::id).
    ///
    /// For the webhook of a subaccount, the signature by the parent account's key is good as well.
    ///
    /// # Errors
    ///
    /// [`WebhookError`]: the signature is missing or not in its form, does not fit, was made longer than
    /// [`MAX_AGE`](Self::MAX_AGE) ago or more than 5 minutes from now, or came with another body before; or the body
    /// cannot be read, as those cannot that Mailgun sent as forms until 2023.
    pub fn verify(
        &self,
        body: &[u8],
        guard: &ReplayGuard,
        now: SystemTime,
    ) -> Result<ProviderReading, WebhookError> {
        let provider = Provider::Mailgun;
        if body.len() > ProviderReading::MAX_INPUT {
            return Err(WebhookError::Malformed {
                provider,
                place: "the body",
                expected: "of at most 25 MiB",
            });
        }
        // Read before it is trusted, because the signature is in it: into memory, and no further.
        let whole = reading::parse(body).ok_or(WebhookError::Malformed {
            provider,
            place: "the body",
            expected: "one JSON document, as Mailgun's current webhooks are (its legacy ones were forms)",
        })?;
        let fitting = self.fitting(&whole)?;
        signing_time::check(provider, fitting.signed, Self::MAX_AGE, now)?;
        if guard.first_seen_with(&fitting.covered, body, now) == Seen::Altered {
            return Err(WebhookError::SignatureReused { provider });
        }
        proven::read(provider, body)
    }

    /// The first signature that fits, or what is wrong with the first.
    fn fitting(&self, whole: &Value) -> Result<Fitting, WebhookError> {
        let own = self.check(whole.get("signature"));
        own.or_else(|error| match whole.get("parent-signature") {
            Some(parent) => self.check(Some(parent)).map_err(|_| error),
            None => Err(error),
        })
    }

    fn check(&self, block: Option<&Value>) -> Result<Fitting, WebhookError> {
        let provider = Provider::Mailgun;
        let text = |place: &'static str, name: &str| {
            let value = block.and_then(|block| block.get(name));
            let text = value.and_then(|value| match value {
                Value::String(text) => Some(text.clone()),
                Value::Number(number) => Some(number.to_string()),
                _ => None,
            });
            text.ok_or(WebhookError::Missing { provider, place })
        };
        let malformed = |place, expected| WebhookError::Malformed {
            provider,
            place,
            expected,
        };
        let timestamp = text("signature.timestamp", "timestamp")?;
        let token = text("signature.token", "token")?;
        let tag = hexadecimal(&text("signature.signature", "signature")?)
            .ok_or_else(|| malformed("signature.signature", "64 hexadecimal digits"))?;
        let signed = signing_time::unix_seconds(&timestamp)
            .ok_or_else(|| malformed("signature.timestamp", "a count of seconds"))?;
        let covered = timestamp + &token;
        hmac::verify(&self.0, covered.as_bytes(), &tag)
            .map_err(|_| WebhookError::WrongSignature { provider })?;
        Ok(Fitting { signed, covered })
    }
}

/// What a signature is over.
struct Fitting {
    signed: SystemTime,
    /// Time and token, run together as they are signed, so that cutting them elsewhere makes nothing new.
    covered: String,
}

impl FromStr for MailgunKey {
    type Err = MailgunKeyError;

    fn from_str(text: &str) -> Result<Self, MailgunKeyError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(MailgunKeyError);
        }
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, text.as_bytes())))
    }
}

/// The key itself is not shown.
impl fmt::Debug for MailgunKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MailgunKey(..)")
    }
}

/// Text that is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the Mailgun key is empty: copy the HTTP webhook signing key from the account's API security settings"
)]
#[non_exhaustive]
pub struct MailgunKeyError;

fn hexadecimal(text: &str) -> Option<[u8; 32]> {
    let mut octets = [0; 32];
    if text.len() != 64 {
        return None;
    }
    for (octet, pair) in octets.iter_mut().zip(text.as_bytes().chunks(2)) {
        let [high, low] = pair else { return None };
        let digit = |byte: u8| {
            char::from(byte)
                .to_digit(16)
                .and_then(|digit| u8::try_from(digit).ok())
        };
        *octet = digit(*high)? << 4 | digit(*low)?;
    }
    Some(octets)
}
