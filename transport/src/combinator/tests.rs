//! What must hold for whatever is stacked upon whatever.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex};

use letterhead_mail::{
    BoxFuture, Clock, EmailAddress, Outcome, OutcomeClass, Report, Submission, Transport,
};
use proptest::collection::vec;
use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop, prop_oneof, proptest};

use super::testing::{Run, SameOctet, Say, Scripted, SkippingClock, address, seconds, submission};
use super::{
    AllowedRecipient, Breaker, Failover, Observe, Rate, RateKey, RateLimit, RatePeriod, Retry,
    RoundRobin, Router, RoutingRule, Sink, Staging,
};

/// A stack: servers at its leaves, combinators above them.
#[derive(Debug, Clone)]
enum Stack {
    Server(Vec<Vec<Say>>),
    Failover(Vec<Self>),
    RoundRobin(Vec<(Self, u8)>),
    Router(Box<[Self; 3]>),
    RateLimit(Box<Self>, u8, bool),
    Breaker(Box<Self>),
    Retry(Box<Self>),
    Allow(Box<Self>),
    Observe(Box<Self>),
    Sink(Box<Self>),
}

fn stacks() -> impl Strategy<Value = Stack> {
    let says = vec(vec(prop::sample::select(Say::ALL.to_vec()), 1..6), 1..4);
    says.prop_map(Stack::Server)
        .prop_recursive(4, 16, 3, |inner| {
            let boxed = inner.clone().prop_map(Box::new);
            prop_oneof![
                vec(inner.clone(), 1..4).prop_map(Stack::Failover),
                vec((inner.clone(), any::<u8>()), 1..4).prop_map(Stack::RoundRobin),
                [inner.clone(), inner.clone(), inner]
                    .prop_map(|three| Stack::Router(Box::new(three))),
                (boxed.clone(), 1..4_u8, any::<bool>())
                    .prop_map(|(inner, amount, split)| Stack::RateLimit(inner, amount, split)),
                boxed.clone().prop_map(Stack::Breaker),
                boxed.clone().prop_map(Stack::Retry),
                boxed.clone().prop_map(Stack::Allow),
                boxed.clone().prop_map(Stack::Observe),
                (boxed, Just(())).prop_map(|(inner, ())| Stack::Sink(inner)),
            ]
        })
}

/// What servers said of each recipient, in the order in which they said it.
type Ledger = Arc<Mutex<BTreeMap<EmailAddress, Vec<Outcome>>>>;

/// A server whose words are written down.
#[derive(Debug)]
struct Recorded {
    server: Arc<Scripted>,
    ledger: Ledger,
}

impl Transport for Recorded {
    fn send<'a>(&'a self, submission: &'a Submission) -> BoxFuture<'a, Report> {
        Box::pin(async move {
            let report = self.server.send(submission).await;
            let mut ledger = self.ledger.lock().unwrap();
            for row in report.rows() {
                let said = ledger.entry(row.recipient().clone()).or_default();
                said.push(row.outcome());
            }
            report
        })
    }
}

