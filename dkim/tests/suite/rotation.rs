//! Rings of keys over weeks and years: no signature is ever without its key.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime};

use letterhead_dkim::key_ring::schedule::AfterUse;
use letterhead_dkim::key_ring::state::Stage;
use letterhead_dkim::key_ring::step::Action;
use letterhead_dkim::{
    Algorithm, KeyRing, KeyRingState, KeySpec, PrivateKey, RotationSchedule, Selector, Signer,
    SigningKey, VerifyLimits, sign, verify,
};
use letterhead_dns::{RecordType, Zone, block_on_ready};
use proptest::prelude::{ProptestConfig, Strategy, any, prop, prop_oneof, proptest};

use crate::support::{domain, now};

const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const MESSAGE: &[u8] = b"From: a@example.org\r\nSubject: Hi\r\n\r\nHello\r\n";

/// A ring, the DNS, the clock, and the mail on its way.
struct World {
    ring: KeyRing,
    schedule: RotationSchedule,
    life: Duration,
    /// What is published, which lags behind the ring.
    zone: Zone,
    now: SystemTime,
    /// Every private key ever made, as a vault would hold it.
    vault: BTreeMap<Selector, Arc<dyn SigningKey>>,
    /// Signed messages and the end of their lives.
    mail: Vec<(Vec<u8>, SystemTime)>,
    rsa_used: usize,
    signatures: usize,
    switches: BTreeMap<String, usize>,
    retired: BTreeSet<Selector>,
}

impl World {
    fn new(schedule: RotationSchedule, life: Duration) -> Self {
        Self {
            ring: KeyRing::new(domain(), schedule),
            schedule,
            life,
            zone: Zone::new(),
            now: now(),
            vault: BTreeMap::new(),
            mail: Vec::new(),
            rsa_used: 0,
            signatures: 0,
            switches: BTreeMap::new(),
            retired: BTreeSet::new(),
        }
    }

    fn introduce(&mut self, algorithm: Algorithm) {
        let number = self.vault.len();
        let selector: Selector = format!("k{number}").parse().unwrap();
        let key: Arc<dyn SigningKey> = match algorithm {
            Algorithm::RsaSha256 => {
                let Some(key) = rsa_keys().get(self.rsa_used) else {
                    return;
                };
                self.rsa_used += 1;
                Arc::clone(key)
            }
            _ => {
                let mut seed = [0; 32];
                seed[..8].copy_from_slice(&number.to_le_bytes());
                Arc::new(PrivateKey::ed25519_from_seed(&seed).unwrap())
            }
        };
        self.ring
            .introduce(&selector, Arc::clone(&key), self.now)
            .unwrap();
        self.vault.insert(selector, key);
    }

    /// Brings the DNS to what the ring asks for; every message must verify after that as before.
    fn publish(&mut self) {
        let mut zone = Zone::new();
        self.ring
            .records()
            .into_iter()
            .for_each(|record| zone.insert(record));
        if zone != self.zone {
            self.zone = zone;
            self.verify_mail();
        }
    }

    fn check(&mut self, selector: &Selector) {
        let Some(check) = block_on_ready(self.ring.check(selector, &self.zone))
            .unwrap()
            .ok()
        else {
            return;
        };
        self.ring.note_published(&check, self.now).unwrap();
    }

    fn switch(&mut self, selector: &Selector) {
        if self.ring.switch(selector, self.now).is_ok() {
            let algorithm = self.vault[selector].algorithm();
            *self.switches.entry(algorithm.to_string()).or_default() += 1;
        }
    }

    fn retire(&mut self, selector: &Selector) {
        if self.ring.retire(selector, self.now).is_ok() {
            self.retired.insert(selector.clone());
        }
    }

    /// One message with the signatures of all keys that sign; it verifies from the first moment.
    fn sign(&mut self) {
        let signers: Vec<Signer> = self
            .ring
            .signers()
            .into_iter()
            .map(Signer::ed25519_alone)
            .collect();
        if signers.is_empty() {
            return;
        }
        let fields = sign(MESSAGE, &signers, self.now).unwrap();
        self.signatures += fields.len();
        let mut message: Vec<u8> = fields
            .iter()
            .flat_map(|field| field.as_str().bytes())
            .collect();
        message.extend_from_slice(MESSAGE);
        self.assert_verifies(&message);
        self.mail.push((message, self.now + self.life));
    }

    /// A process ends, and another goes on with what was stored. Keys that left are not in the vault any more.
    fn restart(&mut self) {
        let text = self.ring.state().to_string();
        let state: KeyRingState = text.parse().unwrap();
        assert_eq!(&state, self.ring.state());
        let live = |selector: &Selector| {
            state.keys().iter().any(|key| {
                key.selector() == selector
                    && matches!(key.stage(), Stage::Waiting | Stage::Signing { .. })
            })
        };
        let keys: Vec<_> = self
            .vault
            .iter()
            .filter(|(selector, _)| live(selector))
            .map(|(selector, key)| (selector.clone(), Arc::clone(key)))
            .collect();
        self.ring = KeyRing::restore(state, self.schedule, keys).unwrap();
    }

