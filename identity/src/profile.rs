//! A provider's rules as data.
//!
//! A profile is a TOML file with `schema = 1`. Every value names the source it was taken from, and every source has an
//! address and the date it was read. A section that a profile does not give is its upstream's; an empty one
//! (`spf = []`) says that there is none.

mod authentication;
mod built_in;
mod channel;
mod compartments;
mod consistency;
mod credential;
mod endpoint;
mod environments;
mod file;
mod headers;
pub(crate) mod id;
mod identity_rule;
mod limits;
mod native_state;
mod obsolete;
mod operation;
mod permission;
mod procedure;
mod profile_file;
mod quota;
mod record_template;
mod refusal;
mod refused_mode;
mod region;
mod relay;
mod return_path;
mod section;
mod simulated_address;
mod suppression;
mod threshold;
mod tls;
mod vendor;
mod volume_test;

pub use authentication::{Authentication, AuthenticationMethod, Needs};
pub use channel::{CarriedBy, Channel, Denied, FeatureNotOffered, Mode, Substitute, Switch};
pub use compartments::Compartments;
pub use credential::{
    CredentialRule, CredentialScope, Derivation, Expiry, PasswordRule, Sharing, Shown, UsernameRule,
};
pub use endpoint::{Endpoint, EndpointAddress, EndpointError, EndpointSecurity};
pub use environments::{Environments, UnknownEnvironment};
pub use file::ProfileError;
pub use headers::Headers;
pub use id::{ProfileId, ProfileIdError};
pub use identity_rule::{
    Case, Counted, Coverage, Exclusive, IdentityRule, Maximum, Per, PlusLabels, SharedPart, Unique,
    VerifiedBy,
};
pub use limits::{Limits, OverLimit, UnknownTier};
pub use native_state::CommonState;
pub use obsolete::ObsoleteTerm;
pub use operation::Operation;
pub use permission::Permission;
pub use procedure::{Party, Procedure, Step};
pub use profile_file::ProfileFileError;
pub use quota::{Amount, Changed, Quota, QuotaPer, QuotaUnit, SizeBasis, Window};
pub use record_template::{
    MadeBy, Necessity, Purpose, RecordTemplate, SignatureRule, SignatureWhen, SpfRule, ValueIssuer,
    ValueRule,
};
pub use refusal::{Condition, Refusal};
pub use refused_mode::RefusedMode;
pub use region::{KnownRegion, Need, OtherRegions, RegionBinding, RegionError, Regions};
pub use relay::{AllowList, Forwarding, Greylisting, InnerHopSpf, PreservedHeader, Relay};
pub use return_path::{CustomDomain, ReturnPath};
pub use section::{Day, Source};
pub use simulated_address::{OnList, SimulatedAddress, SimulatedMailboxes, SimulatedOutcome};
pub use suppression::{CountsQuota, OnSend, SuppressionCause, SuppressionRule};
pub use threshold::{Metric, Rate, Standing, Threshold};
pub use tls::{Tls, TlsVersion, TlsVersionError};
pub use volume_test::{BounceTest, VolumeTest};

use crate::value::{ValueError, Values, check_values};
use crate::word::IdentityKind;

/// One provider's rules, with its upstream's where it has none of its own.
#[derive(Debug, Clone)]
pub struct Profile {
    /// What its own file says.
    own: section::Sections,
    /// That, and what it has from its upstream.
    sections: section::Sections,
}

