//! Rates are those of the window, thresholds are met where they are, and a pause holds until its cause has passed.

use std::time::{Duration, SystemTime};

use letterhead_mail::{EmailAddress, IdentityName};
use proptest::prelude::{ProptestConfig, proptest};
use proptest::{collection, prop_assert, prop_assert_eq};

use super::{
    Observed, PerMillion, Reputation, ReputationMetric, ReputationPolicy, ReputationState,
    ReputationThreshold, SimulatedRecipients, Uncounted, Volume,
};
use crate::event::{Event, EventKind, Permanence, Proof};

const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000)
}

fn acme() -> IdentityName {
    "acme.example".parse().unwrap()
}

fn recipients(count: usize) -> Vec<EmailAddress> {
    let one = |number| format!("u{number}@x.example").parse().unwrap();
    (0..count).map(one).collect()
}

/// An event about the message of this number, with nothing missing.
fn event(kind: EventKind, number: usize) -> Event {
    Event::new(kind)
        .with_recipient(format!("u{number}@x.example").parse().unwrap())
        .with_message_id(&format!("<{number}@m.example>"))
        .with_identity(acme())
        .with_proof(Proof::KnownMessage)
}

fn hard(number: usize) -> Event {
    event(EventKind::Bounced(Permanence::Hard), number)
}

fn ses() -> ReputationPolicy {
    ReputationPolicy::new(ReputationThreshold::SES)
}

/// After so many messages, hard bounces and complaints at once.
fn after(policy: ReputationPolicy, sent: usize, bounces: usize, complaints: usize) -> Reputation {
    let mut reputation = Reputation::new(policy);
    let counted = reputation.observe_sent(&acme(), &recipients(sent), now());
    assert_eq!(counted, u64::try_from(sent).unwrap());
    for number in 0..bounces {
        assert_eq!(reputation.observe(&hard(number), now()), Observed::Counted);
    }
    for number in 0..complaints {
        let complaint = event(EventKind::Complained, bounces + number);
        assert_eq!(reputation.observe(&complaint, now()), Observed::Counted);
    }
    reputation
}

fn state(reputation: &Reputation, at: SystemTime) -> ReputationState {
    reputation.standing(&acme(), at).state
}

#[test]
fn thresholds_are_met_where_they_are() {
    use ReputationMetric::{BounceRate, ComplaintRate};
    use ReputationState::{Ok, Pause, Review};
    let google = ReputationPolicy::new(ReputationThreshold::GOOGLE);
    let both = ReputationThreshold::SES
        .into_iter()
        .chain(ReputationThreshold::GOOGLE);
    let both = ReputationPolicy::new(both);
    let none = ReputationPolicy::new([]);
    for (policy, sent, bounces, complaints, expected, decided_by) in [
        (ses(), 2_000, 99, 0, Ok, None),
        (ses(), 2_000, 100, 0, Review, Some(BounceRate)),
        (ses(), 2_000, 199, 0, Review, Some(BounceRate)),
        (ses(), 2_000, 200, 0, Pause, Some(BounceRate)),
        (ses(), 2_000, 0, 1, Ok, None),
        (ses(), 2_000, 0, 2, Review, Some(ComplaintRate)),
        (ses(), 2_000, 0, 9, Review, Some(ComplaintRate)),
        (ses(), 2_000, 0, 10, Pause, Some(ComplaintRate)),
        (google.clone(), 2_000, 2_000, 1, Review, Some(ComplaintRate)),
        (google.clone(), 2_000, 0, 5, Review, Some(ComplaintRate)),
        (google, 2_000, 0, 6, Pause, Some(ComplaintRate)),
        (both.clone(), 2_000, 200, 3, Pause, Some(BounceRate)),
        (both, 2_000, 0, 6, Pause, Some(ComplaintRate)),
        (none, 2_000, 2_000, 2_000, Ok, None),
        // Little mail: what is missing to 1,000 is taken for good.
        (ses(), 2, 1, 0, Ok, None),
        (ses(), 49, 49, 0, Ok, None),
        (ses(), 50, 50, 0, Review, Some(BounceRate)),
        (ses(), 100, 100, 0, Pause, Some(BounceRate)),
        (ses().minimum_volume(0), 2, 1, 0, Pause, Some(BounceRate)),
        (ses().minimum_volume(0), 0, 0, 0, Ok, None),
        // Complaints about mail that was sent before the window, or never counted.
        (ses(), 0, 0, 5, Pause, Some(ComplaintRate)),
    ] {
        let reputation = after(policy, sent, bounces, complaints);
        let standing = reputation.standing(&acme(), now());
        let what = format!("{bounces} and {complaints} of {sent}");
        assert_eq!(standing.state, expected, "{what}");
        assert_eq!(
            standing.decided_by.map(|by| by.metric),
            decided_by,
            "{what}"
        );
        assert_eq!(reputation.gate(&acme(), now()).is_err(), expected == Pause);
    }
}

