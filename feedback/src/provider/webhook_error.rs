use std::time::Duration;

use super::{Provider, ProviderReadingError};

/// A webhook that is not taken: nobody is shown to have sent it who may, or it cannot be read.
///
/// No variant holds a secret, nor what was sent in a secret's place.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WebhookError {
    /// Where the signature or the credentials belong, there is nothing.
    #[error(
        "{place} of the {provider} webhook is missing: refuse the request, and turn signing or credentials on at {provider} if it was genuine"
    )]
    Missing {
        /// Whose webhook it claims to be.
        provider: Provider,
        /// What is missing.
        place: &'static str,
    },
    /// What is there is not in its form.
    #[error(
        "{place} of the {provider} webhook is not {expected}: refuse the request, and pass headers and body on as they came"
    )]
    Malformed {
        /// Whose webhook it claims to be.
        provider: Provider,
        /// What is wrong.
        place: &'static str,
        /// What it should be.
        expected: &'static str,
    },
    /// The signature is not one by this key over this webhook.
    #[error(
        "the signature of the {provider} webhook does not fit: refuse the request; if all are refused, check the key, and that the body reaches the check unchanged"
    )]
    WrongSignature {
        /// Whose webhook it claims to be.
        provider: Provider,
    },
    /// Signed longer ago than the provider goes on trying.
    #[error(
        "the {provider} webhook was signed {} s ago, and {} s is the limit: refuse the request; if all are refused, set this machine's clock",
        age.as_secs(), limit.as_secs()
    )]
    Stale {
        /// Whose webhook it is.
        provider: Provider,
        /// How long ago.
        age: Duration,
        /// The longest that is taken.
        limit: Duration,
    },
    /// Signed at a time to come.
    #[error(
        "the {provider} webhook was signed {} s from now: refuse the request, and set this machine's clock",
        ahead.as_secs()
    )]
    FromTheFuture {
        /// Whose webhook it is.
        provider: Provider,
        /// How far ahead of `now`.
        ahead: Duration,
    },
    /// Its signature has come before, over other content that it does not cover.
    #[error(
        "the signature of the {provider} webhook has been used for another: refuse the request, and change the signing key if it happens again"
    )]
    SignatureReused {
        /// Whose webhook it claims to be.
        provider: Provider,
    },
    /// The credentials are not the ones that were given to the provider.
    #[error(
        "the credentials of the {provider} webhook are not the ones expected: refuse the request; if all are refused, compare them with those in the webhook's settings at {provider}"
    )]
    WrongCredentials {
        /// Whose webhook it claims to be.
        provider: Provider,
    },
    /// It is genuine and cannot be read.
    #[error("the {provider} webhook is genuine and cannot be read: keep its body and report it")]
    Unreadable {
        /// Whose webhook it is.
        provider: Provider,
        /// Why not.
        #[source]
        source: ProviderReadingError,
    },
}

impl WebhookError {
    /// Whose webhook it is, or claims to be.
    #[must_use]
    pub const fn provider(&self) -> Provider {
        match self {
            Self::Missing { provider, .. }
            | Self::Malformed { provider, .. }
            | Self::WrongSignature { provider }
            | Self::Stale { provider, .. }
            | Self::FromTheFuture { provider, .. }
            | Self::SignatureReused { provider }
            | Self::WrongCredentials { provider }
            | Self::Unreadable { provider, .. } => *provider,
        }
    }

    /// The HTTP status to answer with: 401 where nobody is shown to have sent it who may, so that the provider tries
    /// again once the settings are right; 400 where it is genuine and unreadable.
    #[must_use]
    pub const fn http_status(&self) -> u16 {
        match self {
            Self::Unreadable { .. } => 400,
            Self::Missing { .. }
            | Self::Malformed { .. }
            | Self::WrongSignature { .. }
            | Self::Stale { .. }
            | Self::FromTheFuture { .. }
            | Self::SignatureReused { .. }
            | Self::WrongCredentials { .. } => 401,
        }
    }
}