impl Profile {
    /// A profile that comes with the library; [`Profile::built_in_names`] lists them.
    ///
    /// | profile | values that its records are made of |
    /// |---|---|
    /// | `amazon-ses`, `zuora-advanced`, `zuora-workflow` | `dkim-token`: the three that the provider, or its support, issues; `dkim-zone`, where it is not the usual one |
    /// | `google-workspace` | `key-record`; `selector`, where it is not `google` |
    /// | `mailgun` | `selector` and `key-record` |
    /// | `mailjet` | `ownership-name` and `ownership-token`; `key-record` |
    /// | `microsoft-365` | `selector1-target` and `selector2-target`: where the two aliases lead |
    /// | `oci-email-delivery` | `selector` and `dkim-target`: the name chosen for each key and where its alias leads, in the same order |
    /// | `own-server` | `selector` and `key-record`: as many of each as there are keys, in the same order; `relay-host`: the host that sends |
    /// | `postmark`, `sparkpost` | `selector` and `key-record`; `return-path-domain`, where there is one below the domain; for `sparkpost` also `return-path-host`, where it is not the usual one |
    /// | `resend` | `key-record`; `return-path-domain`, the name that was chosen below the domain |
    /// | `sendgrid` | `return-path-domain`: the full name that was chosen below the domain; `account-host`: where the aliases lead |
    /// | `zendesk-connector`, `zuora-external` | those of the vendor it is [joined](Self::over_vendor) with; else as `own-server` |
    /// | `zuora-default` | none |
    ///
    /// # Errors
    ///
    /// When there is no such profile.
    pub fn built_in(name: &str) -> Result<Self, ProfileError> {
        built_in::load(name)
    }

