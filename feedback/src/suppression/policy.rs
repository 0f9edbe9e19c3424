use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use letterhead_mail::StreamId;

use crate::event::{Event, Proof};
use crate::suppression::{BreakerRule, Coverage, SoftBounceRule, SuppressionReason};
use crate::text;

/// When an event suppresses an address, for how long, and what is sent all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SuppressionPolicy {
    minimum_proof: Proof,
    soft_bounces: SoftBounceRule,
    lasting: Vec<(SuppressionReason, Duration)>,
    provider_entries: ProviderEntries,
    exemptions: Vec<(StreamId, Exempt, Arc<str>)>,
    breaker: Option<BreakerRule>,
}

impl SuppressionPolicy {
    /// The weakest proof on which anything is written. Default: [`Proof::KnownMessage`].
    ///
    /// [`Proof::Unproven`] lets anyone who can send mail stop the mail to any address.
    #[must_use]
    pub fn minimum_proof(mut self, proof: Proof) -> Self {
        self.minimum_proof = proof;
        self
    }

    /// How many soft bounces in how much time suppress an address. Default: 5 days with one within 30 days.
    #[must_use]
    pub fn soft_bounces(mut self, rule: SoftBounceRule) -> Self {
        self.soft_bounces = rule;
        self
    }

    /// How long a suppression for this reason lasts, from what it rests on. Default: for ever, for every reason.
    ///
    /// An end to complaints and unsubscriptions writes to people who asked for no more; a short one for hard bounces
    /// spoils the sender's name.
    #[must_use]
    pub fn lasts(mut self, reason: SuppressionReason, time: Duration) -> Self {
        self.lasting.retain(|(known, _)| *known != reason);
        self.lasting.push((reason, time));
        self
    }

    /// Which mail a provider's own suppression holds back. Default: all.
    #[must_use]
    pub fn provider_entries(mut self, which: ProviderEntries) -> Self {
        self.provider_entries = which;
        self
    }

    /// This stream is mail that people need whatever else they refused, such as receipts or password resets. The note says
    /// who decided that and why: it comes with [everything that passes](crate::Screening::passed) because of it. Default:
    /// no stream is.
    ///
    /// Naming a stream that is not transactional writes to people who asked for no more. Whatever is about the address
    /// itself, such as a hard bounce or a decision by hand, holds a transactional stream like any other.
    #[must_use]
    pub fn transactional(mut self, stream: StreamId, exempt: Exempt, note: &str) -> Self {
        let note = text::shown(note, Event::MAX_DIAGNOSTIC).unwrap_or_default();
        self.exemptions.retain(|(known, _, _)| *known != stream);
        self.exemptions.push((stream, exempt, note.into()));
        self
    }

    /// When hard bounces of one domain are held instead of suppressing; `None`: never. Default: [`BreakerRule::default`].
    #[must_use]
    pub fn breaker(mut self, rule: Option<BreakerRule>) -> Self {
        self.breaker = rule;
        self
    }

    pub(crate) fn proof(&self) -> Proof {
        self.minimum_proof
    }

    pub(crate) fn soft_bounce_rule(&self) -> SoftBounceRule {
        self.soft_bounces
    }

    pub(crate) fn lasting(&self, reason: SuppressionReason) -> Option<Duration> {
        let mut lasting = self.lasting.iter();
        lasting.find_map(|(known, time)| (*known == reason).then_some(*time))
    }

    pub(crate) fn breaker_rule(&self) -> Option<&BreakerRule> {
        self.breaker.as_ref()
    }

    /// Which mail an event closes.
    pub(crate) fn coverage(&self, reason: SuppressionReason, event: &Event) -> Coverage {
        match reason {
            SuppressionReason::Complaint | SuppressionReason::Unsubscribe => {
                Coverage::new(event.stream().cloned(), None)
            }
            SuppressionReason::Provider
                if self.provider_entries == ProviderEntries::ForThatProvider =>
            {
                Coverage::new(None, event.provider())
            }
            _ => Coverage::default(),
        }
    }

    /// The note by which this mail passes a suppression for this reason that concerns it.
    pub(crate) fn exempts(
        &self,
        reason: SuppressionReason,
        closed: &Coverage,
        mail: &Coverage,
    ) -> Option<&str> {
        if !reason.is_wish() {
            return None;
        }
        let stream = mail.stream.as_ref()?;
        let mut exemptions = self.exemptions.iter();
        let (_, exempt, note) = exemptions.find(|(known, _, _)| known == stream)?;
        let own = closed.stream.is_some();
        (*exempt == Exempt::AlsoFromItsOwn || !own).then_some(note)
    }
}

impl Default for SuppressionPolicy {
    fn default() -> Self {
        let five = NonZeroU32::MIN.saturating_add(4);
        Self {
            minimum_proof: Proof::KnownMessage,
            soft_bounces: SoftBounceRule::new(five, 30 * DAY).one_in(DAY),
            lasting: Vec::new(),
            provider_entries: ProviderEntries::ForAllMail,
            exemptions: Vec::new(),
            breaker: Some(BreakerRule::default()),
        }
    }
}

/// From which complaints and unsubscriptions a transactional stream is exempt. Those of other streams never hold it.
#[expect(
    clippy::exhaustive_enums,
    reason = "a recipient's wish names the stream or does not"
)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Exempt {
    /// From those that name no stream and so mean all mail. Those of the stream itself hold it.
    FromAllMail,
    /// Also from its own: for mail that nobody can refuse.
    AlsoFromItsOwn,
}

/// Which mail a provider's own suppression holds back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ProviderEntries {
    /// All: what a provider will not write to is not worth writing to in another way.
    ForAllMail,
    /// That by way of the same provider: its list may be other people's, and wrong.
    ForThatProvider,
}

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
