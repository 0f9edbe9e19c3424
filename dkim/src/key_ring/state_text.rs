//! The text form of a ring's state: a line for the domain, and one for each key.

use std::fmt;
use std::str::FromStr;
use std::time::{Duration, SystemTime};

use letterhead_dns::DomainName;

use crate::key_ring::state::{KeyRingState, KeyState, Stage};
use crate::public_key_record::PublicKeyRecord;
use crate::selector::Selector;

impl fmt::Display for KeyRingState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write(self, f)
    }
}

impl FromStr for KeyRingState {
    type Err = KeyRingStateError;

    fn from_str(text: &str) -> Result<Self, KeyRingStateError> {
        read(text)
    }
}

fn write(state: &KeyRingState, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    writeln!(f, "{HEAD}{}", state.domain)?;
    for key in &state.keys {
        write!(f, "{} {}", key.selector, key.stage)?;
        match key.stage {
            Stage::Waiting => {}
            Stage::Signing { since } | Stage::Revoked { since } | Stage::Removed { since } => {
                write!(f, "={}", seconds(since))?;
            }
            Stage::Leaving { last_signature } => write!(f, "={}", seconds(last_signature))?,
        }
        write!(f, " introduced={}", seconds(key.introduced))?;
        if let Some(since) = key.matched_since {
            write!(f, " matched={}", seconds(since))?;
        }
        if let Some(at) = key.checked {
            write!(f, " checked={}", seconds(at))?;
        }
        writeln!(f, "{RECORD}{}", PublicKeyRecord::new(key.key.clone()))?;
    }
    Ok(())
}

fn read(text: &str) -> Result<KeyRingState, KeyRingStateError> {
    let mut lines = text.lines().enumerate();
    let at = |index: usize, kind| KeyRingStateError {
        line: index + 1,
        kind,
    };
    let domain = lines
        .next()
        .and_then(|(_, line)| line.strip_prefix(HEAD))
        .and_then(|domain| domain.parse::<DomainName>().ok())
        .ok_or_else(|| at(0, KeyRingStateErrorKind::Head))?;
    let mut state = KeyRingState {
        domain,
        keys: Vec::new(),
    };
    for (index, line) in lines {
        let key = read_key(line).map_err(|kind| at(index, kind))?;
        if state
            .keys
            .iter()
            .any(|other| other.selector == key.selector || other.key == key.key)
        {
            return Err(at(index, KeyRingStateErrorKind::Twice));
        }
        let signs = matches!(key.stage, Stage::Signing { .. });
        if signs && state.signing(key.algorithm()).is_some() {
            return Err(at(index, KeyRingStateErrorKind::TwoSigning));
        }
        if key.selector.record_name(&state.domain).is_err() {
            return Err(at(index, KeyRingStateErrorKind::Selector));
        }
        state.keys.push(key);
    }
    Ok(state)
}

fn read_key(line: &str) -> Result<KeyState, KeyRingStateErrorKind> {
    let (fields, record) = line
        .split_once(RECORD)
        .ok_or(KeyRingStateErrorKind::Record)?;
    let record = PublicKeyRecord::parse(record.as_bytes())
        .ok()
        .and_then(|record| record.key().cloned());
    let mut fields = fields.split(' ');
    let selector: Selector = fields
        .next()
        .and_then(|text| text.parse().ok())
        .ok_or(KeyRingStateErrorKind::Selector)?;
    let stage = fields
        .next()
        .and_then(read_stage)
        .ok_or(KeyRingStateErrorKind::Stage)?;
    let (mut introduced, mut matched_since, mut checked) = (None, None, None);
    for field in fields {
        let (name, value) = field.split_once('=').ok_or(KeyRingStateErrorKind::Field)?;
        let slot = match name {
            "introduced" => &mut introduced,
            "matched" => &mut matched_since,
            "checked" => &mut checked,
            _ => return Err(KeyRingStateErrorKind::Field),
        };
        let time = read_time(value).ok_or(KeyRingStateErrorKind::Field)?;
        if slot.replace(time).is_some() {
            return Err(KeyRingStateErrorKind::Field);
        }
    }
    // What matched was checked.
    if matched_since.is_some() && checked.is_none() {
        return Err(KeyRingStateErrorKind::Field);
    }
    Ok(KeyState {
        selector,
        key: record.ok_or(KeyRingStateErrorKind::Record)?,
        stage,
        introduced: introduced.ok_or(KeyRingStateErrorKind::Field)?,
        matched_since,
        checked,
    })
}

fn read_stage(field: &str) -> Option<Stage> {
    let Some((name, value)) = field.split_once('=') else {
        return (field == Stage::Waiting.as_str()).then_some(Stage::Waiting);
    };
    let since = read_time(value)?;
    [
        Stage::Signing { since },
        Stage::Leaving {
            last_signature: since,
        },
        Stage::Revoked { since },
        Stage::Removed { since },
    ]
    .into_iter()
    .find(|stage| stage.as_str() == name)
}

fn read_time(text: &str) -> Option<SystemTime> {
    // Times that cannot be reckoned with are no times.
    let seconds: u64 = text.parse().ok().filter(|seconds| *seconds <= LATEST)?;
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds))
}

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

/// Why text is no state of a ring.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {kind}")]
pub struct KeyRingStateError {
    line: usize,
    kind: KeyRingStateErrorKind,
}

impl KeyRingStateError {
    /// The line, from 1.
    #[must_use]
    pub fn line(&self) -> usize {
        self.line
    }

    /// What is wrong.
    #[must_use]
    pub fn kind(&self) -> KeyRingStateErrorKind {
        self.kind
    }
}

/// What is wrong with a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyRingStateErrorKind {
    /// The first line is not `dkim-keys 1` and a domain.
    Head,
    /// The selector is none, or too long for the domain.
    Selector,
    /// The second word is no stage.
    Stage,
    /// A field is unknown, missing, there twice, or no time.
    Field,
    /// There is no key record, or one without key.
    Record,
    /// The selector or the key has occurred before.
    Twice,
    /// Two keys sign with one algorithm.
    TwoSigning,
}

impl fmt::Display for KeyRingStateErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Head => "not the head of a list of DKIM keys",
            Self::Selector => "no selector",
            Self::Stage => "no stage",
            Self::Field => "a field that is unknown, missing, repeated or no time",
            Self::Record => "no record with a key",
            Self::Twice => "a selector or key that occurred before",
            Self::TwoSigning => "a second key that signs with the same algorithm",
        })
    }
}

const HEAD: &str = "dkim-keys 1 ";
const RECORD: &str = " record=";

/// The largest number of seconds that `t=` of a signature holds in twelve digits.
pub(super) const LATEST: u64 = 999_999_999_999;
