//! Changing what is registered.

use std::time::SystemTime;

use letterhead_dns::Resolver;
use letterhead_mail::TenantId;

use super::{ChangeError, Registry, SwitchError};
use crate::dns_plan::{DnsPlan, PlanError, Status};
use crate::identity::{Identity, IdentityKey};
use crate::placement::CredentialId;
use crate::profile::{Coverage, VerifiedBy};
use crate::rules::{RuleViolation, check_mode};
use crate::store::Change;
use crate::subject::Subject;
use crate::value::Values;
use crate::verification::VerificationState;
use crate::word::{ModeName, SwitchName};

/// What becomes of the addresses that a domain identity covers when it is removed. Providers leave that open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Covered {
    /// Addresses that are registered by themselves stay, each with its own proof.
    Keep,
    /// They are removed as well.
    Remove,
}

impl Registry {
    /// Removes an identity; mail under it is refused from then on. `covered` says what is to become of addresses
    /// registered beside a domain that covers them.
    ///
    /// # Errors
    ///
    /// When the tenant has no such identity, or the store fails.
    pub async fn remove(
        &self,
        tenant: &TenantId,
        key: &IdentityKey,
        covered: Covered,
    ) -> Result<Vec<Identity>, ChangeError> {
        self.update(tenant, |identities| {
            let identity = super::found(identities, key)?;
            let mut removed = vec![identity.clone()];
            if covered == Covered::Remove {
                removed.extend(self.covered_by(identity, identities).cloned());
            }
            let changes = removed.iter().map(|gone| Change::Remove(gone.key()));
            Ok((changes.collect(), removed))
        })
        .await
    }

