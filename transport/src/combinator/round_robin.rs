use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};

use letterhead_mail::{BoxFuture, Report, Submission, Transport};

/// The servers of one route in turn, each as often as its weight says.
///
/// The turns of a heavy server are spread among those of the others: with weights 3 and 1 the order is heavy, heavy,
/// light, heavy. It depends on nothing but the number of submissions so far. One server has one submission; to try
/// another with what it did not take, put a [`Failover`](super::Failover) around two of these.
///
/// ```
/// use std::num::NonZeroU32;
/// use std::sync::Arc;
/// use letterhead_transport::{RoundRobin, Staging};
///
/// let three = NonZeroU32::new(3).expect("not zero");
/// let servers = RoundRobin::new(Arc::new(Staging::withhold_all()), three)
///     .and(Arc::new(Staging::withhold_all()), NonZeroU32::MIN);
/// # drop(servers);
/// ```
#[derive(Debug)]
pub struct RoundRobin {
    first: Arc<dyn Transport>,
    others: Vec<Arc<dyn Transport>>,
    /// Of the first and then of the others.
    turns: Mutex<Vec<Turn>>,
}

/// How often a server comes, and how much it is owed.
#[derive(Debug)]
struct Turn {
    weight: i128,
    credit: i128,
}

impl Turn {
    fn new(weight: NonZeroU32) -> Self {
        Self {
            weight: weight.get().into(),
            credit: 0,
        }
    }
}

impl RoundRobin {
    /// This server, so far alone.
    #[must_use]
    pub fn new(first: Arc<dyn Transport>, weight: NonZeroU32) -> Self {
        Self {
            first,
            others: Vec::new(),
            turns: Mutex::new(vec![Turn::new(weight)]),
        }
    }

    /// And this one.
    #[must_use]
    pub fn and(mut self, next: Arc<dyn Transport>, weight: NonZeroU32) -> Self {
        self.others.push(next);
        let turns = self.turns.get_mut();
        turns
            .unwrap_or_else(PoisonError::into_inner)
            .push(Turn::new(weight));
        self
    }

    /// Whose turn it is: each is credited with its weight, and the one that is owed most pays the sum of them.
    fn next(&self) -> &Arc<dyn Transport> {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        let total: i128 = turns.iter().map(|turn| turn.weight).sum();
        let mut chosen = 0;
        let mut most = i128::MIN;
        for (place, turn) in turns.iter_mut().enumerate() {
            turn.credit += turn.weight;
            if turn.credit > most {
                (chosen, most) = (place, turn.credit);
            }
        }
        if let Some(turn) = turns.get_mut(chosen) {
            turn.credit -= total;
        }
        chosen
            .checked_sub(1)
            .and_then(|place| self.others.get(place))
            .unwrap_or(&self.first)
    }
}

impl Transport for RoundRobin {
    fn send<'a>(&'a self, submission: &'a Submission) -> BoxFuture<'a, Report> {
        // Inside the future, so that one that is never awaited takes no turn.
        Box::pin(async move { self.next().send(submission).await })
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;
    use std::sync::Arc;

    use super::RoundRobin;
    use crate::combinator::testing::{
        Run, Scripted, Slow, StepClock, seconds, send_now, submission,
    };

    fn weight(weight: u32) -> NonZeroU32 {
        NonZeroU32::new(weight).unwrap()
    }

    /// Whose turn it was, as letters.
    fn order(weights: &[u32], turns: usize) -> String {
        let servers: Vec<Arc<Scripted>> = weights.iter().map(|_| Scripted::accepting()).collect();
        let mut round_robin = RoundRobin::new(servers[0].clone(), weight(weights[0]));
        for (server, each) in servers.iter().zip(weights).skip(1) {
            round_robin = round_robin.and(server.clone(), weight(*each));
        }
        let mut order = String::new();
        let submission = submission(&["a@x.example"]);
        for _ in 0..turns {
            let before: Vec<usize> = servers.iter().map(|each| each.attempts().len()).collect();
            assert!(send_now(&round_robin, &submission).all_accepted());
            for ((server, before), letter) in servers.iter().zip(before).zip('a'..) {
                if server.attempts().len() > before {
                    order.push(letter);
                }
            }
        }
        order
    }

    #[test]
    fn turns_are_spread_by_weight() {
        assert_eq!(order(&[7], 3), "aaa");
        assert_eq!(order(&[1, 1, 1], 7), "abcabca");
        assert_eq!(order(&[3, 1], 8), "aabaaaba");
        assert_eq!(order(&[5, 1, 1], 14), "aabacaaaabacaa");
        assert_eq!(order(&[u32::MAX, u32::MAX, u32::MAX], 6), "abcabc");
    }

    #[test]
    fn each_thread_takes_turns_of_the_same_order() {
        let (heavy, light) = (Scripted::accepting(), Scripted::accepting());
        let servers = RoundRobin::new(heavy.clone(), weight(3)).and(light.clone(), weight(1));
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..50 {
                        assert!(send_now(&servers, &submission(&["a@x.example"])).all_accepted());
                    }
                });
            }
        });
        assert_eq!((heavy.attempts().len(), light.attempts().len()), (300, 100));
    }

    #[test]
    fn a_dropped_attempt_holds_no_turn_back() {
        let clock = StepClock::new();
        let spare = Scripted::accepting();
        let slow = Slow {
            takes: seconds(1),
            clock: clock.clone(),
            inner: Scripted::accepting(),
        };
        let servers = RoundRobin::new(Arc::new(slow), weight(1)).and(spare.clone(), weight(1));
        let submission = submission(&["a@x.example"]);
        let (run, report) = Run::start(&servers, &submission);
        assert!(report.is_none());
        drop(run);
        assert!(send_now(&servers, &submission).all_accepted());
        assert_eq!(spare.attempts().len(), 1);
    }
}
