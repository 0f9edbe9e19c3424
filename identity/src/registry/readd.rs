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
        let rule = self
            .profiles
            .get(&key.profile)
            .map(|profile| profile.identities())
            .unwrap_or_default();
        self.change(tenant, key, |identity| {
            let mut added = identity.clone();
            added.credential = Some(credential.clone());
            added.created = now;
            added.disabled = None;
            added.link = None;
            added.switches.clear();
            if let Some(rule) = rule.iter().find(|rule| rule.kind == identity.kind) {
                added.verification = Verification::begun(rule, now);
            }
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
