//! The keys of a domain through their lives.

pub mod error;
mod life;
pub mod live_signers;
pub mod schedule;
pub mod state;
pub mod state_text;
pub mod step;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use letterhead_dns::{DomainName, Record, Resolver};

use crate::algorithm::Algorithm;
use crate::key::SigningKey;
use crate::key_ring::error::KeyRingError;
use crate::key_ring::live_signers::{Current, LiveSigners};
use crate::key_ring::schedule::RotationSchedule;
use crate::key_ring::state::{KeyRingState, KeyState, Stage};
use crate::key_ring::step::Step;
use crate::publication::{
    Publication, PublicationCheck, PublicationError, check_public_key, check_published,
};
use crate::selector::Selector;
use crate::signer::Signer;

/// The DKIM keys of one domain: those that wait to sign, those that sign, one for each algorithm, and those whose
/// signatures are still on their way.
///
/// The ring decides and remembers; the caller makes keys, publishes [`records`](Self::records), keeps the time and
/// stores [`state`](Self::state). Called as [`due`](Self::due) says, once a day is enough, it keeps this promise: as
/// long as [`records`](Self::records) are published, and signers are not kept beyond [`switch`](Self::switch)
/// ([`live_signers`](Self::live_signers) never are), every signature verifies for as long as
/// [`RotationSchedule::stays_for`] after it was made.
///
/// ```
/// use std::sync::Arc;
/// use std::time::{Duration, SystemTime};
/// use letterhead_dkim::{KeyRing, KeySpec, PrivateKey, RotationSchedule};
/// use letterhead_dns::{Zone, block_on_ready};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let monday = SystemTime::UNIX_EPOCH + Duration::from_secs(1_790_000_000);
/// let day = Duration::from_secs(24 * 60 * 60);
/// let mut ring = KeyRing::new("example.org".parse()?, RotationSchedule::default());
/// let selector = "2026a".parse()?;
/// ring.introduce(&selector, Arc::new(PrivateKey::generate(KeySpec::Rsa2048)?), monday)?;
///
/// let mut zone = Zone::new();
/// ring.records().into_iter().for_each(|record| zone.insert(record));
/// let check = block_on_ready(ring.check(&selector, &zone)).expect("ready at once")?;
/// ring.note_published(&check, monday)?;
/// assert!(ring.switch(&selector, monday).is_err(), "not published for long enough");
/// assert_eq!(ring.next_due(), Some(monday + day));
///
/// // A day later, after another check.
/// ring.note_published(&check, monday + day)?;
/// assert_eq!(
///     ring.due(monday + day)[0].to_string(),
///     "switch to 2026a, which has been published for long enough"
/// );
/// ring.switch(&selector, monday + day)?;
/// assert_eq!(ring.signers().len(), 1);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct KeyRing {
    state: KeyRingState,
    schedule: RotationSchedule,
    /// Those of the keys that wait or sign, and no others.
    keys: BTreeMap<Selector, Arc<dyn SigningKey>>,
    current: Current,
}

impl KeyRing {
    /// A ring without keys.
    #[must_use]
    pub fn new(domain: DomainName, schedule: RotationSchedule) -> Self {
        Self {
            state: KeyRingState {
                domain,
                keys: Vec::new(),
            },
            schedule,
            keys: BTreeMap::new(),
            current: Current::default(),
        }
    }

    /// A ring as it was stored, with the private keys that wait or sign. Others may be among them and are dropped.
    ///
    /// # Errors
    ///
    /// A key that is missing, or is another one than the state says.
    pub fn restore(
        state: KeyRingState,
        schedule: RotationSchedule,
        keys: impl IntoIterator<Item = (Selector, Arc<dyn SigningKey>)>,
    ) -> Result<Self, KeyRingError> {
        let mut given: BTreeMap<Selector, Arc<dyn SigningKey>> = keys.into_iter().collect();
        let mut keys = BTreeMap::new();
        for key in state.keys.iter().filter(|key| needs_private_key(key.stage)) {
            let selector = key.selector.clone();
            let Some(private) = given.remove(&selector) else {
                return Err(KeyRingError::KeyMissing { selector });
            };
            if private.public_key() != key.key {
                return Err(KeyRingError::OtherKey { selector });
            }
            keys.insert(selector, private);
        }
        let ring = Self {
            state,
            schedule,
            keys,
            current: Current::default(),
        };
        ring.update_live_signers();
        Ok(ring)
    }

