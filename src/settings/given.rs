//! Settings as they are written.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::num::{NonZeroU32, NonZeroU64};
use std::path::PathBuf;

use letterhead_dkim::Selector;
use letterhead_dns::DomainName;
use letterhead_identity::word::ModeName;
use letterhead_identity::{
    Brand, Compartment, Environment, Feature, IdentityKind, ProfileId, Region, Subject, Tier,
};
use letterhead_mail::TenantId;
use letterhead_transport::{Endpoint, Security};
use serde::Deserialize;

use super::list::{List, Read};
use super::secret::SecretSource;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Given {
    pub(super) ehlo_name: Option<Read<DomainName>>,
    #[serde(default)]
    pub(super) profiles: List<PathBuf>,
    #[serde(default)]
    pub(super) keys: BTreeMap<String, GivenKey>,
    #[serde(default)]
    pub(super) routes: BTreeMap<String, GivenRoute>,
    #[serde(default)]
    pub(super) channels: GivenChannels,
    #[serde(default)]
    pub(super) identities: BTreeMap<String, GivenIdentity>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GivenKey {
    pub(super) domain: Read<DomainName>,
    pub(super) selector: Read<Selector>,
    pub(super) pem: SecretSource,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GivenRoute {
    pub(super) profile: Read<ProfileId>,
    pub(super) server: Option<Read<Endpoint>>,
    pub(super) security: Option<GivenSecurity>,
    pub(super) address: Option<Read<SocketAddr>>,
    pub(super) ca_file: Option<PathBuf>,
    pub(super) user: Option<String>,
    pub(super) password: Option<SecretSource>,
    #[serde(default)]
    pub(super) keys: List<String>,
    pub(super) max_connections: Option<Read<NonZeroU32>>,
    pub(super) max_messages_per_connection: Option<Read<NonZeroU32>>,
    pub(super) timeout_seconds: Option<Read<NonZeroU64>>,
    pub(super) environment: Option<Read<Environment>>,
    pub(super) region: Option<Read<Region>>,
    pub(super) tier: Option<Read<Tier>>,
    pub(super) account: Option<String>,
    pub(super) feature: Option<Read<Feature>>,
    #[serde(default)]
    pub(super) return_path_domains: List<DomainName>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum GivenSecurity {
    Starttls,
    Tls,
    Opportunistic,
    Plaintext,
}

impl From<GivenSecurity> for Security {
    fn from(given: GivenSecurity) -> Self {
        match given {
            GivenSecurity::Starttls => Self::StartTls,
            GivenSecurity::Tls => Self::ImplicitTls,
            GivenSecurity::Opportunistic => Self::Opportunistic,
            GivenSecurity::Plaintext => Self::Plaintext,
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GivenChannels {
    pub(super) everybody: Option<List<String>>,
    #[serde(default)]
    pub(super) tenants: BTreeMap<String, List<String>>,
    #[serde(default)]
    pub(super) identities: BTreeMap<String, BTreeMap<String, List<String>>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GivenIdentity {
    pub(super) tenant: Read<TenantId>,
    pub(super) profile: Read<ProfileId>,
    pub(super) subject: Read<Subject>,
    pub(super) kind: Option<Read<IdentityKind>>,
    pub(super) environment: Option<Read<Environment>>,
    pub(super) region: Option<Read<Region>>,
    pub(super) compartment: Option<Read<Compartment>>,
    pub(super) brand: Option<Read<Brand>>,
    pub(super) mode: Option<Read<ModeName>>,
    #[serde(default)]
    pub(super) keys: List<String>,
    #[serde(default)]
    pub(super) values: BTreeMap<String, List<String>>,
}
