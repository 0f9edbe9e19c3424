//! What hosts and their mailboxes remember of mail.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::time::SystemTime;

use letterhead_mail::{AddressDomain, DomainName, EmailAddress, Message, ReversePath};

use super::volume::Volume;
use super::{Attempt, Stage};

/// Of each mailbox with a behaviour at each host, and of each host with one, what was tried and what was taken; and how
/// much came from whom.
#[derive(Debug, Clone, Default)]
pub(crate) struct Memory {
    mailboxes: BTreeMap<(DomainName, EmailAddress), Remembered>,
    hosts: BTreeMap<DomainName, Remembered>,
    /// By host and sender's domain.
    volumes: BTreeMap<(DomainName, DomainName), Volume>,
    /// When a machine answered, by its address and the other.
    answers: BTreeMap<(EmailAddress, EmailAddress), SystemTime>,
}

#[derive(Debug, Clone, Default)]
struct Remembered {
    tried: HashMap<(Stage, Trier), Tried>,
    taken: u32,
    taken_from: HashMap<Option<AddressDomain>, Vec<SystemTime>>,
}

/// Whose attempts are counted together.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Trier {
    Sender(Option<ReversePath>),
    Client(IpAddr),
}

#[derive(Debug, Clone, Default)]
struct Tried {
    attempts: u32,
    first: BTreeMap<IpAddr, SystemTime>,
}

/// Who tries what, and when.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Trial<'a> {
    pub(crate) stage: Stage,
    pub(crate) sender: Option<&'a ReversePath>,
    pub(crate) recipient: Option<&'a EmailAddress>,
    pub(crate) client: IpAddr,
    pub(crate) now: SystemTime,
    pub(crate) message: Option<&'a Message>,
}

impl Memory {
    /// Remembers an attempt at a mailbox, and says what is known of those before it.
    pub(crate) fn attempt<'a>(
        &'a mut self,
        host: &DomainName,
        mailbox: &EmailAddress,
        trial: Trial<'a>,
    ) -> Attempt<'a> {
        let by = Trier::Sender(trial.sender.cloned());
        self.mailbox(host, mailbox).attempt(by, trial)
    }

    /// The same of the host itself.
    pub(crate) fn attempt_at_host<'a>(
        &'a mut self,
        host: &DomainName,
        trial: Trial<'a>,
    ) -> Attempt<'a> {
        let remembered = self.hosts.entry(host.clone()).or_default();
        remembered.attempt(Trier::Client(trial.client), trial)
    }

    /// Remembers that a mailbox took a message.
    pub(crate) fn took(
        &mut self,
        host: &DomainName,
        sender: &ReversePath,
        recipient: &EmailAddress,
        now: SystemTime,
    ) {
        self.mailbox(host, recipient).took(sender, now);
    }

    /// Remembers that a host took a message.
    pub(crate) fn host_took(&mut self, host: &DomainName, sender: &ReversePath, now: SystemTime) {
        self.hosts
            .entry(host.clone())
            .or_default()
            .took(sender, now);
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
    fn mailbox(&mut self, host: &DomainName, recipient: &EmailAddress) -> &mut Remembered {
        let key = (host.clone(), recipient.without_label());
        self.mailboxes.entry(key).or_default()
    }
}

impl Remembered {
    fn attempt<'a>(&'a mut self, by: Trier, trial: Trial<'a>) -> Attempt<'a> {
        let tried = self.tried.entry((trial.stage, by)).or_default();
        let attempts = tried.attempts;
        tried.attempts = attempts.saturating_add(1);
        let first = tried.first.entry(trial.client).or_insert(trial.now);
        let sender = trial.sender.map(domain);
        let taken_from = sender.and_then(|sender| self.taken_from.get(&sender));
        Attempt {
            stage: trial.stage,
            sender: trial.sender,
            recipient: trial.recipient,
            client: trial.client,
            now: trial.now,
            message: trial.message,
            attempts,
            first_by_client: *first,
            taken: self.taken,
            taken_from_domain: taken_from.map_or(&[], Vec::as_slice),
        }
    }

    fn took(&mut self, sender: &ReversePath, now: SystemTime) {
        self.taken = self.taken.saturating_add(1);
        let times = self.taken_from.entry(domain(sender)).or_default();
        if times.len() >= Attempt::MAX_REMEMBERED {
            times.remove(0);
        }
        times.push(now);
    }
}

fn domain(sender: &ReversePath) -> Option<AddressDomain> {
    match sender {
        ReversePath::Address(address) => Some(address.domain().clone()),
        ReversePath::Null => None,
    }
}
