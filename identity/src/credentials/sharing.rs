//! What is sent with one set of credentials, and so what is lost with it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::identity::{Identity, IdentityKey};
use crate::placement::{Brand, CredentialId};
use crate::profile::{CredentialRule, CredentialScope, Sharing};
use crate::word::Region;

/// Everything that is sent with one set of credentials: what somebody who stole it could send as, and what has to be
/// changed with it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SharedCredential {
    /// The set.
    pub credential: CredentialId,
    /// The identities that send with it, sorted.
    pub identities: BTreeSet<IdentityKey>,
    /// The brands that they speak for.
    pub brands: BTreeSet<Brand>,
    /// How many of them speak for no brand that is known.
    pub without_brand: usize,
}

impl SharedCredential {
    /// Every set of credentials with what is sent with it, sorted by its id.
    #[must_use]
    pub fn all(identities: &[Identity]) -> Vec<Self> {
        let mut sets: BTreeMap<&CredentialId, Self> = BTreeMap::new();
        for identity in identities {
            let Some(id) = &identity.credential else {
                continue;
            };
            let set = sets.entry(id).or_insert_with(|| Self {
                credential: id.clone(),
                identities: BTreeSet::new(),
                brands: BTreeSet::new(),
                without_brand: 0,
            });
            if set.identities.insert(identity.key()) {
                match &identity.brand {
                    Some(brand) => drop(set.brands.insert(brand.clone())),
                    None => set.without_brand += 1,
                }
            }
        }
        sets.into_values().collect()
    }

    /// How many of what a set is meant for it is used for.
    fn uses(&self, scope: CredentialScope) -> usize {
        match scope {
            CredentialScope::Account | CredentialScope::User => 1,
            CredentialScope::Address => {
                let subjects = self.identities.iter().map(|key| &key.subject);
                subjects.collect::<BTreeSet<_>>().len()
            }
            CredentialScope::Brand => self.brands.len() + self.without_brand,
            CredentialScope::Region => {
                let regions = self.identities.iter().map(|key| key.region.as_ref());
                regions.collect::<BTreeSet<Option<&Region>>>().len()
            }
        }
    }
}

/// `main serves a@x.example under p, b@x.example under p (brands: red)`.
impl fmt::Display for SharedCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} serves ", self.credential)?;
        list(f, self.identities.iter())?;
        if !self.brands.is_empty() {
            f.write_str(" (brands: ")?;
            list(f, self.brands.iter())?;
            f.write_str(")")?;
        }
        Ok(())
    }
}

impl CredentialRule {
    /// The sets of credentials that serve more than one set should: a set of each one's own shows who sent what, and can
    /// be changed without touching the others.
    #[must_use]
    pub fn reused(&self, identities: &[Identity]) -> Vec<SharedCredential> {
        match self.sharing {
            Sharing::Allowed => Vec::new(),
            Sharing::Discouraged => {
                let mut sets = SharedCredential::all(identities);
                sets.retain(|set| set.uses(self.scope) > 1);
                sets
            }
        }
    }
}

fn list(f: &mut fmt::Formatter<'_>, items: impl Iterator<Item = impl fmt::Display>) -> fmt::Result {
    for (at, item) in items.enumerate() {
        write!(f, "{}{item}", if at == 0 { "" } else { ", " })?;
    }
    Ok(())
}