    /// The names of the profiles that come with the library.
    pub fn built_in_names() -> impl Iterator<Item = &'static str> {
        built_in::FILES.iter().map(|(name, _)| *name)
    }

    /// Reads a profile from TOML. `upstream` finds the profile that it rests on, if it names one.
    ///
    /// # Errors
    ///
    /// TOML that does not parse or has a key or value that the schema does not know (with line, column and key), a
    /// source, kind, environment or value that is named and not defined, or defined twice, a wrong schema number, or an
    /// upstream that is not found.
    pub fn from_toml(
        text: &str,
        upstream: impl FnOnce(&ProfileId) -> Option<Self>,
    ) -> Result<Self, ProfileError> {
        file::read(text, upstream)
    }

    /// Its name.
    #[must_use]
    pub fn id(&self) -> &ProfileId {
        &self.sections.id
    }

    /// What it is, for people.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.sections.title
    }

    /// The profile it rests on.
    #[must_use]
    pub fn upstream(&self) -> Option<&ProfileId> {
        self.sections.upstream.as_ref()
    }

    /// Where values that name this source were read, and when; its own sources and its upstream's.
    #[must_use]
    pub fn source(&self, name: &str) -> Option<&Source> {
        self.sections.sources.get(name)
    }

    /// Every page that its values were read on, by name; its own and its upstream's.
    pub fn sources(&self) -> impl Iterator<Item = (&str, &Source)> {
        let sources = self.sections.sources.iter();
        sources.map(|(name, source)| (name.as_str(), source))
    }

    /// The environments it distinguishes; `None` where there is only one.
    #[must_use]
    pub fn environments(&self) -> Option<&Environments> {
        self.sections.environments.as_ref()
    }

    /// The regions it distinguishes; `None` where they do not matter.
    #[must_use]
    pub fn regions(&self) -> Option<&Regions> {
        self.sections.regions.as_ref()
    }

    /// How the provider's account is divided; `None` where that does not matter.
    #[must_use]
    pub fn compartments(&self) -> Option<&Compartments> {
        self.sections.compartments.as_ref()
    }

    /// What its mail is for.
    #[must_use]
    pub fn channel(&self) -> Option<&Channel> {
        self.sections.channel.as_ref()
    }

    /// The ways in which an identity can be connected; the first is the one where none is named.
    #[must_use]
    pub fn modes(&self) -> &[Mode] {
        self.sections.mode.as_deref().unwrap_or_default()
    }

    /// What can be turned on for an identity.
    #[must_use]
    pub fn switches(&self) -> &[Switch] {
        self.sections.switch.as_deref().unwrap_or_default()
    }

    /// Domains that nobody may send as here.
    #[must_use]
    pub fn denied(&self) -> &[Denied] {
        self.sections.denied.as_deref().unwrap_or_default()
    }

    /// What can be an identity here.
    #[must_use]
    pub fn identities(&self) -> &[IdentityRule] {
        self.sections.identity.as_deref().unwrap_or_default()
    }

    /// The rule for one kind of identity.
    #[must_use]
    pub fn identity(&self, kind: &IdentityKind) -> Option<&IdentityRule> {
        self.identities().iter().find(|rule| rule.kind == *kind)
    }

    /// How many identities there may be.
    #[must_use]
    pub fn maxima(&self) -> &[Maximum] {
        self.sections.maximum.as_deref().unwrap_or_default()
    }

    /// Which identities may exist only once.
    #[must_use]
    pub fn uniques(&self) -> &[Unique] {
        self.sections.unique.as_deref().unwrap_or_default()
    }

    /// Which kinds shut each other out.
    #[must_use]
    pub fn exclusions(&self) -> &[Exclusive] {
        self.sections.exclusive.as_deref().unwrap_or_default()
    }

    /// Values that records are made of.
    #[must_use]
    pub fn values(&self) -> &[ValueRule] {
        self.sections.value.as_deref().unwrap_or_default()
    }

    /// The DNS records an identity needs.
    #[must_use]
    pub fn records(&self) -> &[RecordTemplate] {
        self.sections.record.as_deref().unwrap_or_default()
    }

    /// The terms its SPF record needs.
    #[must_use]
    pub fn spf(&self) -> &[SpfRule] {
        self.sections.spf.as_deref().unwrap_or_default()
    }

    /// The signatures to expect, and who makes them.
    #[must_use]
    pub fn signatures(&self) -> &[SignatureRule] {
        self.sections.signature.as_deref().unwrap_or_default()
    }

    /// What happens to header fields on the way.
    #[must_use]
    pub fn headers(&self) -> Option<&Headers> {
        self.sections.headers.as_ref()
    }

    /// The envelope sender the provider uses.
    #[must_use]
    pub fn return_path(&self) -> Option<&ReturnPath> {
        self.sections.return_path.as_ref()
    }

    /// Limits on what is sent, those of every tier; [`limits`](Self::limits) has those that hold for one.
    #[must_use]
    pub fn quotas(&self) -> &[Quota] {
        self.sections.quota.as_deref().unwrap_or_default()
    }

    /// Where its servers are.
    #[must_use]
    pub fn endpoints(&self) -> &[Endpoint] {
        self.sections.endpoint.as_deref().unwrap_or_default()
    }

    /// How it refuses.
    #[must_use]
    pub fn refusals(&self) -> &[Refusal] {
        self.sections.refusal.as_deref().unwrap_or_default()
    }

    /// Addresses of its mailbox simulator.
    #[must_use]
    pub fn simulated_addresses(&self) -> &[SimulatedAddress] {
        self.sections.simulator.as_deref().unwrap_or_default()
    }

    /// Whether these values can stand in the profile's records: named as it names them, as many as there must be of each,
    /// and where there is a certain number of them, different ones. None at all is right: it is awaited.
    ///
    /// # Errors
    ///
    /// The first that is not as it should be.
    pub fn check_values(&self, values: &Values) -> Result<(), ValueError> {
        check_values(values)?;
        self.check_value_names(values)?;
        for (rule, given) in self
            .values()
            .iter()
            .filter_map(|rule| Some((rule, values.get(&rule.name)?)))
        {
            let Some(expected) = rule.count.filter(|_| !given.is_empty()) else {
                continue;
            };
            if given.len() != expected {
                return Err(ValueError::WrongCount {
                    name: rule.name.clone(),
                    expected,
                    given: given.len(),
                });
            }
            let repeated = given
                .iter()
                .enumerate()
                .find(|(at, value)| given.iter().skip(at + 1).any(|other| other == *value));
            if let Some((_, value)) = repeated {
                return Err(ValueError::Repeated {
                    name: rule.name.clone(),
                    value: value.clone(),
                });
            }
        }
        Ok(())
    }

    fn check_value_names(&self, values: &Values) -> Result<(), ValueError> {
        let known = || self.values().iter().map(|rule| &rule.name);
        match values
            .keys()
            .find(|name| !known().any(|other| other == *name))
        {
            None => Ok(()),
            Some(name) => Err(ValueError::UnknownName {
                profile: self.id().clone(),
                name: name.escape_debug().to_string(),
                known: known().cloned().collect(),
            }),
        }
    }
}

#[cfg(test)]
mod tests;
