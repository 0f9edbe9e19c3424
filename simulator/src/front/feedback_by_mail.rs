//! The way in which feedback comes back.

/// Whether bounces and complaints come back as mail to the return path.
///
/// Amazon SES calls this feedback forwarding; it sends both mails and notifications unless it is switched off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FeedbackByMail {
    /// They do.
    Sent,
    /// They do not.
    NotSent,
}
