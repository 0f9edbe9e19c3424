//! Everything there is in one simulation.

mod answer;
mod aside;
mod click;
mod cross_checking;
mod deciding;
mod happening;
mod host;
mod injected;
mod notification;
mod recipient_answers;
mod schedule;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};
use std::time::SystemTime;

use letterhead_identity::Subject;
use letterhead_mail::{DomainName, EmailAddress};

use crate::behaviour::{Behaviour, Memory};
use crate::clock::{Run, VirtualClock};
use crate::dns::SimulatedDns;
use crate::entropy::SeededEntropy;
use crate::event::{SimEvent, SimEventKind};
use crate::mailbox::{Look, StoredMail};
use crate::one_click::OneClickHandlers;
use crate::provider_events::{NotificationSink, ProviderNotification};
use crate::receiver::{self, Receiver};
use crate::session::{ReceivedMessage, Transcript};

pub(crate) use self::answer::{Answer, Said};
pub(crate) use self::click::schedule_click;
pub(crate) use self::happening::{
    Happening, Outbound, later, schedule_bounce, schedule_complaint, send,
};
pub(crate) use self::host::Host;
use self::injected::Injected;
pub use self::injected::Injection;
pub(crate) use self::notification::{is_wanted, schedule_malformed, schedule_notification};
pub(crate) use self::recipient_answers::{RecipientAnswer, Restraint, schedule_answer};
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
    /// Apart from the rest, since rules of the caller may look at that.
    memory: Mutex<Memory>,
    observers: Vec<Observer>,
    one_click: OneClickHandlers,
    /// Who judges each mail once more.
    #[cfg(feature = "cross-check")]
    second_judge: Option<crate::cross_check::SecondJudge>,
    /// The message that somebody asked about, in a world [aside](Self::aside); `None` in any other.
    heard: Option<Mutex<Option<ReceivedMessage>>>,
    /// Says that something was stored, deleted or written down.
    #[cfg(feature = "web")]
    changed: tokio::sync::watch::Sender<()>,
    /// Held while happenings are carried out, so that they stay in order whoever advances the time.
    runner: Mutex<()>,
}

impl Run for World {
    fn run_until(&self, time: SystemTime) {
        if self.put_off(time) {
            return;
        }
        let mut until = time;
        loop {
            while self.carry_out_next(until) {
                self.hand_out_notifications();
            }
            self.clock.set(until);
            match self.lock().until.take() {
                Some(later) => until = until.max(later),
                None => return,
            }
        }
    }
}

/// Ends the turn of the thread that carries something out, also where an observer panics.
struct Turn<'w>(&'w World);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.lock().runner = None;
    }
}

/// Is told of every event.
#[derive(Clone)]
pub(crate) struct Observer(pub(crate) Arc<dyn Fn(&SimEvent) + Send + Sync>);

impl fmt::Debug for Observer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Observer(…)")
    }
}

#[derive(Default)]
struct State {
    mailboxes: BTreeMap<EmailAddress, Vec<StoredMail>>,
    stored: u64,
    injected: Injected,
    events: Vec<SimEvent>,
    sessions: Vec<SessionRecord>,
    schedule: Schedule,
    /// Who carries out what has fallen due.
    runner: Option<ThreadId>,
    /// Until when it is to go on, where that was said meanwhile.
    until: Option<SystemTime>,
    notifications: Vec<ProviderNotification>,
    /// How many of them were taken.
    taken: usize,
    /// Those that someone is still to be given.
    undelivered: VecDeque<(Arc<dyn NotificationSink>, ProviderNotification)>,
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("State")
            .field("mailboxes", &self.mailboxes)
            .field("events", &self.events)
            .field("sessions", &self.sessions)
            .field("schedule", &self.schedule)
            .field("notifications", &self.notifications)
            .finish_non_exhaustive()
    }
}

impl World {
    pub(crate) fn new(
        dns: SimulatedDns,
        clock: VirtualClock,
        entropy: SeededEntropy,
        hosts: BTreeMap<DomainName, Host>,
        observers: Vec<Observer>,
        one_click: OneClickHandlers,
    ) -> Self {
        Self {
            dns,
            clock,
            entropy,
            hosts,
            state: Mutex::default(),
            memory: Mutex::default(),
            observers,
            one_click,
            #[cfg(feature = "cross-check")]
            second_judge: None,
            #[cfg(feature = "web")]
            changed: tokio::sync::watch::Sender::default(),
            heard: None,
            runner: Mutex::new(()),
        }
    }