#[test]
fn a_complaint_counts_against_what_was_delivered() {
    let mut reputation = after(ses(), 2_000, 40, 4);
    for number in 1_000..1_010 {
        reputation.observe(&event(EventKind::Bounced(Permanence::Soft), number), now());
    }
    let standing = reputation.standing(&acme(), now());
    assert_eq!(
        (standing.sent, standing.bounces, standing.soft_bounces),
        (2_000, 40, 10)
    );
    assert_eq!(standing.delivered(), 1_950);
    assert_eq!(standing.bounce_rate(), PerMillion::of(40, 2_000));
    assert_eq!(standing.complaint_rate(), PerMillion::of(4, 1_950));
    assert_eq!(standing.volume, Volume::Representative);
    let nobody = reputation.standing(&"other.example".parse().unwrap(), now());
    assert_eq!(
        (nobody.bounce_rate(), nobody.complaint_rate()),
        (None, None)
    );
    assert_eq!(
        (nobody.state, nobody.volume),
        (ReputationState::Ok, Volume::Small)
    );
}

#[test]
fn what_does_not_count_says_why() {
    let simulated = SimulatedRecipients::default().domain("sim.example".parse().unwrap());
    let mut reputation = Reputation::new(ses().simulated(simulated));
    let bounce = hard(1);
    let forwarded = bounce
        .clone()
        .with_original_recipient("a@sim.example".parse().unwrap());
    let nameless = Event::new(EventKind::Complained).with_proof(Proof::Provider);
    for (event, expected) in [
        (event(EventKind::Delivered, 1), Uncounted::Kind),
        (event(EventKind::Unsubscribed, 1), Uncounted::Kind),
        (event(EventKind::Suppressed, 1), Uncounted::Kind),
        (event(EventKind::AuthFailure, 1), Uncounted::Kind),
        (
            bounce.clone().with_proof(Proof::Unproven),
            Uncounted::NotProven,
        ),
        (forwarded, Uncounted::Simulated),
        (nameless, Uncounted::NoIdentity),
        (bounce.clone().with_time(now() - 8 * DAY), Uncounted::Old),
    ] {
        assert_eq!(
            reputation.observe(&event, now()),
            Observed::Ignored(expected),
            "{event:?}"
        );
    }
    assert_eq!(reputation.observe(&bounce, now()), Observed::Counted);
    let again = bounce
        .clone()
        .with_proof(Proof::Provider)
        .with_time(now() - HOUR);
    assert_eq!(
        reputation.observe(&again, now() + DAY),
        Observed::Ignored(Uncounted::AlreadyKnown)
    );
    let mut mixed = recipients(3);
    mixed.extend([
        "a@sim.example".parse().unwrap(),
        "b@x.sim.example".parse().unwrap(),
    ]);
    assert_eq!(reputation.observe_sent(&acme(), &mixed, now()), 3);
    let standing = reputation.standing(&acme(), now());
    assert_eq!((standing.sent, standing.bounces), (3, 1));
}

#[test]
fn hours_leave_the_window_whole() {
    let mut reputation = after(ses().window(2 * HOUR), 10, 1, 0);
    reputation.observe(&hard(100).with_time(now() - HOUR), now());
    reputation.observe(&hard(101).with_time(now() + DAY), now());
    // 1,700,000,000 is 13 minutes after the hour.
    let counts = |minutes: u64| {
        let standing = reputation.standing(&acme(), now() + Duration::from_secs(minutes * 60));
        (standing.sent, standing.bounces)
    };
    assert_eq!(counts(0), (10, 3));
    assert_eq!(counts(46), (10, 3));
    assert_eq!(counts(47), (10, 2));
    assert_eq!(counts(106), (10, 2));
    assert_eq!(counts(107), (0, 0));
}

#[test]
fn a_pause_holds_for_the_cool_down_and_until_all_is_well() {
    use ReputationState::{Ok, Pause};
    let policy = || ses().window(DAY).minimum_volume(10);
    // The bad hour is gone before the cool-down is over.
    let paused = after(policy().cool_down(2 * DAY), 100, 10, 0);
    assert_eq!(state(&paused, now() + DAY), Pause);
    let standing = paused.standing(&acme(), now() + DAY);
    assert_eq!((standing.paused_since, standing.bounces), (Some(now()), 0));
    assert_eq!(standing.decided_by, Some(ReputationThreshold::SES[0]));
    assert_eq!(state(&paused, now() + 2 * DAY), Ok);

    // Between review and pause it stays paused; below review it is let go.
    let mut paused = after(policy().cool_down(HOUR), 100, 10, 0);
    paused.observe_sent(&acme(), &recipients(50), now() + 2 * HOUR);
    assert_eq!(state(&paused, now() + 2 * HOUR), Pause);
    paused.observe_sent(&acme(), &recipients(51), now() + 3 * HOUR);
    assert_eq!(state(&paused, now() + 3 * HOUR), Ok);
    // Let go is let go: at review again it is not paused.
    for number in 500..501 {
        paused.observe(&hard(number), now() + 3 * HOUR);
    }
    assert_eq!(state(&paused, now() + 3 * HOUR), ReputationState::Review);
}

