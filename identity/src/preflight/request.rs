//! What is to be sent, and what is known about how.

use std::net::IpAddr;
use std::time::SystemTime;

use letterhead_dkim::Signer;
use letterhead_mail::{Message, ReversePath};

use crate::identity::Identity;
use crate::profile::Profile;
use crate::receiver_policy::ReceiverPolicy;

/// A message that is to be sent under an identity, and what the application knows about how it will travel.
///
/// Whatever is not said is not guessed: the prediction is then unknown in that place, or says what it assumes.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct PreflightRequest<'a> {
    /// The rules of the channel that it is sent through.
    pub profile: &'a Profile,
    /// The identity, as it is registered or as it would be
    /// ([`NewIdentity::to_identity`](crate::NewIdentity::to_identity)).
    pub identity: &'a Identity,
    /// The message.
    pub message: &'a Message,
    /// When it is sent.
    pub now: SystemTime,
    /// The tenant's other identities there, of which one may sign as well. Default: none.
    pub others: &'a [Identity],
    /// The envelope's sender, if the application sets one.
    pub mail_from: Option<&'a ReversePath>,
    /// The name that the sending hosts say in EHLO, which SPF checks for mail without an envelope sender.
    pub helo: Option<&'a str>,
    /// The addresses of the sending hosts; where there are none, those that the profile's SPF terms stand for.
    pub hosts: &'a [IpAddr],
    /// The application's signers; without them, the keys are those that the identity's values describe.
    pub signers: &'a [Signer],
    /// The receivers whose rules are looked at.
    pub receivers: &'a [ReceiverPolicy],
    /// How many messages a day the From domain and its subdomains send to one receiver.
    pub daily_volume: Option<u64>,
    /// How many recipients complain, as a part of 1.
    pub complaint_rate: Option<f64>,
    /// What the message is for.
    pub kind: Option<MailKind>,
}

impl<'a> PreflightRequest<'a> {
    /// Of this message under this identity.
    #[must_use]
    pub fn new(
        profile: &'a Profile,
        identity: &'a Identity,
        message: &'a Message,
        now: SystemTime,
    ) -> Self {
        Self {
            profile,
            identity,
            message,
            now,
            others: &[],
            mail_from: None,
            helo: None,
            hosts: &[],
            signers: &[],
            receivers: &[],
            daily_volume: None,
            complaint_rate: None,
            kind: None,
        }
    }

    /// With the tenant's other identities under the profile.
    #[must_use]
    pub fn others(mut self, others: &'a [Identity]) -> Self {
        self.others = others;
        self
    }

    /// With the envelope sender that the application sets.
    #[must_use]
    pub fn mail_from(mut self, mail_from: &'a ReversePath) -> Self {
        self.mail_from = Some(mail_from);
        self
    }

    /// With the name that the sending hosts say in EHLO.
    #[must_use]
    pub fn helo(mut self, helo: &'a str) -> Self {
        self.helo = Some(helo);
        self
    }

    /// With the addresses of the sending hosts.
    #[must_use]
    pub fn hosts(mut self, hosts: &'a [IpAddr]) -> Self {
        self.hosts = hosts;
        self
    }

    /// With the keys that the application signs with.
    #[must_use]
    pub fn signers(mut self, signers: &'a [Signer]) -> Self {
        self.signers = signers;
        self
    }

    /// With the rules of these receivers, such as [`ReceiverPolicy::all_built_in`].
    #[must_use]
    pub fn receivers(mut self, receivers: &'a [ReceiverPolicy]) -> Self {
        self.receivers = receivers;
        self
    }

    /// With how many messages a day the From domain and its subdomains send to one receiver. Where it is not said, the rules
    /// for bulk mail are warnings.
    #[must_use]
    pub fn daily_volume(mut self, messages: u64) -> Self {
        self.daily_volume = Some(messages);
        self
    }

    /// With how many recipients complain, as a part of 1: 0.001 is one in a thousand.
    #[must_use]
    pub fn complaint_rate(mut self, rate: f64) -> Self {
        self.complaint_rate = Some(rate);
        self
    }

    /// With what the message is for. Where it is not said, the rules for promotional mail are warnings.
    #[must_use]
    pub fn kind(mut self, kind: MailKind) -> Self {
        self.kind = Some(kind);
        self
    }
}

/// What a message is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MailKind {
    /// It advertises, or is to subscribers of a list.
    Promotional,
    /// Its recipient caused it: a receipt, a notification, a password.
    Transactional,
}
