//! Measuring cases in turns: ratios that a busy machine spoils least.
//!
//! A round gives each case some milliseconds of the thread's CPU time, in an order that is reversed from round to round.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// What is measured: one run of it.
pub(crate) type Run<'a> = Box<dyn Fn() + 'a>;

/// How long the cases of a comparison take.
#[derive(Debug)]
pub(crate) struct Rounds(Vec<Vec<f64>>);

/// The middle, the lowest and the highest of some rounds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spread {
    pub(crate) median: f64,
    pub(crate) lowest: f64,
    pub(crate) highest: f64,
}

impl Rounds {
    /// Measures the cases beside each other.
    pub(crate) fn of(cases: &[Run<'_>]) -> Self {
        let runs: Vec<u32> = cases.iter().map(runs_for_a_turn).collect();
        let rounds = (0..ROUNDS).map(|round| {
            let mut times = vec![0.0; cases.len()];
            let mut order: Vec<usize> = (0..cases.len()).collect();
            if round % 2 == 1 {
                order.reverse();
            }
            for index in order {
                let time = time_of(&cases[index], runs[index]);
                times[index] = time.as_secs_f64() * 1e9 / f64::from(runs[index]);
            }
            times
        });
        Self(rounds.collect())
    }

    /// Nanoseconds for one run.
    pub(crate) fn nanoseconds(&self, case: usize) -> Spread {
        Spread::of(self.0.iter().map(|times| times[case]))
    }

    /// The time of one case over that of another, in the same round.
    pub(crate) fn ratio(&self, case: usize, other: usize) -> Spread {
        Spread::of(self.0.iter().map(|times| times[case] / times[other]))
    }
}

impl Spread {
    fn of(values: impl Iterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = values.collect();
        values.sort_by(f64::total_cmp);
        Self {
            median: values[ROUNDS / 2],
            lowest: values[0],
            highest: values[ROUNDS - 1],
        }
    }
}

/// How many runs fill a turn.
fn runs_for_a_turn(case: &Run<'_>) -> u32 {
    let mut runs = 1;
    while time_of(case, runs) < TURN {
        runs *= 2;
    }
    runs
}

fn time_of(case: &Run<'_>, runs: u32) -> Duration {
    let start = cpu_time();
    for _ in 0..runs {
        case();
    }
    cpu_time() - start
}

fn cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::try_from(time).expect("CPU time is not negative")
}

const ROUNDS: usize = 101;
const TURN: Duration = Duration::from_millis(3);
