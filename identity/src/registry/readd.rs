//! Deleting an identity and adding it again, with other credentials.

use std::time::SystemTime;

use letterhead_mail::TenantId;

use super::{ChangeError, Registry};
use crate::identity::{Identity, IdentityKey};
use crate::placement::CredentialId;
use crate::profile::VerifiedBy;
use crate::verification::Verification;

/// Whether mail still reaches the provider as it did.
#[expect(
    clippy::exhaustive_enums,
    reason = "the rules that forward mail were touched or were not"
)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Forwarding {
    /// The mail server forwards as before.
    Unchanged,
    /// It was changed, or may have been.
    Changed,
}

impl Registry {
    /// Follows what was done at a provider where credentials cannot be edited: the identity was deleted and added again
    /// with others. It is proven anew, only that mail is forwarded stays proven where nothing of that was changed. Where
    /// credentials can be edited, [`set_credential`](Self::set_credential) is all.
    ///
    /// # Errors
    ///
    /// When the tenant has no such identity, or the store fails.
    pub async fn readd(
        &self,
        tenant: &TenantId,
        key: &IdentityKey,
        credential: &CredentialId,
        forwarding: Forwarding,
        now: SystemTime,
    ) -> Result<Identity, ChangeError> {
        let Some(profile) = self.profiles.get(&key.profile) else {
            return Err(ChangeError::NoProfile(key.profile.clone()));
        };
        self.change(tenant, key, |identity| {
            let mut added = identity.clone();
            added.credential = Some(credential.clone());
            added.created = now;
            added.disabled = None;
            added.link = None;
            added.switches.clear();
            // A kind that the profile no longer has is proven by nothing, and lets nothing out either.
            added.verification = profile
                .identity(&identity.kind)
                .map(|rule| Verification::begun(rule, now))
                .unwrap_or_default();
            if forwarding == Forwarding::Unchanged {
                added.verification = added
                    .verification
                    .keeping(VerifiedBy::InboundTestMail, &identity.verification);
            }
            Ok(added)
        })
        .await
    }
}
