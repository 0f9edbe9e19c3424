//! Finding out whether identities are proven.

use std::time::SystemTime;

use letterhead_dns::Resolver;
use letterhead_mail::TenantId;

use super::{ChangeError, Registry, VerifyError};
use crate::dns_plan::{DnsDiff, DnsPlan, PlanError};
use crate::identity::{Identity, IdentityKey};
use crate::profile::VerifiedBy;
use crate::verification::Finding;

impl Registry {
    /// Looks at the DNS records of an identity and moves its state on.
    ///
    /// # Errors
    ///
    /// When the identity is not verified by DNS, is not there, or the store fails. Records that are missing or could
    /// not be looked up are no error: they are in the [`DnsVerification`].
    pub async fn verify(
        &self,
        tenant: &TenantId,
        key: &IdentityKey,
        resolver: &dyn Resolver,
        now: SystemTime,
    ) -> Result<DnsVerification, VerifyError> {
        loop {
            let judged = self.existing(tenant, key).await?;
            let Some(profile) = self.profiles.get(&judged.profile) else {
                return Err(PlanError::NoProfile(judged.profile.clone()).into());
            };
            if judged.verification.state(VerifiedBy::Dns).is_none() {
                return Err(VerifyError::NotByDns(key.clone()));
            }
            let diff = DnsPlan::new(profile, std::slice::from_ref(&judged))?
                .diff(resolver)
                .await;
            let finding = diff.ownership();
            let changed = self
                .change_as_judged(tenant, &judged, |identity| {
                    after(identity, VerifiedBy::Dns, finding, now)
                })
                .await?;
            if let Some(identity) = changed {
                return Ok(DnsVerification {
                    identity,
                    finding,
                    diff,
                });
            }
        }
    }

    /// Moves the state of one proof on by what the application found out itself, for instance that a test mail came.
    ///
    /// # Errors
    ///
    /// When the tenant has no such identity, it does not need the proof, or the store fails.
    pub async fn record_finding(
        &self,
        tenant: &TenantId,
        key: &IdentityKey,
        proof: VerifiedBy,
        finding: Finding,
        now: SystemTime,
    ) -> Result<Identity, ChangeError> {
        self.change(tenant, key, |identity| {
            if identity.verification.state(proof).is_none() {
                return Err(ChangeError::NoSuchProof {
                    key: key.clone(),
                    proof,
                });
            }
            Ok(after(identity, proof, finding, now))
        })
        .await
    }
}

fn after(identity: &Identity, proof: VerifiedBy, finding: Finding, now: SystemTime) -> Identity {
    let mut changed = identity.clone();
    changed.verification = identity.verification.after(proof, finding, now);
    changed
}

/// What a look at an identity's records gave.
#[derive(Debug)]
#[non_exhaustive]
pub struct DnsVerification {
    /// The identity in its new state.
    pub identity: Identity,
    /// What was found.
    pub finding: Finding,
    /// Each record as it was found.
    pub diff: DnsDiff,
}
