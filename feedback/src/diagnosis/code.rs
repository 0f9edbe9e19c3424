//! What codes alone say.

use letterhead_mail::{EnhancedCode, ReplyCode};

use super::rule::Strength;
use crate::event::Reason;

/// The reason that a status names, and how far servers can be taken at their word; `None` where it names none.
pub(super) fn of_status(status: EnhancedCode) -> Option<(Reason, Strength)> {
    let strength = match (status.subject(), status.detail()) {
        (0, _) => Strength::Hint,
        (1 | 2, 0) | (3, 0 | 2 | 5) | (4, 0) | (5, 0) | (7, 0 | 1) => Strength::CommonCode,
        // Words about a domain or an address are about the sender's then.
        (1, 7 | 8) => Strength::Sure,
        _ => Strength::TellingCode,
    };
    let reason = Reason::of(status);
    (reason != Reason::UNSPECIFIED).then_some((reason, strength))
}

/// The reason that a reply code names without status and without words
/// ([RFC 5321 §4.2.3](https://www.rfc-editor.org/rfc/rfc5321#section-4.2.3)). Most codes name none.
pub(super) fn of_reply(code: ReplyCode) -> Option<(Reason, Strength)> {
    let reason = match code.get() {
        200..=299 => Reason::DELIVERED,
        421 | 451 => Reason::ON_HOLD,
        452 => Reason::SYSTEM_FULL,
        500..=504 => Reason::PROTOCOL,
        510 | 511 => Reason::USER_UNKNOWN,
        512 => Reason::HOST_UNKNOWN,
        515 => Reason::BAD_ADDRESS,
        // RFC 7504: the host, or the domain, takes no mail.
        521 | 556 => Reason::NOT_ACCEPTED,
        522 | 552 => Reason::MAILBOX_FULL,
        523 => Reason::MESSAGE_TOO_BIG,
        525 => Reason::MAILBOX_DISABLED,
        530 | 534 | 535 | 538 => Reason::SECURITY,
        541 => Reason::SPAM,
        571 => Reason::POLICY,
        _ => return None,
    };
    Some((reason, Strength::Hint))
}
