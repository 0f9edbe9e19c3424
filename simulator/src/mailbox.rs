//! What arrived.

use std::fmt;
use std::net::IpAddr;
use std::time::SystemTime;

use letterhead_mail::{AuthenticationResults, EmailAddress, Envelope, Message};

/// A message as a receiver put it into a mailbox.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct StoredMail {
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
