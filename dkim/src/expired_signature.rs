//! Signatures that have expired before the message was handed over.

use std::time::SystemTime;

use letterhead_dns::DomainName;

use crate::header_field::RawMessage;
use crate::selector::Selector;
use crate::signature::Signature;
use crate::signature_writer::NAME;

/// A signature that every receiver would refuse, because its `x=` has come
/// ([RFC 6376 §3.5](https://www.rfc-editor.org/rfc/rfc6376#section-3.5)).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the signature of {domain} with selector {selector} has expired; sign the message again")]
pub struct ExpiredSignature {
    domain: DomainName,
    selector: Selector,
    expired_at: SystemTime,
}

impl ExpiredSignature {
    /// The signing domain (`d=`).
    #[must_use]
    pub fn domain(&self) -> &DomainName {
        &self.domain
    }

    /// The selector (`s=`).
    #[must_use]
    pub fn selector(&self) -> &Selector {
        &self.selector
    }

    /// When it expired (`x=`).
    #[must_use]
    pub fn expired_at(&self) -> SystemTime {
        self.expired_at
    }
}

/// The signatures of a message, or of its header, that have expired at `now`: what to look at before a message that was
/// signed some time ago is handed over. From the top; signatures that cannot be read are passed over, and no tolerance
/// for clocks is given.
///
/// Whose signatures matter is the caller's to say: a forwarded message may carry expired ones of others.
///
/// ```
/// use letterhead_dkim::expired_signatures;
/// # use std::time::{Duration, SystemTime};
/// # let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
///
/// let message = b"DKIM-Signature: v=1; a=rsa-sha256; d=example.org; s=2026a; t=1600000000; x=1650000000;\r\n \
///     h=From; bh=AAAA; b=AAAA\r\nFrom: a@example.org\r\n\r\nHello\r\n";
/// let expired = expired_signatures(message, now);
/// assert_eq!(expired[0].to_string(),
///     "the signature of example.org with selector 2026a has expired; sign the message again");
/// ```
#[must_use]
pub fn expired_signatures(message: &[u8], now: SystemTime) -> Vec<ExpiredSignature> {
    RawMessage::split(message)
        .fields()
        .iter()
        .filter(|field| field.is_named(NAME))
        .filter_map(|field| Signature::parse(field.value()).ok())
        .filter_map(|signature| {
            let expired_at = signature.expires_at().filter(|expiry| *expiry <= now)?;
            Some(ExpiredSignature {
                domain: signature.domain().clone(),
                selector: signature.selector().clone(),
                expired_at,
            })
        })
        .collect()
}
