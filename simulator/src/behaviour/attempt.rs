use std::fmt;
use std::net::IpAddr;
use std::time::{Duration, SystemTime};

use letterhead_mail::{EmailAddress, Message, ReversePath};

/// When in a session a mailbox is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Stage {
    /// At RCPT.
    Recipient,
    /// After the message's last line, once for each of its recipients.
    EndOfData,
}

/// One attempt to bring mail to a mailbox, and what is remembered of those before it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Attempt<'a> {
    /// At which point.
    pub stage: Stage,
    /// The envelope sender.
    pub sender: &'a ReversePath,
    /// The recipient as it was addressed, label included.
    pub recipient: &'a EmailAddress,
    /// The address that the client comes from.
    pub client: IpAddr,
    /// The time of the simulation.
    pub now: SystemTime,
    /// The message, once it is there.
    pub message: Option<&'a Message>,
    /// How many attempts from this sender to this recipient came to this point before.
    pub attempts: u32,
    /// When this client first came to this point from this sender to this recipient; `now` if it never did.
    pub first_by_client: SystemTime,
    /// How many messages to this recipient were taken so far.
    pub taken: u32,
    /// When messages from the sender's domain were taken, oldest first.
    pub(super) taken_from_domain: &'a [SystemTime],
}

impl Attempt<'_> {
    /// How many messages from the sender's domain the recipient took within this time before now. Of more than
    /// [ten thousand](Self::MAX_REMEMBERED) the newest are known. The null sender is a domain of its own.
    #[must_use]
    pub fn taken_from_domain(&self, within: Duration) -> u32 {
        let Some(since) = self.now.checked_sub(within) else {
            return count(self.taken_from_domain.len());
        };
        let older = self
            .taken_from_domain
            .partition_point(|time| *time <= since);
        count(self.taken_from_domain.len() - older)
    }

    /// The most times that are remembered of one sender's domain.
    pub const MAX_REMEMBERED: usize = 10_000;
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Recipient => "RCPT",
            Self::EndOfData => "end of data",
        })
    }
}
