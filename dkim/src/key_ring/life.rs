//! The stages of a key, one after the other.

use std::time::{Duration, SystemTime};

use crate::key_ring::error::KeyRingError;
use crate::key_ring::schedule::AfterUse;
use crate::key_ring::state::Stage;
use crate::key_ring::step::revoked_for;
use crate::key_ring::{KeyRing, whole_seconds, wrong_stage};
use crate::selector::Selector;

impl KeyRing {
    /// Lets a waiting key sign from now on. The key that signed with the same algorithm leaves: it is the value, and
    /// its record stays.
    ///
    /// # Errors
    ///
    /// A key that does not wait, that was not found published by the last check, or not for long enough, or whose last
    /// check is too old.
    pub fn switch(
        &mut self,
        selector: &Selector,
        now: SystemTime,
    ) -> Result<Option<Selector>, KeyRingError> {
        let since = whole_seconds(now)?;
        let key = self.find(selector)?;
        if key.stage != Stage::Waiting {
            return Err(wrong_stage(key, "only a key that waits can begin to sign"));
        }
        let selector = selector.clone();
        let (Some(matched), Some(checked)) = (key.matched_since, key.checked) else {
            return Err(KeyRingError::NotPublished { selector });
        };
        let until = matched.checked_add(self.schedule.published_for);
        if until.is_none_or(|until| now < until) {
            return Err(KeyRingError::TooEarly { selector, until });
        }
        if checked
            .checked_add(self.schedule.check_holds)
            .is_some_and(|end| end < now)
        {
            return Err(KeyRingError::CheckTooOld { selector });
        }
        let former = self
            .state
            .signing(key.algorithm())
            .map(|former| former.selector.clone());
        if let Some(former) = &former {
            self.leave(former, now)?;
        }
        if let Some(key) = self.state.find_mut(&selector) {
            key.stage = Stage::Signing { since };
        }
        self.update_live_signers();
        Ok(former)
    }

    /// Ends the signing of a key without a successor, for an algorithm that is given up. Its record stays.
    ///
    /// # Errors
    ///
    /// A key that does not sign.
    pub fn stop(&mut self, selector: &Selector, now: SystemTime) -> Result<(), KeyRingError> {
        self.leave(selector, now)?;
        self.update_live_signers();
        Ok(())
    }

    fn leave(&mut self, selector: &Selector, now: SystemTime) -> Result<(), KeyRingError> {
        let end = whole_seconds(now)?;
        let key = self.find_mut(selector)?;
        let Stage::Signing { since } = key.stage else {
            return Err(wrong_stage(key, "only a key that signs can be stopped"));
        };
        // The second in which it signed last is not over, and a clock may have gone back.
        let last_signature = end.max(since).checked_add(SECOND).unwrap_or(end);
        key.stage = Stage::Leaving { last_signature };
        self.keys.remove(selector);
        Ok(())
    }

    /// Ends the life of a key: one that leaves is withdrawn or removed once no signature of it is on its way, one that
    /// is withdrawn is removed once that was seen for long enough, and one that never signed is removed at once. Then
    /// publish what [`records`](Self::records) says; the private key can be destroyed.
    ///
    /// # Errors
    ///
    /// A key that signs, one whose record is still needed, or one that is gone.
    pub fn retire(&mut self, selector: &Selector, now: SystemTime) -> Result<(), KeyRingError> {
        let since = whole_seconds(now)?;
        let schedule = self.schedule;
        let key = self.find_mut(selector)?;
        let end = match key.stage {
            Stage::Waiting => Some(now),
            Stage::Leaving { last_signature } => last_signature.checked_add(schedule.stays_for),
            Stage::Revoked { since } => since.checked_add(revoked_for(&schedule)),
            Stage::Signing { .. } => {
                return Err(wrong_stage(key, "switch to another key, or stop it"));
            }
            Stage::Removed { .. } => return Err(wrong_stage(key, "nothing is left to be done")),
        };
        if end.is_none_or(|end| now < end) {
            return Err(KeyRingError::StillNeeded {
                selector: selector.clone(),
                until: end,
            });
        }
        key.stage = match (key.stage, schedule.after_use) {
            (Stage::Leaving { .. }, AfterUse::Revoke(_)) => Stage::Revoked { since },
            _ => Stage::Removed { since },
        };
        self.keys.remove(selector);
        Ok(())
    }

    /// Withdraws a key at once, because it has fallen into other hands. Mail signed with it that is on its way fails at
    /// its receiver; publish what [`records`](Self::records) says without delay.
    ///
    /// # Errors
    ///
    /// A key that is withdrawn or gone.
    pub fn dangerous_revoke(
        &mut self,
        selector: &Selector,
        now: SystemTime,
    ) -> Result<(), KeyRingError> {
        let since = whole_seconds(now)?;
        let key = self.find_mut(selector)?;
        if !key.stage.needs_record() {
            return Err(wrong_stage(key, "it cannot be withdrawn again"));
        }
        key.stage = Stage::Revoked { since };
        self.keys.remove(selector);
        self.update_live_signers();
        Ok(())
    }
}

const SECOND: Duration = Duration::from_secs(1);
