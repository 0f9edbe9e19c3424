//! Whether what a profile's sections name is there.

use std::collections::BTreeSet;

use super::ProfileError;
use super::section::Sections;
use crate::dns_plan::template;

/// The value that every template has without defining it: the identity's domain.
const DOMAIN: &str = "domain";

pub(super) fn check(sections: &Sections) -> Result<(), ProfileError> {
    check_environments(sections)?;
    check_kinds(sections)?;
    check_values(sections)
}

fn check_environments(sections: &Sections) -> Result<(), ProfileError> {
    let section = "environments";
    let Some(environments) = &sections.environments else {
        return Ok(());
    };
    let names = distinct(section, environments.names.iter().map(|name| name.as_str()))?;
    let grouped = environments
        .share_verification
        .iter()
        .flatten()
        .map(|name| name.as_str());
    for name in distinct(section, grouped)? {
        defined(section, name, &names)?;
    }
    Ok(())
}

fn check_kinds(sections: &Sections) -> Result<(), ProfileError> {
    let kinds = sections
        .identity
        .iter()
        .flatten()
        .map(|rule| rule.kind.as_str());
    let kinds = distinct("identity", kinds)?;
    for maximum in sections.maximum.iter().flatten() {
        defined("maximum", maximum.kind.as_str(), &kinds)?;
    }
    for kind in sections
        .exclusive
        .iter()
        .flatten()
        .flat_map(|exclusive| &exclusive.kinds)
    {
        defined("exclusive", kind.as_str(), &kinds)?;
    }
    Ok(())
}

fn check_values(sections: &Sections) -> Result<(), ProfileError> {
    let values = sections
        .value
        .iter()
        .flatten()
        .map(|rule| rule.name.as_str());
    let values = distinct("value", values.chain([DOMAIN]))?;
    for record in sections.record.iter().flatten() {
        let templates = [record.owner.as_str(), record.value.as_str()];
        let used = templates.into_iter().flat_map(template::placeholders);
        for name in used.chain(record.each.iter().map(String::as_str)) {
            defined("record", name, &values)?;
        }
    }
    for name in sections
        .spf
        .iter()
        .flatten()
        .flat_map(|rule| template::placeholders(&rule.term))
    {
        defined("spf", name, &values)?;
    }
    Ok(())
}

fn distinct<'a>(
    section: &'static str,
    names: impl Iterator<Item = &'a str>,
) -> Result<BTreeSet<&'a str>, ProfileError> {
    let mut seen = BTreeSet::new();
    for name in names {
        if !seen.insert(name) {
            return Err(ProfileError::Twice {
                section,
                name: name.to_owned(),
            });
        }
    }
    Ok(seen)
}

fn defined(section: &'static str, name: &str, known: &BTreeSet<&str>) -> Result<(), ProfileError> {
    if known.contains(name) {
        return Ok(());
    }
    Err(ProfileError::NotDefined {
        section,
        name: name.to_owned(),
    })
}
