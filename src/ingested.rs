//! What came back.

use letterhead_feedback::{Decision, Event};
use letterhead_mail::TenantId;

/// One event that was read from a report, and what it changed.
#[derive(Debug)]
#[non_exhaustive]
pub struct Ingested {
    /// The event.
    pub event: Event,
    /// Whose mail it is about; `None` where no message was found that went to this recipient.
    pub tenant: Option<TenantId>,
    /// What it changed; `None` where it is not proven to be about mail that was sent, and so changed nothing.
    pub decision: Option<Decision>,
}
