use std::num::NonZeroU32;
use std::time::{Duration, SystemTime};

/// What a [`Breaker`](super::Breaker) does with the next submission.
#[expect(
    clippy::exhaustive_enums,
    reason = "a submission is let through, as a probe or not, or it is put off"
)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BreakerState {
    /// It lets everything through.
    Closed,
    /// It puts everything off.
    Open,
    /// It waits for what one attempt says, or for the one to be made, and puts off all others.
    Probing,
}

#[derive(Debug)]
pub(super) struct Settings {
    pub(super) threshold: NonZeroU32,
    pub(super) cool_off: Duration,
    pub(super) max_cool_off: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            threshold: const { NonZeroU32::new(5).unwrap() },
            cool_off: Duration::from_secs(30),
            max_cool_off: Duration::from_secs(600),
        }
    }
}

/// Whether an attempt may be made.
#[derive(Debug)]
pub(super) enum Entry {
    Granted(Ticket),
    /// Not before this time has passed, as far as is known.
    Refused(Duration),
}

/// The era in which an attempt began. Its word counts in that era only.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ticket(u64);

/// What an attempt says about the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Word {
    Success,
    Failure,
    Nothing,
}

/// Closed, without a failure, to begin with. Each change of the kind begins an era.
#[derive(Debug, Default)]
pub(super) struct State {
    era: u64,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Closed {
        failures: u32,
    },
    Open {
        until: SystemTime,
        cool_off: Duration,
    },
    Probing {
        cool_off: Duration,
    },
}

impl Default for Kind {
    fn default() -> Self {
        Self::Closed { failures: 0 }
    }
}

impl State {
    pub(super) fn enter(&mut self, now: SystemTime, settings: &Settings) -> Entry {
        match &mut self.kind {
            Kind::Closed { .. } => Entry::Granted(Ticket(self.era)),
            Kind::Open { until, cool_off } => {
                let cool_off = *cool_off;
                match until.duration_since(now) {
                    Ok(wait) if !wait.is_zero() => {
                        // More than the whole time is left only where the clock was set back.
                        if wait > cool_off {
                            *until = after(now, cool_off);
                        }
                        Entry::Refused(wait.min(cool_off))
                    }
                    Ok(_) | Err(_) => {
                        self.change(Kind::Probing { cool_off });
                        Entry::Granted(Ticket(self.era))
                    }
                }
            }
            Kind::Probing { .. } => Entry::Refused(settings.cool_off),
        }
    }

    pub(super) fn leave(
        &mut self,
        ticket: Ticket,
        word: Word,
        now: SystemTime,
        settings: &Settings,
    ) {
        if ticket.0 != self.era {
            return;
        }
        match (&mut self.kind, word) {
            (Kind::Closed { failures }, Word::Success) => *failures = 0,
            (Kind::Closed { failures }, Word::Failure) => {
                *failures = failures.saturating_add(1);
                if *failures >= settings.threshold.get() {
                    self.open(now, settings.cool_off);
                }
            }
            (Kind::Probing { .. }, Word::Success) => self.change(Kind::default()),
            (Kind::Probing { cool_off }, Word::Failure) => {
                let doubled = cool_off.saturating_mul(2);
                let longest = settings.max_cool_off.max(settings.cool_off);
                self.open(now, doubled.min(longest));
            }
            // The next one is to say it.
            (Kind::Probing { cool_off }, Word::Nothing) => {
                let cool_off = *cool_off;
                self.change(Kind::Open {
                    until: now,
                    cool_off,
                });
            }
            (Kind::Closed { .. }, Word::Nothing) | (Kind::Open { .. }, _) => {}
        }
    }

    pub(super) fn shown(&self, now: SystemTime) -> BreakerState {
        match self.kind {
            Kind::Closed { .. } => BreakerState::Closed,
            Kind::Open { until, .. } if until > now => BreakerState::Open,
            Kind::Open { .. } | Kind::Probing { .. } => BreakerState::Probing,
        }
    }

    fn open(&mut self, now: SystemTime, cool_off: Duration) {
        self.change(Kind::Open {
            until: after(now, cool_off),
            cool_off,
        });
    }

    fn change(&mut self, kind: Kind) {
        self.era = self.era.wrapping_add(1);
        self.kind = kind;
    }
}

/// Where the clock cannot show the time, it is over at once.
fn after(now: SystemTime, wait: Duration) -> SystemTime {
    now.checked_add(wait).unwrap_or(now)
}
