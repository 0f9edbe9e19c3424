//! What keeps one destination's mistake from emptying a list.

mod rate;

use std::collections::{BTreeMap, VecDeque};
use std::num::NonZeroU32;
use std::time::{Duration, SystemTime};

use letterhead_mail::TenantId;

use crate::event::EventId;
use crate::suppression::moment::Moment;
use crate::suppression::{Change, SuppressionKey};
use rate::{Part, Rate};

/// When hard bounces of one domain are held for a person to judge, instead of suppressing: its servers may say for an hour
/// that nobody lives there.
///
/// Held is from the moment on that, within the window, the domain had at least [`minimum`](Self::minimum) hard bounces,
/// at least [`share`](Self::share) of what is known of mail to it, and at least [`factor`](Self::factor) times as many as
/// usual. Those before have suppressed: [revoke](crate::SuppressionList::revoke) them by domain and time if they were
/// wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BreakerRule {
    minimum: NonZeroU32,
    share: u8,
    factor: NonZeroU32,
    window: Duration,
    cool_down: Duration,
    capacity: usize,
}

impl BreakerRule {
    /// How many hard bounces within the window at least. Default: 50.
    ///
    /// Small numbers hold what an ordinary old list brings.
    #[must_use]
    pub fn minimum(mut self, bounces: NonZeroU32) -> Self {
        self.minimum = bounces;
        self
    }

    /// How many of a hundred messages to the domain have to be hard bounces: of those that came back in some way, or of those that
    /// were sent, whichever is more. Default: 50. Where only bounces are recorded, all are, and this tells nothing.
    #[must_use]
    pub fn share(mut self, percent: u8) -> Self {
        self.share = percent.min(100);
        self
    }

    /// How many times the usual number of a window. Default: 4.
    #[must_use]
    pub fn factor(mut self, times: NonZeroU32) -> Self {
        self.factor = times;
        self
    }

    /// How much time is looked at. Default: an hour.
    #[must_use]
    pub fn window(mut self, window: Duration) -> Self {
        self.window = window.max(Duration::from_secs(1));
        self
    }

    /// For how long after the last sign of trouble hard bounces are held. Default: 2 hours.
    #[must_use]
    pub fn cool_down(mut self, time: Duration) -> Self {
        self.cool_down = time;
        self
    }

    /// How many bounces are held in all. Default: 100,000. What goes beyond changes nothing and is said to.
    #[must_use]
    pub fn capacity(mut self, bounces: usize) -> Self {
        self.capacity = bounces;
        self
    }
}

impl Default for BreakerRule {
    fn default() -> Self {
        Self {
            minimum: NonZeroU32::MIN.saturating_add(49),
            share: 50,
            factor: NonZeroU32::MIN.saturating_add(3),
            window: Duration::from_secs(60 * 60),
            cool_down: Duration::from_secs(2 * 60 * 60),
            capacity: 100_000,
        }
    }
}

/// A hard bounce that has not suppressed anybody, because its domain had too many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldBounce {
    domain: String,
    pub(crate) change: Change,
}

impl HeldBounce {
    /// The domain in lower case.
    #[must_use]
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// Whose mail it was.
    #[must_use]
    pub fn tenant(&self) -> &TenantId {
        &self.change.tenant
    }

    /// What the address would be kept under.
    #[must_use]
    pub fn key(&self) -> &SuppressionKey {
        &self.change.key
    }

    /// The event; where keys are hashed, a hash of its id.
    #[must_use]
    pub fn event(&self) -> EventId {
        self.change.id
    }

    /// When it bounced.
    #[must_use]
    pub fn at(&self) -> SystemTime {
        self.change.at
    }
}

/// What is known of destinations lately, and the bounces that are held. It is as old as the process: with several, each
/// counts what it records.
#[derive(Debug, Default)]
pub(crate) struct DestinationBreaker {
    destinations: BTreeMap<String, Destination>,
    held: VecDeque<HeldBounce>,
}

