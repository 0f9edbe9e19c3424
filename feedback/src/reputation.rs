//! How many of the messages of an identity bounce and are complained about, and what follows from it.

mod account;
mod paused;
mod policy;
mod rate;
mod recent_events;
mod simulated;
mod standing;
mod threshold;

use std::collections::HashMap;
use std::time::SystemTime;

use letterhead_mail::{EmailAddress, IdentityName};

pub use paused::ReputationPaused;
pub use policy::ReputationPolicy;
pub use rate::{PerMillion, PerMillionError};
pub use simulated::SimulatedRecipients;
pub use standing::{ReputationStanding, ReputationState, Volume};
pub use threshold::{ReputationMetric, ReputationThreshold};

use crate::event::{Event, EventKind, Permanence};
use account::{Account, Count};
use recent_events::RecentEvents;

/// Rolling bounce and complaint rates of every identity, held against the [thresholds](ReputationThreshold) of those
/// who judge it.
///
/// Tell it what is sent and what comes back, ask the [gate](Self::gate) before sending. Rates are of the last days
/// ([window](ReputationPolicy::window)), in steps of an hour:
///
/// - The bounce rate is hard bounces of all messages sent, as Amazon SES counts: one message to one recipient is one.
///   Soft bounces are no sign of a bad list.
/// - The complaint rate is complaints of all messages delivered: those sent that have not bounced.
///
/// A bounce or complaint counts in the hour it happened, not in that of its message, so a rate lags behind by as long as
/// reports take. Below the [minimum volume](ReputationPolicy::minimum_volume) a rate says little, so what is missing
/// from it is taken for good mail: one bounce of two messages is no crisis, and a hundred bounces in a row are one,
/// however few messages there were.
///
/// An identity that was once to be paused stays so for the [cool-down](ReputationPolicy::cool_down) at least, and then
/// until it is below where review begins: between the two thresholds it would otherwise start and stop by turns. A pause
/// ends by itself as the bad hours leave the window; [`resume`](Self::resume) ends it at once.
///
/// It reads no clock and holds no lock; share it behind a mutex. All of it is in memory and gone with the process: to
/// fill it again, replay what was sent and what came back in the order of time. Memory is bounded by the number of
/// identities times hours, and by [`MAX_RECENT_EVENTS`](Self::MAX_RECENT_EVENTS).
///
/// ```
/// use std::time::{Duration, SystemTime};
///
/// use letterhead_feedback::{
///     Event, EventKind, Permanence, Proof, Reputation, ReputationPolicy, ReputationState, ReputationThreshold,
/// };
/// use letterhead_mail::{EmailAddress, IdentityName};
///
/// let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
/// let mut reputation = Reputation::new(ReputationPolicy::new(ReputationThreshold::SES).minimum_volume(10));
/// let identity: IdentityName = "example.com".parse()?;
/// for number in 0..20 {
///     let recipient: EmailAddress = format!("user{number}@example.org").parse()?;
///     reputation.observe_sent(&identity, &[recipient.clone()], now);
///     if number % 10 == 0 {
///         let bounce = Event::new(EventKind::Bounced(Permanence::Hard))
///             .with_recipient(recipient)
///             .with_identity(identity.clone())
///             .with_proof(Proof::Witnessed);
///         reputation.observe(&bounce, now);
///     }
/// }
/// let standing = reputation.standing(&identity, now);
/// assert_eq!(standing.state, ReputationState::Pause);
/// assert_eq!(standing.bounce_rate().map(|rate| rate.to_string()).as_deref(), Some("10%"));
/// assert!(reputation.gate(&identity, now).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Reputation {
    policy: ReputationPolicy,
    accounts: HashMap<IdentityName, Account>,
    recent: RecentEvents,
}

impl Reputation {
    /// How many events are remembered, so that one that is reported again does not count again.
    pub const MAX_RECENT_EVENTS: usize = 65_536;

    /// Nothing sent yet, by nobody.
    #[must_use]
    pub fn new(policy: ReputationPolicy) -> Self {
        Self {
            policy,
            accounts: HashMap::new(),
            recent: RecentEvents::up_to(Self::MAX_RECENT_EVENTS),
        }
    }

    /// Takes into account that a message was sent to these recipients, and says how many of them count. Simulated ones
    /// do not, and none does where there is no room for another identity
    /// ([`ReputationPolicy::max_identities`]).
    ///
    /// Count what a server took or refused, and nothing twice: neither what was suppressed nor another try of what was
    /// deferred.
    pub fn observe_sent(
        &mut self,
        identity: &IdentityName,
        recipients: &[EmailAddress],
        now: SystemTime,
    ) -> u64 {
        let real = recipients
            .iter()
            .filter(|recipient| !self.policy.simulated.contains(recipient));
        let sent = u64::try_from(real.count()).unwrap_or(u64::MAX);
        if sent == 0 || !self.make_room(identity, now) {
            return 0;
        }
        let account = self.accounts.entry(identity.clone()).or_default();
        account.count(Count::Sent(sent), now, now, &self.policy);
        sent
    }

