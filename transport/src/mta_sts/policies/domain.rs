//! What is kept for one domain.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, SystemTime};

use super::{MtaStsFinding, locked};
use crate::mta_sts::failure::MtaStsFailure;
use crate::mta_sts::policy::MtaStsPolicy;
use crate::mta_sts::record::PolicyId;

/// What is kept for a domain, and whose turn it is to fetch.
#[derive(Debug, Default)]
pub(super) struct Domain {
    state: Mutex<State>,
    pub(super) turn: tokio::sync::Mutex<()>,
}

impl Domain {
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        locked(&self.state)
    }
}

#[derive(Debug, Default)]
pub(super) struct State {
    kept: Option<Kept>,
    failed: Option<Failed>,
}

#[derive(Debug)]
struct Kept {
    id: PolicyId,
    policy: Arc<MtaStsPolicy>,
    fetched: SystemTime,
}

#[derive(Debug)]
struct Failed {
    id: PolicyId,
    at: SystemTime,
    failure: MtaStsFailure,
}

/// What there is to do before a policy is used.
pub(super) enum Need {
    Nothing(MtaStsFinding),
    /// The policy would be better read anew, by one.
    Refresh(MtaStsFinding),
    /// It has to be fetched.
    Policy,
}

impl State {
    pub(super) fn current(&self, now: SystemTime) -> Option<Arc<MtaStsPolicy>> {
        let kept = self.kept.as_ref()?;
        (age(kept.fetched, now) < kept.life()).then(|| Arc::clone(&kept.policy))
    }

    pub(super) fn finding(&self, id: &PolicyId, now: SystemTime) -> Need {
        let policy = self.current(now);
        let failed = self.failed.as_ref();
        if let Some(failed) =
            failed.filter(|failed| failed.id == *id && age(failed.at, now) < PAUSE)
        {
            return Need::Nothing(MtaStsFinding {
                policy,
                failure: Some(failed.failure.clone()),
            });
        }
        match (&self.kept, policy) {
            (Some(kept), Some(policy)) if kept.id == *id => {
                let finding = MtaStsFinding {
                    policy: Some(policy),
                    failure: None,
                };
                if age(kept.fetched, now) < kept.fresh() {
                    Need::Nothing(finding)
                } else {
                    Need::Refresh(finding)
                }
            }
            _ => Need::Policy,
        }
    }

    pub(super) fn note(
        &mut self,
        id: &PolicyId,
        now: SystemTime,
        fetched: Result<MtaStsPolicy, MtaStsFailure>,
    ) -> MtaStsFinding {
        match fetched {
            Ok(policy) => {
                let policy = Arc::new(policy);
                self.failed = None;
                self.kept = Some(Kept {
                    id: id.clone(),
                    policy: Arc::clone(&policy),
                    fetched: now,
                });
                MtaStsFinding {
                    policy: Some(policy),
                    failure: None,
                }
            }
            Err(failure) => {
                self.failed = Some(Failed {
                    id: id.clone(),
                    at: now,
                    failure: failure.clone(),
                });
                MtaStsFinding {
                    policy: self.current(now),
                    failure: Some(failure),
                }
            }
        }
    }
}

impl Kept {
    /// DEVIATION(RFC 8461 §3.2): a policy for less than five minutes is kept for five, or each message would fetch it.
    fn life(&self) -> Duration {
        self.policy.max_age().max(PAUSE)
    }

    /// For how long it is not read anew.
    fn fresh(&self) -> Duration {
        (self.policy.max_age() / 2).clamp(PAUSE, DAY)
    }
}

/// Zero where the clock was set back.
fn age(since: SystemTime, now: SystemTime) -> Duration {
    now.duration_since(since).unwrap_or_default()
}

/// RFC 8461 §3.3 asks for five minutes between fetches that fail.
const PAUSE: Duration = Duration::from_secs(300);
const DAY: Duration = Duration::from_secs(86_400);