    fn advance(&mut self, by: Duration) {
        self.now += by;
        let now = self.now;
        self.mail.retain(|(_, end)| *end >= now);
    }

    fn verify_mail(&self) {
        for (message, _) in &self.mail {
            self.assert_verifies(message);
        }
    }

    fn assert_verifies(&self, message: &[u8]) {
        let limits = VerifyLimits::default();
        let verdicts = verify(message, &self.zone, self.now, &limits);
        let verdicts = block_on_ready(verdicts).unwrap();
        assert!(!verdicts.is_empty());
        for verdict in verdicts {
            assert!(
                verdict.is_pass(),
                "{verdict} at {:?}\n{}",
                self.now,
                self.ring.state()
            );
        }
    }
}

/// What may happen in any order.
#[derive(Debug, Clone)]
enum Event {
    Wait(u32),
    Introduce(Algorithm),
    Publish,
    CheckAll,
    CheckDuringFault,
    /// The key at this place among those of the ring.
    Switch(usize),
    SwitchAll,
    Stop(usize),
    Retire(usize),
    RetireAll,
    Sign,
    Restart,
    /// What `due` says, as far as the ring takes it.
    Due,
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        4 => (1..120_u32).prop_map(Event::Wait),
        2 => prop_oneof![
            3 => prop::strategy::Just(Event::Introduce(Algorithm::Ed25519Sha256)),
            1 => prop::strategy::Just(Event::Introduce(Algorithm::RsaSha256)),
        ],
        3 => prop::strategy::Just(Event::Publish),
        3 => prop::strategy::Just(Event::CheckAll),
        1 => prop::strategy::Just(Event::CheckDuringFault),
        1 => any::<usize>().prop_map(Event::Switch),
        2 => prop::strategy::Just(Event::SwitchAll),
        1 => any::<usize>().prop_map(Event::Stop),
        1 => any::<usize>().prop_map(Event::Retire),
        2 => prop::strategy::Just(Event::RetireAll),
        4 => prop::strategy::Just(Event::Sign),
        1 => prop::strategy::Just(Event::Restart),
        2 => prop::strategy::Just(Event::Due),
    ]
}

impl World {
    fn selectors(&self) -> Vec<Selector> {
        let keys = self.ring.state().keys().iter();
        keys.map(|key| key.selector().clone()).collect()
    }

    fn any_key(&self, choice: usize) -> Option<Selector> {
        let selectors = self.selectors();
        selectors.get(choice % selectors.len().max(1)).cloned()
    }

    fn happen(&mut self, event: &Event) {
        match event {
            Event::Wait(hours) => self.advance(HOUR * *hours),
            Event::Introduce(algorithm) => self.introduce(*algorithm),
            Event::Publish => self.publish(),
            Event::CheckAll => self
                .selectors()
                .iter()
                .for_each(|selector| self.check(selector)),
            Event::CheckDuringFault => {
                let whole = self.zone.clone();
                for selector in self.selectors() {
                    let name = selector.record_name(&domain()).unwrap();
                    self.zone.set_fault(
                        name.into(),
                        RecordType::TXT,
                        letterhead_dns::zone::Fault::ServFail,
                    );
                    self.check(&selector);
                }
                self.zone = whole;
            }
            Event::Switch(choice) => {
                if let Some(selector) = self.any_key(*choice) {
                    self.switch(&selector);
                }
            }
            Event::SwitchAll => self
                .selectors()
                .iter()
                .for_each(|selector| self.switch(selector)),
            Event::Stop(choice) => {
                if let Some(selector) = self.any_key(*choice) {
                    let _ = self.ring.stop(&selector, self.now);
                }
            }
            Event::Retire(choice) => {
                if let Some(selector) = self.any_key(*choice) {
                    self.retire(&selector);
                }
            }
            Event::RetireAll => self
                .selectors()
                .iter()
                .for_each(|selector| self.retire(selector)),
            Event::Sign => self.sign(),
            Event::Restart => self.restart(),
            Event::Due => self.do_what_is_due(),
        }
    }

