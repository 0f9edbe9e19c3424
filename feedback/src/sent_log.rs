//! What was sent, so that a report about it can be told from a forged one.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use letterhead_mail::{BoxFuture, EmailAddress, SubmissionId, TenantId};

use crate::suppression::{StoreError, SuppressionKey};

/// Remembers messages by the Message-IDs under which they may come back.
///
/// A report that quotes a Message-ID found here, about a recipient that the message went to, is about mail that was
/// really sent; any other is unproven and suppresses nobody.
pub trait SentLog: fmt::Debug + Send + Sync {
    /// Remembers a message.
    fn record(&self, sent: SentMessage) -> BoxFuture<'_, Result<(), StoreError>>;

    /// The message that goes by this Message-ID, angle brackets included.
    fn find<'a>(
        &'a self,
        message_id: &'a str,
    ) -> BoxFuture<'a, Result<Option<SentMessage>, StoreError>>;
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
    /// The Message-IDs it goes by, angle brackets included: the sender's, and the provider's where that replaces it.
    pub message_ids: Vec<String>,
    /// The recipients that a server took it for, or may have.
    pub recipients: Vec<EmailAddress>,
    /// When.
    pub sent: SystemTime,
}

impl SentMessage {
    /// A message.
    #[must_use]
    pub fn new(
        tenant: TenantId,
        submission: SubmissionId,
        message_ids: Vec<String>,
        recipients: Vec<EmailAddress>,
        sent: SystemTime,
    ) -> Self {
        Self {
            tenant,
            submission,
            message_ids,
            recipients,
            sent,
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
    order: VecDeque<u64>,
    next: u64,
    messages: HashMap<u64, SentMessage>,
    by_message_id: HashMap<String, u64>,
}

impl State {
    /// Adds another attempt of a submission to the entry of the first: both go by one Message-ID, to other recipients.
    fn extend_attempt(&mut self, sent: &SentMessage) -> bool {
        let known = sent
            .message_ids
            .iter()
            .find_map(|id| self.by_message_id.get(id).copied());
        let Some((key, first)) = known.and_then(|key| Some((key, self.messages.get_mut(&key)?)))
        else {
            return false;
        };
        if first.tenant != sent.tenant || first.submission != sent.submission {
            return false;
        }
        for message_id in &sent.message_ids {
            if !first.message_ids.contains(message_id) {
                first.message_ids.push(message_id.clone());
                self.by_message_id.insert(message_id.clone(), key);
            }
        }
        for recipient in &sent.recipients {
            if !first.recipients.contains(recipient) {
                first.recipients.push(recipient.clone());
            }
        }
        true
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
    fn record(&self, sent: SentMessage) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async move {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            if state.extend_attempt(&sent) {
                return Ok(());
            }
            let key = state.next;
            state.next += 1;
            for message_id in &sent.message_ids {
                state.by_message_id.insert(message_id.clone(), key);
            }
            state.messages.insert(key, sent);
            state.order.push_back(key);
            while state.order.len() > self.capacity {
                let Some(oldest) = state.order.pop_front() else {
                    break;
                };
                if let Some(forgotten) = state.messages.remove(&oldest) {
                    for message_id in &forgotten.message_ids {
                        // Another submission of the same message is the newer entry.
                        if state.by_message_id.get(message_id) == Some(&oldest) {
                            state.by_message_id.remove(message_id);
                        }
                    }
                }
            }
            Ok(())
        })
    }

    fn find<'a>(
        &'a self,
        message_id: &'a str,
    ) -> BoxFuture<'a, Result<Option<SentMessage>, StoreError>> {
        Box::pin(async move {
            let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            let key = state.by_message_id.get(message_id);
            Ok(key.and_then(|key| state.messages.get(key)).cloned())
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use letterhead_dns::block_on_ready;

    use super::{InMemorySentLog, SentLog, SentMessage};

    fn sent(number: u32, message_id: &str) -> SentMessage {
        sent_to(number, message_id, "Bob@x.example")
    }

    fn sent_to(number: u32, message_id: &str, recipient: &str) -> SentMessage {
        SentMessage::new(
            "acme".parse().unwrap(),
            format!("submission-{number}").parse().unwrap(),
            vec![message_id.to_owned()],
            vec![recipient.parse().unwrap()],
            SystemTime::UNIX_EPOCH,
        )
    }

    #[test]
    fn a_retry_keeps_the_recipients_of_the_first_attempt() {
        let log = InMemorySentLog::new(2);
        for recipient in ["a@x.example", "b@x.example"] {
            block_on_ready(log.record(sent_to(1, "<a@x>", recipient)))
                .unwrap()
                .unwrap();
        }
        let found = block_on_ready(log.find("<a@x>")).unwrap().unwrap().unwrap();
        assert_eq!(found.recipients.len(), 2);
    }

    #[test]
    fn the_oldest_is_forgotten_and_a_newer_submission_stays_known() {
        let log = InMemorySentLog::new(2);
        for (number, id) in [(1, "<a@x>"), (2, "<b@x>"), (3, "<a@x>")] {
            block_on_ready(log.record(sent(number, id)))
                .unwrap()
                .unwrap();
        }
        let found = |id| block_on_ready(log.find(id)).unwrap().unwrap();
        assert_eq!(found("<a@x>").unwrap().submission.as_str(), "submission-3");
        block_on_ready(log.record(sent(4, "<c@x>")))
            .unwrap()
            .unwrap();
        assert!(found("<b@x>").is_none());
        assert!(found("<a@x>").is_some() && found("<c@x>").is_some());
    }

    #[test]
    fn a_report_may_change_the_case_of_an_address() {
        let message = sent(1, "<a@x>");
        assert!(message.went_to(&"bob@X.EXAMPLE".parse().unwrap()));
        assert!(!message.went_to(&"bobby@x.example".parse().unwrap()));
    }
}
