//! What is to be done with the keys of a ring, and when.

use std::fmt;
use std::time::{Duration, SystemTime};

use crate::key_ring::schedule::{AfterUse, RotationSchedule};
use crate::key_ring::state::{KeyRingState, KeyState, Stage};
use crate::selector::Selector;

/// Something to be done. `Display` says what, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    action: Action,
    selector: Selector,
    due: SystemTime,
}

impl Step {
    /// What is to be done.
    #[must_use]
    pub fn action(&self) -> Action {
        self.action
    }

    /// The key it is about; for [`Action::Introduce`], the one that needs a successor.
    #[must_use]
    pub fn selector(&self) -> &Selector {
        &self.selector
    }

    /// Since when it is due.
    #[must_use]
    pub fn due(&self) -> SystemTime {
        self.due
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { selector, .. } = self;
        match self.action {
            Action::Introduce => write!(
                f,
                "introduce a successor of {selector}, which will have signed for long enough"
            ),
            Action::Publish => write!(
                f,
                "publish the record of {selector} and check it; the key waits for that to sign"
            ),
            Action::Republish => write!(
                f,
                "publish the record of {selector} again; it was not found, and signatures fail without it"
            ),
            Action::Check => write!(
                f,
                "check the record of {selector}; the last check is too old to rely on"
            ),
            Action::Switch => write!(
                f,
                "switch to {selector}, which has been published for long enough"
            ),
            Action::Retire => write!(
                f,
                "retire {selector}; no signature of it is on its way any more"
            ),
            Action::Remove => write!(
                f,
                "retire {selector} for good; it has been published as withdrawn for long enough"
            ),
        }
    }
}

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Action {
    /// Make a key of the same algorithm, and call [`KeyRing::introduce`](crate::KeyRing::introduce).
    Introduce,
    /// Publish the record, [`check`](crate::KeyRing::check) and [`note`](crate::KeyRing::note_published) it.
    Publish,
    /// The same for a key in use: this is urgent.
    Republish,
    /// [`Check`](crate::KeyRing::check) and [`note`](crate::KeyRing::note_published) it again.
    Check,
    /// Call [`KeyRing::switch`](crate::KeyRing::switch).
    Switch,
    /// Call [`KeyRing::retire`](crate::KeyRing::retire), and publish what [`records`](crate::KeyRing::records) says
    /// then.
    Retire,
    /// The same, for a key whose record says that it is withdrawn.
    Remove,
}

/// Every next step, with the time it is due, now or later.
pub(super) fn plan(state: &KeyRingState, schedule: &RotationSchedule) -> Vec<Step> {
    let mut steps = Vec::new();
    for key in &state.keys {
        let mut push = |action, due: Option<SystemTime>| {
            // A time beyond what can be reckoned never comes.
            steps.extend(due.map(|due| Step {
                action,
                selector: key.selector.clone(),
                due,
            }));
        };
        let recheck = || {
            key.checked
                .and_then(|at| at.checked_add(schedule.check_holds))
        };
        match key.stage {
            Stage::Waiting => match key.matched_since {
                None => push(Action::Publish, Some(key.introduced)),
                Some(since) => {
                    push(Action::Check, recheck());
                    if is_next(state, key) {
                        push(Action::Switch, turn(state, schedule, key, since));
                    }
                }
            },
            Stage::Signing { since } => {
                match key.matched_since {
                    Some(_) => push(Action::Check, recheck()),
                    None => push(Action::Republish, key.checked.or(Some(key.introduced))),
                }
                if !state
                    .keys
                    .iter()
                    .any(|other| is_next(state, other) && other.algorithm() == key.algorithm())
                {
                    let signs = schedule.signs_for.saturating_sub(schedule.introduce_ahead);
                    push(Action::Introduce, since.checked_add(signs));
                }
            }
            Stage::Leaving { last_signature } => {
                let end = last_signature.checked_add(schedule.stays_for);
                push(Action::Retire, end);
                match key.matched_since {
                    Some(_) => push(
                        Action::Check,
                        recheck().filter(|due| end.is_none_or(|end| *due < end)),
                    ),
                    None => push(Action::Republish, key.checked.or(Some(key.introduced))),
                }
            }
            Stage::Revoked { since } => {
                push(Action::Remove, since.checked_add(revoked_for(schedule)))
            }
            Stage::Removed { .. } => {}
        }
    }
    steps.sort_by_key(|step| step.due);
    steps
}

/// How long a record says that its key is withdrawn.
pub(super) fn revoked_for(schedule: &RotationSchedule) -> Duration {
    match schedule.after_use {
        AfterUse::Remove => Duration::ZERO,
        AfterUse::Revoke(duration) => duration,
    }
}

/// Whether this is the key that waits for the longest to sign with its algorithm.
fn is_next(state: &KeyRingState, key: &KeyState) -> bool {
    state
        .keys
        .iter()
        .find(|other| other.stage == Stage::Waiting && other.algorithm() == key.algorithm())
        .is_some_and(|next| next.selector == key.selector)
}

/// When the key is to sign: when its record has been there for long enough, and its predecessor's time is over.
fn turn(
    state: &KeyRingState,
    schedule: &RotationSchedule,
    key: &KeyState,
    matched_since: SystemTime,
) -> Option<SystemTime> {
    let ready = matched_since.checked_add(schedule.published_for)?;
    match state.signing(key.algorithm()).map(|signing| signing.stage) {
        Some(Stage::Signing { since }) => Some(ready.max(since.checked_add(schedule.signs_for)?)),
        _ => Some(ready),
    }
}
