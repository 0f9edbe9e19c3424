use std::fmt::{self, Write as _};
use std::sync::{Arc, Mutex};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use super::Observe;
use crate::combinator::testing::{
    Run, Say, Scripted, Slow, StepClock, outcomes, seconds, send_now, submission,
};

/// Writes down everything that is traced.
#[derive(Clone, Default)]
struct Everything(Arc<Mutex<String>>);

struct Writer<'a>(&'a mut String);

impl Visit for Writer<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        write!(self.0, " {}={value:?}", field.name()).unwrap();
    }
}

impl Subscriber for Everything {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut text = self.0.lock().unwrap();
        write!(text, "\nspan {}", span.metadata().name()).unwrap();
        span.record(&mut Writer(&mut text));
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        let mut text = self.0.lock().unwrap();
        text.push_str("\nrecord");
        values.record(&mut Writer(&mut text));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut text = self.0.lock().unwrap();
        write!(text, "\n{}", event.metadata().level()).unwrap();
        event.record(&mut Writer(&mut text));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// What is traced meanwhile, a line each.
fn traced(act: impl FnOnce()) -> Vec<String> {
    let everything = Everything::default();
    tracing::subscriber::with_default(everything.clone(), act);
    let text = everything.0.lock().unwrap();
    text.lines().skip(1).map(ToOwned::to_owned).collect()
}

#[test]
fn each_recipient_is_an_event_without_address_or_text() {
    let clock = StepClock::new();
    let inner = Scripted::new(&[&[Say::Accepted, Say::NoSuchUser, Say::Lost]]);
    let slow = Slow {
        takes: seconds(2),
        clock: clock.clone(),
        inner,
    };
    let observed = Observe::new("relay", Arc::new(slow), clock.clone());
    let submission = submission(&["ada@x.example", "bob@x.example", "eve@x.example"]);
    let lines = traced(|| {
        let (mut run, _) = Run::start(&observed, &submission);
        clock.advance(seconds(2));
        assert_eq!(
            outcomes(&run.step().unwrap()),
            ["ada accepted", "bob rejected at rcpt", "eve in doubt"]
        );
    });
    let octets = submission.message.len();
    assert_eq!(
        lines,
        [
            format!("span send transport=\"relay\" submission=id-1 recipients=3 octets={octets}"),
            "record elapsed_ms=2000".to_owned(),
            "INFO message=recipient place=0 outcome=accepted phase=final code=250".to_owned(),
            "INFO message=recipient place=1 outcome=rejected phase=rcpt code=550".to_owned(),
            "WARN message=recipient place=2 outcome=in doubt phase=final".to_owned(),
        ]
    );
}

#[test]
fn addresses_are_traced_when_asked_for() {
    let observed = Observe::new("relay", Scripted::accepting(), StepClock::new()).with_addresses();
    let lines = traced(|| {
        assert!(send_now(&observed, &submission(&["ada@x.example"])).all_accepted());
    });
    assert!(lines[2].contains("recipient=ada@x.example"), "{lines:?}");
}

#[test]
fn an_abandoned_attempt_is_traced() {
    let clock = StepClock::new();
    let slow = Slow {
        takes: seconds(2),
        clock: clock.clone(),
        inner: Scripted::accepting(),
    };
    let observed = Observe::new("relay", Arc::new(slow), clock);
    let lines = traced(|| drop(Run::start(&observed, &submission(&["ada@x.example"]))));
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines[1].starts_with("WARN") && lines[1].contains("abandoned"));
}

#[cfg(feature = "metrics")]
mod counting {
    use std::collections::BTreeMap;
    use std::sync::{Arc, Mutex};

    use metrics::{
        Counter, CounterFn, Gauge, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder,
        SharedString, Unit,
    };

    use super::super::Observe;
    use crate::combinator::testing::{Run, Say, Scripted, Slow, StepClock, seconds, submission};

    /// The sums of everything, by name and labels.
    #[derive(Default)]
    struct Sums {
        sums: Arc<Mutex<BTreeMap<String, f64>>>,
        described: Mutex<Vec<String>>,
    }

    struct Sum {
        key: String,
        sums: Arc<Mutex<BTreeMap<String, f64>>>,
    }

    impl Sum {
        fn add(&self, value: f64) {
            *self
                .sums
                .lock()
                .unwrap()
                .entry(self.key.clone())
                .or_default() += value;
        }
    }

    impl CounterFn for Sum {
        fn increment(&self, value: u64) {
            self.add(f64::from(u32::try_from(value).unwrap()));
        }

        fn absolute(&self, _: u64) {
            panic!("nothing is set");
        }
    }

    impl HistogramFn for Sum {
        fn record(&self, value: f64) {
            self.add(value);
        }
    }

    impl Sums {
        fn sum(&self, key: &Key) -> Arc<Sum> {
            let labels: Vec<String> = key
                .labels()
                .map(|label| format!(" {}={}", label.key(), label.value()))
                .collect();
            Arc::new(Sum {
                key: format!("{}{}", key.name(), labels.concat()),
                sums: self.sums.clone(),
            })
        }
    }

    impl Recorder for Sums {
        fn describe_counter(&self, key: KeyName, _: Option<Unit>, _: SharedString) {
            self.described.lock().unwrap().push(key.as_str().to_owned());
        }

        fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {
            panic!("there are no gauges");
        }

        fn describe_histogram(&self, key: KeyName, _: Option<Unit>, _: SharedString) {
            self.described.lock().unwrap().push(key.as_str().to_owned());
        }

        fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
            Counter::from_arc(self.sum(key))
        }

        fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
            panic!("there are no gauges");
        }

        fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
            Histogram::from_arc(self.sum(key))
        }
    }

    #[test]
    fn attempts_recipients_octets_and_time_are_counted() {
        let clock = StepClock::new();
        let inner = Scripted::new(&[&[Say::Accepted, Say::Busy, Say::Busy]]);
        let slow = Slow {
            takes: seconds(2),
            clock: clock.clone(),
            inner,
        };
        let observed = Observe::new("relay", Arc::new(slow), clock.clone());
        let submission = submission(&["a@x.example", "b@x.example", "c@x.example"]);
        let sums = Sums::default();
        metrics::with_local_recorder(&sums, || {
            Observe::describe_metrics();
            let (mut run, _) = Run::start(&observed, &submission);
            drop(Run::start(&observed, &submission));
            clock.advance(seconds(2));
            assert!(run.step().is_some());
        });
        let octets = f64::from(u32::try_from(submission.message.len()).unwrap());
        let expected = [
            ("abandoned_total transport=relay", 1.0),
            ("attempt_seconds transport=relay", 2.0),
            ("attempts_total transport=relay", 2.0),
            ("octets_total transport=relay", octets),
            (
                "recipients_total transport=relay outcome=accepted phase=final",
                1.0,
            ),
            (
                "recipients_total transport=relay outcome=deferred phase=rcpt",
                2.0,
            ),
        ];
        let expected: BTreeMap<String, f64> = expected
            .into_iter()
            .map(|(key, value)| (format!("letterhead_transport_{key}"), value))
            .collect();
        let counted = sums.sums.lock().unwrap();
        assert_eq!(*counted, expected);
        for described in &*sums.described.lock().unwrap() {
            assert!(
                counted
                    .keys()
                    .any(|key| key.starts_with(described.as_str()))
            );
        }
        assert_eq!(sums.described.lock().unwrap().len(), 5);
    }
}
