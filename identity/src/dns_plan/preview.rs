//! Plans for what is not registered yet.

use std::collections::BTreeMap;
use std::time::SystemTime;

use super::slots::is_issued_apart;
use super::{DnsPlan, PlanError};
use crate::identity::Identity;
use crate::new_identity::{CreateError, NewIdentity};
use crate::profile::Profile;
use crate::rules::{RuleViolation, check_denied};
use crate::value::{ValueError, Values};
use crate::word::Environment;

impl DnsPlan {
    /// The plan for an identity that is not registered yet, in each of these environments: once for each group of them
    /// that shares verification. Where none is named here or in `new`, it is for all that the profile has.
    ///
    /// Values in `new` hold everywhere. What the provider issues for each group stands in `issued`, by any environment of
    /// the group; in `new` it may only stand where a single group is planned for. Where no region is named, the plan is
    /// for one that is not known yet, even if the identity cannot be registered without.
    ///
    /// ```
    /// use std::collections::BTreeMap;
    /// use std::time::SystemTime;
    ///
    /// use letterhead_identity::{DnsPlan, NewIdentity, Profile, Subject};
    ///
    /// let profile = Profile::built_in("zuora-advanced")?;
    /// let subject: Subject = "yourcompany.example".parse()?;
    /// let new = NewIdentity::new("acme".parse()?, profile.id().clone(), subject);
    /// let plan = DnsPlan::preview(&profile, &new, &[], &BTreeMap::new(), SystemTime::UNIX_EPOCH)?;
    /// // Four environments in two groups, with three keys for each.
    /// assert_eq!(plan.to_string().matches("IN CNAME").count(), 6);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// An environment, region, kind or value that the profile does not know, a value of which it is not clear which group
    /// it is for, and everything that [`new`](Self::new) refuses.
    pub fn preview(
        profile: &Profile,
        new: &NewIdentity,
        environments: &[Environment],
        issued: &BTreeMap<Environment, Values>,
        now: SystemTime,
    ) -> Result<Self, PlanError> {
        check_denied(profile, &new.subject).map_err(CreateError::Rule)?;
        let groups = groups(profile, new, environments)?;
        let issued = issued_by_group(profile, &groups, issued)?;
        if groups.len() > 1
            && let Some(name) = new
                .values
                .keys()
                .find(|name| is_issued_for_each_group(profile, name))
        {
            return Err(PlanError::WhichGroup {
                name: name.clone(),
                groups,
            });
        }
        let region = match &new.region {
            Some(region) => Some(
                profile
                    .region_name(region)
                    .map_err(|error| CreateError::Rule(RuleViolation::Region(error)))?,
            ),
            None => None,
        };
        let identity = |group: Option<&Environment>| {
            let mut new = new.clone();
            if let Some(values) = group.and_then(|group| issued.get(group)) {
                new.values.extend(values.clone());
            }
            new.placed(profile, group.cloned(), region.clone(), now)
        };
        let identities: Vec<Identity> = if groups.is_empty() {
            vec![identity(None)?]
        } else {
            let each = groups.iter().map(|group| identity(Some(group)));
            each.collect::<Result<_, _>>()?
        };
        Self::new(profile, &identities)
    }
}

/// The groups to plan for, each once; none where the profile has only one environment.
fn groups(
    profile: &Profile,
    new: &NewIdentity,
    environments: &[Environment],
) -> Result<Vec<Environment>, CreateError> {
    let Some(known) = profile.environments() else {
        return Ok(Vec::new());
    };
    let named: Vec<&Environment> = environments.iter().chain(&new.environment).collect();
    let named = if named.is_empty() {
        known.names.iter().collect()
    } else {
        named
    };
    let mut groups = Vec::new();
    for environment in named {
        let group = profile
            .environment_group(environment)
            .map_err(RuleViolation::Environment)?;
        if !groups.contains(&group) {
            groups.push(group);
        }
    }
    Ok(groups)
}

fn issued_by_group(
    profile: &Profile,
    groups: &[Environment],
    issued: &BTreeMap<Environment, Values>,
) -> Result<BTreeMap<Environment, Values>, PlanError> {
    let mut by_group: BTreeMap<Environment, Values> = BTreeMap::new();
    for (environment, values) in issued {
        let group = profile
            .environment_group(environment)
            .map_err(|error| CreateError::Rule(RuleViolation::Environment(error)))?;
        if !groups.contains(&group) {
            return Err(PlanError::NotPlannedFor {
                environment: environment.clone(),
                planned: groups.to_vec(),
            });
        }
        let together = by_group.entry(group.clone()).or_default();
        for (name, several) in values {
            let before = together.insert(name.clone(), several.clone());
            if before.is_some_and(|before| before != *several) {
                return Err(PlanError::TwoValues {
                    name: name.clone(),
                    group,
                });
            }
        }
    }
    check_different(profile, &by_group)?;
    Ok(by_group)
}

/// Whether values of which there is a certain number, all of them different, differ from group to group too.
fn check_different(
    profile: &Profile,
    by_group: &BTreeMap<Environment, Values>,
) -> Result<(), ValueError> {
    for rule in profile.values().iter().filter(|rule| rule.count.is_some()) {
        let mut before: Vec<&String> = Vec::new();
        for values in by_group.values() {
            let issued = values.get(&rule.name).map_or(&[][..], Vec::as_slice);
            if let Some(value) = issued.iter().find(|value| before.contains(value)) {
                return Err(ValueError::Repeated {
                    name: rule.name.clone(),
                    value: value.clone(),
                });
            }
            before.extend(issued);
        }
    }
    Ok(())
}

fn is_issued_for_each_group(profile: &Profile, name: &str) -> bool {
    let mut records = profile.records().iter();
    records.any(|record| record.uses(name) && is_issued_apart(profile.values(), name, record.per))
}
