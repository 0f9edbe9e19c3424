//! What is kept of credentials.

use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use crate::placement::{CredentialId, UserId};
use crate::word::{CredentialKind, Region};

/// What is kept of a set of credentials: everything but the secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Credential {
    /// What it is known by.
    pub id: CredentialId,
    /// What kind it is.
    pub kind: CredentialKind,
    /// The user of the provider's account it was issued for.
    pub user: UserId,
    /// What else that user does.
    pub role: UserRole,
    /// What it is for, for people.
    pub description: String,
    /// The region it is good in; `None` where it is good in all.
    pub region: Option<Region>,
    /// When it was issued.
    pub created: SystemTime,
    /// Whether it can be used.
    pub state: CredentialState,
}

impl Credential {
    /// A set that was just issued to a user of whom nothing is known.
    #[must_use]
    pub fn new(id: CredentialId, kind: CredentialKind, user: UserId, created: SystemTime) -> Self {
        Self {
            id,
            kind,
            user,
            role: UserRole::Unknown,
            description: String::new(),
            region: None,
            created,
            state: CredentialState::Active,
        }
    }

    /// For a user who does this else.
    #[must_use]
    pub fn role(mut self, role: UserRole) -> Self {
        self.role = role;
        self
    }

    /// Described so, for people.
    #[must_use]
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = description.into();
        self
    }

    /// Good in this region only.
    #[must_use]
    pub fn region(mut self, region: Region) -> Self {
        self.region = Some(region);
        self
    }

    /// What is allowed and better done otherwise.
    #[must_use]
    pub fn advice(&self) -> Option<String> {
        match self.role {
            UserRole::Console => Some(format!(
                "{} belongs to {}, who also works in the console; have it issued for a user of its own, who may do nothing else, or keep it where nobody may create users",
                self.id, self.user
            )),
            UserRole::Dedicated | UserRole::Unknown => None,
        }
    }
}

/// What the user does that credentials were issued for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum UserRole {
    /// Nothing but send.
    Dedicated,
    /// People work as this user in the provider's console.
    Console,
    /// Nobody says.
    Unknown,
}

/// Whether credentials can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum CredentialState {
    /// They are in use.
    Active,
    /// Others took their place; they still work.
    Retiring,
    /// They no longer work.
    Revoked,
}
