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
    NO_SUCH_MAILBOX NoSuchMailbox "no-such-mailbox";
    /// No such domain.
    NO_SUCH_DOMAIN NoSuchDomain "no-such-domain";
    /// The text is not an address that the receiver can use.
    BAD_ADDRESS BadAddress "bad-address";
    /// The mailbox has moved and nothing is forwarded.
    MAILBOX_MOVED MailboxMoved "mailbox-moved";
    /// The domain takes no mail at all.
    NULL_MX NullMx "null-mx";
    /// The sender's address was refused.
    BAD_SENDER BadSender "bad-sender";
    /// The mailbox exists and is switched off.
    MAILBOX_DISABLED MailboxDisabled "mailbox-disabled";
    /// The mailbox is full.
    MAILBOX_FULL MailboxFull "mailbox-full";
    /// The message is too large.
    MESSAGE_TOO_LARGE MessageTooLarge "message-too-large";
    /// Something else about the mailbox.
    MAILBOX Mailbox "mailbox";
    /// Something about the receiving system.
    SYSTEM System "system";
    /// Something about the network or the routing.
    NETWORK Network "network";
    /// The message was tried until its time was up.
    EXPIRED Expired "expired";
    /// The message went round in circles.
    ROUTING_LOOP RoutingLoop "routing-loop";
    /// Something about the SMTP dialogue.
    PROTOCOL Protocol "protocol";
    /// Something about the content or its encoding.
    CONTENT Content "content";
    /// Refused as a matter of policy, reputation or security.
    POLICY Policy "policy";
    /// SPF, DKIM, DMARC or reverse DNS did not satisfy the receiver.
    AUTHENTICATION Authentication "authentication";
    /// Too much mail in too little time.
    RATE_LIMITED RateLimited "rate-limited";
    /// Called spam by the recipient.
    ABUSE Abuse "abuse";
    /// Called fraud or phishing.
    FRAUD Fraud "fraud";
    /// A virus was found.
    VIRUS Virus "virus";
    /// The recipient asked for no more.
    OPT_OUT OptOut "opt-out";
    /// Called not spam by the recipient.
    NOT_SPAM NotSpam "not-spam";
    /// The report says that it is something else.
    OTHER SomethingElse "other";
    /// Nobody said.
    UNSPECIFIED Unspecified "unspecified";
}

impl Reason {
    /// The most characters that are kept of a reason without a constant.
    pub const MAX_LENGTH: usize = 64;

    /// What a status code says of the reason
    /// ([RFC 3463 §3](https://www.rfc-editor.org/rfc/rfc3463#section-3) and the registry that
    /// [RFC 5248](https://www.rfc-editor.org/rfc/rfc5248) opened). Success has none: `unspecified`.
    #[must_use]
    pub const fn of(status: EnhancedCode) -> Self {
        match (status.class(), status.subject(), status.detail()) {
            (2, _, _) => Self::UNSPECIFIED,
            (_, 1, 2) => Self::NO_SUCH_DOMAIN,
            (_, 1, 3) => Self::BAD_ADDRESS,
            (_, 1, 6) => Self::MAILBOX_MOVED,
            (_, 1, 7..=9) => Self::BAD_SENDER,
            (_, 1, 10) => Self::NULL_MX,
            (_, 1, 1) => Self::NO_SUCH_MAILBOX,
            (_, 2, 1) => Self::MAILBOX_DISABLED,
            (_, 2, 2) => Self::MAILBOX_FULL,
            (_, 2, 3) | (_, 3, 4) => Self::MESSAGE_TOO_LARGE,
            (_, 1 | 2, _) => Self::MAILBOX,
            (_, 3, _) => Self::SYSTEM,
            (_, 4, 6) => Self::ROUTING_LOOP,
            (_, 4, 7) => Self::EXPIRED,
            (_, 4, _) => Self::NETWORK,
            (_, 5, _) => Self::PROTOCOL,
            (_, 6, _) => Self::CONTENT,
            (_, 7, 20..=27) => Self::AUTHENTICATION,
            (_, 7, 28) => Self::RATE_LIMITED,
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
            ("5.1.1", Reason::NO_SUCH_MAILBOX),
            ("4.2.2", Reason::MAILBOX_FULL),
            ("5.3.4", Reason::MESSAGE_TOO_LARGE),
            ("4.4.7", Reason::EXPIRED),
            ("5.7.26", Reason::AUTHENTICATION),
            ("5.7.515", Reason::POLICY),
            ("5.0.0", Reason::UNSPECIFIED),
            ("2.1.5", Reason::UNSPECIFIED),
        ] {
            assert_eq!(Reason::of(status.parse().unwrap()), reason, "{status}");
        }
    }
}
