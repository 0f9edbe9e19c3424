use std::time::SystemTime;

use letterhead_mail::TenantId;

use crate::event::EventId;
use crate::suppression::moment::Moment;
use crate::suppression::{Coverage, SoftBounceRule, SuppressionKey, SuppressionReason};

/// A change to what is known of one address. What each does is [`SuppressionRecord::apply`](crate::SuppressionRecord::apply)'s
/// to decide, so that all stores decide alike.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Change {
    /// On whose behalf.
    pub tenant: TenantId,
    /// What the address is kept under.
    pub key: SuppressionKey,
    /// The name of this change: applying two changes of the same name to a record is applying one.
    pub id: EventId,
    /// When what caused it happened, which may be long before it is applied. Compared in whole milliseconds.
    pub at: SystemTime,
    /// What to do.
    pub action: ChangeAction,
}

impl Change {
    /// A change.
    #[must_use]
    pub fn new(
        tenant: TenantId,
        key: SuppressionKey,
        id: EventId,
        at: SystemTime,
        action: ChangeAction,
    ) -> Self {
        Self {
            tenant,
            key,
            id,
            at,
            action,
        }
    }

    pub(crate) fn moment(&self) -> Moment {
        Moment::of(self.at)
    }
}

/// What a [`Change`] does.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChangeAction {
    /// Suppresses the address from `at` on.
    Suppress {
        /// Why.
        reason: SuppressionReason,
        /// For which mail.
        coverage: Coverage,
        /// When it ends by itself.
        until: Option<SystemTime>,
        /// The reporter's words.
        note: Option<String>,
    },
    /// Counts a soft bounce at `at`, and suppresses the address for all mail where the rule has it so.
    CountSoftBounce {
        /// How many make a suppression.
        rule: SoftBounceRule,
        /// How long such a suppression lasts, from its last bounce on.
        lasts: Option<std::time::Duration>,
        /// The reporter's words.
        note: Option<String>,
    },
    /// Forgets the soft bounces up to and including `at`, and a suppression that rests on one of them; later ones stay.
    ResetSoftBounces,
    /// Ends suppressions up to and including `at`, and remembers that, so that an older event that comes later does not
    /// suppress the address again.
    Lift {
        /// Only those for this reason; `None`: for any.
        reason: Option<SuppressionReason>,
        /// Only those of exactly this coverage; `None`: of any.
        coverage: Option<Coverage>,
        /// Who decided it and why.
        note: Option<String>,
    },
    /// Removes every trace, lifts and counts included.
    Erase,
}

impl ChangeAction {
    /// Whether it can change anything about an address of which nothing is known: a store need not make a row for one
    /// where it cannot.
    #[must_use]
    pub fn begins_a_record(&self) -> bool {
        match self {
            Self::Suppress { .. } | Self::CountSoftBounce { .. } | Self::Lift { .. } => true,
            Self::ResetSoftBounces | Self::Erase => false,
        }
    }
}

/// What became of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Applied {
    /// It took effect.
    Done,
    /// A soft bounce was counted and suppresses nobody yet; so many count together now.
    Counted(u32),
    /// It had been applied before, or there was nothing to change.
    Unchanged,
    /// A newer decision stands.
    Stale,
}
