//! Proving an address by a link mailed to it.

use std::time::{Duration, SystemTime};

use letterhead_mail::{Entropy, TenantId};

use super::{LinkError, Registry};
use crate::identity::{Identity, IdentityKey};
use crate::mail_link::{Claim, LinkKey, LinkToken, TokenProblem};
use crate::profile::VerifiedBy;
use crate::verification::{Finding, VerificationState};

impl Registry {
    /// Makes a link for an identity that is proven by one. Links made for it before no longer work, and it has the
    /// rule's whole time again.
    ///
    /// # Errors
    ///
    /// When the tenant has no such identity, it is not proven so, or the store fails.
    pub async fn issue_link(
        &self,
        tenant: &TenantId,
        key: &IdentityKey,
        link_key: &LinkKey,
        entropy: &dyn Entropy,
        now: SystemTime,
    ) -> Result<LinkToken, LinkError> {
        let identity = self.existing(tenant, key).await?;
        if identity.verification.state(VerifiedBy::MailLink).is_none() {
            return Err(LinkError::NotByLink(key.clone()));
        }
        let rule = self
            .profiles
            .get(&key.profile)
            .and_then(|profile| profile.identity(&identity.kind));
        let deadline = match rule {
            Some(rule) if rule.deadline_hours.is_some() => rule.deadline(now),
            _ => now.checked_add(DEFAULT_LIFETIME),
        };
        let claim = Claim::new(
            tenant.clone(),
            key.clone(),
            deadline.unwrap_or(now),
            entropy,
        );
        self.change(tenant, key, |identity| {
            let mut changed = identity.clone();
            changed.link = Some(claim.awaited());
            let proven = identity.verification.state(VerifiedBy::MailLink);
            if !proven.is_some_and(VerificationState::is_verified) {
                changed.verification = identity
                    .verification
                    .restarted(VerifiedBy::MailLink, Some(claim.expires));
            }
            Ok(changed)
        })
        .await?;
        Ok(LinkToken::new(&claim, link_key))
    }

    /// What a link is for, for the page that it leads to. Nothing changes, however often it is looked at.
    ///
    /// # Errors
    ///
    /// A token that confirms nothing; see [`LinkError`].
    pub async fn show_link(
        &self,
        token: &LinkToken,
        link_key: &LinkKey,
        now: SystemTime,
    ) -> Result<Identity, LinkError> {
        let claim = read(token, link_key)?;
        let identity = self.existing(&claim.tenant, &claim.key).await?;
        check(&identity, &claim, now)?;
        Ok(identity)
    }

    /// Proves the address that a link was mailed to, once. This is for what the page's button sends, not for the link
    /// itself: mail scanners follow links.
    ///
    /// # Errors
    ///
    /// A token that confirms nothing; see [`LinkError`].
    pub async fn confirm_link(
        &self,
        token: &LinkToken,
        link_key: &LinkKey,
        now: SystemTime,
    ) -> Result<Identity, LinkError> {
        let claim = read(token, link_key)?;
        let confirmed = self
            .update(&claim.tenant, |identities| {
                let identity = super::found(identities, &claim.key)?;
                check(identity, &claim, now)?;
                let mut changed = identity.clone();
                changed.link = None;
                changed.verification =
                    identity
                        .verification
                        .after(VerifiedBy::MailLink, Finding::Proven, now);
                Ok::<_, LinkError>((super::put(identity, &changed), changed))
            })
            .await?;
        Ok(confirmed)
    }
}

fn read(token: &LinkToken, link_key: &LinkKey) -> Result<Claim, LinkError> {
    token.read(link_key).map_err(|problem| match problem {
        TokenProblem::Malformed => LinkError::Malformed,
        TokenProblem::Forged => LinkError::Forged,
    })
}

fn check(identity: &Identity, claim: &Claim, now: SystemTime) -> Result<(), LinkError> {
    if claim.expires <= now {
        return Err(LinkError::Expired { at: claim.expires });
    }
    if identity.link.as_ref() != Some(&claim.awaited()) {
        return Err(LinkError::Used);
    }
    Ok(())
}

/// Where a profile does not say how long a link is good for.
const DEFAULT_LIFETIME: Duration = Duration::from_hours(24);
