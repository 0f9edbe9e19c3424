//! The environments that a provider distinguishes.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Profile;
use crate::word::Environment;

/// The environments a provider distinguishes.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Environments {
    /// All of them.
    pub names: Vec<Environment>,
    /// Other names that they go by.
    #[serde(default)]
    pub aliases: BTreeMap<Environment, Environment>,
    /// Groups within which an identity is verified once for all; never across groups.
    #[serde(default)]
    pub share_verification: Vec<Vec<Environment>>,
    /// Sets of environments of which an identity may be in one at a time.
    #[serde(default)]
    pub never_share: Vec<Vec<Environment>>,
    /// Where this was read.
    pub source: String,
}

impl Environments {
    /// The environment that goes by this name.
    fn named(&self, name: &Environment) -> Result<&Environment, UnknownEnvironment> {
        let names = self.names.iter().map(|own| (own, own));
        let aliases = self.aliases.iter();
        names
            .chain(aliases)
            .find(|(other, _)| is_same(other, name))
            .map(|(_, environment)| environment)
            .ok_or_else(|| UnknownEnvironment {
                environment: name.clone(),
                known: self.names.clone(),
            })
    }
}

/// Whether two names differ in case, hyphens and underscores at most.
fn is_same(one: &Environment, other: &Environment) -> bool {
    let letters = |name: &Environment| {
        let octets = name.as_str().bytes();
        octets
            .filter(|octet| octet.is_ascii_alphanumeric())
            .map(|octet| octet.to_ascii_lowercase())
            .collect::<Vec<u8>>()
    };
    letters(one) == letters(other)
}

impl Profile {
    /// Which group of environments shares verification with this one: the group's first name, or the environment itself
    /// where it shares with none. It may go by its name, in any case and with or without hyphens, or by an alias.
    ///
    /// # Errors
    ///
    /// When the profile does not know the environment.
    pub fn environment_group(
        &self,
        environment: &Environment,
    ) -> Result<Environment, UnknownEnvironment> {
        let Some(environments) = self.environments() else {
            return Ok(environment.clone());
        };
        let environment = environments.named(environment)?;
        let group = environments
            .share_verification
            .iter()
            .find(|group| group.contains(environment));
        Ok(group
            .and_then(|group| group.first())
            .unwrap_or(environment)
            .clone())
    }
}

/// An environment that a profile does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no environment {environment}; known are: {}", names(known))]
#[non_exhaustive]
pub struct UnknownEnvironment {
    /// What was asked for.
    pub environment: Environment,
    /// What there is.
    pub known: Vec<Environment>,
}

fn names(environments: &[Environment]) -> String {
    let names: Vec<&str> = environments.iter().map(Environment::as_str).collect();
    names.join(", ")
}
