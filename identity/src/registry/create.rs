//! Registering identities.

use std::time::SystemTime;

use super::Registry;
use crate::identity::Identity;
use crate::new_identity::{CreateError, NewIdentity};
use crate::rules;
use crate::store::Change;

impl Registry {
    /// Registers an identity. It is pending until it is verified, unless its kind needs no proof: then whoever may call
    /// this may send as it at once, and two tenants may register the same one, so it is the application's to approve.
    ///
    /// # Errors
    ///
    /// The rule that it would break, an unknown profile, a value that cannot stand in a record, or a store that fails.
    pub async fn create(
        &self,
        new: &NewIdentity,
        now: SystemTime,
    ) -> Result<Identity, CreateError> {
        let Some(profile) = self.profiles.get(&new.profile) else {
            return Err(CreateError::NoProfile(new.profile.clone()));
        };
        let identity = new.registered(profile, now)?;
        self.update(&new.tenant, |identities| {
            rules::check(profile, identities, &identity)?;
            Ok((
                vec![Change::Put(Box::new(identity.clone()))],
                identity.clone(),
            ))
        })
        .await
    }
}
