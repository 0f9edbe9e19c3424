//! Where the templates of one identity take their values from.

use letterhead_dns::DomainName;

use super::PlanError;
use crate::identity::Identity;
use crate::profile::{Per, Profile, RecordTemplate, ValueIssuer, ValueRule};
use crate::template::{DOMAIN, REGION, Slot};
use crate::value::{Values, check_values};

/// The values of one identity, by the rules of its profile.
pub(super) struct Slots<'a> {
    rules: &'a [ValueRule],
    values: Values,
    identity: &'a Identity,
}

impl<'a> Slots<'a> {
    pub(super) fn new(
        profile: &'a Profile,
        identity: &'a Identity,
        domain: &DomainName,
    ) -> Result<Self, PlanError> {
        let mut values = Values::new();
        for rule in profile.values() {
            if let Some(default) = &rule.default {
                values.insert(rule.name.clone(), vec![default.clone()]);
            }
        }
        if let Some(region) = identity
            .region
            .as_ref()
            .filter(|_| profile.regions().is_some())
        {
            values.insert(REGION.to_owned(), vec![region.to_string()]);
        }
        values.extend(identity.values.clone());
        values.insert(DOMAIN.to_owned(), vec![domain.to_string()]);
        check_values(&values)?;
        for rule in profile.values() {
            if let (Some(expected), Some(given)) =
                (rule.count, values.get(&rule.name).map(Vec::len))
                && given != expected
            {
                return Err(wrong_count(&rule.name, expected, given));
            }
        }
        Ok(Self {
            rules: profile.values(),
            values,
            identity,
        })
    }

    pub(super) fn is_given(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    pub(super) fn several(&self, name: &str) -> &[String] {
        self.values.get(name).map_or(&[][..], Vec::as_slice)
    }

    /// A value of which there is one.
    pub(super) fn only(&self, name: &str, per: Per) -> Result<Slot<'_>, PlanError> {
        match self.several(name) {
            [] => Ok(Slot::Awaited(self.awaited(name.to_owned(), name, per))),
            [only] => Ok(Slot::Value(only)),
            several => Err(wrong_count(name, 1, several.len())),
        }
    }

    /// One of so many values.
    pub(super) fn one_of(&self, name: &str, index: usize, copies: usize, per: Per) -> Slot<'_> {
        let known_as = || match copies {
            1 => name.to_owned(),
            _ => format!("{name}-{}", index + 1),
        };
        match self.several(name).get(index) {
            Some(value) => Slot::Value(value),
            None => Slot::Awaited(self.awaited(known_as(), name, per)),
        }
    }

    /// What is awaited is told apart where each group of environments, and each region, will have its own.
    fn awaited(&self, known_as: String, name: &str, per: Per) -> String {
        if !is_issued_apart(self.rules, name, per) {
            return known_as;
        }
        match (&self.identity.environment_group, &self.identity.region) {
            (Some(group), Some(region)) => format!("{known_as} of {group} in {region}"),
            (Some(group), None) => format!("{known_as} of {group}"),
            (None, Some(region)) => format!("{known_as} of {region}"),
            (None, None) => known_as,
        }
    }

    /// How many records a template gives: as many as values were issued; where nothing was yet, as many as the profile
    /// says there will be.
    pub(super) fn copies(&self, template: &RecordTemplate) -> Result<usize, PlanError> {
        let mut copies = None;
        for name in &template.each {
            let expected = self
                .rules
                .iter()
                .find(|rule| rule.name == *name)
                .and_then(|rule| rule.count);
            let Some(own) = self.values.get(name).map(Vec::len).or(expected) else {
                continue;
            };
            match copies {
                Some(others) if others != own => return Err(wrong_count(name, others, own)),
                _ => copies = Some(own),
            }
        }
        Ok(copies.unwrap_or(1))
    }
}

/// Whether each group of environments and each region has a value of its own: somebody else issues it, and not for the
/// whole domain or tenant.
pub(super) fn is_issued_apart(rules: &[ValueRule], name: &str, per: Per) -> bool {
    let is_by_others = |rule: &ValueRule| {
        matches!(
            rule.issued_by,
            Some(ValueIssuer::Provider | ValueIssuer::SupportRequest)
        )
    };
    !matches!(per, Per::Domain | Per::Tenant)
        && rules
            .iter()
            .any(|rule| rule.name == name && is_by_others(rule))
}

fn wrong_count(name: &str, expected: usize, given: usize) -> PlanError {
    PlanError::WrongCount {
        name: name.to_owned(),
        expected,
        given,
    }
}
