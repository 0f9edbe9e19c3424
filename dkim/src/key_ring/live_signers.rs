//! The signers of a ring, for what runs beside it.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use crate::signer::Signer;
use crate::signer_source::SignerSource;

/// The signers of a [`KeyRing`](crate::KeyRing), always those of its newest state. A clone follows the same ring.
///
/// ```
/// use std::sync::Arc;
/// use letterhead_dkim::{KeyRing, RotationSchedule, SignerSource};
///
/// let ring = KeyRing::new("example.org".parse()?, RotationSchedule::default());
/// // For a day on which the RSA key is still to come.
/// let source: Arc<dyn SignerSource> = Arc::new(ring.live_signers().with(|signer| signer.ed25519_alone()));
/// assert!(source.signers().is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct LiveSigners {
    current: Current,
    settings: Vec<Arc<dyn Fn(Signer) -> Signer + Send + Sync>>,
}

impl LiveSigners {
    pub(crate) fn of(current: &Current) -> Self {
        Self {
            current: Current(Arc::clone(&current.0)),
            settings: Vec::new(),
        }
    }

    /// With settings that each signer gets, those of keys to come as well. Default: those of [`Signer::new`].
    #[must_use]
    pub fn with(mut self, settings: impl Fn(Signer) -> Signer + Send + Sync + 'static) -> Self {
        self.settings.push(Arc::new(settings));
        self
    }
}

impl SignerSource for LiveSigners {
    fn signers(&self) -> Vec<Signer> {
        let current = self.current.get();
        let set = |signer: &Signer| {
            let settings = self.settings.iter();
            settings.fold(signer.clone(), |signer, settings| settings(signer))
        };
        current.iter().map(set).collect()
    }
}

impl fmt::Debug for LiveSigners {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.signers()).finish()
    }
}

/// The signers of a ring now; a ring that is cloned has its own.
#[derive(Debug, Default)]
pub(crate) struct Current(Arc<RwLock<Arc<[Signer]>>>);

impl Current {
    pub(crate) fn set(&self, signers: Vec<Signer>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = signers.into();
    }

    fn get(&self) -> Arc<[Signer]> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Clone for Current {
    fn clone(&self) -> Self {
        Self(Arc::new(RwLock::new(self.get())))
    }
}