    /// Takes an event into account, for its [identity](Event::identity): a bounce or a complaint, if it is proven as far
    /// as the [policy](ReputationPolicy::minimum_proof) asks. No event counts as later than now.
    pub fn observe(&mut self, event: &Event, now: SystemTime) -> Observed {
        let count = match event.kind() {
            EventKind::Bounced(Permanence::Hard) => Count::HardBounce,
            EventKind::Bounced(Permanence::Soft) => Count::SoftBounce,
            EventKind::Complained => Count::Complaint,
            _ => return Observed::Ignored(Uncounted::Kind),
        };
        if event.proof() < self.policy.minimum_proof {
            return Observed::Ignored(Uncounted::NotProven);
        }
        let addresses = [event.addressee(), event.recipient()];
        let mut addresses = addresses.into_iter().flatten();
        if addresses.any(|address| self.policy.simulated.contains(address)) {
            return Observed::Ignored(Uncounted::Simulated);
        }
        let Some(identity) = event.identity() else {
            return Observed::Ignored(Uncounted::NoIdentity);
        };
        let at = event.time().map_or(now, |time| time.min(now));
        let account = self.accounts.get(identity);
        if !self.policy.is_recent(at, now) || account.is_some_and(|account| account.forgot(at)) {
            return Observed::Ignored(Uncounted::Old);
        }
        if self.recent.contains(event.id()) {
            return Observed::Ignored(Uncounted::AlreadyKnown);
        }
        if !self.make_room(identity, now) {
            return Observed::Ignored(Uncounted::NoRoom);
        }
        self.recent.insert(event.id());
        let account = self.accounts.entry(identity.clone()).or_default();
        account.count(count, at, now, &self.policy);
        Observed::Counted
    }

    /// Where an identity stands.
    #[must_use]
    pub fn standing(&self, identity: &IdentityName, now: SystemTime) -> ReputationStanding {
        match self.accounts.get(identity) {
            Some(account) => account.standing(now, &self.policy),
            None => Account::default().standing(now, &self.policy),
        }
    }

    /// Whether an identity may send.
    ///
    /// # Errors
    ///
    /// When it is paused.
    pub fn gate(&self, identity: &IdentityName, now: SystemTime) -> Result<(), ReputationPaused> {
        let standing = self.standing(identity, now);
        match standing.state {
            ReputationState::Pause => Err(ReputationPaused::new(identity.clone(), standing)),
            ReputationState::Ok | ReputationState::Review => Ok(()),
        }
    }

    /// Forgets what is counted for an identity and lets it send: for a person who knows that the cause is removed. What
    /// happened before `now` does not count later either, where its report says when it happened.
    pub fn resume(&mut self, identity: &IdentityName, now: SystemTime) {
        if let Some(account) = self.accounts.get_mut(identity) {
            *account = Account::beginning(now);
        }
    }

    /// Whether there is an account for the identity, or room for one: that of whoever has sent nothing for longest is
    /// given up, but none that is paused, since forgetting would end the pause.
    fn make_room(&mut self, identity: &IdentityName, now: SystemTime) -> bool {
        if self.accounts.contains_key(identity) {
            return true;
        }
        if self.accounts.len() < self.policy.max_identities {
            return true;
        }
        let idle = self
            .accounts
            .iter()
            .filter(|(_, account)| {
                account.standing(now, &self.policy).state != ReputationState::Pause
            })
            .min_by_key(|(name, account)| (account.last_hour(), *name));
        let Some((idle, _)) = idle else {
            return false;
        };
        let idle = idle.clone();
        self.accounts.remove(&idle);
        true
    }
}

/// What became of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Observed {
    /// It is counted.
    Counted,
    /// Nothing has changed.
    Ignored(Uncounted),
}

/// Why an event does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Uncounted {
    /// It is neither a bounce nor a complaint.
    Kind,
    /// It is less proven than the policy asks for: anyone could pause anybody with it.
    NotProven,
    /// It is about a simulated recipient.
    Simulated,
    /// It does not say which identity the message was sent under.
    NoIdentity,
    /// It happened before the window, or before the identity was resumed.
    Old,
    /// It was counted before.
    AlreadyKnown,
    /// There is no room for another identity: as many as are allowed are paused.
    NoRoom,
}

#[cfg(test)]
mod tests;
