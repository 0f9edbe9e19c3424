//! What is counted for one identity.

use std::collections::VecDeque;
use std::time::SystemTime;

use crate::reputation::policy::hour;
use crate::reputation::{
    PerMillion, ReputationMetric, ReputationPolicy, ReputationStanding, ReputationState,
    ReputationThreshold, Volume,
};

/// The counts of an identity by the hour, and whether it is paused.
#[derive(Debug, Clone, Default)]
pub(super) struct Account {
    /// In the order of time; hours in which nothing happened are left out.
    hours: VecDeque<Hour>,
    /// Since when it is paused, and by which threshold.
    paused: Option<(SystemTime, ReputationThreshold)>,
    /// What happened before this does not count.
    begins: Option<SystemTime>,
}

/// Small, since there may be hundreds for each of thousands of identities.
#[derive(Debug, Clone, Copy, Default)]
struct Hour {
    hour: u32,
    sent: u32,
    bounces: u32,
    soft_bounces: u32,
    complaints: u32,
}

/// The counts of a window.
#[derive(Debug, Clone, Copy, Default)]
struct Total {
    sent: u64,
    bounces: u64,
    soft_bounces: u64,
    complaints: u64,
}

/// What is counted.
#[derive(Debug, Clone, Copy)]
pub(super) enum Count {
    Sent(u64),
    HardBounce,
    SoftBounce,
    Complaint,
}

impl Account {
    /// Nothing, of what happens from now on.
    pub(super) fn beginning(now: SystemTime) -> Self {
        Self {
            begins: Some(now),
            ..Self::default()
        }
    }

    /// Whether what happened then was before the account began.
    pub(super) fn forgot(&self, at: SystemTime) -> bool {
        self.begins.is_some_and(|begins| at < begins)
    }

    /// The last hour in which anything happened.
    pub(super) fn last_hour(&self) -> u32 {
        self.hours.back().map_or(0, |last| last.hour)
    }

    /// How many hours are kept.
    #[cfg(test)]
    pub(super) fn hours(&self) -> usize {
        self.hours.len()
    }

    pub(super) fn count(
        &mut self,
        count: Count,
        at: SystemTime,
        now: SystemTime,
        policy: &ReputationPolicy,
    ) {
        if self.paused.is_some() && self.standing(now, policy).state != ReputationState::Pause {
            self.paused = None;
        }
        self.forget_old(now, policy);
        if let Some(hour) = self.hour_of(hour(at)) {
            let (counter, more) = match count {
                Count::Sent(messages) => (&mut hour.sent, messages),
                Count::HardBounce => (&mut hour.bounces, 1),
                Count::SoftBounce => (&mut hour.soft_bounces, 1),
                Count::Complaint => (&mut hour.complaints, 1),
            };
            *counter = counter.saturating_add(u32::try_from(more).unwrap_or(u32::MAX));
        }
        if self.paused.is_none() {
            let standing = self.standing(now, policy);
            self.paused = standing
                .decided_by
                .filter(|_| standing.state == ReputationState::Pause)
                .map(|threshold| (now, threshold));
        }
    }

    pub(super) fn standing(
        &self,
        now: SystemTime,
        policy: &ReputationPolicy,
    ) -> ReputationStanding {
        let total = self.total(now, policy);
        let mut standing = ReputationStanding {
            state: ReputationState::Ok,
            decided_by: None,
            paused_since: None,
            sent: total.sent,
            bounces: total.bounces,
            soft_bounces: total.soft_bounces,
            complaints: total.complaints,
            volume: if total.sent < policy.minimum_volume {
                Volume::Small
            } else {
                Volume::Representative
            },
        };
        for threshold in &policy.thresholds {
            let state = judge(threshold, &standing, policy.minimum_volume);
            if state > standing.state {
                standing.state = state;
                standing.decided_by = Some(*threshold);
            }
        }
        if let Some((since, threshold)) = self.paused {
            let lasted = now.duration_since(since).unwrap_or_default();
            if lasted < policy.cool_down || standing.state != ReputationState::Ok {
                if standing.state != ReputationState::Pause {
                    standing.decided_by = Some(threshold);
                }
                standing.state = ReputationState::Pause;
                standing.paused_since = Some(since);
            }
        }
        standing
    }

    /// What is in the window.
    fn total(&self, now: SystemTime, policy: &ReputationPolicy) -> Total {
        let (first, last) = window(now, policy);
        let inside = |hour: &&Hour| (first..=last).contains(&hour.hour);
        let mut total = Total::default();
        for hour in self.hours.iter().filter(inside) {
            total.sent += u64::from(hour.sent);
            total.bounces += u64::from(hour.bounces);
            total.soft_bounces += u64::from(hour.soft_bounces);
            total.complaints += u64::from(hour.complaints);
        }
        total
    }

    /// Drops what has left the window. A clock that goes back brings nothing back, and does not let the hours grow
    /// beyond as many as the window has.
    fn forget_old(&mut self, now: SystemTime, policy: &ReputationPolicy) {
        let newest = hour(now).max(self.last_hour());
        while let Some(oldest) = self.hours.front()
            && oldest.hour.saturating_add(policy.window_hours) <= newest
        {
            self.hours.pop_front();
        }
    }

    /// The counts of this hour, which are nearly always the last.
    fn hour_of(&mut self, hour: u32) -> Option<&mut Hour> {
        let place = self.hours.partition_point(|other| other.hour < hour);
        if self.hours.get(place).is_none_or(|found| found.hour != hour) {
            let nothing = Hour {
                hour,
                ..Hour::default()
            };
            self.hours.insert(place, nothing);
        }
        self.hours.get_mut(place)
    }
}

/// The first and the last hour of the window.
fn window(now: SystemTime, policy: &ReputationPolicy) -> (u32, u32) {
    let last = hour(now);
    (
        last.saturating_add(1).saturating_sub(policy.window_hours),
        last,
    )
}

fn judge(
    threshold: &ReputationThreshold,
    standing: &ReputationStanding,
    minimum_volume: u64,
) -> ReputationState {
    let (count, whole) = match threshold.metric {
        ReputationMetric::BounceRate => (standing.bounces, standing.sent),
        ReputationMetric::ComplaintRate => (standing.complaints, standing.delivered()),
    };
    let whole = whole.max(minimum_volume);
    let met = |rate: Option<PerMillion>| {
        rate.is_some_and(|rate| count > 0 && rate.is_met_by(count, whole))
    };
    if met(threshold.pause) {
        ReputationState::Pause
    } else if met(threshold.review) {
        ReputationState::Review
    } else {
        ReputationState::Ok
    }
}
