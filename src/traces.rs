//! What is put into a message so that a report about it proves whom it is about, and what is made of a report that carries
//! it back.

use std::time::SystemTime;

use letterhead_feedback::{
    Arrival, Attribution, ComplaintTokens, Event, FeedbackLoops, Mailing, Reading, ReturnPath,
    ReturnPathId, SentLog, SentName, StoreError, Subscription, Unsubscribe,
};
use letterhead_mail::{EmailAddress, ReversePath, StreamId, Submission};

use crate::send_error::SendError;

/// The tokens that a mailer puts into what it sends; none unless it was given keys.
#[derive(Debug, Clone, Default)]
pub(crate) struct Traces {
    pub(crate) return_path: Option<ReturnPath>,
    pub(crate) complaints: Option<ComplaintTokens>,
    pub(crate) loops: FeedbackLoops,
    pub(crate) unsubscribe: Option<(Unsubscribe, Vec<StreamId>)>,
}

impl Traces {
    /// Marks a message to one recipient that is about to be signed. One to several has no return path of its own: which of
    /// them a report is about is for the report to say then.
    pub(crate) fn mark(&self, outbound: &mut Submission, now: SystemTime) -> Result<(), SendError> {
        let [recipient] = outbound.envelope.recipients() else {
            return Ok(());
        };
        let recipient = recipient.address().clone();
        if let Some(complaints) = &self.complaints
            && let Ok((name, value)) = complaints.field(outbound, &recipient, now)
        {
            let field = format!("{name}: {value}\r\n");
            let message = outbound.message.without_fields(name.as_str());
            outbound.message = message
                .with_field_prepended(field.as_bytes())
                .map_err(SendError::Token)?;
        }
        if let Some((unsubscribe, streams)) = &self.unsubscribe
            && let Some(stream) = outbound
                .stream
                .as_ref()
                .filter(|stream| streams.contains(stream))
            && outbound.message.header("List-Unsubscribe").is_none()
        {
            let subscription = Subscription::new(outbound.tenant.clone(), recipient.clone())
                .stream(stream.clone());
            let fields = unsubscribe
                .fields(&subscription, now)
                .map_err(SendError::Unsubscribe)?;
            outbound.message = fields.put_on(&outbound.message).map_err(SendError::Token)?;
        }
        if let Some(return_path) = &self.return_path
            && outbound.envelope.sender().address() == Some(return_path.base())
            && let Ok(issued) = return_path.for_recipient(&outbound.id, &recipient, now)
        {
            let sender = ReversePath::from(issued.address);
            outbound.envelope = outbound.envelope.from_other(sender);
        }
        Ok(())
    }

    /// Under which further names what was sent is remembered: the ids of its return paths.
    pub(crate) fn names<'a>(
        &'a self,
        outbound: &'a Submission,
    ) -> impl Iterator<Item = SentName> + 'a {
        let addresses = outbound.envelope.addresses();
        let is_used = self.return_path.is_some();
        addresses
            .filter(move |_| is_used)
            .map(|recipient| SentName::return_path(ReturnPathId::of(&outbound.id, recipient)))
    }

    /// The events of a report, those raised that a token in it proves, each with whose mail it is about as far as is known.
    pub(crate) async fn attribute(
        &self,
        raw: &[u8],
        reading: Reading,
        arrival: &Arrival,
        log: &dyn SentLog,
        now: SystemTime,
    ) -> Result<Vec<Event>, StoreError> {
        // Ordinary mail may be long, and whatever it quotes proves nothing.
        if reading.events.is_empty() {
            return Ok(Vec::new());
        }
        let mut events = self.loops.prove(reading.events, arrival);
        let delivered_to = [arrival.delivered_to.as_slice(), &reading.delivered_to].concat();
        let returned_to = self.returned_to(raw, &delivered_to, log, &events, now);
        if let Some(mailing) = returned_to.await? {
            events = mailing.prove(events);
        }
        let complaint = self
            .complaints
            .as_ref()
            .and_then(|tokens| tokens.find(raw, now).ok());
        if let Some(mailing) = complaint {
            events = mailing.prove(events);
        }
        Attribution::new(log).attribute_all(events).await
    }

    /// The mailing whose return path the report came to.
    async fn returned_to(
        &self,
        raw: &[u8],
        delivered_to: &[EmailAddress],
        log: &dyn SentLog,
        events: &[Event],
        now: SystemTime,
    ) -> Result<Option<Mailing>, StoreError> {
        let Some(return_path) = &self.return_path else {
            return Ok(None);
        };
        let found = return_path
            .find(delivered_to, now)
            .or_else(|_| return_path.find_in(raw, now));
        let Ok(token) = found else {
            return Ok(None);
        };
        let message_id = events.iter().find_map(Event::message_id);
        let sent = match (token.id(), message_id) {
            (Some(id), _) => log.find(&SentName::return_path(id)).await?,
            (None, Some(message_id)) => log.find(&SentName::message_id(message_id)).await?,
            (None, None) => Vec::new(),
        };
        Ok(token.mailing_among(&sent).ok())
    }
}
