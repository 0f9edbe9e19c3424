use std::borrow::Cow;
use std::fmt;

use crate::provider::{Provider, ProviderReading};

/// Why a body could not be read as a provider's report.
#[derive(Debug)]
pub struct ProviderReadingError {
    provider: Provider,
    kind: ProviderReadingErrorKind,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl ProviderReadingError {
    pub(crate) fn new(provider: Provider, kind: ProviderReadingErrorKind) -> Self {
        Self {
            provider,
            kind,
            source: None,
        }
    }

    pub(crate) fn with_source(
        mut self,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        self.source = Some(source.into());
        self
    }

    /// The provider that it was read for.
    #[must_use]
    pub fn provider(&self) -> Provider {
        self.provider
    }

    /// What is wrong, and where.
    #[must_use]
    pub fn kind(&self) -> &ProviderReadingErrorKind {
        &self.kind
    }
}

impl fmt::Display for ProviderReadingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the report of {}: {}", self.provider, self.kind)
    }
}

impl std::error::Error for ProviderReadingError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

/// What is wrong with a body.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProviderReadingErrorKind {
    /// It is longer than [`ProviderReading::MAX_INPUT`].
    #[error(
        "{octets} octets are more than the {} that are read at once; give its documents in several calls",
        ProviderReading::MAX_INPUT
    )]
    TooBig {
        /// How long it is.
        octets: usize,
    },
    /// There is nothing in it but white space.
    #[error("it is empty; give the body of the request as it came")]
    Empty,
    /// It is not JSON, or stops in the middle.
    #[error(
        "line {line}, column {column} is not JSON; give the body of the request as it came, all of it"
    )]
    NotJson {
        /// The line, from 1.
        line: usize,
        /// The octet within the line, from 1.
        column: usize,
    },
    /// It is JSON, and nothing in it is of the provider's shape.
    #[error("document {document} is not {expected}; is it from another provider?")]
    NotThisProvider {
        /// The first document that is not, from 1.
        document: usize,
        /// What was expected.
        expected: Cow<'static, str>,
    },
}
