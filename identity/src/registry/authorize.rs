//! Whether a tenant may send as an address.

use std::sync::Arc;
use std::time::SystemTime;

use letterhead_mail::{EmailAddress, TenantId};

use super::{Registry, SendAs};
use crate::authorization::{
    Authorization, GroupError, NotAuthorized, Substitution, environment_group,
};
use crate::identity::{Granularity, Identity};
use crate::placement::Brand;
use crate::profile::{IdentityRule, Profile};
use crate::subject::Subject;
use crate::word::{Environment, Region};

impl Registry {
    /// Whether a tenant may send as an address: yes, with the proof, or precisely why not.
    ///
    /// The most granular identity that may be used and covers the address decides; one that is not verified takes
    /// nothing away from a verified one that covers the address as well. Another tenant's identities are never looked
    /// at, and nor are those of another group of environments or region.
    ///
    /// # Errors
    ///
    /// See [`NotAuthorized`].
    pub async fn authorize(
        &self,
        request: &SendAs<'_>,
        now: SystemTime,
    ) -> Result<Authorization, NotAuthorized> {
        let asked = Asked::new(self, request)?;
        match asked.decide_beforehand(request.from, now) {
            Some(decided) => decided,
            None => asked.decide(request.from, &asked.identities(self).await?, now),
        }
    }

    /// As [`authorize`](Self::authorize); but where an identity covers the address and is not verified or was disabled,
    /// the profile's default sender is authorised in its place. The proof says so:
    /// [`Authorization::substitution`].
    ///
    /// # Errors
    ///
    /// See [`NotAuthorized`]; where there is no default sender either, why the address itself is not authorised.
    pub async fn authorize_or_default(
        &self,
        request: &SendAs<'_>,
        now: SystemTime,
    ) -> Result<Authorization, NotAuthorized> {
        let asked = Asked::new(self, request)?;
        if let Some(decided) = asked.decide_beforehand(request.from, now) {
            return decided;
        }
        let identities = asked.identities(self).await?;
        let refusal = match asked.decide(request.from, &identities, now) {
            Err(refusal @ (NotAuthorized::NotVerified { .. } | NotAuthorized::Disabled { .. })) => {
                refusal
            }
            decided => return decided,
        };
        let closest = asked.closest(request.from, &identities);
        let brand = request
            .brand
            .or_else(|| closest.and_then(|closest| closest.identity.brand.as_ref()));
        let default = asked
            .owned_default()
            .or_else(|| asked.oldest_default(brand, &identities, now));
        let Some(default) = default else {
            return Err(refusal);
        };
        let decided = asked
            .decide_beforehand(&default, now)
            .unwrap_or_else(|| asked.decide(&default, &identities, now));
        match decided {
            Ok(authorization) => Ok(authorization.in_place_of(Substitution {
                requested: request.from.clone(),
                because: Arc::new(refusal),
            })),
            Err(_) => Err(refusal),
        }
    }

    /// The address that mail of the tenant is from under a profile where nothing else is said: one that the provider owns,
    /// or else that of the oldest identity of the kind that the profile names. One of the same brand goes before one of
    /// no brand, and one of another brand is none. `None` where there is none.
    ///
    /// # Errors
    ///
    /// As [`authorize`](Self::authorize), for everything but the address.
    pub async fn default_sender(
        &self,
        request: &SendAs<'_>,
        now: SystemTime,
    ) -> Result<Option<EmailAddress>, NotAuthorized> {
        let asked = Asked::new(self, request)?;
        if let Some(owned) = asked.owned_default() {
            return Ok(Some(owned));
        }
        if asked.default_rule().is_none() {
            return Ok(None);
        }
        Ok(asked.oldest_default(request.brand, &asked.identities(self).await?, now))
    }
}

/// What a request comes to under its profile.
struct Asked<'a> {
    tenant: &'a TenantId,
    profile: &'a Profile,
    group: Option<Environment>,
    region: Option<Region>,
}

/// The most granular identity that covers an address. One that may be used goes before one that may not, and one of
/// another region is the last.
#[derive(Clone, Copy)]
struct Closest<'i> {
    identity: &'i Identity,
    is_here: bool,
    may_send: bool,
}

impl<'a> Asked<'a> {
    fn new(registry: &'a Registry, request: &SendAs<'a>) -> Result<Self, NotAuthorized> {
        let Some(profile) = registry.profiles.get(request.profile) else {
            return Err(NotAuthorized::NoProfile(request.profile.clone()));
        };
        if let Some(feature) = request.feature {
            profile.check_feature(feature)?;
        }
        let group =
            environment_group(profile, request.environment).map_err(|error| match error {
                GroupError::NotNamed => NotAuthorized::NoEnvironment(request.profile.clone()),
                GroupError::Unknown(unknown) => NotAuthorized::Environment(unknown),
            })?;
        Ok(Self {
            tenant: request.tenant,
            profile,
            group,
            region: profile.region(request.region)?,
        })
    }

