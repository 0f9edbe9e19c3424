//! What hosts and their mailboxes remember of mail.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::time::SystemTime;

use letterhead_mail::{AddressDomain, DomainName, EmailAddress, Message, ReversePath};

use super::volume::Volume;
use super::{Attempt, Stage};

/// Of each mailbox with a behaviour at each host, what was tried and what was taken; and how much came from whom.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    mailboxes: BTreeMap<(DomainName, EmailAddress), Mailbox>,
    /// By host and sender's domain.
    volumes: BTreeMap<(DomainName, DomainName), Volume>,
    /// When a machine answered, by its address and the other.
    answers: BTreeMap<(EmailAddress, EmailAddress), SystemTime>,
}

#[derive(Debug, Default)]
struct Mailbox {
    tried: HashMap<(Stage, ReversePath), Tried>,
    taken: u32,
    taken_from: HashMap<Option<AddressDomain>, Vec<SystemTime>>,
}

#[derive(Debug, Default)]
struct Tried {
    attempts: u32,
    first: BTreeMap<IpAddr, SystemTime>,
}

/// Who tries what, and when.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Trial<'a> {
    pub(crate) stage: Stage,
    pub(crate) sender: &'a ReversePath,
    pub(crate) recipient: &'a EmailAddress,
    pub(crate) client: IpAddr,
    pub(crate) now: SystemTime,
    pub(crate) message: Option<&'a Message>,
}

impl Memory {
    /// Remembers an attempt, and says what is known of those before it.
    pub(crate) fn attempt<'a>(&'a mut self, host: &DomainName, trial: Trial<'a>) -> Attempt<'a> {
        let mailbox = self.mailbox(host, trial.recipient);
        let key = (trial.stage, trial.sender.clone());
        let tried = mailbox.tried.entry(key).or_default();
        let attempts = tried.attempts;
        tried.attempts = attempts.saturating_add(1);
        let first = tried.first.entry(trial.client).or_insert(trial.now);
        let taken_from = mailbox.taken_from.get(&domain(trial.sender));
        Attempt {
            stage: trial.stage,
            sender: trial.sender,
            recipient: trial.recipient,
            client: trial.client,
            now: trial.now,
            message: trial.message,
            attempts,
            first_by_client: *first,
            taken: mailbox.taken,
            taken_from_domain: taken_from.map_or(&[], Vec::as_slice),
        }
    }

    /// Remembers that a message was taken.
    pub(crate) fn took(
        &mut self,
        host: &DomainName,
        sender: &ReversePath,
        recipient: &EmailAddress,
        now: SystemTime,
    ) {
        let mailbox = self.mailbox(host, recipient);
        mailbox.taken = mailbox.taken.saturating_add(1);
        let times = mailbox.taken_from.entry(domain(sender)).or_default();
        if times.len() >= Attempt::MAX_REMEMBERED {
            times.remove(0);
        }
        times.push(now);
    }

    /// How much a host gets from a domain.
    pub(crate) fn volume(&mut self, host: &DomainName, sender: &DomainName) -> &mut Volume {
        let key = (host.clone(), sender.clone());
        self.volumes.entry(key).or_default()
    }

    pub(crate) fn answered(
        &mut self,
        responder: &EmailAddress,
        to: &EmailAddress,
        now: SystemTime,
    ) {
        let key = (responder.without_label(), to.clone());
        self.answers.insert(key, now);
    }

    pub(crate) fn last_answer(
        &self,
        responder: &EmailAddress,
        to: &EmailAddress,
    ) -> Option<SystemTime> {
        let key = (responder.without_label(), to.clone());
        self.answers.get(&key).copied()
    }

    /// A label does not make another mailbox.
    fn mailbox(&mut self, host: &DomainName, recipient: &EmailAddress) -> &mut Mailbox {
        let key = (host.clone(), recipient.without_label());
        self.mailboxes.entry(key).or_default()
    }
}

fn domain(sender: &ReversePath) -> Option<AddressDomain> {
    match sender {
        ReversePath::Address(address) => Some(address.domain().clone()),
        ReversePath::Null => None,
    }
}
