//! The unit that is sent.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::entropy::Entropy;
use crate::envelope::Envelope;
use crate::message::Message;

/// A message and its envelope, with what is needed to account for it: an id, whose mail it is, and under which identity
/// it goes.
///
/// A submission can be stored between the two halves of sending and read back by serde; it carries no secret.
///
/// From a built message to what a [`Transport`](crate::Transport) takes; `now` and `entropy` are the application's:
///
/// ```
/// use std::time::SystemTime;
/// use letterhead_mail::{EmailAddress, Entropy, Message, Submission, SubmissionId};
///
/// fn invoice(now: SystemTime, entropy: &dyn Entropy) -> Result<Submission, Box<dyn std::error::Error>> {
///     let draft = Message::builder("Billing <billing@example.org>".parse()?)
///         .to("Ann <ann@example.com>".parse()?)
///         .subject("Your invoice".parse()?)
///         .text("It is attached.")
///         .build(now, entropy)?;
///     let bounces: EmailAddress = "bounces@example.org".parse()?;
///     let envelope = draft.envelope(bounces)?;
///     let (message, _) = draft.into_parts();
///     Ok(Submission::new(SubmissionId::random(entropy), "acme".parse()?, message, envelope))
/// }
/// # #[derive(Debug)]
/// # struct Fixed;
/// # impl Entropy for Fixed {
/// #     fn fill(&self, buffer: &mut [u8]) {
/// #         buffer.fill(7);
/// #     }
/// # }
/// # assert_eq!(invoice(SystemTime::UNIX_EPOCH, &Fixed)?.envelope.recipients().len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Submission {
    /// The sender's own name for it, the same on every attempt.
    pub id: SubmissionId,
    /// On whose behalf it is sent; an application that sends in its own name only has one for all.
    pub tenant: TenantId,
    /// The identity that authorises the From address; `None` until something has authorised it.
    pub identity: Option<IdentityName>,
    /// The route it takes: the name under which the application registered a profile and a transport.
    pub channel: Option<String>,
    /// The kind of mail it is, such as `newsletter`: what a recipient can unsubscribe from while wanting other mail. `None`
    /// where an application tells none apart.
    pub stream: Option<StreamId>,
    /// Labels of the application's own, such as a campaign; never sent.
    pub tags: Vec<(String, String)>,
    /// Two submissions with the same key are the same intent; see [`IdempotencyStore`](crate::IdempotencyStore).
    pub idempotency_key: Option<IdempotencyKey>,
    /// What is sent.
    pub message: Message,
    /// To whom.
    pub envelope: Envelope,
}

impl Submission {
    /// A submission without identity, channel, stream, tags or idempotency key.
    #[must_use]
    pub fn new(id: SubmissionId, tenant: TenantId, message: Message, envelope: Envelope) -> Self {
        Self {
            id,
            tenant,
            identity: None,
            channel: None,
            stream: None,
            tags: Vec::new(),
            idempotency_key: None,
            message,
            envelope,
        }
    }
}

macro_rules! tokens {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Box<str>);

        impl $name {
            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = TokenError;

            fn from_str(text: &str) -> Result<Self, TokenError> {
                check_token(text)?;
                Ok(Self(text.into()))
            }
        }

        impl TryFrom<String> for $name {
            type Error = TokenError;

            fn try_from(text: String) -> Result<Self, TokenError> {
                check_token(&text)?;
                Ok(Self(text.into_boxed_str()))
            }
        }

        impl From<$name> for String {
            fn from(token: $name) -> Self {
                token.0.into()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }
    )*};
}

tokens! {
    /// The sender's own name for a submission: 1 to 255 characters, none of them a control.
    SubmissionId;
    /// On whose behalf mail is sent: 1 to 255 characters, none of them a control.
    TenantId;
    /// A sender identity as it was registered, an address or a domain: 1 to 255 characters, none of them a control.
    IdentityName;
    /// A kind of mail, such as `newsletter` or `receipts`: 1 to 255 characters, none of them a control.
    StreamId;
    /// What makes two submissions the same intent: 1 to 255 characters, none of them a control.
    IdempotencyKey;
}

impl SubmissionId {
    /// An id of 32 hexadecimal digits, out of 16 octets of entropy. Keep it with what is sent, so that another attempt has
    /// the same.
    #[must_use]
    pub fn random(entropy: &dyn Entropy) -> Self {
        let mut octets = [0; 16];
        entropy.fill(&mut octets);
        Self(format!("{:032x}", u128::from_be_bytes(octets)).into())
    }
}

fn check_token(text: &str) -> Result<(), TokenError> {
    if text.is_empty() {
        return Err(TokenError::Empty);
    }
    if text.chars().count() > 255 {
        return Err(TokenError::TooLong);
    }
    match text.chars().position(char::is_control) {
        Some(position) => Err(TokenError::Control(position)),
        None => Ok(()),
    }
}

/// Why text is not an id or a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// There was nothing to read.
    #[error("the text is empty")]
    Empty,
    /// More than 255 characters.
    #[error("the text is longer than 255 characters")]
    TooLong,
    /// A control character, counted in characters from 0.
    #[error("character {0} is a control character")]
    Control(usize),
}

#[cfg(test)]
mod tests {
    use super::{Submission, SubmissionId, TenantId, TokenError};
    use crate::entropy::Entropy;
    use crate::envelope::{Envelope, ReversePath};
    use crate::message::{LineEndings, Message};

    #[test]
    fn tokens_hold_no_control_characters() {
        assert_eq!("a\nb".parse::<TenantId>(), Err(TokenError::Control(1)));
        assert_eq!("".parse::<TenantId>(), Err(TokenError::Empty));
        assert!("x".repeat(256).parse::<TenantId>().is_err());
        assert!(serde_json::from_str::<TenantId>("\"a\\u0000\"").is_err());
    }

    #[derive(Debug)]
    struct Counting;

    impl Entropy for Counting {
        fn fill(&self, buffer: &mut [u8]) {
            for (octet, value) in buffer.iter_mut().zip(0..) {
                *octet = value;
            }
        }
    }

    #[test]
    fn a_random_id_is_all_of_its_octets_and_reads_back() {
        let id = SubmissionId::random(&Counting);
        assert_eq!(id.as_str(), "000102030405060708090a0b0c0d0e0f");
        assert_eq!(id.as_str().parse(), Ok(id.clone()));
    }

    #[test]
    fn a_submission_survives_storage() {
        let message =
            Message::from_bytes("From: a@x.example\r\n\r\n\u{e9}\r\n", LineEndings::Strict)
                .unwrap();
        let envelope = Envelope::new(
            ReversePath::Null,
            ["b@x.example".parse::<crate::EmailAddress>().unwrap()],
        )
        .unwrap();
        let submission = Submission::new(
            "id-1".parse().unwrap(),
            "acme".parse().unwrap(),
            message,
            envelope,
        );
        let stored = serde_json::to_string(&submission).unwrap();
        let read: Submission = serde_json::from_str(&stored).unwrap();
        assert_eq!(read.message.as_bytes(), submission.message.as_bytes());
        assert_eq!(read.envelope, submission.envelope);
        assert_eq!(read.id, submission.id);
    }
}