    /// The tenant's identities under the profile and in the group of environments, of all regions.
    async fn identities(&self, registry: &Registry) -> Result<Vec<Identity>, NotAuthorized> {
        let mut identities = registry.list(self.tenant).await?;
        identities.retain(|identity| {
            identity.profile == *self.profile.id() && identity.environment_group == self.group
        });
        Ok(identities)
    }

    /// What no identity of the tenant's changes: nobody may send as an address that is denied, and everybody as one that
    /// the provider owns.
    fn decide_beforehand(
        &self,
        from: &EmailAddress,
        now: SystemTime,
    ) -> Option<Result<Authorization, NotAuthorized>> {
        if let Some(denied) = self.profile.denial(from.domain_name()) {
            return Some(Err(NotAuthorized::Denied {
                from: from.clone(),
                domain: denied.domain.clone(),
            }));
        }
        let subject = Subject::Address(from.clone());
        let mut rules = self.profile.identities().iter();
        let rule = rules.find(|rule| rule.owns(&subject))?;
        let identity = Identity::provider_owned(
            self.tenant.clone(),
            self.profile.id().clone(),
            rule,
            subject,
            now,
        );
        Some(Ok(Authorization::new(
            self.profile,
            identity,
            &[],
            from.clone(),
        )))
    }

    fn decide(
        &self,
        from: &EmailAddress,
        identities: &[Identity],
        now: SystemTime,
    ) -> Result<Authorization, NotAuthorized> {
        let Some(closest) = self.closest(from, identities) else {
            return Err(NotAuthorized::NoIdentity {
                tenant: self.tenant.clone(),
                profile: self.profile.id().clone(),
                from: from.clone(),
                identities: identities
                    .iter()
                    .map(|identity| identity.subject.clone())
                    .collect(),
            });
        };
        if !closest.is_here {
            let registered = self.covering(from, identities);
            return Err(NotAuthorized::OtherRegion {
                from: from.clone(),
                region: self.region.clone(),
                registered: registered
                    .filter_map(|(_, _, identity)| identity.region.clone())
                    .collect(),
            });
        }
        if !closest.may_send {
            return Err(not_usable(closest.identity, from, now));
        }
        Ok(Authorization::new(
            self.profile,
            closest.identity.clone(),
            identities,
            from.clone(),
        ))
    }

    fn closest<'i>(&self, from: &EmailAddress, identities: &'i [Identity]) -> Option<Closest<'i>> {
        let candidates = self
            .covering(from, identities)
            .map(|(granularity, rule, identity)| {
                let closest = Closest {
                    identity,
                    is_here: identity.region == self.region,
                    may_send: identity.may_send(rule),
                };
                (granularity, closest)
            });
        let (_, closest) = candidates.max_by_key(|(granularity, closest)| {
            (closest.is_here, closest.may_send, *granularity)
        })?;
        Some(closest)
    }

    /// The identities that cover an address, each with how closely and under which rule.
    fn covering<'i>(
        &self,
        from: &EmailAddress,
        identities: &'i [Identity],
    ) -> impl Iterator<Item = (Granularity, &'a IdentityRule, &'i Identity)> {
        identities.iter().filter_map(|identity| {
            let rule = self.profile.identity(&identity.kind)?;
            Some((identity.covers(from, rule)?, rule, identity))
        })
    }

    /// The rule for the identities whose addresses can stand in for others.
    fn default_rule(&self) -> Option<&'a IdentityRule> {
        let kind = self.profile.channel()?.default_sender.as_ref()?;
        self.profile.identity(kind)
    }

    /// The default sender that the provider owns.
    fn owned_default(&self) -> Option<EmailAddress> {
        self.default_rule()?.provider_owned.iter().find_map(address)
    }

    /// The default sender among the tenant's own addresses.
    fn oldest_default(
        &self,
        brand: Option<&Brand>,
        identities: &[Identity],
        now: SystemTime,
    ) -> Option<EmailAddress> {
        let rule = self.default_rule()?;
        let mut candidates: Vec<&Identity> = identities
            .iter()
            .filter(|identity| {
                identity.region == self.region
                    && identity.kind == rule.kind
                    && (identity.brand.is_none() || identity.brand.as_ref() == brand)
                    && identity.created <= now
                    && identity.may_send(rule)
            })
            .collect();
        candidates.sort_by_key(|identity| (identity.brand.is_none(), identity.created));
        candidates
            .iter()
            .find_map(|identity| address(&identity.subject))
    }
}

fn address(subject: &Subject) -> Option<EmailAddress> {
    match subject {
        Subject::Address(address) => Some(address.clone()),
        Subject::Domain(_) => None,
    }
}

fn not_usable(identity: &Identity, from: &EmailAddress, now: SystemTime) -> NotAuthorized {
    let (subject, from) = (identity.subject.clone(), from.clone());
    match identity.disabled {
        Some(since) => NotAuthorized::Disabled {
            identity: subject,
            from,
            since,
        },
        None => NotAuthorized::NotVerified {
            identity: subject,
            from,
            is_overdue: identity.verification.is_overdue(now),
            verification: identity.verification.clone(),
        },
    }
}
