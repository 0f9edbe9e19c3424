//! What the policies there are do not allow yet.

use std::fmt;

use super::grantee::Group;
use super::scope::{CompartmentPath, Scope};
use super::statement::Statement;
use super::{Policies, Policy};
use crate::placement::Compartment;
use crate::profile::{Permission, Profile};

/// The compartment that something is to be allowed in.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PolicyTarget {
    /// Its id.
    pub compartment: Compartment,
    /// The names from the root to it.
    pub path: CompartmentPath,
}

impl PolicyTarget {
    /// The compartment of this id, at this path.
    #[must_use]
    pub fn new(compartment: Compartment, path: CompartmentPath) -> Self {
        Self { compartment, path }
    }
}

impl Profile {
    /// For what a statement has to be made that allows something in a compartment, in a policy that is attached to the
    /// root: the whole tenancy for what is kept in the root, and just the compartment otherwise.
    #[must_use]
    pub fn policy_scope(&self, target: &PolicyTarget) -> Scope {
        if self.is_at_root(target) {
            Scope::Tenancy
        } else {
            Scope::Compartment(target.path.clone())
        }
    }

    /// What the users in these groups have to be allowed in a compartment and are not.
    #[must_use]
    pub fn missing_permissions(
        &self,
        groups: &[Group],
        target: &PolicyTarget,
        policies: &Policies,
    ) -> Vec<MissingPermission> {
        let mut missing = Vec::new();
        for permission in self.permissions() {
            let grants: Vec<&Statement> = policies
                .iter()
                .flat_map(|policy| policy.statements().iter().map(move |one| (policy, one)))
                .filter(|(_, statement)| statement.grantee().includes(groups))
                .filter(|(_, statement)| permission.is_in(statement))
                .filter(|(policy, statement)| self.covers(policy, statement.scope(), target))
                .map(|(_, statement)| statement)
                .collect();
            if grants
                .iter()
                .any(|statement| statement.condition().is_none())
            {
                continue;
            }
            missing.push(MissingPermission {
                permission: permission.clone(),
                only_if: grants.into_iter().cloned().collect(),
                remedy: groups.first().map(|group| {
                    Statement::new(
                        group.clone(),
                        permission.verb.clone(),
                        permission.resource.clone(),
                        self.policy_scope(target),
                    )
                }),
            });
        }
        missing
    }

    fn covers(&self, policy: &Policy, scope: &Scope, target: &PolicyTarget) -> bool {
        match scope {
            Scope::Tenancy => true,
            Scope::Compartment(_) | Scope::CompartmentId(_) if self.is_at_root(target) => false,
            Scope::Compartment(path) => policy.attached_to().leads_to(path, &target.path),
            Scope::CompartmentId(id) => *id == target.compartment,
        }
    }

    fn is_at_root(&self, target: &PolicyTarget) -> bool {
        target.path.is_root()
            || self
                .compartments()
                .is_some_and(|compartments| compartments.is_root(&target.compartment))
    }
}

impl Permission {
    fn is_in(&self, statement: &Statement) -> bool {
        let verb = statement.verb().as_str();
        let resource = statement.resource().as_str();
        let verbs = [&self.verb].into_iter().chain(&self.also_by_verbs);
        let resources = [&self.resource].into_iter().chain(&self.also_by_resources);
        verbs
            .into_iter()
            .any(|one| one.as_str().eq_ignore_ascii_case(verb))
            && resources
                .into_iter()
                .any(|one| one.as_str().eq_ignore_ascii_case(resource))
    }
}

/// Something that users have to be allowed and are not, for certain.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct MissingPermission {
    /// What they need.
    pub permission: Permission,
    /// Statements that allow it under conditions.
    pub only_if: Vec<Statement>,
    /// The statement to add, to a policy that is attached to the root; `None` where the user is in no group.
    pub remedy: Option<Statement>,
}

impl fmt::Display for MissingPermission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Permission { verb, resource, .. } = &self.permission;
        match self.only_if.as_slice() {
            [] => write!(f, "no policy allows to {verb} {resource}")?,
            [first, ..] => write!(
                f,
                "to {verb} {resource} is allowed under conditions only: {first}"
            )?,
        }
        match &self.remedy {
            Some(statement) => write!(f, "; add: {statement}"),
            None => f.write_str("; put the user into a group that may"),
        }
    }
}
