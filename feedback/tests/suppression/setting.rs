//! A list whose operations are ready at once, on behalf of one tenant.

use std::num::{NonZeroU32, NonZeroUsize};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use letterhead_dns::block_on_ready;
use letterhead_feedback::{
    Applied, Cursor, Decision, Event, EventKind, InMemorySuppressionStore, Permanence, Proof,
    Screening, SoftBounceRule, Suppression, SuppressionFilter, SuppressionList, SuppressionPolicy,
    SuppressionReason, SuppressionScope, SuppressionStore,
};
use letterhead_mail::{EmailAddress, TenantId};

pub(crate) const DAY: Duration = Duration::from_secs(24 * 60 * 60);
pub(crate) const HARD: EventKind = EventKind::Bounced(Permanence::Hard);
pub(crate) const SOFT: EventKind = EventKind::Bounced(Permanence::Soft);
pub(crate) const JOE: &str = "joe@example.org";

pub(crate) fn day(number: u32) -> SystemTime {
    SystemTime::UNIX_EPOCH + DAY * (20_000 + number)
}

pub(crate) fn address(text: &str) -> EmailAddress {
    text.parse().unwrap()
}

/// A proven event about joe@example.org and the message of this number, as of this day.
pub(crate) fn event(kind: EventKind, message: u32, on: u32) -> Event {
    event_about(JOE, kind, message, day(on))
}

pub(crate) fn event_about(who: &str, kind: EventKind, message: u32, at: SystemTime) -> Event {
    Event::new(kind)
        .with_recipient(address(who))
        .with_message_id(&format!("<{message}@mail.example.com>"))
        .with_time(at)
        .with_proof(Proof::KnownMessage)
}

/// Three soft bounces within 30 days.
pub(crate) fn three() -> SoftBounceRule {
    SoftBounceRule::new(NonZeroU32::new(3).unwrap(), DAY * 30)
}

#[derive(Debug)]
pub(crate) struct List {
    pub(crate) list: SuppressionList,
    pub(crate) tenant: TenantId,
}

impl List {
    pub(crate) fn new() -> Self {
        Self::with(SuppressionPolicy::default().soft_bounces(three()))
    }

    pub(crate) fn with(policy: SuppressionPolicy) -> Self {
        Self::over(Arc::new(InMemorySuppressionStore::new()), policy)
    }

    pub(crate) fn over(store: Arc<dyn SuppressionStore>, policy: SuppressionPolicy) -> Self {
        Self::of(SuppressionList::new(store, policy))
    }

    pub(crate) fn of(list: SuppressionList) -> Self {
        Self {
            list,
            tenant: "acme".parse().unwrap(),
        }
    }

    pub(crate) fn scope(&self) -> SuppressionScope {
        SuppressionScope::new(self.tenant.clone())
    }

    pub(crate) fn record(&self, event: &Event, now: u32) -> Decision {
        block_on_ready(self.list.record(&self.tenant, event, day(now)))
            .unwrap()
            .unwrap()
    }

    pub(crate) fn check(&self, mail: &SuppressionScope, who: &[&str], now: u32) -> Screening {
        let addresses: Vec<EmailAddress> = who.iter().map(|who| address(who)).collect();
        block_on_ready(self.list.check(mail, &addresses, day(now)))
            .unwrap()
            .unwrap()
    }

    /// What holds mail of any stream back, long after.
    pub(crate) fn suppressed(&self, who: &[&str]) -> Vec<Suppression> {
        self.check(&self.scope(), who, 9_999).suppressed
    }

    pub(crate) fn reason(&self) -> Option<SuppressionReason> {
        self.suppressed(&[JOE]).first().map(Suppression::reason)
    }

    pub(crate) fn remove(&self, now: u32) -> Applied {
        self.remove_from(&self.scope(), now)
    }

    pub(crate) fn remove_from(&self, scope: &SuppressionScope, now: u32) -> Applied {
        let joe = address(JOE);
        block_on_ready(self.list.remove(scope, &joe, "asked by phone", day(now)))
            .unwrap()
            .unwrap()
    }

    pub(crate) fn add_manual(&self, who: &str, now: u32) -> Applied {
        let (who, scope) = (address(who), self.scope());
        let added = self
            .list
            .add_manual(&scope, &who, "asked\r\nby phone", day(now));
        block_on_ready(added).unwrap().unwrap()
    }

    /// All suppressions that the filter admits, page by page.
    pub(crate) fn all(&self, filter: &SuppressionFilter, limit: usize) -> Vec<Suppression> {
        let limit = NonZeroUsize::new(limit).unwrap();
        let mut all = Vec::new();
        let mut after: Option<Cursor> = None;
        loop {
            let listing = block_on_ready(self.list.list(&self.tenant, filter, after, limit))
                .unwrap()
                .unwrap();
            all.extend(listing.suppressions);
            after = listing.next;
            if after.is_none() {
                return all;
            }
        }
    }
}

pub(crate) fn keys(suppressions: &[Suppression]) -> Vec<String> {
    let keys = suppressions.iter().map(|suppression| suppression.key());
    keys.map(ToString::to_string).collect()
}
