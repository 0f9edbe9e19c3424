//! A provider's limits over time, in its own words.

use std::time::Duration;

use letterhead_identity::profile::{Amount, QuotaUnit, Window};
use letterhead_identity::{Limits, Profile, Subject};
use letterhead_mail::Report;
use letterhead_simulator::{Front, Simulator};

use crate::common::{FRONT, address, builder, front, send, submission};

const FROM: &str = "billing@yourcompany.example";
const JOE: &str = "joe@receiver.example";
const ANN: &str = "ann@receiver.example";

fn limits(profile: &str, tier: Option<&str>) -> Limits {
    let tier = tier.map(|tier| tier.parse().unwrap());
    Profile::built_in(profile)
        .unwrap()
        .limits(tier.as_ref())
        .unwrap()
}

fn simulation(profile: &str, change: impl FnOnce(Front) -> Front) -> Simulator {
    let billing = Subject::Address(address(FROM));
    let front = change(front(profile).verified(billing));
    builder(1).front(front).build().unwrap()
}

fn submit(simulator: &Simulator, to: &[&str]) -> Report {
    send(simulator, FRONT, &submission(FROM, FROM, to))
}

fn said(report: &Report) -> String {
    report.rows()[0].reply().unwrap().to_string()
}

#[test]
fn the_sandboxs_rate_and_day_are_told_as_amazon_tells_them() {
    let simulator = simulation("amazon-ses", |front| {
        front.limits(limits("amazon-ses", Some("sandbox")))
    });
    assert!(submit(&simulator, &[JOE]).all_accepted());
    let too_fast = submit(&simulator, &[JOE]);
    assert_eq!(
        said(&too_fast),
        "454 Throttling failure: Maximum sending rate exceeded."
    );
    for _ in 1..200 {
        simulator.advance(Duration::from_secs(2));
        assert!(submit(&simulator, &[JOE]).all_accepted());
    }
    simulator.advance(Duration::from_secs(2));
    let too_many = submit(&simulator, &[JOE]);
    assert_eq!(
        said(&too_many),
        "454 Throttling failure: Daily message quota exceeded."
    );
    // The mailbox simulator is beside the quota of a day.
    simulator.advance(Duration::from_secs(2));
    assert!(submit(&simulator, &["success@simulator.amazonses.com"]).all_accepted());
    simulator.advance(Duration::from_hours(25));
    assert!(submit(&simulator, &[JOE]).all_accepted());
    assert_eq!(simulator.mails_of(&address(JOE)).len(), 201);
}

/// What is refused counts for nothing: the message that is too much leaves room for a smaller one.
#[test]
fn a_message_that_is_refused_takes_no_room() {
    let two = limits("amazon-ses", Some("production"))
        .with_maximum(QuotaUnit::Recipients, Window::RollingDay, Amount::Known(2))
        .with_maximum(QuotaUnit::Recipients, Window::Second, Amount::Known(14));
    let simulator = simulation("amazon-ses", |front| front.limits(two));
    assert!(submit(&simulator, &[JOE]).all_accepted());
    assert!(!submit(&simulator, &[JOE, ANN]).all_accepted());
    assert!(simulator.mails_of(&address(ANN)).is_empty());
    assert!(submit(&simulator, &[ANN]).all_accepted());
    assert!(!submit(&simulator, &[ANN]).all_accepted());
}

#[test]
fn limits_that_nobody_knows_refuse_nothing() {
    let simulator = simulation("amazon-ses", |front| front);
    for _ in 0..250 {
        assert!(submit(&simulator, &[JOE]).all_accepted());
    }
}

/// A profile with a limit and without words for it has a reply of ours.
#[test]
fn every_limit_over_time_is_kept() {
    for (profile, tier, unit, window, expected) in [
        (
            "microsoft-365",
            None,
            QuotaUnit::Recipients,
            Window::RollingDay,
            "554 5.2.0 STOREDRV",
        ),
        (
            "microsoft-365",
            None,
            QuotaUnit::Messages,
            Window::Minute,
            "451 4.7.28 sent too fast",
        ),
        (
            "google-workspace",
            None,
            QuotaUnit::Messages,
            Window::RollingDay,
            "550 5.4.5 Daily user sending limit",
        ),
        (
            "resend",
            Some("free"),
            QuotaUnit::Recipients,
            Window::RollingDay,
            "451 4.7.28 the quota is used up",
        ),
        (
            "oci-email-delivery",
            None,
            QuotaUnit::Messages,
            Window::RollingDay,
            "451 4.7.28 the quota is used up",
        ),
        (
            "own-server",
            None,
            QuotaUnit::Octets,
            Window::Hour,
            "451 4.7.28 the quota is used up",
        ),
    ] {
        let maximum = match unit {
            QuotaUnit::Octets => 250,
            _ => 1,
        };
        let own = limits(profile, tier).with_maximum(unit, window, Amount::Known(maximum));
        let simulator = simulation(profile, |front| front.limits(own));
        assert!(submit(&simulator, &[JOE]).all_accepted(), "{profile}");
        let refused = submit(&simulator, &[JOE]);
        assert!(
            said(&refused).starts_with(expected),
            "{profile}: {}",
            said(&refused)
        );
    }
}

/// Volume is tried with the provider's sink: who has it bounce instead is told so, once.
#[test]
fn a_provider_advises_whoever_tries_volume_with_made_up_addresses() {
    let advised = |simulator: &Simulator| {
        let events = crate::common::events(simulator).into_iter();
        events
            .filter(|line| line.contains("advises to try volume with email-blackhole.com"))
            .count()
    };
    let simulator = simulation("oci-email-delivery", |front| front);
    for number in 0..40 {
        let sink = format!("load-{number}@email-blackhole.com");
        assert!(submit(&simulator, &[&sink]).all_accepted());
    }
    assert_eq!(advised(&simulator), 0);
    for number in 0..30 {
        let nobody = format!("nobody-{number}@no-such-domain.example");
        assert!(submit(&simulator, &[&nobody]).all_accepted());
        assert_eq!(advised(&simulator), usize::from(number >= 10), "{number}");
    }
}
