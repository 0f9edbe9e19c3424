//! Measuring cases in turns: ratios that a busy machine spoils least.
//!
//! A round gives each case a turn of some milliseconds, in an order that is reversed from round to round.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// What is measured: one run of it.
pub(crate) type Run<'a> = Box<dyn Fn() + 'a>;

/// By which time turns are measured, and how many of which length there are.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Turns {
    pub(crate) clock: ClockId,
    pub(crate) rounds: usize,
    pub(crate) turn: Duration,
}

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
    /// Measures the cases beside each other, in CPU time of this thread.
    pub(crate) fn of(cases: &[Run<'_>]) -> Self {
        Self::measured(cases, CPU_TIME)
    }

    /// Measures the cases beside each other.
    pub(crate) fn measured(cases: &[Run<'_>], turns: Turns) -> Self {
        let runs: Vec<u32> = cases.iter().map(|case| turns.runs(case)).collect();
        let rounds = (0..turns.rounds).map(|round| {
            let mut times = vec![0.0; cases.len()];
            let mut order: Vec<usize> = (0..cases.len()).collect();
            if round % 2 == 1 {
                order.reverse();
            }
            for index in order {
                let time = turns.time_of(&cases[index], runs[index]);
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

impl Turns {
    /// How many runs fill a turn.
    fn runs(self, case: &Run<'_>) -> u32 {
        let mut runs = 1;
        while self.time_of(case, runs) < self.turn {
            runs *= 2;
        }
        runs
    }

    fn time_of(self, case: &Run<'_>, runs: u32) -> Duration {
        let start = time(self.clock);
        for _ in 0..runs {
            case();
        }
        time(self.clock) - start
    }
}

impl Spread {
    fn of(values: impl Iterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = values.collect();
        values.sort_by(f64::total_cmp);
        Self {
            median: values[values.len() / 2],
            lowest: values[0],
            highest: values[values.len() - 1],
        }
    }
}

/// What a clock shows.
pub(crate) fn time(clock: ClockId) -> Duration {
    let time = clock_gettime(clock);
    Duration::try_from(time).expect("a time since the start is not negative")
}

const CPU_TIME: Turns = Turns {
    clock: ClockId::ThreadCPUTime,
    rounds: 101,
    turn: Duration::from_millis(3),
};
