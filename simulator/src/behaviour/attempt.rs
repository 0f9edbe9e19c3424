use std::net::IpAddr;
use std::time::{Duration, SystemTime};

use letterhead_mail::{EmailAddress, Message, ReversePath};

use super::Stage;

/// One attempt to do something at a host, mostly to bring mail to a mailbox, and what is remembered of those before it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Attempt<'a> {
    /// At which point.
    pub stage: Stage,
    /// The envelope sender, from MAIL on.
    pub sender: Option<&'a ReversePath>,
    /// The recipient as it was addressed, label included. At other stages than [`Stage::Recipient`] only a mailbox has one,
    /// and its host none.
    pub recipient: Option<&'a EmailAddress>,
    /// The address that the client comes from.
    pub client: IpAddr,
    /// The time of the simulation.
    pub now: SystemTime,
    /// The message, once it is there.
    pub message: Option<&'a Message>,
    /// How many attempts from this sender to this recipient came to this point before; of a host's own behaviour, how many
    /// of this client.
    pub attempts: u32,
    /// When this client first came to this point from this sender to this recipient, or at all where the behaviour is the
    /// host's; `now` if it never did.
    pub first_by_client: SystemTime,
    /// How many messages the recipient, or the host, took so far.
    pub taken: u32,
    /// When messages from the sender's domain were taken, oldest first.
    pub(super) taken_from_domain: &'a [SystemTime],
}

impl Attempt<'_> {
    /// How many messages from the sender's domain the recipient, or the host, took within this time before now. Of more than
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
