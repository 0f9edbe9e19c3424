use std::fmt;

use letterhead_mail::Submission;

/// Says whether who sends may use a transport of its own: an identity that is verified and not disabled, credentials
/// that were not revoked.
///
/// It is asked once for each sending and must not wait, so it looks at what is in memory. Closures are checks.
///
/// ```
/// use letterhead_mail::Submission;
/// use letterhead_transport::{Router, SenderStatus, Staging};
///
/// let router = Router::new(std::sync::Arc::new(Staging::withhold_all()))
///     .sender_check(|submission: &Submission| match submission.identity {
///         Some(_) => SenderStatus::Usable,
///         None => SenderStatus::Unusable,
///     });
/// # drop(router);
/// ```
pub trait SenderCheck: Send + Sync {
    /// Whether the rules about who sends hold for this submission.
    fn status(&self, submission: &Submission) -> SenderStatus;
}

/// Whether a sender may use a transport of its own.
#[expect(
    clippy::exhaustive_enums,
    reason = "rules about who sends hold or are passed over"
)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SenderStatus {
    /// It may.
    Usable,
    /// It is unverified or disabled: the default sends for it.
    Unusable,
}

impl<F: Fn(&Submission) -> SenderStatus + Send + Sync> SenderCheck for F {
    fn status(&self, submission: &Submission) -> SenderStatus {
        self(submission)
    }
}

impl fmt::Debug for dyn SenderCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SenderCheck")
    }
}

const _: fn(&dyn SenderCheck) = |_| {};
