//! A second opinion on every message that a receiver judges, by another implementation: mail-auth.
//!
//! With feature `cross-check` and [`SimulatorBuilder::cross_check`](crate::SimulatorBuilder::cross_check), SPF, DKIM and
//! DMARC of each message are judged twice, from the same records at the same moment. The receiver acts on its own verdict;
//! [`StoredMail::second_opinion`](crate::StoredMail::second_opinion) has the other one, and where the two differ there is an
//! event ([`SimEventKind::Disagreed`](crate::SimEventKind::Disagreed)). Where the standards say that the other
//! implementation errs, the difference is [known](KnownError).
//!
//! ```
//! # use std::time::SystemTime;
//! use letterhead_simulator::{Receiver, Simulator};
//!
//! let receiver = Receiver::new("mx.receiver.example".parse()?, "192.0.2.1".parse()?);
//! let simulator = Simulator::builder(SystemTime::UNIX_EPOCH, 42).receiver(receiver).cross_check().build()?;
//! # let _ = simulator;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod answers;
mod compare;
mod known_error;
mod other;

use std::fmt;
use std::net::IpAddr;

use letterhead_identity::Authenticated;
use letterhead_mail::DomainName;

pub use self::known_error::KnownError;
use crate::dns::SimulatedDns;
use crate::session::ReceivedMessage;

/// What the other implementation says of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SecondOpinion {
    /// Its result for SPF, in the words of [RFC 8601 §2.7.2](https://www.rfc-editor.org/rfc/rfc8601#section-2.7.2).
    pub spf: String,
    /// Its result for each signature that it can read, in the message's order.
    pub dkim: Vec<SignatureOpinion>,
    /// Its result for DMARC, and the policy asked for where there is one: `fail (reject)`.
    pub dmarc: String,
    /// Where it differs from the receiver's own.
    pub disagreements: Vec<Disagreement>,
}

/// What it says of one signature.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SignatureOpinion {
    /// The signing domain, as the signature writes it.
    pub domain: String,
    /// The selector.
    pub selector: String,
    /// The result, in the words of [RFC 8601 §2.7.1](https://www.rfc-editor.org/rfc/rfc8601#section-2.7.1).
    pub result: String,
}

impl SecondOpinion {
    /// Whether it is the receiver's own, but for the other's known errors.
    #[must_use]
    pub fn agrees(&self) -> bool {
        let mut disagreements = self.disagreements.iter();
        disagreements.all(|disagreement| disagreement.known.is_some())
    }
}

/// A difference between the two.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Disagreement {
    /// What was judged.
    pub about: Judged,
    /// The receiver's own result.
    pub own: String,
    /// The other implementation's.
    pub other: String,
    /// The known error of the other implementation that explains it.
    pub known: Option<KnownError>,
}

/// What was judged.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Judged {
    /// SPF of the envelope's sender.
    Spf,
    /// A DKIM signature, by its domain and selector; both are empty where it cannot be read.
    Dkim {
        /// The signing domain.
        domain: String,
        /// The selector.
        selector: String,
    },
    /// DMARC of the author's domain.
    Dmarc,
}

impl fmt::Display for Judged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Spf => f.write_str("SPF"),
            Self::Dkim { domain, selector } => write!(f, "DKIM of {domain} with {selector}"),
            Self::Dmarc => f.write_str("DMARC"),
        }
    }
}

/// `SPF is permerror, and pass to mail-auth: it has no limit on void lookups (RFC 7208 §4.6.4)`.
impl fmt::Display for Disagreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            about, own, other, ..
        } = self;
        write!(f, "{about} is {own}, and {other} to mail-auth")?;
        match self.known {
            Some(known) => write!(f, ": {known}"),
            None => Ok(()),
        }
    }
}

/// Whether the other implementation is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum CrossChecking {
    #[default]
    Off,
    On,
}

/// Asks the other implementation about a message that was judged so; `None` where it does not come to an end.
pub(crate) fn second_opinion(
    dns: &SimulatedDns,
    client: IpAddr,
    received: &ReceivedMessage,
    receiver: &DomainName,
    own: &Authenticated,
) -> Option<SecondOpinion> {
    let other = other::judge(dns, client, received, receiver)?;
    let disagreements = compare::disagreements(own, &other, received);
    Some(SecondOpinion {
        spf: other.spf.to_owned(),
        dkim: other.dkim.into_iter().map(|one| one.opinion).collect(),
        dmarc: other.dmarc,
        disagreements,
    })
}
