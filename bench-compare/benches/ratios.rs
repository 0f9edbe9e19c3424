//! The implementations in turn, round by round: ratios that a busy machine spoils least.
//!
//! A round gives each implementation some milliseconds of the thread's CPU time, in an order that is reversed from round
//! to round. Printed are the median over the rounds of the time for one run, and of its ratio to Letterhead's in the same
//! round, with the lowest and highest ratio.

mod subjects;

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

use self::subjects::{Case, Subject};

fn main() {
    for case in subjects::cases() {
        measure(&case);
    }
}

fn measure(case: &Case) {
    let subjects = &case.subjects;
    let runs: Vec<u32> = subjects.iter().map(runs_for_a_turn).collect();
    let mut rounds = Vec::new();
    for round in 0..ROUNDS {
        let mut times = vec![0.0; subjects.len()];
        let mut order: Vec<usize> = (0..subjects.len()).collect();
        if round % 2 == 1 {
            order.reverse();
        }
        for index in order {
            let time = time_of(&subjects[index], runs[index]);
            times[index] = time.as_secs_f64() * 1e9 / f64::from(runs[index]);
        }
        rounds.push(times);
    }
    println!("{}", case.name);
    for (index, subject) in subjects.iter().enumerate() {
        let time = sorted(rounds.iter().map(|times| times[index]));
        let ratio = sorted(rounds.iter().map(|times| times[index] / times[0]));
        println!(
            "  {:28} {:8.0} ns   {:5.2} times Letterhead's (from {:.2} to {:.2})",
            subject.name,
            time[ROUNDS / 2],
            ratio[ROUNDS / 2],
            ratio[0],
            ratio[ROUNDS - 1],
        );
    }
}

/// How many runs fill a turn.
fn runs_for_a_turn(subject: &Subject) -> u32 {
    let mut runs = 1;
    while time_of(subject, runs) < TURN {
        runs *= 2;
    }
    runs
}

fn time_of(subject: &Subject, runs: u32) -> Duration {
    let start = cpu_time();
    for _ in 0..runs {
        (subject.run)();
    }
    cpu_time() - start
}

fn cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::try_from(time).expect("CPU time is not negative")
}

fn sorted(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values
}

const ROUNDS: usize = 31;
const TURN: Duration = Duration::from_millis(20);
