//! When a webhook was signed, and whether that is recent enough.

use std::time::{Duration, SystemTime};

use super::{Provider, WebhookError};

/// How far a signer's clock may be ahead of ours.
pub(crate) const CLOCK_TOLERANCE: Duration = Duration::from_secs(300);

/// Seconds since 1970 in digits, nothing else: where the digits are signed together with what follows, no other reading
/// of the same octets may pass.
pub(crate) fn unix_seconds(digits: &str) -> Option<SystemTime> {
    let plain = !digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit());
    let seconds = digits.parse().ok().filter(|_| plain)?;
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds))
}

/// Whether a webhook signed at `signed` is taken at `now`.
pub(crate) fn check(
    provider: Provider,
    signed: SystemTime,
    limit: Duration,
    now: SystemTime,
) -> Result<(), WebhookError> {
    match now.duration_since(signed) {
        Ok(age) if age > limit => Err(WebhookError::Stale {
            provider,
            age,
            limit,
        }),
        Err(early) if early.duration() > CLOCK_TOLERANCE => Err(WebhookError::FromTheFuture {
            provider,
            ahead: early.duration(),
        }),
        Ok(_) | Err(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::{check, unix_seconds};
    use crate::provider::{Provider, WebhookError};

    #[test]
    fn only_plain_digits_are_a_time() {
        let at = |seconds| SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds));
        for (text, expected) in [
            ("1588788367", at(1_588_788_367)),
            ("1", at(1)),
            ("", None),
            ("01588788367", None),
            ("+1588788367", None),
            ("-1", None),
            (" 1", None),
            ("1.5", None),
            ("99999999999999999999", None),
            ("18446744073709551615", None),
        ] {
            assert_eq!(unix_seconds(text), expected, "{text}");
        }
    }

    #[test]
    fn the_limits_are_inclusive() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000);
        let limit = Duration::from_secs(3_600);
        let judge = |signed| check(Provider::SendGrid, signed, limit, now);
        assert!(judge(now - limit).is_ok());
        assert!(judge(now + Duration::from_secs(300)).is_ok());
        let late = judge(now - limit - Duration::from_secs(1)).unwrap_err();
        assert!(matches!(late, WebhookError::Stale { age, .. } if age.as_secs() == 3_601));
        let early = judge(now + Duration::from_secs(301)).unwrap_err();
        assert!(
            matches!(early, WebhookError::FromTheFuture { ahead, .. } if ahead.as_secs() == 301)
        );
    }
}