#[test]
fn resuming_forgets_what_was() {
    let mut reputation = after(ses(), 1_000, 100, 0);
    let paused = reputation.gate(&acme(), now()).unwrap_err();
    assert_eq!(
        paused.to_string(),
        "sending as acme.example is paused: its bounce rate is 10%, and the limit 10%; find the cause, remove it, and resume"
    );
    let later = now() + HOUR;
    reputation.resume(&acme(), later);
    assert_eq!(reputation.gate(&acme(), later), Ok(()));
    let late = hard(500).with_time(now());
    assert_eq!(
        reputation.observe(&late, later + HOUR),
        Observed::Ignored(Uncounted::Old)
    );
    assert_eq!(
        reputation.observe(&hard(501), later + HOUR),
        Observed::Counted
    );
    assert_eq!(reputation.standing(&acme(), later + HOUR).bounces, 1);
}

#[test]
fn the_idle_are_forgotten_and_the_paused_are_not() {
    let name = |number: u64| -> IdentityName { format!("n{number}.example").parse().unwrap() };
    let policy = ses().minimum_volume(0).max_identities(2);
    let mut reputation = Reputation::new(policy.clone());
    for number in 0..3 {
        let at = now() + u32::try_from(number).unwrap() * HOUR;
        assert_eq!(
            reputation.observe_sent(&name(number), &recipients(1), at),
            1
        );
    }
    let later = now() + 3 * HOUR;
    let sent = |reputation: &Reputation, number| reputation.standing(&name(number), later).sent;
    assert_eq!([0, 1, 2].map(|number| sent(&reputation, number)), [0, 1, 1]);

    for number in 1..3 {
        let bounce = hard(1)
            .with_identity(name(number))
            .with_message_id(&format!("<{number}@x>"));
        assert_eq!(reputation.observe(&bounce, later), Observed::Counted);
        assert!(reputation.gate(&name(number), later).is_err());
    }
    assert_eq!(reputation.observe_sent(&name(3), &recipients(1), later), 0);
    let other = hard(1).with_identity(name(3));
    assert_eq!(
        reputation.observe(&other, later),
        Observed::Ignored(Uncounted::NoRoom)
    );
    // There is room again when a pause is over, and what found none before was not taken for known.
    assert_eq!(
        reputation.observe(&other, later + 8 * DAY),
        Observed::Counted
    );
    assert_eq!(
        Reputation::new(policy.max_identities(0)).observe_sent(&name(1), &recipients(1), now()),
        0
    );
}

#[test]
fn settings_stay_within_their_bounds() {
    for (asked, hours) in [
        (Duration::ZERO, 1),
        (Duration::from_secs(3_601), 2),
        (Duration::MAX, 31 * 24),
    ] {
        assert_eq!(ses().window(asked).window_hours, hours);
    }
}

/// A message or an event: hours after the beginning, number, and what.
type Step = (u32, usize, u8);

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn counts_are_those_of_the_window_in_any_order(steps in collection::vec((0..100_u32, 0..50_usize, 0..4_u8), 0..80)) {
        let steps: Vec<Step> = steps;
        let mut reputation = Reputation::new(ses().window(2 * DAY));
        let end = now() + 100 * HOUR;
        let mut expected = (0_u64, 0_u64, 0_u64);
        let mut known: Vec<(usize, u8)> = Vec::new();
        for (hours, number, what) in steps {
            let at = now() + hours * HOUR;
            let inside = hours > 52;
            let kind = match what {
                0 => {
                    reputation.observe_sent(&acme(), &recipients(number), at);
                    continue;
                }
                1 => EventKind::Bounced(Permanence::Hard),
                2 => EventKind::Bounced(Permanence::Soft),
                _ => EventKind::Complained,
            };
            let observed = reputation.observe(&event(kind, number).with_time(at), end);
            if !inside {
                prop_assert_eq!(observed, Observed::Ignored(Uncounted::Old));
            } else if known.contains(&(number, what)) {
                prop_assert_eq!(observed, Observed::Ignored(Uncounted::AlreadyKnown));
            } else {
                prop_assert_eq!(observed, Observed::Counted);
                known.push((number, what));
                match what {
                    1 => expected.0 += 1,
                    2 => expected.1 += 1,
                    _ => expected.2 += 1,
                }
            }
        }
        let standing = reputation.standing(&acme(), end);
        prop_assert_eq!((standing.bounces, standing.soft_bounces, standing.complaints), expected);
        let hours = reputation.accounts.get(&acme()).map_or(0, super::account::Account::hours);
        prop_assert!(hours <= 49, "{} hours are kept", hours);
    }

    #[test]
    fn a_clock_that_jumps_harms_nothing(times in collection::vec(0..4_000_000_000_u64, 1..40)) {
        let mut reputation = Reputation::new(ses().window(DAY).minimum_volume(1));
        for (number, seconds) in times.iter().enumerate() {
            let at = SystemTime::UNIX_EPOCH + Duration::from_secs(*seconds);
            reputation.observe_sent(&acme(), &recipients(1), at);
            reputation.observe(&hard(number), at);
            let _ = reputation.gate(&acme(), at);
        }
        let hours = reputation.accounts.get(&acme()).map_or(0, super::account::Account::hours);
        prop_assert!(hours <= 25);
    }
}
