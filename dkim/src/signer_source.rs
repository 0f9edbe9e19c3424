//! Where signers come from, when keys change while an application runs.

use std::fmt;
use std::sync::Arc;

use crate::signer::Signer;

/// Gives the signers of the moment. What sends mail asks for each message anew, so that a key that is switched signs
/// the next message and no other. Held as `Arc<dyn SignerSource>`.
///
/// A [`Signer`] is a source that never changes; a [`KeyRing`](crate::KeyRing) has one that
/// [follows it](crate::KeyRing::live_signers).
pub trait SignerSource: fmt::Debug + Send + Sync {
    /// Who signs now. None means that mail leaves without a signature of this source.
    fn signers(&self) -> Vec<Signer>;
}

impl SignerSource for Signer {
    fn signers(&self) -> Vec<Signer> {
        vec![self.clone()]
    }
}

impl SignerSource for Vec<Signer> {
    fn signers(&self) -> Vec<Signer> {
        self.clone()
    }
}

impl<S: SignerSource + ?Sized> SignerSource for Arc<S> {
    fn signers(&self) -> Vec<Signer> {
        (**self).signers()
    }
}

const _: fn(&dyn SignerSource) = |_| {};
