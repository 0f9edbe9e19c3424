use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use letterhead_mail::EnhancedCode;

use crate::text;

/// Why something happened. The set is open: what has no constant here is kept as it was said.
///
/// ```
/// use letterhead_feedback::Reason;
///
/// assert_eq!("Mailbox-Full".parse::<Reason>()?, Reason::MAILBOX_FULL);
/// assert_eq!("solar-flare".parse::<Reason>()?.as_str(), "solar-flare");
/// # Ok::<(), std::convert::Infallible>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Reason(Inner);

macro_rules! reasons {
    ($($(#[$doc:meta])* $constant:ident $variant:ident $text:literal;)*) => {
        #[derive(Clone, PartialEq, Eq, Hash)]
        enum Inner {
            $($variant,)*
            /// Never the text of another variant.
            Other(Box<str>),
        }

        impl Reason {
            $($(#[$doc])* pub const $constant: Self = Self(Inner::$variant);)*

            /// The stable name, such as `mailbox-full`.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match &self.0 {
                    $(Inner::$variant => $text,)*
                    Inner::Other(text) => text,
                }
            }
        }

        const KNOWN: &[Reason] = &[$(Reason::$constant,)*];
    };
}

reasons! {
    /// No such mailbox.
    USER_UNKNOWN UserUnknown "user-unknown";
    /// No such domain, or none that a server could be found for.
    HOST_UNKNOWN HostUnknown "host-unknown";
    /// The text is not an address that the receiver can use.
    BAD_ADDRESS BadAddress "bad-address";
    /// The mailbox has moved and nothing is forwarded.
    MOVED Moved "moved";
    /// The domain takes no mail at all.
    NOT_ACCEPTED NotAccepted "not-accepted";
    /// The mailbox exists and is switched off.
    MAILBOX_DISABLED MailboxDisabled "mailbox-disabled";
    /// The account is suspended: unpaid, inactive, locked by the provider.
    SUSPENDED Suspended "suspended";
    /// The mailbox is full.
    MAILBOX_FULL MailboxFull "mailbox-full";
    /// The recipient, or a filter of the recipient's, turned it away after it had been taken.
    FILTERED Filtered "filtered";
    /// Something else about the mailbox.
    MAILBOX Mailbox "mailbox";
    /// The message is too big.
    MESSAGE_TOO_BIG MessageTooBig "message-too-big";
    /// Something about the content: an attachment, a word, its encoding.
    CONTENT_REJECTED ContentRejected "content-rejected";
    /// Called spam by a machine.
    SPAM Spam "spam";
    /// A virus was found.
    VIRUS Virus "virus";
    /// The message is not in the form that the standards ask for.
    NOT_COMPLIANT NotCompliant "not-compliant";
    /// The sender's address was refused.
    SENDER_REJECTED SenderRejected "sender-rejected";
    /// Refused as a matter of policy.
    POLICY Policy "policy";
    /// SPF, DKIM or DMARC did not satisfy the receiver.
    AUTHENTICATION_FAILURE AuthenticationFailure "authentication-failure";
    /// The sending address has no reverse name, or one that does not lead back.
    REQUIRES_PTR RequiresPtr "requires-ptr";
    /// The sending server is blocked, by a block list or by the receiver's own.
    BLOCKED Blocked "blocked";
    /// The sending server or domain has too bad a name.
    BAD_REPUTATION BadReputation "bad-reputation";
    /// Too much mail in too little time.
    RATE_LIMITED RateLimited "rate-limited";
    /// Too many connections at once.
    TOO_MANY_CONNECTIONS TooManyConnections "too-many-connections";
    /// The server does not take mail for this domain from this sender.
    RELAYING_DENIED RelayingDenied "relaying-denied";
    /// Credentials or encryption did not satisfy the receiver.
    SECURITY Security "security";
    /// STARTTLS failed.
    STARTTLS_FAILED StarttlsFailed "starttls-failed";
    /// Something about the SMTP dialogue.
    PROTOCOL Protocol "protocol";
    /// Something about the receiving system.
    SYSTEM System "system";
    /// The receiving system's disk is full.
    SYSTEM_FULL SystemFull "system-full";
    /// Something about the network or the routing.
    NETWORK Network "network";
    /// The message went round in circles.
    ROUTING_LOOP RoutingLoop "routing-loop";
    /// The message was tried until its time was up.
    EXPIRED Expired "expired";
    /// Put off, and nobody said why.
    ON_HOLD OnHold "on-hold";
    /// The sending provider has the address on its own suppression list.
    SUPPRESSED Suppressed "suppressed";
    /// A person's judgement of the mail; [`Event::native_kind`](crate::Event::native_kind) says which, such as `abuse`.
    FEEDBACK Feedback "feedback";
    /// The recipient asked for no more.
    OPT_OUT OptOut "opt-out";
    /// The recipient is away.
    VACATION Vacation "vacation";
    /// There was nothing wrong.
    DELIVERED Delivered "delivered";
    /// Nobody said.
    UNSPECIFIED Unspecified "unspecified";
}

impl Reason {
    /// The most characters that are kept of a reason without a constant.
    pub const MAX_LENGTH: usize = 64;

    /// What a status code alone says of the reason
    /// ([RFC 3463 §3](https://www.rfc-editor.org/rfc/rfc3463#section-3) and the registry that
    /// [RFC 5248](https://www.rfc-editor.org/rfc/rfc5248) opened).
    #[must_use]
    pub const fn of(status: EnhancedCode) -> Self {
        match (status.class(), status.subject(), status.detail()) {
            (2, _, _) => Self::DELIVERED,
            (_, 1, 1) => Self::USER_UNKNOWN,
            (_, 1, 2) => Self::HOST_UNKNOWN,
            (_, 1, 3) => Self::BAD_ADDRESS,
            (_, 1, 6) => Self::MOVED,
            (_, 1, 7..=9) => Self::SENDER_REJECTED,
            (_, 1, 10) => Self::NOT_ACCEPTED,
            (_, 2, 1) => Self::MAILBOX_DISABLED,
            (_, 2, 2) => Self::MAILBOX_FULL,
            (_, 2, 3) | (_, 3, 4) => Self::MESSAGE_TOO_BIG,
            (_, 1 | 2, _) => Self::MAILBOX,
            (_, 3, 1) => Self::SYSTEM_FULL,
            (_, 3, _) => Self::SYSTEM,
            (_, 4, 6 | 14) => Self::ROUTING_LOOP,
            (_, 4, 7) => Self::EXPIRED,
            (_, 4, _) => Self::NETWORK,
            (_, 5, _) => Self::PROTOCOL,
            (_, 6, _) => Self::CONTENT_REJECTED,
            (_, 7, 4..=8 | 10..=12 | 14 | 30 | 57) => Self::SECURITY,
            (_, 7, 13) => Self::MAILBOX_DISABLED,
            (_, 7, 25) => Self::REQUIRES_PTR,
            (_, 7, 27) => Self::SENDER_REJECTED,
            (_, 7, 20..=26 | 29 | 509) => Self::AUTHENTICATION_FAILURE,
            (_, 7, 28) => Self::RATE_LIMITED,
            (_, 7, 64) => Self::RELAYING_DENIED,
            (_, 7, 511 | 606..=649 | 705 | 708) => Self::BLOCKED,
            (_, 7, _) => Self::POLICY,
            _ => Self::UNSPECIFIED,
        }
    }
}

impl FromStr for Reason {
    type Err = Infallible;

    /// Any text is a reason: letters become lower case, controls spaces, and what goes beyond
    /// [`MAX_LENGTH`](Self::MAX_LENGTH) characters is cut. Nothing at all is `unspecified`.
    fn from_str(text: &str) -> Result<Self, Infallible> {
        let Some(text) = text::shown(&text.to_lowercase(), Self::MAX_LENGTH) else {
            return Ok(Self::UNSPECIFIED);
        };
        let known = KNOWN.iter().find(|reason| reason.as_str() == text);
        Ok(known
            .cloned()
            .unwrap_or_else(|| Self(Inner::Other(text.into_boxed_str()))))
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reason({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::{KNOWN, Reason};

    #[test]
    fn every_constant_reads_back_as_itself() {
        for reason in KNOWN {
            assert_eq!(&reason.to_string().parse::<Reason>().unwrap(), reason);
        }
    }

    #[test]
    fn an_unknown_reason_is_kept_and_bounded() {
        let reason: Reason = format!("Solar\r\nFlare{}", "x".repeat(500))
            .parse()
            .unwrap();
        assert!(reason.as_str().starts_with("solar flarex"));
        assert_eq!(reason.as_str().chars().count(), Reason::MAX_LENGTH);
        assert_eq!(" ".parse::<Reason>().unwrap(), Reason::UNSPECIFIED);
    }

    #[test]
    fn status_codes_name_their_reason() {
        for (status, reason) in [
            ("5.1.1", Reason::USER_UNKNOWN),
            ("4.2.2", Reason::MAILBOX_FULL),
            ("5.3.4", Reason::MESSAGE_TOO_BIG),
            ("4.4.7", Reason::EXPIRED),
            ("5.7.26", Reason::AUTHENTICATION_FAILURE),
            ("5.7.515", Reason::POLICY),
            ("5.0.0", Reason::UNSPECIFIED),
            ("2.1.5", Reason::DELIVERED),
        ] {
            assert_eq!(Reason::of(status.parse().unwrap()), reason, "{status}");
        }
    }
}
