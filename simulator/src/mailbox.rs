//! What arrived, and assertions over it.
//!
//! [`Simulator::mailbox`](crate::Simulator::mailbox) gives a [`Mailbox`], filters narrow it down, and an assertion ends it:
//! `simulator.mailbox("joe@receiver.example").subject("Invoice").expect_one()`.

mod content;
mod filter;
mod mismatch;
mod view;

use std::borrow::Cow;
use std::fmt;
use std::net::IpAddr;
use std::time::SystemTime;

use letterhead_mail::{AuthenticationResults, EmailAddress, Envelope, Message};

pub use self::content::Attachment;
use self::content::Content;
#[cfg(feature = "web")]
pub(crate) use self::content::Picture;
pub(crate) use self::content::values as field_values;
pub use self::mismatch::Mismatch;
pub(crate) use self::view::Look;
pub use self::view::{Mailbox, UnreadableAddress};

/// A message as a receiver put it into a mailbox.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct StoredMail {
    /// Which of all mails that were stored in the simulation it is, from 1.
    pub number: u64,
    /// What the receiver called the message: in its reply and in Received.
    pub queue_id: String,
    /// The message with what the receiver put on top: Return-Path, Authentication-Results and Received.
    pub message: Message,
    /// The envelope it came in: all its recipients at this receiver.
    pub envelope: Envelope,
    /// The recipient this copy is for, as it was addressed.
    pub recipient: EmailAddress,
    /// When it came.
    pub received_at: SystemTime,
    /// What the receiver found out about it.
    pub authentication: AuthenticationResults,
    /// Where it was put.
    pub disposition: Disposition,
    /// The address of the host that brought it.
    pub client: IpAddr,
    /// What that host called itself.
    pub client_name: String,
    /// What mail-auth found out about it; `None` where it [is not asked](crate::SimulatorBuilder::cross_check), where the
    /// receiver looks at nothing, and where it [had no opinion](crate::cross_check::NoSecondOpinion).
    #[cfg(feature = "cross-check")]
    pub second_opinion: Option<crate::cross_check::SecondOpinion>,
}

impl StoredMail {
    /// What it says in plain text, decoded; `None` where it has no such part. Several are put one behind the other.
    #[must_use]
    pub fn text(&self) -> Option<String> {
        Content::read(&self.message).text
    }

    /// What it says in HTML, decoded; `None` where it has no such part. Several are put one behind the other.
    #[must_use]
    pub fn html(&self) -> Option<String> {
        Content::read(&self.message).html
    }

    /// The pictures that its HTML may name.
    #[cfg(feature = "web")]
    pub(crate) fn pictures(&self) -> Vec<Picture> {
        content::pictures(&self.message)
    }

    /// What is attached, in order.
    #[must_use]
    pub fn attachments(&self) -> Vec<Attachment> {
        Content::read(&self.message).attachments
    }

    /// The whole mail as it is stored; octets that are no UTF-8 are shown as U+FFFD.
    #[must_use]
    pub fn source(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(self.message.as_bytes())
    }
}

/// Where in a mailbox a message was put.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Disposition {
    /// Where it is read.
    Inbox,
    /// With the spam: the From domain's DMARC policy asks for it.
    Quarantine,
}

impl fmt::Display for Disposition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Inbox => "inbox",
            Self::Quarantine => "quarantine",
        })
    }
}
