//! Whether a tenant may send as an address.

use std::sync::Arc;
use std::time::SystemTime;

use letterhead_mail::EmailAddress;

use super::{Registry, SendAs};
use crate::authorization::{
    Authorization, GroupError, NotAuthorized, Substitution, environment_group,
};
use crate::identity::Identity;
use crate::placement::Brand;
use crate::profile::Profile;
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
        let profile = asked.profile;
        let from = request.from;
        if let Some(denied) = profile.denial(from.domain_name()) {
            return Err(NotAuthorized::Denied {
                from: from.clone(),
                domain: denied.domain.clone(),
            });
        }
        if let Some(identity) = asked.provider_owned(request, now) {
            return Ok(Authorization::new(profile, identity, &[], from.clone()));
        }
        let mut identities = self.list(request.tenant).await?;
        identities.retain(|identity| {
            identity.profile == *request.profile && identity.environment_group == asked.group
        });
        let covering = identities.iter().filter_map(|identity| {
            let rule = profile.identity(&identity.kind)?;
            let granularity = identity.covers(from, rule)?;
            let is_here = identity.region == asked.region;
            Some((is_here, identity.may_send(rule), granularity, identity))
        });
        let closest = covering
            .max_by_key(|(is_here, may_send, granularity, _)| (*is_here, *may_send, *granularity));
        match closest {
            Some((true, true, _, identity)) => Ok(Authorization::new(
                profile,
                identity.clone(),
                &identities,
                from.clone(),
            )),
            Some((true, false, _, identity)) => Err(not_usable(identity, from, now)),
            Some((false, _, _, _)) => Err(other_region(&identities, &asked, from)),
            None => Err(NotAuthorized::NoIdentity {
                tenant: request.tenant.clone(),
                profile: request.profile.clone(),
                from: from.clone(),
                identities: identities
                    .into_iter()
                    .map(|identity| identity.subject)
                    .collect(),
            }),
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
        let refusal = match self.authorize(request, now).await {
            Err(refusal @ (NotAuthorized::NotVerified { .. } | NotAuthorized::Disabled { .. })) => {
                refusal
            }
            decided => return decided,
        };
        let brand = self.brand_of(request).await?;
        let for_brand = request.brand(request.brand.or(brand.as_ref()));
        let Some(default) = self.default_sender(&for_brand, now).await? else {
            return Err(refusal);
        };
        let from = SendAs {
            from: &default,
            ..*request
        };
        match self.authorize(&from, now).await {
            Ok(authorization) => Ok(authorization.in_place_of(Substitution {
                requested: request.from.clone(),
                because: Arc::new(refusal),
            })),
            Err(error @ NotAuthorized::Store(_)) => Err(error),
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
        let Some(kind) = asked
            .profile
            .channel()
            .and_then(|channel| channel.default_sender.as_ref())
        else {
            return Ok(None);
        };
        let Some(rule) = asked.profile.identity(kind) else {
            return Ok(None);
        };
        let address = |subject: &Subject| match subject {
            Subject::Address(address) => Some(address.clone()),
            Subject::Domain(_) => None,
        };
        if let Some(owned) = rule.provider_owned.iter().find_map(address) {
            return Ok(Some(owned));
        }
        let mut candidates = self.list(request.tenant).await?;
        candidates.retain(|identity| {
            asked.is_of(request, identity)
                && identity.kind == *kind
                && (identity.brand.is_none() || identity.brand.as_ref() == request.brand)
                && identity.created <= now
                && identity.may_send(rule)
        });
        candidates.sort_by_key(|identity| (identity.brand.is_none(), identity.created));
        Ok(candidates
            .iter()
            .find_map(|identity| address(&identity.subject)))
    }

    /// The brand that the closest identity covering the address speaks for.
    async fn brand_of(&self, request: &SendAs<'_>) -> Result<Option<Brand>, NotAuthorized> {
        let asked = Asked::new(self, request)?;
        let identities = self.list(request.tenant).await?;
        let covering = identities
            .iter()
            .filter(|identity| asked.is_of(request, identity));
        let covering = covering.filter_map(|identity| {
            let rule = asked.profile.identity(&identity.kind)?;
            Some((identity.covers(request.from, rule)?, identity))
        });
        let closest = covering.max_by_key(|(granularity, _)| *granularity);
        Ok(closest.and_then(|(_, identity)| identity.brand.clone()))
    }
}

/// What a request comes to under its profile.
struct Asked<'a> {
    profile: &'a Profile,
    group: Option<Environment>,
    region: Option<Region>,
}

impl<'a> Asked<'a> {
    fn new(registry: &'a Registry, request: &SendAs<'_>) -> Result<Self, NotAuthorized> {
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
            profile,
            group,
            region: profile.region(request.region)?,
        })
    }

    /// Whether an identity is registered under the profile, in the group of environments and in the region.
    fn is_of(&self, request: &SendAs<'_>, identity: &Identity) -> bool {
        identity.profile == *request.profile
            && identity.environment_group == self.group
            && identity.region == self.region
    }

    /// The identity that the provider owns and everybody may use, if the address is one.
    fn provider_owned(&self, request: &SendAs<'_>, now: SystemTime) -> Option<Identity> {
        let subject = Subject::Address(request.from.clone());
        let rule = self
            .profile
            .identities()
            .iter()
            .find(|rule| rule.owns(&subject))?;
        Some(Identity::provider_owned(
            request.tenant.clone(),
            request.profile.clone(),
            rule,
            subject,
            now,
        ))
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

fn other_region(identities: &[Identity], asked: &Asked<'_>, from: &EmailAddress) -> NotAuthorized {
    let covers = |identity: &&Identity| {
        asked
            .profile
            .identity(&identity.kind)
            .is_some_and(|rule| identity.covers(from, rule).is_some())
    };
    NotAuthorized::OtherRegion {
        from: from.clone(),
        region: asked.region.clone(),
        registered: identities
            .iter()
            .filter(covers)
            .filter_map(|identity| identity.region.clone())
            .collect(),
    }
}
