use std::fmt;
use std::sync::Arc;

use letterhead_mail::{StreamId, TenantId};
use serde::{Deserialize, Serialize};

use crate::provider::Provider;

/// Which mail is meant: whose, of which stream, by way of which provider. What is not named is all of it.
///
/// Of a suppression it says what is closed. Of a question it says what is about to be sent; and since mail that names no
/// stream may belong to any, every suppression of the tenant holds it. A list kept as providers keep theirs, where one
/// entry stops everything, is one that is always asked so.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SuppressionScope {
    /// Shared by all that are made of it.
    tenant: Arc<TenantId>,
    coverage: Coverage,
}

impl SuppressionScope {
    /// All mail of this tenant.
    #[must_use]
    pub fn new(tenant: TenantId) -> Self {
        Self {
            tenant: Arc::new(tenant),
            coverage: Coverage::default(),
        }
    }

    /// Of this stream only.
    #[must_use]
    pub fn stream(mut self, stream: StreamId) -> Self {
        self.coverage.stream = Some(stream);
        self
    }

    /// By way of this provider only.
    #[must_use]
    pub fn provider(mut self, provider: Provider) -> Self {
        self.coverage.provider = Some(provider);
        self
    }

    /// Whose mail.
    #[must_use]
    pub fn tenant(&self) -> &TenantId {
        &self.tenant
    }

    /// Which of it.
    #[must_use]
    pub fn coverage(&self) -> &Coverage {
        &self.coverage
    }

    /// This coverage of the same tenant's mail.
    pub(crate) fn with_coverage(&self, coverage: Coverage) -> Self {
        Self {
            tenant: self.tenant.clone(),
            coverage,
        }
    }
}

/// `acme`, `acme, stream newsletter`, `acme, stream newsletter, provider ses`.
impl fmt::Display for SuppressionScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.tenant.fmt(f)?;
        if let Some(stream) = &self.coverage.stream {
            write!(f, ", stream {stream}")?;
        }
        match self.coverage.provider {
            Some(provider) => write!(f, ", provider {provider}"),
            None => Ok(()),
        }
    }
}

/// Which of a tenant's mail; what is not named is all of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Coverage {
    /// One stream only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stream: Option<StreamId>,
    /// One provider only.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "provider_name"
    )]
    pub provider: Option<Provider>,
}

impl Coverage {
    /// This stream and this provider.
    #[must_use]
    pub fn new(stream: Option<StreamId>, provider: Option<Provider>) -> Self {
        Self { stream, provider }
    }

    /// Whether some mail is part of both.
    #[must_use]
    pub fn meets(&self, other: &Self) -> bool {
        fn meet<T: PartialEq>(one: Option<&T>, other: Option<&T>) -> bool {
            one.zip(other).is_none_or(|(one, other)| one == other)
        }
        meet(self.stream.as_ref(), other.stream.as_ref())
            && meet(self.provider.as_ref(), other.provider.as_ref())
    }

    /// The names of stream and provider.
    pub(crate) fn names(&self) -> (Option<&str>, Option<&'static str>) {
        let stream = self.stream.as_ref().map(StreamId::as_str);
        (stream, self.provider.map(Provider::as_str))
    }
}

mod provider_name {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::provider::Provider;

    #[expect(clippy::ref_option, reason = "the signature that serde calls")]
    pub(super) fn serialize<S: Serializer>(
        provider: &Option<Provider>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        provider.map(Provider::as_str).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Provider>, D::Error> {
        let name = Option::<String>::deserialize(deserializer)?;
        name.map(|name| name.parse().map_err(D::Error::custom))
            .transpose()
    }
}
