//! Everything there is in one simulation.

mod happening;
mod schedule;

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use letterhead_mail::{DomainName, EmailAddress, ReversePath};
use letterhead_transport::smtp::ServerReply;

use crate::clock::VirtualClock;
use crate::dns::SimulatedDns;
use crate::entropy::SeededEntropy;
use crate::event::{SimEvent, SimEventKind};
use crate::front::{self, FrontHost};
use crate::mailbox::{Look, StoredMail};
use crate::receiver::{self, Receiver};
use crate::session::{Question, ReceivedMessage, SessionConfig, Transcript, reply};

pub(crate) use self::happening::{Happening, Outbound, schedule_bounce, schedule_complaint};
use self::schedule::Schedule;

/// A session that has ended.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SessionRecord {
    /// When it ended.
    pub time: SystemTime,
    /// The server.
    pub host: DomainName,
    /// The address that the client came from.
    pub client: IpAddr,
    /// What was said.
    pub transcript: Transcript,
}

#[derive(Debug)]
pub(crate) struct World {
    pub(crate) dns: SimulatedDns,
    pub(crate) clock: VirtualClock,
    pub(crate) entropy: SeededEntropy,
    pub(crate) hosts: BTreeMap<DomainName, Host>,
    state: Mutex<State>,
    /// Held while happenings are carried out, so that they stay in order whoever advances the time.
    runner: Mutex<()>,
}

/// A host of the simulation.
#[derive(Debug)]
pub(crate) enum Host {
    Receiver(Receiver),
    Front(Box<FrontHost>),
}

impl Host {
    pub(crate) fn name(&self) -> &DomainName {
        match self {
            Self::Receiver(receiver) => receiver.name(),
            Self::Front(front) => front.name(),
        }
    }

    pub(crate) fn address(&self) -> IpAddr {
        match self {
            Self::Receiver(receiver) => receiver.address(),
            Self::Front(front) => front.address(),
        }
    }

    /// Where clients that are no hosts of the simulation are taken to come from.
    pub(crate) fn client_of_the_outside(&self) -> IpAddr {
        match self {
            Self::Receiver(receiver) => receiver.client_of_the_outside(),
            Self::Front(front) => front.client_of_the_outside(),
        }
    }

    pub(crate) fn session_config(&self) -> SessionConfig {
        match self {
            Self::Receiver(receiver) => receiver.session_config(),
            Self::Front(front) => front.session_config(),
        }
    }
}

#[derive(Debug, Default)]
struct State {
    mailboxes: BTreeMap<EmailAddress, Vec<StoredMail>>,
    events: Vec<SimEvent>,
    sessions: Vec<SessionRecord>,
    schedule: Schedule,
}

impl World {
    pub(crate) fn new(
        dns: SimulatedDns,
        clock: VirtualClock,
        entropy: SeededEntropy,
        hosts: BTreeMap<DomainName, Host>,
    ) -> Self {
        Self {
            dns,
            clock,
            entropy,
            hosts,
            state: Mutex::default(),
            runner: Mutex::new(()),
        }
    }

    /// Answers a session's question, and writes down what came of it.
    pub(crate) fn decide(&self, host: &Host, client: IpAddr, question: Question) -> ServerReply {
        let (sender, recipient) = match &question {
            Question::Authenticate { .. } => (None, None),
            Question::Sender { sender, .. } => (Some(sender.clone()), None),
            Question::Recipient {
                sender, recipient, ..
            } => (Some(sender.clone()), Some(recipient.clone())),
            Question::Message(received) => (Some(received.envelope.sender().clone()), None),
        };
        let answer = match host {
            Host::Receiver(receiver) => self.receiver_decides(receiver, client, question),
            Host::Front(front) => front::decide(self, front, client, question),
        };
        if let Some(sender) = sender {
            self.log_refusal(host.name(), sender, recipient, &answer);
        }
        answer
    }

    fn receiver_decides(
        &self,
        receiver: &Receiver,
        client: IpAddr,
        question: Question,
    ) -> ServerReply {
        match question {
            Question::Authenticate { .. } => reply(535, (5, 7, 8), "nobody logs in here"),
            Question::Sender { .. } => reply(250, (2, 1, 0), "sender fine"),
            Question::Recipient { recipient, .. } => match receiver.mailbox_of(&recipient) {
                Ok(_) => reply(250, (2, 1, 5), "recipient fine"),
                Err(refusal) => refusal,
            },
            Question::Message(received) => receiver::take(self, receiver, client, &received),
        }
    }

