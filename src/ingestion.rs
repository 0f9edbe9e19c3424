//! What came back.

use std::fmt;

use letterhead_feedback::{Decision, Event, ReportKind};

/// What one message that came back was, and what it changed.
#[derive(Debug)]
#[non_exhaustive]
pub struct Ingestion {
    /// What kind of mail it was. A [bounce in words only](ReportKind::TextBounce) gives no events and wants a person.
    pub kind: ReportKind,
    /// The events that were read from it: one for each recipient it reports on, and where the message it quotes is known of
    /// several tenants, one for each of those.
    pub events: Vec<Ingested>,
    /// How many more recipients it reports on than are read from one mail.
    pub omitted: usize,
}

/// One event that was read from a report, and what it changed.
#[derive(Debug)]
#[non_exhaustive]
pub struct Ingested {
    /// The event. It has no [tenant](Event::tenant) where no message is remembered that has the Message-ID it quotes and
    /// went to its recipient: it may be forged, or about mail that is older than the log of sent messages.
    pub event: Event,
    /// What it changed; `None` where it is not known to be about mail that was sent, and so changed nothing.
    pub decision: Option<Decision>,
}

/// `ada@receiver.example bounced-hard: suppressed (hard-bounce)`.
impl fmt::Display for Ingested {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.event.addressee() {
            Some(address) => write!(f, "{address} ")?,
            None => f.write_str("somebody ")?,
        }
        write!(f, "{}: ", self.event.kind())?;
        match &self.decision {
            Some(decision) => decision.fmt(f),
            None => f.write_str("ignored: it is about no mail that is known to have been sent"),
        }
    }
}
