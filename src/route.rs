//! Ways for mail to leave.

use std::sync::Arc;

use letterhead_dkim::Signer;
use letterhead_identity::{Environment, ProfileId};
use letterhead_mail::Transport;

/// A profile and a transport under one name: whose rules hold, and how the mail gets there.
#[derive(Debug, Clone)]
pub struct Route {
    pub(crate) name: String,
    pub(crate) profile: ProfileId,
    pub(crate) environment: Option<Environment>,
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) signers: Vec<Signer>,
}

impl Route {
    /// A route that signs nothing itself.
    #[must_use]
    pub fn new(name: &str, profile: ProfileId, transport: Arc<dyn Transport>) -> Self {
        Self {
            name: name.to_owned(),
            profile,
            environment: None,
            transport,
            signers: Vec::new(),
        }
    }

    /// In this environment; needed where the profile distinguishes environments.
    #[must_use]
    pub fn environment(mut self, environment: Environment) -> Self {
        self.environment = Some(environment);
        self
    }

    /// With a key to sign with. A message is signed by every signer whose domain the profile says the sender signs for,
    /// in one pass; two for one domain, RSA and Ed25519, give two signatures.
    #[must_use]
    pub fn signer(mut self, signer: Signer) -> Self {
        self.signers.push(signer);
        self
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}
