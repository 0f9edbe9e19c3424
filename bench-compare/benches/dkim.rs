//! DKIM signatures beside other implementations, and beside the raw key operation that nobody can go below.
//!
//! Each signs the same header fields of the same mails, relaxed/relaxed, with the same keys. Before anything is
//! measured, every signature is verified.

#[path = "../../benches/shared/turns.rs"]
mod turns;

mod signers;

use self::signers::{Key, MAILS, subjects, verifiers};
use self::turns::Rounds;

fn main() {
    println!("signing; ratio to the raw key operation, and how many times as long as Letterhead");
    for key in [Key::Rsa2048, Key::Ed25519] {
        for mail in &MAILS {
            print(&format!("{key:?}, {}", mail.name), subjects(key, mail));
        }
    }
    println!("verifying, the public key parsed before");
    for mail in &MAILS {
        print(
            &format!("{:?}, {}", Key::Rsa2048, mail.name),
            verifiers(mail),
        );
    }
}

/// The first subject is Letterhead, the last one the raw operation.
fn print(name: &str, subjects: Vec<(&'static str, turns::Run<'_>)>) {
    let (names, runs): (Vec<_>, Vec<_>) = subjects.into_iter().unzip();
    let rounds = Rounds::of(&runs);
    println!("{name}");
    for (index, subject) in names.iter().enumerate() {
        let (own, raw) = (
            rounds.nanoseconds(index),
            rounds.ratio(runs.len() - 1, index),
        );
        let times = rounds.ratio(index, 0);
        println!(
            "  {subject:28} {:9.1} us   {:5.3} (from {:.3} to {:.3})   {:6.2} times",
            own.median / 1e3,
            raw.median,
            raw.lowest,
            raw.highest,
            times.median,
        );
    }
}
