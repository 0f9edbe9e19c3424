//! Credentials that mail is submitted with: whose they are, how many there may be, how they are replaced, and what is
//! lost with one set of them.
//!
//! A [`Credential`] is what an application keeps, and never holds the secret. The [`Secret`] comes with an
//! [`IssuedCredential`], is handed over once and kept wherever secrets are. What a provider's credentials are like
//! is its profile's [`CredentialRule`].

mod derivation;
mod issued;
mod limit;
mod record;
mod rotation;
mod secret;
mod sharing;
mod username;

pub use issued::{IssuedCredential, SecretGone};
pub use limit::CredentialViolation;
pub use record::{Credential, CredentialState, UserRole};
pub use rotation::{Rotation, RotationError, RotationStage};
pub use secret::Secret;
pub use sharing::SharedCredential;
pub use username::UsernameError;

#[cfg(doc)]
use crate::profile::CredentialRule;

#[cfg(test)]
mod tests;