    /// What an application does once a day.
    fn do_what_is_due(&mut self) {
        // A step makes others due; each round does at least one.
        for _ in 0..20 {
            let steps = self.ring.due(self.now);
            if steps.is_empty() {
                return;
            }
            for step in steps {
                let selector = step.selector();
                match step.action() {
                    Action::Introduce => self.introduce(self.vault[selector].algorithm()),
                    Action::Publish | Action::Republish | Action::Check => {
                        self.publish();
                        self.check(selector);
                    }
                    Action::Switch => {
                        self.ring.switch(selector, self.now).unwrap();
                        let algorithm = self.vault[selector].algorithm();
                        *self.switches.entry(algorithm.to_string()).or_default() += 1;
                    }
                    Action::Retire | Action::Remove => {
                        self.ring.retire(selector, self.now).unwrap();
                        self.retired.insert(selector.clone());
                        self.publish();
                    }
                    other => panic!("{other:?}"),
                }
            }
        }
        // RSA keys run out in long tests; nothing else may stay due.
        for step in self.ring.due(self.now) {
            assert_eq!(step.action(), Action::Introduce, "{step}");
        }
    }
}

/// RSA keys take long to make, so there are a few for all tests.
fn rsa_keys() -> &'static [Arc<dyn SigningKey>] {
    static KEYS: OnceLock<Vec<Arc<dyn SigningKey>>> = OnceLock::new();
    KEYS.get_or_init(|| {
        (0..8)
            .map(|_| {
                Arc::new(PrivateKey::generate(KeySpec::Rsa2048).unwrap()) as Arc<dyn SigningKey>
            })
            .collect()
    })
}

#[test]
fn three_years_by_the_book_leave_no_signature_without_its_key() {
    let schedule = RotationSchedule::default();
    let mut world = World::new(schedule, 14 * DAY);
    world.introduce(Algorithm::RsaSha256);
    world.introduce(Algorithm::Ed25519Sha256);
    for day in 0..1100 {
        world.do_what_is_due();
        world.sign();
        let signing = world.ring.signers().len();
        assert_eq!(signing, if day < 1 { 0 } else { 2 }, "day {day}");
        world.advance(DAY);
    }
    // The first switch of each, and one each 180 days.
    assert_eq!(world.switches["rsa-sha256"], 7);
    assert_eq!(world.switches["ed25519-sha256"], 7);
    assert_eq!(world.retired.len(), 12);
    assert_eq!(world.signatures, 2 * 1099);
    let gone = world
        .ring
        .state()
        .keys()
        .iter()
        .filter(|key| key.record().is_none());
    assert_eq!(
        gone.count(),
        10,
        "the last two are still published as withdrawn"
    );
}

#[test]
fn waking_when_something_is_due_is_enough() {
    let mut world = World::new(RotationSchedule::default().check_holds(7 * DAY), 14 * DAY);
    world.introduce(Algorithm::Ed25519Sha256);
    let mut wakings = 0;
    while world.now < now() + 400 * DAY {
        world.do_what_is_due();
        world.sign();
        let next = world.ring.next_due().unwrap();
        assert!(next > world.now, "{next:?}");
        world.advance(next.duration_since(world.now).unwrap());
        wakings += 1;
    }
    assert_eq!(world.switches["ed25519-sha256"], 3);
    assert!(wakings < 140, "{wakings}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn no_signature_is_ever_without_its_key(
        events in prop::collection::vec(event(), 0..250),
        hours_published in 0..48_u32,
        hours_held in 1..48_u32,
        days_stay in 7..20_u32,
        revoke in prop::option::of(0..10_u32),
    ) {
        let life = DAY * days_stay;
        let schedule = RotationSchedule::default()
            .signs_for(20 * DAY)
            .introduce_ahead(5 * DAY)
            .published_for(HOUR * hours_published)
            .check_holds(HOUR * hours_held)
            .stays_for(life)
            .unwrap()
            .after_use(revoke.map_or(AfterUse::Remove, |days| AfterUse::Revoke(DAY * days)));
        let mut world = World::new(schedule, life);
        for event in &events {
            world.happen(event);
        }
        // To the end of every life, with everything retired as early as the ring lets it.
        for _ in 0..days_stay * 2 + 2 {
            world.happen(&Event::RetireAll);
            world.publish();
            world.verify_mail();
            world.advance(12 * HOUR);
        }
        assert!(world.mail.is_empty());
    }
}

/// That the property above is about something: random events do sign, switch and retire.
#[test]
fn random_events_reach_every_stage() {
    use proptest::strategy::ValueTree as _;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let (mut signatures, mut switches, mut retired) = (0, 0, 0);
    for _ in 0..20 {
        let events = prop::collection::vec(event(), 250)
            .new_tree(&mut runner)
            .unwrap()
            .current();
        let schedule = RotationSchedule::default()
            .published_for(20 * HOUR)
            .signs_for(20 * DAY);
        let mut world = World::new(schedule, 14 * DAY);
        events.iter().for_each(|event| world.happen(event));
        signatures += world.signatures;
        switches += world.switches.values().sum::<usize>();
        retired += world.retired.len();
    }
    assert!(
        signatures > 400 && switches > 50 && retired > 50,
        "{signatures} {switches} {retired}"
    );
}
