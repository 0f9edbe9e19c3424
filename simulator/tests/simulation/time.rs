//! Moving the clock carries out what is due, whoever moves it.

use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, SystemTime};

use letterhead_mail::Clock as _;
use letterhead_simulator::{ReportKind, SimEventKind, Simulator, VirtualClock};

use crate::common::{FRONT, address, events, relay_and_behaviours, send, start, submission};

const HOME: &str = "bounces@yourcompany.example";
const DAY: Duration = Duration::from_hours(24);

fn send_to(simulator: &Simulator, to: &str) {
    let report = send(simulator, FRONT, &submission(HOME, HOME, &[to]));
    assert!(report.all_accepted(), "{report}");
}

/// When reports came home.
fn told(simulator: &Simulator) -> Vec<SystemTime> {
    let delivered = |kind: &SimEventKind| matches!(kind, SimEventKind::ReportDelivered { report, .. } if *report == ReportKind::DeliveryStatus);
    let all = simulator.events().into_iter();
    all.filter(|event| delivered(&event.kind))
        .map(|event| event.time)
        .collect()
}

#[test]
fn four_days_bring_the_bounce_of_what_expired() {
    let ways: [fn(&Simulator); 3] = [
        |simulator| simulator.advance(4 * DAY),
        |simulator| simulator.clock().advance(4 * DAY),
        |simulator| simulator.clock().clone().advance_to(start() + 4 * DAY),
    ];
    let mut logs = Vec::new();
    for way in ways {
        let simulator = relay_and_behaviours().build().unwrap();
        send_to(&simulator, "defer-1000@sim.example");
        way(&simulator);
        assert_eq!(simulator.clock().now(), start() + 4 * DAY);
        assert_eq!(simulator.mails_of(&address(HOME)).len(), 1);
        let told = told(&simulator);
        assert!(
            told.iter().all(|time| *time < start() + DAY),
            "each has its own time: {told:?}"
        );
        logs.push(events(&simulator));
    }
    assert!(logs.windows(2).all(|pair| pair[0] == pair[1]));
}

#[test]
fn a_clock_outlives_its_simulation() {
    let clock: VirtualClock = {
        let simulator = relay_and_behaviours().build().unwrap();
        send_to(&simulator, "defer-1000@sim.example");
        simulator.clock().clone()
    };
    clock.advance(DAY);
    assert_eq!(clock.now(), start() + DAY);
}

#[test]
fn an_observer_may_move_the_time() {
    let moved: Arc<OnceLock<VirtualClock>> = Arc::default();
    let times: Arc<Mutex<Vec<SystemTime>>> = Arc::default();
    let (own, seen) = (Arc::clone(&moved), Arc::clone(&times));
    let simulator = relay_and_behaviours().observe(move |event| {
        seen.lock().unwrap().push(event.time);
        if let (Some(clock), SimEventKind::RetryScheduled { due, .. }) = (own.get(), &event.kind) {
            clock.advance_to(*due);
        }
    });
    let simulator = simulator.build().unwrap();
    moved.set(simulator.clock().clone()).unwrap();
    send_to(&simulator, "defer-2@sim.example");
    // Two more attempts, each as soon as it was planned; and no event out of order.
    assert_eq!(simulator.clock().now(), start() + Duration::from_mins(20));
    assert_eq!(simulator.mails_of(&address("defer-2@sim.example")).len(), 1);
    let times = times.lock().unwrap();
    assert!(times.is_sorted(), "{times:?}");
}
