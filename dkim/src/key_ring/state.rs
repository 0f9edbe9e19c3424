//! What is to be remembered about the keys of a domain.

use std::fmt;
use std::time::SystemTime;

use letterhead_dns::DomainName;

use crate::algorithm::Algorithm;
pub use crate::public_key::PublicKey;
use crate::public_key_record::PublicKeyRecord;
use crate::selector::Selector;

/// The keys of one domain, each with its stage: everything about a [`KeyRing`](crate::KeyRing) that must outlive the
/// process, and no private key. Keys that are long gone stay in it, so that no selector is used twice.
///
/// `Display` writes lines of text, and `FromStr` reads them back; times are whole seconds since 1970.
///
/// ```
/// use letterhead_dkim::KeyRingState;
///
/// let text = "dkim-keys 1 example.org\n\
///     2026a signing=1790086400 introduced=1790000000 matched=1790000000 checked=1790172800 \
///     record=v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n";
/// let state: KeyRingState = text.parse()?;
/// assert_eq!(state.keys()[0].selector().as_str(), "2026a");
/// assert_eq!(state.to_string(), text);
/// # Ok::<(), letterhead_dkim::key_ring::state_text::KeyRingStateError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRingState {
    pub(super) domain: DomainName,
    pub(super) keys: Vec<KeyState>,
}

/// One key of a ring.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyState {
    pub(super) selector: Selector,
    /// Never a revoked one.
    pub(super) key: PublicKey,
    pub(super) stage: Stage,
    pub(super) introduced: SystemTime,
    /// Since when every check that could judge has found the right record.
    pub(super) matched_since: Option<SystemTime>,
    /// The last check that could judge.
    pub(super) checked: Option<SystemTime>,
}

/// Where in its life a key is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Stage {
    /// Its record is published, or to be published, and it has signed nothing.
    Waiting,
    /// It signs.
    Signing {
        /// Since when.
        since: SystemTime,
    },
    /// It signs no more; its record stays while its signatures live.
    Leaving {
        /// No signature is later.
        last_signature: SystemTime,
    },
    /// Its record says that it is withdrawn.
    Revoked {
        /// Since when.
        since: SystemTime,
    },
    /// Its record is gone.
    Removed {
        /// Since when.
        since: SystemTime,
    },
}

impl Stage {
    /// One word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Signing { .. } => "signing",
            Self::Leaving { .. } => "leaving",
            Self::Revoked { .. } => "revoked",
            Self::Removed { .. } => "removed",
        }
    }

    /// Whether the record with the key must be published.
    pub(super) fn needs_record(self) -> bool {
        match self {
            Self::Waiting | Self::Signing { .. } | Self::Leaving { .. } => true,
            Self::Revoked { .. } | Self::Removed { .. } => false,
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl KeyRingState {
    /// The domain.
    #[must_use]
    pub fn domain(&self) -> &DomainName {
        &self.domain
    }

    /// The keys in the order in which they were introduced.
    #[must_use]
    pub fn keys(&self) -> &[KeyState] {
        &self.keys
    }

    pub(super) fn find(&self, selector: &Selector) -> Option<&KeyState> {
        self.keys.iter().find(|key| key.selector == *selector)
    }

    pub(super) fn find_mut(&mut self, selector: &Selector) -> Option<&mut KeyState> {
        self.keys.iter_mut().find(|key| key.selector == *selector)
    }

    /// The key that signs with this algorithm.
    pub(super) fn signing(&self, algorithm: Algorithm) -> Option<&KeyState> {
        self.keys
            .iter()
            .find(|key| key.algorithm() == algorithm && matches!(key.stage, Stage::Signing { .. }))
    }
}

impl KeyState {
    /// The selector.
    #[must_use]
    pub fn selector(&self) -> &Selector {
        &self.selector
    }

    /// The public half.
    #[must_use]
    pub fn key(&self) -> &PublicKey {
        &self.key
    }

    /// The algorithm.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.key.algorithm()
    }

    /// Where in its life it is.
    #[must_use]
    pub fn stage(&self) -> Stage {
        self.stage
    }

    /// When it was introduced.
    #[must_use]
    pub fn introduced(&self) -> SystemTime {
        self.introduced
    }

    /// Since when every check that could judge has found its record; `None` before the first such check, and after one
    /// that found something else.
    #[must_use]
    pub fn matched_since(&self) -> Option<SystemTime> {
        self.matched_since
    }

    /// The last check that could judge, whatever it found.
    #[must_use]
    pub fn checked(&self) -> Option<SystemTime> {
        self.checked
    }

    /// The record that must be published at this stage; `None` where there must be none.
    #[must_use]
    pub fn record(&self) -> Option<PublicKeyRecord> {
        match self.stage {
            Stage::Waiting | Stage::Signing { .. } | Stage::Leaving { .. } => {
                Some(PublicKeyRecord::new(self.key.clone()))
            }
            Stage::Revoked { .. } => Some(PublicKeyRecord::revoked(self.algorithm())),
            Stage::Removed { .. } => None,
        }
    }
}
