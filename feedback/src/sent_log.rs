//! What was sent, so that a report about it can be told from a forged one.

mod name;

use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use letterhead_mail::{BoxFuture, EmailAddress, IdentityName, StreamId, SubmissionId, TenantId};

pub use name::SentName;

use crate::origin::Origin;
use crate::suppression::{StoreError, SuppressionKey};

/// Remembers messages by the [names](SentName) under which they may come back.
///
/// A report that quotes a name found here, about a recipient that the message went to, is about mail that was
/// really sent; any other is unproven and suppresses nobody.
pub trait SentLog: fmt::Debug + Send + Sync {
    /// Remembers a message.
    fn record(&self, sent: SentMessage) -> BoxFuture<'_, Result<(), StoreError>>;

    /// The messages that go by this name, newest first: several where a message was sent in parts or again, or where somebody
    /// else used the Message-ID too. One does not hide another.
    fn find<'a>(
        &'a self,
        name: &'a SentName,
    ) -> BoxFuture<'a, Result<Vec<SentMessage>, StoreError>>;
}

const _: fn(&dyn SentLog) = |_| {};

/// A message that a server took.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SentMessage {
    /// Whose it was.
    pub tenant: TenantId,
    /// Its submission.
    pub submission: SubmissionId,
    /// The names it goes by.
    pub names: Vec<SentName>,
    /// The recipients that a server took it for, or may have.
    pub recipients: Vec<EmailAddress>,
    /// When.
    pub sent: SystemTime,
    /// The identity it was sent under.
    pub identity: Option<IdentityName>,
    /// The stream it belongs to.
    pub stream: Option<StreamId>,
}

impl SentMessage {
    /// A message without identity and stream.
    #[must_use]
    pub fn new(
        tenant: TenantId,
        submission: SubmissionId,
        names: Vec<SentName>,
        recipients: Vec<EmailAddress>,
        sent: SystemTime,
    ) -> Self {
        Self {
            tenant,
            submission,
            names,
            recipients,
            sent,
            identity: None,
            stream: None,
        }
    }

    pub(crate) fn origin(&self) -> Origin {
        Origin {
            tenant: Some(self.tenant.clone()),
            identity: self.identity.clone(),
            stream: self.stream.clone(),
            submission: Some(self.submission.clone()),
        }
    }

    /// Whether it went to this address, compared as [`SuppressionKey`] compares: reports often change case.
    #[must_use]
    pub fn went_to(&self, address: &EmailAddress) -> bool {
        let key = SuppressionKey::from(address);
        self.recipients
            .iter()
            .any(|recipient| SuppressionKey::from(recipient) == key)
    }
}

/// The newest messages in memory, gone with the process. Reports about older ones are unproven.
#[derive(Debug)]
pub struct InMemorySentLog {
    capacity: usize,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Counts messages; the oldest that is remembered is `next` less as many as there are.
    next: u64,
    messages: VecDeque<SentMessage>,
    /// Which messages go by a name, by their count, oldest first.
    by_name: HashMap<SentName, VecDeque<u64>>,
}

impl State {
    fn forget_oldest(&mut self) {
        let Some(forgotten) = self.messages.pop_front() else {
            return;
        };
        for name in forgotten.names {
            if let Entry::Occupied(mut own) = self.by_name.entry(name) {
                own.get_mut().pop_front();
                if own.get().is_empty() {
                    own.remove();
                }
            }
        }
    }
}

impl InMemorySentLog {
    /// A log of the newest `capacity` messages.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self {
            capacity,
            state: Mutex::default(),
        }
    }
}

impl SentLog for InMemorySentLog {
    fn record(&self, mut sent: SentMessage) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async move {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            let count = state.next;
            state.next += 1;
            sent.names.sort_unstable();
            sent.names.dedup();
            for name in &sent.names {
                let own = state.by_name.entry(name.clone()).or_default();
                own.push_back(count);
            }
            state.messages.push_back(sent);
            while state.messages.len() > self.capacity {
                state.forget_oldest();
            }
            Ok(())
        })
    }

    fn find<'a>(
        &'a self,
        name: &'a SentName,
    ) -> BoxFuture<'a, Result<Vec<SentMessage>, StoreError>> {
        Box::pin(async move {
            let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            let remembered = u64::try_from(state.messages.len()).unwrap_or(u64::MAX);
            let oldest = state.next.saturating_sub(remembered);
            let message = |count: &u64| {
                let place = usize::try_from(count.checked_sub(oldest)?).ok()?;
                state.messages.get(place).cloned()
            };
            let counts = state.by_name.get(name);
            Ok(counts
                .into_iter()
                .flatten()
                .rev()
                .filter_map(message)
                .collect())
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use letterhead_dns::block_on_ready;

    use super::{InMemorySentLog, SentLog, SentMessage, SentName};

    fn sent(number: u32, message_id: &str) -> SentMessage {
        sent_to(number, message_id, "Bob@x.example")
    }

    fn sent_to(number: u32, message_id: &str, recipient: &str) -> SentMessage {
        SentMessage::new(
            "acme".parse().unwrap(),
            format!("submission-{number}").parse().unwrap(),
            vec![SentName::message_id(message_id)],
            vec![recipient.parse().unwrap()],
            SystemTime::UNIX_EPOCH,
        )
    }

    #[test]
    fn messages_of_one_message_id_do_not_hide_each_other() {
        let log = InMemorySentLog::new(3);
        for (number, recipient) in [(1, "a@x.example"), (1, "b@x.example"), (2, "c@x.example")] {
            block_on_ready(log.record(sent_to(number, "<a@x>", recipient)))
                .unwrap()
                .unwrap();
        }
        let found = block_on_ready(log.find(&SentName::message_id("<a@x>")))
            .unwrap()
            .unwrap();
        let recipients: Vec<String> = found
            .iter()
            .map(|sent| sent.recipients[0].to_string())
            .collect();
        assert_eq!(recipients, ["c@x.example", "b@x.example", "a@x.example"]);
    }

    #[test]
    fn the_oldest_are_forgotten() {
        let log = InMemorySentLog::new(2);
        let find = |id| {
            block_on_ready(log.find(&SentName::message_id(id)))
                .unwrap()
                .unwrap()
                .len()
        };
        for (number, id) in [(1, "<a@x>"), (2, "<b@x>"), (3, "<a@x>")] {
            block_on_ready(log.record(sent(number, id)))
                .unwrap()
                .unwrap();
        }
        assert_eq!((find("<a@x>"), find("<b@x>")), (1, 1));
        block_on_ready(log.record(sent(4, "<c@x>")))
            .unwrap()
            .unwrap();
        assert_eq!((find("<a@x>"), find("<b@x>"), find("<c@x>")), (1, 0, 1));
        assert_eq!(find("<d@x>"), 0);
    }

    #[test]
    fn a_report_may_change_the_case_of_an_address() {
        let message = sent(1, "<a@x>");
        assert!(message.went_to(&"bob@X.EXAMPLE".parse().unwrap()));
        assert!(!message.went_to(&"bobby@x.example".parse().unwrap()));
    }
}
