use std::sync::Arc;
use std::time::SystemTime;

use crate::suppression::moment::Moment;
use crate::suppression::{Coverage, SuppressionReason, SuppressionRecord};

/// The end of suppressions of an address, remembered so that what is older does not come back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lift {
    reason: Option<SuppressionReason>,
    coverage: Option<Coverage>,
    at: Moment,
    note: Option<Arc<str>>,
}

impl Lift {
    /// The only reason whose suppressions it ended; `None`: all.
    #[must_use]
    pub fn reason(&self) -> Option<SuppressionReason> {
        self.reason
    }

    /// The only coverage whose suppressions it ended; `None`: every one.
    #[must_use]
    pub fn coverage(&self) -> Option<&Coverage> {
        self.coverage.as_ref()
    }

    /// Up to when.
    #[must_use]
    pub fn at(&self) -> SystemTime {
        self.at.time()
    }

    /// Who decided it and why.
    #[must_use]
    pub fn note(&self) -> Option<&str> {
        self.note.as_deref()
    }

    pub(super) fn new(
        reason: Option<SuppressionReason>,
        coverage: Option<Coverage>,
        at: Moment,
        note: Option<Arc<str>>,
    ) -> Self {
        Self {
            reason,
            coverage,
            at,
            note,
        }
    }

    pub(super) fn moment(&self) -> Moment {
        self.at
    }

    pub(super) fn concerns(&self, reason: SuppressionReason, coverage: &Coverage) -> bool {
        self.reason.is_none_or(|only| only == reason)
            && self.coverage.as_ref().is_none_or(|only| only == coverage)
    }

    /// Keeps the later of two for the same, and the latest ones where they are too many.
    pub(super) fn remember(lifts: &mut Vec<Self>, lift: Self) {
        let place = lifts.binary_search_by(|known| known.place().cmp(&lift.place()));
        match place {
            Ok(place) => {
                if let Some(known) = lifts.get_mut(place)
                    && (known.at, &known.note) < (lift.at, &lift.note)
                {
                    *known = lift;
                }
            }
            Err(place) => lifts.insert(place, lift),
        }
        if lifts.len() > SuppressionRecord::MAX_SUPPRESSIONS {
            let oldest = lifts.iter().enumerate().min_by_key(|(_, lift)| lift.at);
            if let Some((place, _)) = oldest {
                lifts.remove(place);
            }
        }
    }

    fn place(&self) -> impl Ord + '_ {
        (self.reason, self.coverage.as_ref().map(Coverage::names))
    }
}