    fn log_refusal(
        &self,
        host: &DomainName,
        sender: ReversePath,
        recipient: Option<EmailAddress>,
        answer: &ServerReply,
    ) {
        let reply = answer.to_reply();
        if answer.code().is_permanent() {
            self.log(
                host,
                SimEventKind::Rejected {
                    sender,
                    recipient,
                    reply,
                },
            );
        } else if answer.code().is_transient() {
            self.log(
                host,
                SimEventKind::Deferred {
                    sender,
                    recipient,
                    reply,
                },
            );
        }
    }

    pub(crate) fn log_acceptance(&self, host: &DomainName, received: &ReceivedMessage) {
        self.log(
            host,
            SimEventKind::Accepted {
                sender: received.envelope.sender().clone(),
                recipients: received.envelope.addresses().cloned().collect(),
                message_id: received.message.message_id(),
            },
        );
    }

    pub(crate) fn log(&self, host: &DomainName, kind: SimEventKind) {
        // The time is read under the lock, so that events stay in its order.
        let mut state = self.lock();
        state.events.push(SimEvent {
            time: self.clock.now_time(),
            host: host.clone(),
            kind,
        });
    }

    pub(crate) fn store(&self, mailbox: EmailAddress, mail: StoredMail) {
        self.lock().mailboxes.entry(mailbox).or_default().push(mail);
    }

    pub(crate) fn record_session(&self, host: &DomainName, client: IpAddr, transcript: Transcript) {
        let record = SessionRecord {
            time: self.clock.now_time(),
            host: host.clone(),
            client,
            transcript,
        };
        let mut state = self.lock();
        if state.sessions.len() < MAX_SESSIONS {
            state.sessions.push(record);
        }
    }

    pub(crate) fn mailbox(&self, address: &EmailAddress) -> Vec<StoredMail> {
        self.lock()
            .mailboxes
            .get(&receiver::canonical(address.clone()))
            .cloned()
            .unwrap_or_default()
    }

    /// A mailbox and what surrounds it, all of the same moment.
    pub(crate) fn look(&self, address: EmailAddress) -> Look {
        let state = self.lock();
        let key = receiver::canonical(address.clone());
        Look {
            mails: state.mailboxes.get(&key).cloned().unwrap_or_default(),
            others: state
                .mailboxes
                .iter()
                .map(|(mailbox, mails)| (mailbox.clone(), mails.len()))
                .collect(),
            refusals: refusals_of(&state.events, &address),
            address,
        }
    }

    pub(crate) fn mailboxes(&self) -> Vec<EmailAddress> {
        self.lock().mailboxes.keys().cloned().collect()
    }

    pub(crate) fn events(&self) -> Vec<SimEvent> {
        self.lock().events.clone()
    }

    pub(crate) fn sessions(&self) -> Vec<SessionRecord> {
        self.lock().sessions.clone()
    }

    pub(crate) fn schedule(&self, due: SystemTime, happening: Happening) {
        self.lock().schedule.push(due, happening);
    }

    pub(crate) fn next_due(&self) -> Option<SystemTime> {
        self.lock().schedule.next_due()
    }

    /// Carries out in order what falls due until `time`, moving the clock along.
    pub(crate) fn run_until(&self, time: SystemTime) {
        let _order = self.runner.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let next = self.lock().schedule.pop(time);
            let Some((due, happening)) = next else {
                break;
            };
            self.clock.advance_to(due);
            happening::carry_out(self, happening);
        }
        self.clock.advance_to(time);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The last refusals of this recipient, and of whole messages, whose recipients are not written down.
fn refusals_of(events: &[SimEvent], address: &EmailAddress) -> Vec<SimEvent> {
    let concerns = |event: &&SimEvent| match &event.kind {
        SimEventKind::Rejected { recipient, .. } | SimEventKind::Deferred { recipient, .. } => {
            recipient.as_ref().is_none_or(|refused| {
                refused == address || refused.without_label() == address.without_label()
            })
        }
        _ => false,
    };
    let newest = events.iter().rev().filter(concerns).take(MAX_REFUSALS);
    let mut refusals: Vec<SimEvent> = newest.cloned().collect();
    refusals.reverse();
    refusals
}

/// Refusals that an assertion shows.
const MAX_REFUSALS: usize = 3;
/// Transcripts that are kept; a load test has more sessions than anybody reads.
const MAX_SESSIONS: usize = 10_000;