fn build(stack: &Stack, clock: &Arc<dyn Clock>, ledger: &Ledger) -> Arc<dyn Transport> {
    let of = |stack: &Stack| build(stack, clock, ledger);
    let domain = |text: &str| text.parse().unwrap();
    match stack {
        Stack::Server(script) => Arc::new(Recorded {
            server: Scripted::of(script.clone()),
            ledger: ledger.clone(),
        }),
        Stack::Failover(servers) => {
            let first = Failover::new(of(&servers[0]));
            let others = servers.iter().skip(1);
            Arc::new(others.fold(first, |all, next| all.then(of(next))))
        }
        Stack::RoundRobin(servers) => {
            let weight = |weight: u8| NonZeroU32::MIN.saturating_add(weight.into());
            let first = RoundRobin::new(of(&servers[0].0), weight(servers[0].1));
            let others = servers.iter().skip(1);
            Arc::new(others.fold(first, |all, next| all.and(of(&next.0), weight(next.1))))
        }
        Stack::Router(three) => Arc::new(
            Router::new(of(&three[0]))
                .rule(
                    RoutingRule::RecipientDomain(domain("x.example")),
                    of(&three[1]),
                )
                .rule(
                    RoutingRule::RecipientDomain(domain("y.example")),
                    of(&three[2]),
                ),
        ),
        Stack::RateLimit(inner, amount, split) => {
            let amount = NonZeroU32::new((*amount).into()).unwrap();
            let limited = RateLimit::new(
                Rate::recipients(amount, RatePeriod::Second),
                of(inner),
                clock.clone(),
            )
            .max_wait(seconds(2));
            Arc::new(if *split {
                limited.key(RateKey::RecipientDomain)
            } else {
                limited
            })
        }
        Stack::Breaker(inner) => {
            Arc::new(Breaker::new(of(inner), clock.clone()).threshold(NonZeroU32::MIN))
        }
        Stack::Retry(inner) => Arc::new(Retry::new(
            of(inner),
            clock.clone(),
            Arc::new(SameOctet(0x80)),
        )),
        Stack::Allow(inner) => Arc::new(Staging::allow(
            [
                AllowedRecipient::domain(domain("x.example")),
                AllowedRecipient::address(address("b@y.example")),
            ],
            of(inner),
        )),
        Stack::Observe(inner) => Arc::new(Observe::new("stack", of(inner), clock.clone())),
        Stack::Sink(inner) => {
            Arc::new(Sink::new([domain("x.example"), domain("z.example")]).passing_to(of(inner)))
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn each_recipient_has_one_row_and_what_may_be_accepted_is_told_and_sent_once(
        stack in stacks(),
        recipients in prop::sample::subsequence(
            vec!["a@x.example", "b@y.example", "c@x.example", "d@z.example", "e@y.example", "f@[192.0.2.1]"],
            1..=6,
        ),
        times in 1..4_u8,
    ) {
        let clock: Arc<dyn Clock> = SkippingClock::new();
        let ledger = Ledger::default();
        let transport = build(&stack, &clock, &ledger);
        let submission = submission(&recipients);
        for _ in 0..times {
            ledger.lock().unwrap().clear();
            let (_, report) = Run::start(&*transport, &submission);
            let report = report.expect("the clock makes nobody wait");
            let named: Vec<String> = report
                .rows()
                .iter()
                .map(|row| row.recipient().to_string())
                .collect();
            assert_eq!(named, recipients);
            let ledger = ledger.lock().unwrap();
            for row in report.rows() {
                let said = ledger.get(row.recipient()).map(Vec::as_slice).unwrap_or_default();
                let decided = said.iter().position(|outcome| !outcome.is_proven_not_accepted());
                match decided {
                    // Whoever may have the message was not sent it again, and the row says so.
                    Some(place) => {
                        assert_eq!(place + 1, said.len(), "{said:?}");
                        assert_eq!(row.outcome(), said[place]);
                    }
                    None => assert!(row.outcome().is_proven_not_accepted(), "{row} {said:?}"),
                }
                if said.is_empty() {
                    assert!(matches!(row.outcome(), Outcome::NotAttempted(_)), "{row}");
                }
            }
        }
    }

    /// Somebody gives up at every place where the stack waits; what is sent afterwards finds nothing wrong.
    #[test]
    fn a_dropped_attempt_leaves_nothing_wrong_behind(stack in stacks(), polls in 0..6_usize) {
        let clock = super::testing::StepClock::new();
        let shared: Arc<dyn Clock> = clock.clone();
        let ledger = Ledger::default();
        let transport = build(&stack, &shared, &ledger);
        let submission = submission(&["a@x.example", "b@y.example", "c@z.example"]);
        {
            let (mut run, mut report) = Run::start(&*transport, &submission);
            for _ in 0..polls {
                if report.is_none() {
                    clock.advance(seconds(1));
                    report = run.step();
                }
            }
        }
        // Long enough for every wait and cool-off.
        clock.advance(seconds(10_000));
        ledger.lock().unwrap().clear();
        let (mut run, mut report) = Run::start(&*transport, &submission);
        for _ in 0..10_000 {
            if report.is_some() {
                break;
            }
            clock.advance(seconds(1));
            report = run.step();
        }
        let report = report.expect("it ends");
        assert_eq!(report.rows().len(), 3);
        for row in report.rows() {
            let said = ledger.lock().unwrap().get(row.recipient()).cloned().unwrap_or_default();
            let unknown = said.iter().filter(|outcome| outcome.class() == OutcomeClass::Unknown);
            assert_eq!(unknown.count() > 0, row.outcome() == Outcome::InDoubt);
        }
    }
}
