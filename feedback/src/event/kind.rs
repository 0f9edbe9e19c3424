use std::fmt;

use letterhead_mail::EnhancedCode;

/// What happened to a message after a server had taken it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EventKind {
    /// The sending provider has taken it; nothing is known beyond that.
    Sent,
    /// It is in the recipient's mailbox.
    Delivered,
    /// It was handed to a system that does not report; whether it was delivered will not be known.
    Relayed,
    /// It reached a list or an alias and was sent on to several addresses.
    Expanded,
    /// Not yet; the server keeps trying. Not a bounce.
    Deferred,
    /// It was not delivered and will not be.
    Bounced(Permanence),
    /// The recipient called it spam, fraud or the like.
    Complained,
    /// The recipient said that it is not spam, though it had been taken for it.
    NotSpam,
    /// The receiver reports that authentication (SPF, DKIM, DMARC) failed.
    AuthFailure,
    /// A machine answered in the recipient's place: an absence note or the like.
    AutoReplied,
    /// The recipient wants no more of this mail.
    Unsubscribed,
    /// The recipient wants this mail, again or for the first time.
    Subscribed,
    /// The recipient's mail program, or a proxy in its place, fetched an image or sent a read receipt.
    Opened,
    /// The recipient, or a scanner in its place, followed a link.
    Clicked,
    /// The sending provider did not try, because the address is on its own suppression list. Not a bounce: nobody asked the
    /// recipient's server.
    Suppressed,
    /// The sending provider refused the message itself, whoever the recipient.
    Rejected,
    /// Something that has no name here; the diagnostic and the reason say what the report calls it.
    Unknown,
}

impl EventKind {
    /// A stable name, such as `bounced-hard`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Relayed => "relayed",
            Self::Expanded => "expanded",
            Self::Deferred => "deferred",
            Self::Bounced(Permanence::Hard) => "bounced-hard",
            Self::Bounced(Permanence::Soft) => "bounced-soft",
            Self::Complained => "complained",
            Self::NotSpam => "not-spam",
            Self::AuthFailure => "auth-failure",
            Self::AutoReplied => "auto-replied",
            Self::Unsubscribed => "unsubscribed",
            Self::Subscribed => "subscribed",
            Self::Opened => "opened",
            Self::Clicked => "clicked",
            Self::Suppressed => "suppressed",
            Self::Rejected => "rejected",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for EventKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Whether a bounce says that the address is dead, or only that this message was not delivered.
#[expect(
    clippy::exhaustive_enums,
    reason = "an address is dead or it is not; whoever decides must have decided on both"
)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Permanence {
    /// The address is dead: there is no such mailbox or no such domain.
    Hard,
    /// This message was not delivered; the next one may be.
    Soft,
}

impl Permanence {
    /// What a status code alone says of the address
    /// ([RFC 3463 §3.2](https://www.rfc-editor.org/rfc/rfc3463#section-3.2)).
    ///
    /// Hard are 5.1.1 (no such mailbox), 5.1.2 (no such domain), 5.1.3 (not an address), 5.1.6 (moved, no forwarding)
    /// and 5.1.10 (the domain takes no mail,
    /// [RFC 7505 §4.2](https://www.rfc-editor.org/rfc/rfc7505#section-4.2)). A full or disabled mailbox, a network
    /// failure, and every refusal for content or policy is soft, permanent for the message though it is.
    #[must_use]
    pub const fn of(status: EnhancedCode) -> Self {
        match (status.class(), status.subject(), status.detail()) {
            (5, 1, 1 | 2 | 3 | 6 | 10) => Self::Hard,
            _ => Self::Soft,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Permanence;

    #[test]
    fn only_a_dead_address_is_hard() {
        for hard in ["5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10"] {
            assert_eq!(
                Permanence::of(hard.parse().unwrap()),
                Permanence::Hard,
                "{hard}"
            );
        }
        for soft in [
            "4.1.1", "5.0.0", "5.1.0", "5.1.4", "5.1.7", "5.1.8", "5.2.1", "5.2.2", "5.3.4",
            "5.4.4", "5.4.6", "5.5.0", "5.6.7", "5.7.1", "5.7.26", "2.1.1",
        ] {
            assert_eq!(
                Permanence::of(soft.parse().unwrap()),
                Permanence::Soft,
                "{soft}"
            );
        }
    }
}
