//! A world in which something is tried out.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use super::{Host, State, World};
use crate::clock::VirtualClock;
use crate::one_click::OneClickHandlers;
use crate::receiver::Receiver;
use crate::session::{Question, ReceivedMessage};

impl World {
    /// A world like this one at this moment, with this receiver as its only host: the same DNS, and copies of the time, the
    /// randomness and what hosts and mailboxes remember. Nobody is told what happens there, and nothing of it happens here.
    pub(crate) fn aside(&self, receiver: Receiver) -> Self {
        let name = receiver.name().clone();
        let state = State {
            injected: self.lock().injected.clone(),
            ..State::default()
        };
        Self {
            dns: self.dns.clone(),
            clock: VirtualClock::new(self.clock.now_time()),
            entropy: self.entropy.copy(),
            hosts: BTreeMap::from([(name, Host::Receiver(Box::new(receiver)))]),
            state: Mutex::new(state),
            memory: Mutex::new(self.memory().clone()),
            observers: Vec::new(),
            one_click: OneClickHandlers::default(),
            #[cfg(feature = "cross-check")]
            second_judge: None,
            #[cfg(feature = "web")]
            changed: tokio::sync::watch::Sender::default(),
            heard: Some(Mutex::default()),
            runner: Mutex::new(()),
        }
    }

    /// Keeps the first message that a host of a world aside is asked about.
    pub(super) fn hear(&self, question: &Question) {
        if let (Some(heard), Question::Message(received)) = (&self.heard, question) {
            let mut heard = heard.lock().unwrap_or_else(PoisonError::into_inner);
            heard.get_or_insert_with(|| received.clone());
        }
    }

    /// The first message that a host of this world aside was asked about.
    pub(crate) fn heard(&self) -> Option<ReceivedMessage> {
        let heard = self.heard.as_ref()?;
        let heard = heard.lock().unwrap_or_else(PoisonError::into_inner);
        heard.clone()
    }
}
