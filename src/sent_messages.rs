//! Which message an event is about.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use letterhead_feedback::{Event, SentLog, SentMessage, StoreError, SuppressionKey};
use letterhead_mail::{EmailAddress, TenantId};

/// What the log of sent messages says of the Message-IDs in one report, each asked for once.
pub(crate) struct SentMessages<'a> {
    log: &'a dyn SentLog,
    found: HashMap<String, Vec<Sent>>,
}

/// One message, its recipients ready to be compared.
struct Sent {
    tenant: TenantId,
    only: Option<EmailAddress>,
    keys: Vec<SuppressionKey>,
}

impl<'a> SentMessages<'a> {
    pub(crate) fn new(log: &'a dyn SentLog) -> Self {
        Self {
            log,
            found: HashMap::new(),
        }
    }

    /// The event, and the tenants whose message it is about: one with the Message-ID it quotes that went to the address it
    /// names. A report that names no address is about the only recipient there is, if there is one only: complaints often
    /// hide whom they are from.
    pub(crate) async fn identify(
        &mut self,
        event: Event,
    ) -> Result<(Event, Vec<TenantId>), StoreError> {
        let Some(message_id) = event.message_id().map(str::to_owned) else {
            return Ok((event, Vec::new()));
        };
        let messages = match self.found.entry(message_id) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => {
                let messages = self.log.find(unknown.key()).await?;
                unknown.insert(messages.into_iter().map(Sent::new).collect())
            }
        };
        let event = match (event.addressee(), messages.as_slice()) {
            (
                None,
                [
                    Sent {
                        only: Some(only), ..
                    },
                ],
            ) => event.with_recipient(only.clone()),
            _ => event,
        };
        let mut tenants = Vec::new();
        if let Some(key) = event.addressee().map(SuppressionKey::from) {
            for message in messages {
                if message.keys.binary_search(&key).is_ok() && !tenants.contains(&message.tenant) {
                    tenants.push(message.tenant.clone());
                }
            }
        }
        Ok((event, tenants))
    }
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
        let only = match message.recipients.as_slice() {
            [only] => Some(only.clone()),
            _ => None,
        };
        Self {
            tenant: message.tenant,
            only,
            keys,
        }
    }
}
