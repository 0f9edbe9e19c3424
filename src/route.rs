//! Ways for mail to leave.

use std::sync::Arc;

use letterhead_dkim::{Signer, SignerSource, check_templates};
use letterhead_identity::{Environment, Feature, Limits, Profile, ProfileId, Region, SendAs, Tier};
use letterhead_mail::{DomainName, EmailAddress, TenantId, Transport};

use crate::default_sender::UnusableSender;
use crate::route_error::RouteError;

/// A profile and a transport under one name: whose rules hold, and how the mail gets there.
#[derive(Debug, Clone)]
pub struct Route {
    pub(crate) name: String,
    pub(crate) profile: ProfileId,
    pub(crate) environment: Option<Environment>,
    pub(crate) transport: Arc<dyn Transport>,
    signers: Vec<Arc<dyn SignerSource>>,
    pub(crate) region: Option<Region>,
    tier: Option<Tier>,
    pub(crate) account: String,
    return_paths: Vec<DomainName>,
    pub(crate) feature: Option<Feature>,
    pub(crate) unusable_sender: UnusableSender,
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
            region: None,
            tier: None,
            account: String::new(),
            return_paths: Vec::new(),
            feature: None,
            unusable_sender: UnusableSender::default(),
        }
    }

    /// For this part of the application, such as `notification`: a mailer refuses to be built with it where the profile
    /// is not for that part.
    #[must_use]
    pub fn feature(mut self, feature: Feature) -> Self {
        self.feature = Some(feature);
        self
    }

    /// With this done about mail from an address that is not verified yet or was disabled. Default: it is refused.
    #[must_use]
    pub fn unusable_sender(mut self, what: UnusableSender) -> Self {
        self.unusable_sender = what;
        self
    }

    /// In this region of the provider, such as `eu-west-1`. Where identities are bound to a region, only those of this
    /// one are used; and some providers' Message-IDs name it, so that a report that quotes one is recognised only with
    /// it.
    #[must_use]
    pub fn region(mut self, region: Region) -> Self {
        self.region = Some(region);
        self
    }

    /// From an account of this tier, such as `sandbox`, where the provider's limits depend on it. Default: none is known, and
    /// limits that depend on it are unknown.
    #[must_use]
    pub fn tier(mut self, tier: Tier) -> Self {
        self.tier = Some(tier);
        self
    }

    /// From this account at the provider, by a name of your own; routes that name the same one have its limits together.
    /// Default: all routes under one profile that name none are one account.
    #[must_use]
    pub fn account(mut self, name: &str) -> Self {
        name.clone_into(&mut self.account);
        self
    }

    /// Reports may also go to addresses at this domain or below it, whoever's mail it is. Without this, a return path must
    /// be an address that the tenant may send as.
    #[must_use]
    pub fn return_path_domain(mut self, domain: DomainName) -> Self {
        self.return_paths.push(domain);
        self
    }

    pub(crate) fn allows_return_path(&self, address: &EmailAddress) -> bool {
        address.domain_name().is_some_and(|own| {
            self.return_paths
                .iter()
                .any(|domain| own.is_at_or_below(domain))
        })
    }

    pub(crate) fn return_path_domains(&self) -> &[DomainName] {
        &self.return_paths
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
    pub fn signer(self, signer: Signer) -> Self {
        self.signer_source(Arc::new(signer))
    }

    /// With keys that change while the mailer runs, such as the [live signers](letterhead_dkim::KeyRing::live_signers) of
    /// a ring: it is asked for each message. As with [`signer`](Self::signer) otherwise.
    #[must_use]
    pub fn signer_source(mut self, source: Arc<dyn SignerSource>) -> Self {
        self.signers.push(source);
        self
    }

    /// What a registry is asked for mail of a tenant's from this address.
    pub(crate) fn send_as<'a>(
        &'a self,
        tenant: &'a TenantId,
        from: &'a EmailAddress,
    ) -> SendAs<'a> {
        SendAs::new(tenant, from, &self.profile)
            .environment(self.environment.as_ref())
            .region(self.region.as_ref())
            .feature(self.feature.as_ref())
    }

    /// Whether it can be used as it is set.
    pub(crate) fn check(&self, profile: &Profile) -> Result<(), RouteError> {
        if let Some(feature) = &self.feature {
            profile
                .check_feature(feature)
                .map_err(|source| RouteError::Feature {
                    route: self.name.clone(),
                    source,
                })?;
        }
        self.limits(profile)?;
        self.signers()?;
        Ok(())
    }

    /// The limits that its profile sets on it.
    pub(crate) fn limits(&self, profile: &Profile) -> Result<Limits, RouteError> {
        profile
            .limits(self.tier.as_ref())
            .map_err(|source| RouteError::Tier {
                route: self.name.clone(),
                source,
            })
    }

    /// Who signs now.
    pub(crate) fn signers(&self) -> Result<Vec<Signer>, RouteError> {
        let sources = self.signers.iter();
        let signers: Vec<Signer> = sources.flat_map(|source| source.signers()).collect();
        check_templates(&signers).map_err(|source| RouteError::Signers {
            route: self.name.clone(),
            source,
        })?;
        Ok(signers)
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}
