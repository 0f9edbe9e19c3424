//! The same events in any order, and some of them again, come to the same; held against a model that has all at once.

use std::collections::BTreeSet;
use std::time::SystemTime;

use letterhead_feedback::{EventId, EventKind, Suppression, SuppressionFilter, SuppressionReason};
use proptest::prelude::{Just, Strategy, any, proptest};
use proptest::{collection, option, prop_assert_eq, prop_oneof, sample};

use crate::setting::{DAY, HARD, List, SOFT, day, event};

/// Something that happens on a day.
#[derive(Debug, Clone)]
struct Step {
    what: What,
    /// The message that it is about.
    message: u32,
    on: u32,
}

#[derive(Debug, Clone, PartialEq)]
enum What {
    Event(EventKind, Option<&'static str>),
    Lift(Option<&'static str>),
}

/// A suppression as far as the model knows it: reason, stream, since, event.
type Seen = (SuppressionReason, Option<String>, SystemTime, EventId);

impl Step {
    fn event(&self) -> Option<letterhead_feedback::Event> {
        let What::Event(kind, stream) = self.what else {
            return None;
        };
        let event = event(kind, self.message, self.on);
        Some(match stream {
            Some(stream) => event.with_stream(stream.parse().unwrap()),
            None => event,
        })
    }

    fn take(&self, list: &List) {
        match (self.event(), &self.what) {
            (Some(event), _) => {
                list.record(&event, 500);
            }
            (None, What::Lift(Some(stream))) => {
                let scope = list.scope().stream(stream.parse().unwrap());
                list.remove_from(&scope, self.on);
            }
            (None, _) => {
                list.remove(self.on);
            }
        }
    }
}

/// What holds after all of it.
fn model(steps: &[Step]) -> BTreeSet<Seen> {
    let latest = |which: &dyn Fn(&What) -> bool| {
        let days = steps.iter().filter(|step| which(&step.what));
        days.map(|step| step.on).max().unwrap_or(0)
    };
    let lifted = latest(&|what| *what == What::Lift(None));
    let delivered = latest(&|what| *what == What::Event(EventKind::Delivered, None));
    let mut seen = BTreeSet::new();
    for (kind, reason) in [
        (HARD, SuppressionReason::HardBounce),
        (EventKind::Complained, SuppressionReason::Complaint),
        (EventKind::Unsubscribed, SuppressionReason::Unsubscribe),
        (EventKind::Suppressed, SuppressionReason::Provider),
    ] {
        for stream in [None, Some("news"), Some("offers")] {
            let of_stream = latest(&|what| stream.is_some() && *what == What::Lift(stream));
            let newest = steps
                .iter()
                .filter(|step| step.what == What::Event(kind, stream))
                .filter(|step| step.on > lifted.max(of_stream))
                .map(|step| (step.on, step.event().unwrap().id()))
                .max();
            let found = newest.map(|(on, id)| (reason, stream.map(str::to_owned), day(on), id));
            seen.extend(found);
        }
    }
    let bounces: BTreeSet<(u32, EventId)> = steps
        .iter()
        .filter(|step| step.what == What::Event(SOFT, None))
        .filter(|step| step.on > lifted.max(delivered))
        .map(|step| (step.on, step.event().unwrap().id()))
        .collect();
    let bounces: Vec<(u32, EventId)> = bounces.into_iter().collect();
    let three = bounces
        .windows(3)
        .rev()
        .find(|three| three[2].0 - three[0].0 <= 30);
    seen.extend(three.map(|three| {
        let (on, id) = three[2];
        (SuppressionReason::RepeatedSoftBounce, None, day(on), id)
    }));
    seen
}

fn seen(list: &List) -> BTreeSet<Seen> {
    let seen = |suppression: &Suppression| {
        let stream = suppression.scope().coverage().stream.as_ref();
        (
            suppression.reason(),
            stream.map(ToString::to_string),
            suppression.since(),
            suppression.evidence().event(),
        )
    };
    list.all(&SuppressionFilter::all(), 9)
        .iter()
        .map(seen)
        .collect()
}

fn what() -> impl Strategy<Value = What> {
    let stream = || option::of(sample::select(vec!["news", "offers"]));
    prop_oneof![
        2 => Just(What::Event(HARD, None)),
        2 => stream().prop_map(|stream| What::Event(EventKind::Complained, stream)),
        2 => stream().prop_map(|stream| What::Event(EventKind::Unsubscribed, stream)),
        1 => Just(What::Event(EventKind::Suppressed, None)),
        6 => Just(What::Event(SOFT, None)),
        2 => Just(What::Event(EventKind::Delivered, None)),
        2 => stream().prop_map(What::Lift),
    ]
}

/// Up to 15 steps, each about a message of its own.
fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = (what(), 1_u32..90);
    collection::vec(step, 0..16).prop_map(|steps| {
        let number = (0..).zip(steps);
        number
            .map(|(message, (what, on))| Step { what, message, on })
            .collect()
    })
}

/// A list that knows the address: before that, deliveries leave nothing.
fn list() -> List {
    let list = List::new();
    list.remove(0);
    list
}

proptest! {
    #[test]
    fn any_order_and_repetition_comes_to_the_same(
        steps in steps(),
        order in collection::vec(any::<sample::Index>(), 0..40),
        keys in collection::vec(any::<u32>(), 16),
    ) {
        let expected = model(&steps);
        // In order of time.
        let mut sorted = steps.clone();
        sorted.sort_by_key(|step| step.on);
        let ordered = list();
        for step in &sorted {
            step.take(&ordered);
        }
        prop_assert_eq!(&seen(&ordered), &expected);

        // In another order, some of them several times, all of them at least once.
        let mut shuffled: Vec<&Step> = Vec::new();
        if !steps.is_empty() {
            shuffled.extend(order.iter().map(|index| index.get(&steps)));
        }
        let mut rest: Vec<(u32, &Step)> = keys.into_iter().zip(&steps).collect();
        rest.sort_by_key(|(key, _)| *key);
        shuffled.extend(rest.into_iter().map(|(_, step)| step));
        let other = list();
        for step in shuffled {
            step.take(&other);
        }
        prop_assert_eq!(&seen(&other), &expected);
    }
}

#[test]
fn the_model_suppresses_and_lifts() {
    let step = |what, message, on| Step { what, message, on };
    let soft = |message, on| step(What::Event(SOFT, None), message, on);
    let bounces = [soft(1, 1), soft(2, 2), soft(3, 3)];
    assert_eq!(model(&bounces).len(), 1);
    let lifted = [&bounces[..], &[step(What::Lift(None), 4, 3)]].concat();
    assert!(model(&lifted).is_empty());
    assert_eq!(day(3), day(0) + DAY * 3);
}
