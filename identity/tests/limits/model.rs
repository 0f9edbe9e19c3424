//! The store beside a list of everything that was ever sent.

use std::time::{Duration, SystemTime};

use letterhead_identity::InMemoryQuotaStore;
use letterhead_identity::quota::{QuotaStore as _, Reservation};
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, prop_oneof, proptest};

use crate::counting::{claims_of, mail, ready};
use crate::{profile, quota};

#[derive(Debug, Clone)]
enum Step {
    Reserve(u64),
    /// Settles one of the open reservations, with a part of what it asked for.
    Settle(usize, u64),
    Wait(Duration),
    /// Sets the clock back; real time goes on.
    SetBack(Duration),
}

/// What was sent between two moments of real time; the second is `None` until it is settled, if it ever is.
#[derive(Debug)]
struct Sent {
    from: Duration,
    until: Option<Duration>,
    count: u64,
}

fn steps(longest_set_back: u64) -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (1..4_u64).prop_map(Step::Reserve),
        4 => (0..4_usize, 0..4_u64).prop_map(|(which, used)| Step::Settle(which, used)),
        3 => (0..700_u64).prop_map(|millis| Step::Wait(Duration::from_millis(millis))),
        1 => (0..=longest_set_back).prop_map(|millis| Step::SetBack(Duration::from_millis(millis))),
    ];
    vec(step, 1..120)
}

/// How long a reservation lasts: longer than any run, or shorter than the window.
fn lasts() -> impl Strategy<Value = Duration> {
    prop_oneof![
        Just(Duration::from_hours(24)),
        Just(Duration::from_millis(300)),
    ]
}

/// Runs the steps under a limit of six a second. Real time is what the provider goes by.
fn run(steps: Vec<Step>, lasts: Duration) {
    let second = profile(&quota("messages", "second", "6", ""));
    let store = InMemoryQuotaStore::new();
    let mut clock = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
    let mut real = Duration::ZERO;
    let mut was_set_back = false;
    let mut all: Vec<Sent> = Vec::new();
    let mut open: Vec<(Reservation, usize)> = Vec::new();
    for step in steps {
        match step {
            Step::Wait(time) => {
                real += time;
                clock += time;
            }
            Step::SetBack(time) => {
                was_set_back |= time > Duration::ZERO;
                clock -= time;
            }
            Step::Reserve(count) => {
                let reserved = ready(store.reserve(claims_of(&second, count), clock, lasts));
                let taken = |window: Duration| -> u64 {
                    all.iter()
                        .filter(|sent| sent.until.unwrap_or(sent.from) + window > real)
                        .map(|sent| sent.count)
                        .sum()
                };
                match reserved {
                    Ok(reservation) => {
                        assert!(taken(Duration::from_secs(1)) + count <= 6);
                        open.push((reservation, all.len()));
                        all.push(Sent {
                            from: real,
                            until: None,
                            count,
                        });
                    }
                    // Room comes back a 256th of the window late at most.
                    Err(_) => {
                        assert!(was_set_back || taken(Duration::from_millis(1_004)) + count > 6)
                    }
                }
            }
            Step::Settle(which, used) => {
                if which < open.len() {
                    let (reservation, at) = open.remove(which);
                    let sent = Sent {
                        from: all[at].from,
                        until: Some(real),
                        count: all[at].count.min(used),
                    };
                    ready(store.settle(reservation, mail(sent.count), clock)).unwrap();
                    // By a clock that was set back it may not have expired.
                    if real - sent.from >= lasts && !was_set_back {
                        all.push(sent);
                    } else {
                        all[at] = sent;
                    }
                }
            }
        }
    }
    // And by the list alone: wherever each that was settled in time was counted between its two moments, and the others when
    // they were set aside, no second had more than six.
    let window = Duration::from_secs(1);
    for end in all.iter().map(|sent| sent.from) {
        let in_window = all.iter().filter(|sent| {
            let until = sent.until.unwrap_or(sent.from);
            let in_time = until - sent.from < window.min(lasts);
            in_time && sent.from <= end && until + window > end
        });
        assert!(in_window.map(|sent| sent.count).sum::<u64>() <= 6);
    }
}

proptest! {
    #[test]
    fn the_limit_holds_in_every_window_and_room_comes_back_in_time(
        steps in steps(0),
        lasts in lasts(),
    ) {
        run(steps, lasts);
    }

    #[test]
    fn the_limit_holds_when_the_clock_is_set_back(
        steps in steps(30_000),
        lasts in lasts(),
    ) {
        run(steps, lasts);
    }
}
