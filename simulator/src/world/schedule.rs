//! What will happen, in order.

use std::collections::BTreeMap;
use std::time::SystemTime;

use super::Happening;

/// Happenings by when they are due; those due at the same time stay in the order in which they were scheduled.
#[derive(Debug, Default)]
pub(super) struct Schedule {
    happenings: BTreeMap<(SystemTime, u64), Happening>,
    next: u64,
}

impl Schedule {
    pub(super) fn push(&mut self, due: SystemTime, happening: Happening) {
        self.happenings.insert((due, self.next), happening);
        self.next += 1;
    }

    pub(super) fn next_due(&self) -> Option<SystemTime> {
        self.happenings.keys().next().map(|(due, _)| *due)
    }

    /// Takes out the first one, if it is due at `time` or earlier.
    pub(super) fn pop(&mut self, time: SystemTime) -> Option<(SystemTime, Happening)> {
        let first = self.happenings.first_entry()?;
        let (due, _) = *first.key();
        (due <= time).then(|| (due, first.remove()))
    }
}
