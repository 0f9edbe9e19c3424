//! The implementations in turn, round by round: ratios that a busy machine spoils least.
//!
//! Printed are the median over the rounds of the time for one run, and of its ratio to Letterhead's in the same round, with
//! the lowest and highest ratio.

#[path = "../../benches/shared/turns.rs"]
mod turns;

mod subjects;

use self::subjects::Case;
use self::turns::Rounds;

fn main() {
    for case in subjects::cases() {
        measure(case);
    }
}

fn measure(case: Case) {
    let subjects = case.subjects.into_iter();
    let (names, runs): (Vec<_>, Vec<_>) =
        subjects.map(|subject| (subject.name, subject.run)).unzip();
    let rounds = Rounds::of(&runs);
    println!("{}", case.name);
    for (index, name) in names.into_iter().enumerate() {
        let ratio = rounds.ratio(index, 0);
        println!(
            "  {name:40} {:8.0} ns   {:5.2} times Letterhead's (from {:.2} to {:.2})",
            rounds.nanoseconds(index).median,
            ratio.median,
            ratio.lowest,
            ratio.highest,
        );
    }
}
