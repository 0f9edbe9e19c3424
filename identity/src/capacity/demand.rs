//! How much of a limit some runs would need.

use std::time::Duration;

use super::{EventShare, Quantity, Run};
use crate::profile::{Quota, QuotaUnit, SizeBasis, Window};

/// What the runs need of one limit.
pub(super) struct Planned {
    /// In the fullest window; for a limit on one message, in the largest one.
    pub(super) in_window: Quantity,
    /// In all, each run with the time it takes.
    runs: Vec<(u64, Duration)>,
}

impl Planned {
    /// How long after the beginning `maximum` is used up; `None` if it is not within the window.
    pub(super) fn reaches(&self, maximum: u64, window: Window) -> Option<Duration> {
        let sent_by = |time: u128| {
            let shares = self.runs.iter().map(|(amount, over)| {
                let over = over.as_nanos();
                if time >= over {
                    u128::from(*amount)
                } else {
                    u128::from(*amount).saturating_mul(time) / over
                }
            });
            shares.fold(0, u128::saturating_add)
        };
        let longest = self.runs.iter().map(|(_, over)| over.as_nanos()).max()?;
        let end = window
            .length()
            .map_or(longest, |length| longest.min(length.as_nanos()));
        let (mut early, mut late) = (0, end);
        while early < late {
            let middle = early + (late - early) / 2;
            if sent_by(middle) >= u128::from(maximum) {
                late = middle;
            } else {
                early = middle + 1;
            }
        }
        (sent_by(late) >= u128::from(maximum)).then(|| from_nanos(late))
    }

    /// How long everything takes if each window is filled to the brim; `None` if it is never done.
    pub(super) fn takes_at(&self, maximum: u64, window: Window) -> Option<Duration> {
        let length = window.length()?;
        let all: u128 = self
            .runs
            .iter()
            .map(|(amount, _)| u128::from(*amount))
            .sum();
        let windows = all.div_ceil(u128::from(maximum).max(1));
        let waits = windows.saturating_sub(1);
        (maximum > 0).then(|| from_nanos(waits.saturating_mul(length.as_nanos())))
    }
}

/// What all runs together need.
pub(super) fn planned(quota: &Quota, runs: &[Run]) -> Planned {
    let quantities = runs.iter().map(|run| in_window(quota, run));
    let in_window = quantities
        .reduce(|one, other| match quota.window {
            Window::Message => join(one, other, u64::max),
            _ => join(one, other, u64::saturating_add),
        })
        .unwrap_or(Quantity::Exactly(0));
    let totals = runs.iter().map(|run| {
        let total = match in_all(quota, run) {
            Quantity::Exactly(amount) | Quantity::AtMost(amount) => amount,
            Quantity::NotKnown => 0,
        };
        (total, run.over)
    });
    Planned {
        in_window,
        runs: totals.collect(),
    }
}

/// What each run needs.
pub(super) fn by_event(quota: &Quota, runs: &[Run]) -> Vec<EventShare> {
    let share = |run: &Run| EventShare {
        event: run.event.clone(),
        planned: in_window(quota, run),
    };
    runs.iter().map(share).collect()
}

fn in_window(quota: &Quota, run: &Run) -> Quantity {
    if quota.window == Window::Message {
        return in_one_message(quota, run);
    }
    let Some(length) = quota.window.length() else {
        return in_all(quota, run);
    };
    let share = |amount: u64| {
        let (length, over) = (length.as_nanos(), run.over.as_nanos());
        if over <= length {
            return amount;
        }
        let share = u128::from(amount).saturating_mul(length).div_ceil(over);
        u64::try_from(share).unwrap_or(u64::MAX)
    };
    match in_all(quota, run) {
        // The different addresses of a run may all be in one window, if it has so many recipients.
        Quantity::Exactly(unique) if quota.unit == QuotaUnit::UniqueRecipients => {
            let recipients = share(recipients(run));
            if recipients <= unique && run.over > length {
                Quantity::AtMost(recipients)
            } else {
                Quantity::Exactly(unique)
            }
        }
        Quantity::Exactly(amount) => Quantity::Exactly(share(amount)),
        Quantity::AtMost(amount) => Quantity::AtMost(share(amount)),
        Quantity::NotKnown => Quantity::NotKnown,
    }
}

fn in_all(quota: &Quota, run: &Run) -> Quantity {
    let recipients = recipients(run);
    let some_of_them = |known: Option<u64>| match known {
        Some(known) => Quantity::Exactly(known.min(recipients)),
        None => Quantity::AtMost(recipients),
    };
    match quota.unit {
        QuotaUnit::Messages => Quantity::Exactly(run.messages),
        QuotaUnit::Recipients => Quantity::Exactly(recipients),
        QuotaUnit::UniqueRecipients => some_of_them(run.unique),
        QuotaUnit::ExternalRecipients => some_of_them(run.external),
        QuotaUnit::Octets => octets(quota, run, run.messages),
        QuotaUnit::Connections => Quantity::NotKnown,
    }
}

fn in_one_message(quota: &Quota, run: &Run) -> Quantity {
    if run.messages == 0 {
        return Quantity::Exactly(0);
    }
    match quota.unit {
        QuotaUnit::Messages => Quantity::Exactly(1),
        // The recipients of one message are all different.
        QuotaUnit::Recipients | QuotaUnit::UniqueRecipients => Quantity::Exactly(run.recipients),
        QuotaUnit::ExternalRecipients => match run.external {
            Some(external) if external >= recipients(run) => Quantity::Exactly(run.recipients),
            Some(external) => Quantity::AtMost(run.recipients.min(external)),
            None => Quantity::AtMost(run.recipients),
        },
        QuotaUnit::Octets => octets(quota, run, 1),
        QuotaUnit::Connections => Quantity::NotKnown,
    }
}

/// Octets before they are encoded are no more than those that are transferred.
fn octets(quota: &Quota, run: &Run, messages: u64) -> Quantity {
    let Some(each) = run.octets else {
        return Quantity::NotKnown;
    };
    let all = each.saturating_mul(messages);
    match quota.basis {
        SizeBasis::Encoded => Quantity::Exactly(all),
        SizeBasis::Raw => Quantity::AtMost(all),
    }
}

fn recipients(run: &Run) -> u64 {
    run.messages.saturating_mul(run.recipients)
}

fn join(one: Quantity, other: Quantity, how: fn(u64, u64) -> u64) -> Quantity {
    match (one, other) {
        (Quantity::NotKnown, _) | (_, Quantity::NotKnown) => Quantity::NotKnown,
        (Quantity::Exactly(one), Quantity::Exactly(other)) => Quantity::Exactly(how(one, other)),
        (
            Quantity::Exactly(one) | Quantity::AtMost(one),
            Quantity::Exactly(other) | Quantity::AtMost(other),
        ) => Quantity::AtMost(how(one, other)),
    }
}

fn from_nanos(nanos: u128) -> Duration {
    u64::try_from(nanos / 1_000_000_000).map_or(Duration::MAX, |seconds| {
        let rest = u32::try_from(nanos % 1_000_000_000).unwrap_or(0);
        Duration::new(seconds, rest)
    })
}