    /// The addresses among these that a domain identity covers, in its group of environments and region.
    fn covered_by<'a>(
        &self,
        domain: &Identity,
        identities: &'a [Identity],
    ) -> impl Iterator<Item = &'a Identity> {
        let rule = self
            .profiles
            .get(&domain.profile)
            .and_then(|profile| profile.identity(&domain.kind))
            .filter(|rule| rule.covers != Coverage::ExactAddress)
            .cloned();
        let domain = domain.clone();
        identities.iter().filter(move |other| {
            let is_covered = |rule: &_| match &other.subject {
                Subject::Address(address) => domain.covers(address, rule).is_some(),
                Subject::Domain(_) => false,
            };
            other.profile == domain.profile
                && other.environment_group == domain.environment_group
                && other.region == domain.region
                && rule.as_ref().is_some_and(is_covered)
        })
    }

    /// Turns an identity off; it keeps what it is proven by. One that is off already stays so since then.
    ///
    /// # Errors
    ///
    /// When the tenant has no such identity, or the store fails.
    pub async fn disable(
        &self,
        tenant: &TenantId,
        key: &IdentityKey,
        now: SystemTime,
    ) -> Result<Identity, ChangeError> {
        self.change(tenant, key, |identity| {
            let mut changed = identity.clone();
            changed.disabled.get_or_insert(now);
            Ok(changed)
        })
        .await
    }

    /// Turns an identity on again.
    ///
    /// # Errors
    ///
    /// When the tenant has no such identity, or the store fails.
    pub async fn enable(
        &self,
        tenant: &TenantId,
        key: &IdentityKey,
    ) -> Result<Identity, ChangeError> {
        self.change(tenant, key, |identity| {
            let mut changed = identity.clone();
            changed.disabled = None;
            Ok(changed)
        })
        .await
    }

    /// Gives an identity values that its records are made of, such as the DKIM tokens that the provider issued: those
    /// named take the place of what it had, all in one change, the others stay; a name with no values is awaited again. To
    /// rotate a key, add its selector and record, publish and verify, sign with it, and only then take the old pair away.
    ///
    /// Where the records are not proven yet, they have their whole time again: nobody could publish them before.
    ///
    /// They are the application's to say, not the tenant's: records are public, so a value of the tenant's choice could
    /// be another tenant's, and finding it published would prove nothing.
    ///
    /// # Errors
    ///
    /// When the profile does not know a name, a value cannot stand in a record, there are not as many of it as there must
    /// be, the tenant has no such identity, or the store fails.
    pub async fn set_values(
        &self,
        tenant: &TenantId,
        key: &IdentityKey,
        values: Values,
        now: SystemTime,
    ) -> Result<Identity, ChangeError> {
        let Some(profile) = self.profiles.get(&key.profile) else {
            return Err(ChangeError::NoProfile(key.profile.clone()));
        };
        profile.check_values(&values)?;
        self.change(tenant, key, |identity| {
            let mut changed = identity.clone();
            changed.values.extend(values.clone());
            changed.values.retain(|_, several| !several.is_empty());
            let proven = identity.verification.state(VerifiedBy::Dns);
            if changed.values != identity.values
                && !proven.is_some_and(VerificationState::is_verified)
                && let Some(rule) = profile.identity(&identity.kind)
            {
                changed.verification = identity
                    .verification
                    .restarted(VerifiedBy::Dns, rule.deadline(now));
            }
            Ok(changed)
        })
        .await
    }

    /// Gives an identity other credentials, or none of its own. Proofs of what other parties do, such as mail being
    /// forwarded, stay.
    ///
    /// # Errors
    ///
    /// When the tenant has no such identity, or the store fails.
    pub async fn set_credential(
        &self,
        tenant: &TenantId,
        key: &IdentityKey,
        credential: Option<CredentialId>,
    ) -> Result<Identity, ChangeError> {
        self.change(tenant, key, |identity| {
            let mut changed = identity.clone();
            changed.credential.clone_from(&credential);
            Ok(changed)
        })
        .await
    }

    /// Connects an identity in another way.
    ///
    /// # Errors
    ///
    /// [`RuleViolation::NoConversion`] where it has to be deleted and added again, an unknown mode, no such identity, or
    /// a store that fails.
    pub async fn set_mode(
        &self,
        tenant: &TenantId,
        key: &IdentityKey,
        mode: &ModeName,
    ) -> Result<Identity, ChangeError> {
        let Some(profile) = self.profiles.get(&key.profile) else {
            return Err(ChangeError::Rule(RuleViolation::UnknownMode {
                mode: mode.clone(),
                known: Vec::new(),
            }));
        };
        check_mode(profile, mode).map_err(ChangeError::Rule)?;
        let modes = profile.modes();
        self.change(tenant, key, |identity| {
            if let Some(from) = identity.mode.as_ref().filter(|from| *from != mode)
                && !modes
                    .iter()
                    .any(|known| known.name == *from && known.becomes.contains(mode))
            {
                return Err(ChangeError::Rule(RuleViolation::NoConversion {
                    from: from.clone(),
                    to: mode.clone(),
                }));
            }
            let mut changed = identity.clone();
            changed.mode = Some(mode.clone());
            Ok(changed)
        })
        .await
    }

    /// Turns something on for an identity, once the records for it are published: turned on earlier, receivers would
    /// look for what is not there.
    ///
    /// # Errors
    ///
    /// [`SwitchError::Unpublished`] with the records that are missing, an unknown name, no such identity, or a store
    /// that fails.
    pub async fn switch_on(
        &self,
        tenant: &TenantId,
        key: &IdentityKey,
        switch: &SwitchName,
        resolver: &dyn Resolver,
    ) -> Result<Identity, SwitchError> {
        let Some(profile) = self.profiles.get(&key.profile) else {
            return Err(PlanError::NoProfile(key.profile.clone()).into());
        };
        if !profile.switches().iter().any(|known| known.name == *switch) {
            return Err(SwitchError::Unknown {
                switch: switch.clone(),
                known: profile
                    .switches()
                    .iter()
                    .map(|known| known.name.clone())
                    .collect(),
            });
        }
        loop {
            let judged = self.existing(tenant, key).await?;
            let mut turned_on = judged.clone();
            turned_on.switches.insert(switch.clone());
            let diff = DnsPlan::new(profile, std::slice::from_ref(&turned_on))?
                .diff(resolver)
                .await;
            let missing: Vec<String> = diff
                .rows()
                .iter()
                .filter(|row| row.planned.switch.as_ref() == Some(switch))
                .filter(|row| !matches!(row.status, Status::Present))
                .map(|row| format!("{} ({})", row.planned.data, row.status))
                .collect();
            if !missing.is_empty() {
                return Err(SwitchError::Unpublished {
                    switch: switch.clone(),
                    missing,
                });
            }
            let changed = self
                .change_as_judged(tenant, &judged, |identity| {
                    let mut changed = identity.clone();
                    changed.switches.insert(switch.clone());
                    changed
                })
                .await?;
            if let Some(identity) = changed {
                return Ok(identity);
            }
        }
    }

    /// Turns something off for an identity; its records may be taken away afterwards.
    ///
    /// # Errors
    ///
    /// When the tenant has no such identity, or the store fails.
    pub async fn switch_off(
        &self,
        tenant: &TenantId,
        key: &IdentityKey,
        switch: &SwitchName,
    ) -> Result<Identity, ChangeError> {
        self.change(tenant, key, |identity| {
            let mut changed = identity.clone();
            changed.switches.remove(switch);
            Ok(changed)
        })
        .await
    }
}