    /// Takes a new key in. It waits; its record is among [`records`](Self::records) from now on.
    ///
    /// # Errors
    ///
    /// A selector or key that was in the ring before, an RSA key below 2048 bits, or a selector too long for the
    /// domain.
    pub fn introduce(
        &mut self,
        selector: &Selector,
        key: Arc<dyn SigningKey>,
        now: SystemTime,
    ) -> Result<(), KeyRingError> {
        let introduced = whole_seconds(now)?;
        let public = key.public_key();
        selector.record_name(&self.state.domain)?;
        if self.state.find(selector).is_some() {
            return Err(KeyRingError::SelectorUsed {
                selector: selector.clone(),
            });
        }
        if let Some(other) = self.state.keys.iter().find(|other| other.key == public) {
            return Err(KeyRingError::KeyUsed {
                selector: other.selector.clone(),
            });
        }
        if public.algorithm() == Algorithm::RsaSha256 && public.bits() < 2048 {
            return Err(KeyRingError::RsaTooSmall {
                bits: public.bits(),
            });
        }
        self.state.keys.push(KeyState {
            selector: selector.clone(),
            key: public,
            stage: Stage::Waiting,
            introduced,
            matched_since: None,
            checked: None,
        });
        self.keys.insert(selector.clone(), key);
        Ok(())
    }

    /// Takes in a key that signs already, from before there was a ring: it goes on at once, and its time counts from
    /// now.
    ///
    /// # Errors
    ///
    /// As [`introduce`](Self::introduce); a check that did not match, or is about another key; an algorithm with which
    /// a key of the ring signs.
    pub fn adopt(
        &mut self,
        selector: &Selector,
        key: Arc<dyn SigningKey>,
        check: &PublicationCheck,
        now: SystemTime,
    ) -> Result<(), KeyRingError> {
        let since = whole_seconds(now)?;
        let about = selector.record_name(&self.state.domain)? == *check.name();
        if !about || key.public_key() != *check.key() {
            return Err(KeyRingError::OtherCheck);
        }
        if !check.is_match() {
            return Err(KeyRingError::NoMatch {
                selector: selector.clone(),
                found: check.verdict().clone(),
            });
        }
        if let Some(signing) = self.state.signing(key.algorithm()) {
            return Err(wrong_stage(
                signing,
                "introduce the other key as its successor",
            ));
        }
        self.introduce(selector, key, now)?;
        if let Some(adopted) = self.state.find_mut(selector) {
            adopted.stage = Stage::Signing { since };
            adopted.matched_since = Some(since);
            adopted.checked = Some(since);
        }
        self.update_live_signers();
        Ok(())
    }

    /// Looks whether the record of a key is published as it must be; the result is for
    /// [`note_published`](Self::note_published). The private key takes part where the ring has it.
    ///
    /// # Errors
    ///
    /// An unknown selector, a key whose record is withdrawn or gone, or a private key that cannot sign.
    pub async fn check(
        &self,
        selector: &Selector,
        resolver: &dyn Resolver,
    ) -> Result<PublicationCheck, KeyRingError> {
        let key = self.find(selector)?;
        if !key.stage.needs_record() {
            return Err(wrong_stage(key, "there is no key to be found"));
        }
        let failed = |source| KeyRingError::Check {
            selector: selector.clone(),
            source,
        };
        match self.keys.get(selector) {
            Some(private) => {
                check_published(selector, &self.state.domain, private.as_ref(), resolver)
                    .await
                    .map_err(failed)
            }
            None => {
                let name = selector
                    .record_name(&self.state.domain)
                    .map_err(|error| failed(PublicationError::Name(error)))?;
                Ok(check_public_key(name, key.key.clone(), resolver).await)
            }
        }
    }

    /// Remembers what a check found. A failed lookup says nothing and changes nothing.
    ///
    /// # Errors
    ///
    /// A check that is about another name or key, or about a key whose record is withdrawn or gone.
    pub fn note_published(
        &mut self,
        check: &PublicationCheck,
        now: SystemTime,
    ) -> Result<(), KeyRingError> {
        let at = whole_seconds(now)?;
        let domain = self.state.domain.clone();
        let key = self
            .state
            .keys
            .iter_mut()
            .find(|key| {
                key.key == *check.key()
                    && key.selector.record_name(&domain).as_ref() == Ok(check.name())
            })
            .ok_or(KeyRingError::OtherCheck)?;
        if !key.stage.needs_record() {
            return Err(wrong_stage(key, "there is no key to be found"));
        }
        match check.verdict() {
            Publication::LookupFailed { .. } => return Ok(()),
            Publication::Matches => {
                key.matched_since.get_or_insert(at);
            }
            _ => key.matched_since = None,
        }
        key.checked = Some(at);
        Ok(())
    }

