//! Which message an event is about, and whose it was.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use letterhead_mail::EmailAddress;

use crate::event::{Event, EventKind, Proof};
use crate::sent_log::{SentLog, SentMessage, SentName};
use crate::suppression::{StoreError, SuppressionKey};

/// Finds out which message an event is about, by what is remembered of the mail that was sent. One attribution is for the
/// events of one report; each name in it is looked up once.
///
/// ```
/// use std::time::SystemTime;
///
/// use letterhead_feedback::{
///     Attribution, InMemorySentLog, Proof, SentLog, SentMessage, SentName, read_report,
/// };
///
/// # let run = async {
/// let log = InMemorySentLog::new(1_000);
/// log.record(SentMessage::new(
///     "acme".parse()?,
///     "submission-1".parse()?,
///     vec![SentName::message_id("<1@mail.example.com>")],
///     vec!["joe@example.org".parse()?],
///     SystemTime::UNIX_EPOCH,
/// ))
/// .await?;
/// let bounce = b"From: MAILER-DAEMON@mx.example.org\r\n\
///     Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n\
///     --b\r\nContent-Type: message/delivery-status\r\n\r\n\
///     Final-Recipient: rfc822; joe@example.org\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n\
///     --b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <1@mail.example.com>\r\n\r\n--b--\r\n";
/// let mut attribution = Attribution::new(&log);
/// for event in read_report(bounce).events {
///     let known = attribution.attribute(event).await?;
///     assert_eq!(known[0].proof(), Proof::KnownMessage);
///     assert_eq!(known[0].tenant().map(ToString::to_string).as_deref(), Some("acme"));
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # };
/// # letterhead_dns::block_on_ready(run).ok_or("a log in memory is ready at once")??;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Attribution<'a> {
    log: &'a dyn SentLog,
    found: HashMap<SentName, Vec<Sent>>,
}

impl<'a> Attribution<'a> {
    /// By this log.
    #[must_use]
    pub fn new(log: &'a dyn SentLog) -> Self {
        Self {
            log,
            found: HashMap::new(),
        }
    }

    /// The event with whose mail it is about: tenant, submission, identity and stream, and at least
    /// [`Proof::KnownMessage`]. One event for each tenant that sent such a message to such a recipient; the event as it was
    /// where nobody did. An event that names its tenant already is about that tenant's mail only.
    ///
    /// What a person says of a message (a complaint, an absence note) is about the only recipient it had, whatever address
    /// the report names; a bounce has to name an address that the message went to. An event that names no recipient is
    /// about the only one there was. Where the message had several it stays without one and has them as its
    /// [candidates](Event::candidates); candidates that it comes with are narrowed to those that the message went to, and
    /// a single one left is the recipient.
    ///
    /// # Errors
    ///
    /// When the log fails; ask again then.
    pub async fn attribute(&mut self, event: Event) -> Result<Vec<Event>, StoreError> {
        let messages = match event.message_id() {
            Some(message_id) => self.find(SentName::message_id(message_id)).await?,
            None => &[],
        };
        let known = attributed(&event, messages);
        if !known.is_empty() {
            return Ok(known);
        }
        let messages = match event.provider_message_id() {
            Some(id) => self.find(SentName::of_server(id)).await?,
            None => &[],
        };
        let known = attributed(&event, messages);
        Ok(if known.is_empty() { vec![event] } else { known })
    }

    /// Each of the events [attributed](Self::attribute), in their order.
    ///
    /// # Errors
    ///
    /// When the log fails; ask again then.
    pub async fn attribute_all(&mut self, events: Vec<Event>) -> Result<Vec<Event>, StoreError> {
        let mut attributed = Vec::with_capacity(events.len());
        for event in events {
            attributed.extend(self.attribute(event).await?);
        }
        Ok(attributed)
    }

    async fn find(&mut self, name: SentName) -> Result<&[Sent], StoreError> {
        Ok(match self.found.entry(name) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => {
                let messages = self.log.find(unknown.key()).await?;
                unknown.insert(messages.into_iter().map(Sent::new).collect())
            }
        })
    }
}

/// The event for each tenant whose message it is about.
fn attributed(event: &Event, messages: &[Sent]) -> Vec<Event> {
    let mut known: Vec<Event> = Vec::new();
    for sent in messages {
        let is_known = known
            .iter()
            .any(|known| known.tenant() == Some(&sent.message.tenant));
        let is_other = event
            .tenant()
            .is_some_and(|tenant| *tenant != sent.message.tenant);
        if is_known || is_other {
            continue;
        }
        let event = match (event.addressee(), event.candidates()) {
            (Some(addressee), _) if sent.went_to(addressee) => event.clone(),
            // What a person says of a message is about the address that it went to, whatever the reporter makes of that
            // address: a mailbox behind a forwarder, a name taken from To.
            (Some(_), _) if is_judgement(event.kind()) => {
                match sent.message.recipients.as_slice() {
                    [only] => event.clone().with_original_recipient(only.clone()),
                    _ => continue,
                }
            }
            (Some(_), _) => continue,
            (None, []) => about(event, &sent.message.recipients),
            (None, candidates) => {
                let reached: Vec<EmailAddress> = candidates
                    .iter()
                    .filter(|candidate| sent.went_to(candidate))
                    .cloned()
                    .collect();
                if reached.is_empty() {
                    continue;
                }
                about(event, &reached)
            }
        };
        known.push(sent.mark(event));
    }
    known
}

/// Whether a person, or a machine in a person's place, judged a message that had been delivered.
fn is_judgement(kind: EventKind) -> bool {
    matches!(
        kind,
        EventKind::Complained
            | EventKind::NotSpam
            | EventKind::Unsubscribed
            | EventKind::AutoReplied
            | EventKind::Opened
    )
}

/// The event about one of these.
fn about(event: &Event, recipients: &[EmailAddress]) -> Event {
    match recipients {
        [only] => event
            .clone()
            .with_recipient(only.clone())
            .with_candidates([]),
        several => event.clone().with_candidates(several.iter().cloned()),
    }
}

/// One message, its recipients ready to be compared.
#[derive(Debug)]
struct Sent {
    message: SentMessage,
    keys: Vec<SuppressionKey>,
}

impl Sent {
    fn new(message: SentMessage) -> Self {
        let mut keys: Vec<SuppressionKey> = message
            .recipients
            .iter()
            .map(SuppressionKey::from)
            .collect();
        keys.sort_unstable();
        keys.dedup();
        Self { message, keys }
    }

    fn went_to(&self, address: &EmailAddress) -> bool {
        self.keys
            .binary_search(&SuppressionKey::from(address))
            .is_ok()
    }

    fn mark(&self, event: Event) -> Event {
        let proof = event.proof().max(Proof::KnownMessage);
        event.with_proof(proof).with_origin(self.message.origin())
    }
}
