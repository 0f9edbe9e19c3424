use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use letterhead_mail::EmailAddress;

use crate::event::{Event, EventId};
use crate::suppression::moment::Moment;
use crate::suppression::{SuppressionKey, SuppressionReason, SuppressionScope};
use crate::text;

/// An address that must not be written to: for which mail, why, since when, until when, and what that rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppression {
    key: SuppressionKey,
    address: Option<EmailAddress>,
    scope: SuppressionScope,
    reason: SuppressionReason,
    since: Moment,
    until: Option<Moment>,
    evidence: Evidence,
}

impl Suppression {
    /// A suppression without end. Times are kept in whole milliseconds.
    #[must_use]
    pub fn new(
        key: SuppressionKey,
        scope: SuppressionScope,
        reason: SuppressionReason,
        since: SystemTime,
        evidence: Evidence,
    ) -> Self {
        Self {
            address: key.address(),
            key,
            scope,
            reason,
            since: Moment::of(since),
            until: None,
            evidence,
        }
    }

    /// One that ends by itself at this time.
    #[must_use]
    pub fn with_until(mut self, until: SystemTime) -> Self {
        self.until = Some(Moment::of(until));
        self
    }

    /// What it is kept under.
    #[must_use]
    pub fn key(&self) -> &SuppressionKey {
        &self.key
    }

    /// The address: as it was asked about, or else in lower case. `None` in a listing of keyed hashes.
    #[must_use]
    pub fn address(&self) -> Option<&EmailAddress> {
        self.address.as_ref()
    }

    /// Which mail it holds back.
    #[must_use]
    pub fn scope(&self) -> &SuppressionScope {
        &self.scope
    }

    /// Why.
    #[must_use]
    pub fn reason(&self) -> SuppressionReason {
        self.reason
    }

    /// When what it rests on happened, which may be before that became known. The newest event counts: a second complaint
    /// makes the suppression as young as itself.
    #[must_use]
    pub fn since(&self) -> SystemTime {
        self.since.time()
    }

    /// When it ends by itself; `None` when it does not.
    #[must_use]
    pub fn until(&self) -> Option<SystemTime> {
        self.until.map(Moment::time)
    }

    /// Whether it holds at this time, as far as its end is concerned.
    #[must_use]
    pub fn holds_at(&self, now: SystemTime) -> bool {
        self.until.is_none_or(|until| Moment::of(now) < until)
    }

    /// What it rests on.
    #[must_use]
    pub fn evidence(&self) -> &Evidence {
        &self.evidence
    }

    /// One read back, of an address spelled in this way.
    pub(crate) fn kept(
        (key, address): (SuppressionKey, Option<EmailAddress>),
        scope: SuppressionScope,
        reason: SuppressionReason,
        (since, until): (Moment, Option<Moment>),
        evidence: Evidence,
    ) -> Self {
        Self {
            key,
            address,
            scope,
            reason,
            since,
            until,
            evidence,
        }
    }

    pub(crate) fn since_moment(&self) -> Moment {
        self.since
    }

    pub(crate) fn until_moment(&self) -> Option<Moment> {
        self.until
    }
}

/// `joe@example.org: hard-bounce (smtp; 550 5.1.1 no such user)`.
impl fmt::Display for Suppression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.address {
            Some(address) => write!(f, "{address}: {}", self.reason)?,
            None => write!(f, "{}: {}", self.key, self.reason)?,
        }
        match self.evidence.diagnostic() {
            Some(diagnostic) => write!(f, " ({diagnostic})"),
            None => Ok(()),
        }
    }
}

/// What a suppression rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    event: EventId,
    diagnostic: Option<Arc<str>>,
}

impl Evidence {
    /// The id of the event or of the manual decision, and its words: control characters become spaces, what goes beyond
    /// [`Event::MAX_DIAGNOSTIC`] characters is cut.
    #[must_use]
    pub fn new(event: EventId, diagnostic: Option<&str>) -> Self {
        Self {
            event,
            diagnostic: diagnostic
                .and_then(|words| text::shown(words, Event::MAX_DIAGNOSTIC))
                .map(Into::into),
        }
    }

    /// The event's id; where keys are hashed, a hash of that.
    #[must_use]
    pub fn event(&self) -> EventId {
        self.event
    }

    /// The reporter's words, or the note of whoever suppressed the address by hand. Not kept where keys are hashed, since
    /// such words often quote the address.
    #[must_use]
    pub fn diagnostic(&self) -> Option<&str> {
        self.diagnostic.as_deref()
    }

    /// As they were read back from where they were kept.
    pub(crate) fn kept(event: EventId, diagnostic: Option<Arc<str>>) -> Self {
        Self { event, diagnostic }
    }
}