    /// What is to be done at `now`, the longest due first.
    #[must_use]
    pub fn due(&self, now: SystemTime) -> Vec<Step> {
        let mut steps = step::plan(&self.state, &self.schedule);
        steps.retain(|step| step.due() <= now);
        // With a check that is too old, the switch would be refused.
        let checks: Vec<Selector> = steps
            .iter()
            .filter(|step| step.action() == step::Action::Check)
            .map(|step| step.selector().clone())
            .collect();
        steps.retain(|step| {
            step.action() != step::Action::Switch || !checks.contains(step.selector())
        });
        steps
    }

    /// When something is to be done next; in the past where something is due. `None` where nothing ever will be.
    #[must_use]
    pub fn next_due(&self) -> Option<SystemTime> {
        let steps = step::plan(&self.state, &self.schedule);
        steps.iter().map(Step::due).min()
    }

    /// A signer for each key that signs now, RSA first. Ask again after every change; they have the settings of
    /// [`Signer::new`], and an Ed25519 key alone must be [allowed](Signer::ed25519_alone) to be.
    #[must_use]
    pub fn signers(&self) -> Vec<Signer> {
        [Algorithm::RsaSha256, Algorithm::Ed25519Sha256]
            .into_iter()
            .filter_map(|algorithm| self.state.signing(algorithm))
            .filter_map(|key| {
                let private = Arc::clone(self.keys.get(&key.selector)?);
                let domain = self.state.domain.clone();
                Some(Signer::new(domain, key.selector.clone(), private))
            })
            .collect()
    }

    /// The [signers](Self::signers) for something that signs beside the ring, such as a route: whatever becomes of the
    /// ring, they are those of its newest state. A clone of the ring goes its own way.
    #[must_use]
    pub fn live_signers(&self) -> LiveSigners {
        LiveSigners::of(&self.current)
    }

    fn update_live_signers(&self) {
        self.current.set(self.signers());
    }

    /// What must be published, and nothing else at the names of this ring's keys, until the ring changes.
    /// Where such a name is delegated by CNAME, its record belongs to the name that the alias leads to.
    #[must_use]
    pub fn records(&self) -> Vec<Record> {
        self.state
            .keys
            .iter()
            .filter_map(|key| {
                let record = key.record()?;
                record
                    .at(&key.selector, &self.state.domain, self.schedule.ttl)
                    .ok()
            })
            .collect()
    }

    /// What is to be stored after every change.
    #[must_use]
    pub fn state(&self) -> &KeyRingState {
        &self.state
    }

    /// The schedule.
    pub fn schedule(&self) -> &RotationSchedule {
        &self.schedule
    }

    fn find(&self, selector: &Selector) -> Result<&KeyState, KeyRingError> {
        self.state.find(selector).ok_or_else(|| unknown(selector))
    }

    fn find_mut(&mut self, selector: &Selector) -> Result<&mut KeyState, KeyRingError> {
        self.state
            .find_mut(selector)
            .ok_or_else(|| unknown(selector))
    }
}

fn needs_private_key(stage: Stage) -> bool {
    matches!(stage, Stage::Waiting | Stage::Signing { .. })
}

fn unknown(selector: &Selector) -> KeyRingError {
    KeyRingError::Unknown {
        selector: selector.clone(),
    }
}

fn wrong_stage(key: &KeyState, needed: &'static str) -> KeyRingError {
    KeyRingError::WrongStage {
        selector: key.selector.clone(),
        stage: key.stage,
        needed,
    }
}

/// Without fractions, so that what is stored is what was decided.
fn whole_seconds(time: SystemTime) -> Result<SystemTime, KeyRingError> {
    time.duration_since(SystemTime::UNIX_EPOCH)
        .ok()
        .filter(|since| since.as_secs() < state_text::LATEST)
        .and_then(|since| SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(since.as_secs())))
        .ok_or(KeyRingError::Time)
}