#[derive(Debug, Default)]
struct Destination {
    rate: Rate,
    /// Bounces from the first time on are held, up to the second.
    open: Option<(Moment, Moment)>,
}

impl Destination {
    fn open(&mut self, at: Moment, rule: &BreakerRule) {
        let until = at.after(rule.cool_down);
        self.open = match self.open {
            Some((from, known)) if at < known => Some((from, known.max(until))),
            // Those within the window that come late are part of it.
            _ => Some((at.before(rule.window), until)),
        };
    }
}

/// What the breaker makes of a hard bounce.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Ruling {
    Suppress(Box<Change>),
    Held,
    Known,
    Full,
}

impl DestinationBreaker {
    /// The most destinations that are watched; of more, the one that was quiet longest is forgotten.
    const MAX_DESTINATIONS: usize = 10_000;

    /// Something else than a hard bounce came back from this domain.
    pub(crate) fn observe(&mut self, rule: &BreakerRule, domain: &str, at: Moment) {
        let other = Part {
            other: 1,
            ..Part::default()
        };
        self.destination(domain).rate.add(at, rule.window, other);
    }

    /// A server has taken mail to this domain.
    pub(crate) fn observe_sent(&mut self, rule: &BreakerRule, domain: &str, at: Moment) {
        let sent = Part {
            sent: 1,
            ..Part::default()
        };
        self.destination(domain).rate.add(at, rule.window, sent);
    }

    /// A hard bounce that was not known before.
    pub(crate) fn judge(&mut self, rule: &BreakerRule, domain: &str, change: Change) -> Ruling {
        let at = change.moment();
        let known =
            |held: &HeldBounce| held.change.id == change.id && held.change.tenant == change.tenant;
        if self.held.iter().any(known) {
            return Ruling::Known;
        }
        let destination = self.destination(domain);
        let bounce = Part {
            hard: 1,
            ..Part::default()
        };
        destination.rate.add(at, rule.window, bounce);
        if destination
            .rate
            .jumped(rule.minimum, rule.share, rule.factor)
        {
            destination.open(at, rule);
        }
        let open = destination.open;
        if open.is_none_or(|(from, until)| at < from || until <= at) {
            return Ruling::Suppress(Box::new(change));
        }
        if self.held.len() >= rule.capacity {
            return Ruling::Full;
        }
        self.held.push_back(HeldBounce {
            domain: domain.to_owned(),
            change,
        });
        Ruling::Held
    }

    pub(crate) fn held(&self) -> impl Iterator<Item = &HeldBounce> {
        self.held.iter()
    }

    /// Takes out what is held of a domain.
    pub(crate) fn take(&mut self, domain: &str) -> Vec<HeldBounce> {
        let all = std::mem::take(&mut self.held);
        let (taken, kept): (VecDeque<_>, _) =
            all.into_iter().partition(|held| held.domain == domain);
        self.held = kept;
        taken.into()
    }

    /// Puts back what was taken out.
    pub(crate) fn put_back(&mut self, held: Vec<HeldBounce>) {
        self.held.extend(held);
    }

    /// Leaves nothing of this address.
    pub(crate) fn erase(&mut self, tenant: &TenantId, keys: &[SuppressionKey]) -> bool {
        let before = self.held.len();
        self.held
            .retain(|held| held.tenant() != tenant || !keys.contains(held.key()));
        self.held.len() < before
    }

    fn destination(&mut self, domain: &str) -> &mut Destination {
        if !self.destinations.contains_key(domain)
            && self.destinations.len() >= Self::MAX_DESTINATIONS
        {
            let quietest = self
                .destinations
                .iter()
                .min_by_key(|(_, known)| known.rate.last());
            if let Some(quietest) = quietest.map(|(domain, _)| domain.clone()) {
                self.destinations.remove(&quietest);
            }
        }
        self.destinations.entry(domain.to_owned()).or_default()
    }
}

#[cfg(test)]
mod tests;