    /// What mailboxes and hosts with a behaviour remember.
    pub(crate) fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
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
        let event = SimEvent {
            time: self.clock.now_time(),
            host: host.clone(),
            kind,
        };
        let told = (!self.observers.is_empty()).then(|| event.clone());
        state.events.push(event);
        drop(state);
        #[cfg(feature = "web")]
        self.changed.send_replace(());
        for Observer(observe) in &self.observers {
            told.iter().for_each(|event| observe(event));
        }
    }

    /// Numbers the mail and puts it into the mailbox.
    pub(crate) fn store(&self, mailbox: EmailAddress, mut mail: StoredMail) {
        let mut state = self.lock();
        state.stored += 1;
        mail.number = state.stored;
        state.mailboxes.entry(mailbox).or_default().push(mail);
    }

    /// All mail, oldest first, with its mailboxes.
    pub(crate) fn mails(&self) -> Vec<(EmailAddress, StoredMail)> {
        let state = self.lock();
        let mailboxes = state.mailboxes.iter();
        let mut all: Vec<_> = mailboxes
            .flat_map(|(mailbox, mails)| {
                mails
                    .iter()
                    .map(move |mail| (mailbox.clone(), mail.clone()))
            })
            .collect();
        all.sort_by_key(|(_, mail)| mail.number);
        all
    }

    /// Takes all mail out of a mailbox, oldest first.
    pub(crate) fn take_mails(&self, address: &EmailAddress) -> Vec<StoredMail> {
        let mails = self.mailbox(address);
        let numbers: BTreeSet<u64> = mails.iter().map(|mail| mail.number).collect();
        self.delete(|mail| numbers.contains(&mail.number));
        mails
    }

    /// Deletes those of the mails that `is_gone` says, and says how many there were.
    pub(crate) fn delete(&self, is_gone: impl Fn(&StoredMail) -> bool) -> usize {
        let mut state = self.lock();
        let mut deleted = 0;
        for mails in state.mailboxes.values_mut() {
            let before = mails.len();
            mails.retain(|mail| !is_gone(mail));
            deleted += before - mails.len();
        }
        state.mailboxes.retain(|_, mails| !mails.is_empty());
        drop(state);
        #[cfg(feature = "web")]
        self.changed.send_replace(());
        deleted
    }

    /// For somebody who waits until something changes.
    #[cfg(feature = "web")]
    pub(crate) fn changes(&self) -> tokio::sync::watch::Receiver<()> {
        self.changed.subscribe()
    }

    /// How the mailbox of this recipient treats mail: as it was told last, or as it was built.
    pub(crate) fn behaviour_of<'r>(
        &self,
        receiver: &'r Receiver,
        recipient: &EmailAddress,
    ) -> Option<Cow<'r, Behaviour>> {
        let injected = self.lock().injected.behaviour_of(recipient);
        match injected {
            Some(behaviour) => Some(Cow::Owned(behaviour)),
            None => receiver.behaviour_of(recipient),
        }
    }

    pub(crate) fn inject(&self, subject: Subject, behaviour: Behaviour) -> Injection {
        self.lock().injected.add(subject, behaviour)
    }

    pub(crate) fn withdraw(&self, injection: Injection) -> bool {
        self.lock().injected.remove(injection)
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

    /// Whether reports about mail of this host go out as mail.
    fn reports_by_mail(&self, host: &DomainName) -> bool {
        match self.hosts.get(host) {
            Some(Host::Front(front)) => front.reports_by_mail(),
            Some(Host::Receiver(_)) | None => true,
        }
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

    /// The events behind the first `count`.
    #[cfg(feature = "web")]
    pub(crate) fn events_after(&self, count: usize) -> Vec<SimEvent> {
        let state = self.lock();
        state.events.get(count..).unwrap_or_default().to_vec()
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

    /// Carries out what is due now.
    pub(crate) fn carry_out_due(&self) {
        self.run_until(self.clock.now_time());
    }

    /// Carries out the next thing, if it is due at `time` or earlier.
    fn carry_out_next(&self, time: SystemTime) -> bool {
        let _order = self.runner.lock().unwrap_or_else(PoisonError::into_inner);
        let next = {
            let mut state = self.lock();
            let next = state.schedule.pop(time);
            state.runner = next.as_ref().map(|_| thread::current().id());
            next
        };
        let Some((due, happening)) = next else {
            return false;
        };
        let _turn = Turn(self);
        self.clock.set(due);
        happening::carry_out(self, happening);
        true
    }

    /// Until when to carry things out, if this thread is at it: an observer has moved the time, and is told of all else
    /// first.
    fn put_off(&self, time: SystemTime) -> bool {
        let mut state = self.lock();
        let is_own = state.runner == Some(thread::current().id());
        if is_own {
            state.until = state.until.max(Some(time));
        }
        is_own
    }

    /// Keeps what a provider tells, for everybody to see and for `sink` to be given.
    pub(crate) fn notify(
        &self,
        notification: ProviderNotification,
        sink: Option<Arc<dyn NotificationSink>>,
    ) {
        let mut state = self.lock();
        if let Some(sink) = sink {
            state.undelivered.push_back((sink, notification.clone()));
        }
        state.notifications.push(notification);
    }

    pub(crate) fn notifications(&self) -> Vec<ProviderNotification> {
        self.lock().notifications.clone()
    }

    /// Those since the last time.
    pub(crate) fn take_notifications(&self) -> Vec<ProviderNotification> {
        let mut state = self.lock();
        let all = state.notifications.len();
        let taken = std::mem::replace(&mut state.taken, all);
        state.notifications.iter().skip(taken).cloned().collect()
    }

    /// Without any lock: whoever is given something may send mail and move the time.
    fn hand_out_notifications(&self) {
        loop {
            let next = self.lock().undelivered.pop_front();
            let Some((sink, notification)) = next else {
                break;
            };
            if let Err(reason) = sink.take(&notification) {
                let target = notification.target;
                let not_taken = SimEventKind::NotificationNotTaken { target, reason };
                self.log(&notification.host, not_taken);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The last refusals of this recipient, and of senders.
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
