//! Whether what a profile's sections name is there.

use std::collections::BTreeSet;

use super::section::Sections;
use super::{PasswordRule, ProfileError, SignatureWhen, UsernameRule};
use crate::template;
use crate::template::{DOMAIN, REGION};

pub(super) fn check(sections: &Sections) -> Result<(), ProfileError> {
    check_environments(sections)?;
    check_regions(sections)?;
    check_modes(sections)?;
    check_switches(sections)?;
    check_authentication(sections)?;
    check_kinds(sections)?;
    check_relays(sections)?;
    check_procedures(sections)?;
    check_values(sections)?;
    check_credentials(sections)?;
    check_operations(sections)
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
    for name in environments.aliases.values() {
        defined(section, name.as_str(), &names)?;
    }
    for name in environments.never_share.iter().flatten() {
        defined(section, name.as_str(), &names)?;
    }
    Ok(())
}

fn check_regions(sections: &Sections) -> Result<(), ProfileError> {
    let known = sections.regions.iter().flat_map(|regions| &regions.known);
    let words = known.flat_map(|region| [Some(&region.name), region.code.as_ref()]);
    // Names and codes are told apart in any case.
    let words: Vec<String> = words
        .flatten()
        .map(|word| word.as_str().to_ascii_lowercase())
        .collect();
    distinct("regions", words.iter().map(String::as_str))?;
    Ok(())
}

fn check_modes(sections: &Sections) -> Result<(), ProfileError> {
    let modes = || sections.mode.iter().flatten();
    let names = distinct("mode", modes().map(|mode| mode.name.as_str()))?;
    for name in modes().flat_map(|mode| &mode.becomes) {
        defined("mode", name.as_str(), &names)?;
    }
    Ok(())
}

fn check_switches(sections: &Sections) -> Result<(), ProfileError> {
    let switches = sections.switch.iter().flatten();
    let names = distinct("switch", switches.map(|switch| switch.name.as_str()))?;
    let records = sections.record.iter().flatten();
    for name in records.filter_map(|record| record.switch.as_ref()) {
        defined("record", name.as_str(), &names)?;
    }
    let terms = sections.spf.iter().flatten();
    for name in terms.filter_map(|rule| rule.switch.as_ref()) {
        defined("spf", name.as_str(), &names)?;
    }
    for rule in sections.signature.iter().flatten() {
        if let Some(name) = &rule.switch {
            defined("signature", name.as_str(), &names)?;
        } else if rule.when == SignatureWhen::SwitchedOn {
            return Err(ProfileError::NotDefined {
                section: "signature",
                name: "switch".to_owned(),
            });
        }
    }
    Ok(())
}

fn check_authentication(sections: &Sections) -> Result<(), ProfileError> {
    let section = "authentication";
    let Some(authentication) = &sections.authentication else {
        return Ok(());
    };
    let methods = authentication.of.iter().map(|method| method.as_str());
    match distinct(section, methods)?.is_empty() {
        true => Err(ProfileError::NotDefined {
            section,
            name: "of".to_owned(),
        }),
        false => Ok(()),
    }
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
    for unique in sections.unique.iter().flatten() {
        defined("unique", unique.kind.as_str(), &kinds)?;
    }
    let exclusions = sections.exclusive.iter().flatten();
    for kind in exclusions.flat_map(|exclusive| &exclusive.kinds) {
        defined("exclusive", kind.as_str(), &kinds)?;
    }
    let records = sections.record.iter().flatten();
    for kind in records.filter_map(|record| record.kinds.as_ref()).flatten() {
        defined("record", kind.as_str(), &kinds)?;
    }
    let channel = sections.channel.iter();
    for kind in channel.filter_map(|channel| channel.default_sender.as_ref()) {
        defined("channel", kind.as_str(), &kinds)?;
    }
    Ok(())
}

fn check_values(sections: &Sections) -> Result<(), ProfileError> {
    let values = sections
        .value
        .iter()
        .flatten()
        .map(|rule| rule.name.as_str());
    let mut values = distinct("value", values.chain([DOMAIN]))?;
    if sections.regions.is_some() {
        values.insert(REGION);
    }
    for record in sections.record.iter().flatten() {
        let templates = [record.owner.as_str(), record.value.as_str()];
        let used = templates.into_iter().flat_map(template::placeholders);
        let each = record.each.iter().map(String::as_str);
        for name in used.chain(each).chain(record.with.as_deref()) {
            defined("record", name, &values)?;
        }
    }
    let custom = sections.return_path.iter();
    for name in custom.filter_map(|path| path.custom.as_deref()) {
        defined("return_path", name, &values)?;
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

fn check_relays(sections: &Sections) -> Result<(), ProfileError> {
    let preserved = sections.preserved.iter().flatten();
    // Fields are told apart in any case.
    let names: Vec<String> = preserved
        .map(|rule| rule.header.as_str().to_ascii_lowercase())
        .collect();
    distinct("preserved", names.iter().map(String::as_str))?;
    Ok(())
}

fn check_procedures(sections: &Sections) -> Result<(), ProfileError> {
    let procedures = || sections.procedure.iter().flatten();
    distinct("procedure", procedures().map(|one| one.name.as_str()))?;
    for procedure in procedures() {
        let steps = || procedure.steps.iter();
        let names = distinct("procedure.step", steps().map(|step| step.name.as_str()))?;
        for name in steps().flat_map(|step| &step.after) {
            defined("procedure.step", name.as_str(), &names)?;
        }
        if let Some(step) = procedure.first_in_a_circle() {
            return Err(ProfileError::Circle {
                procedure: procedure.name.to_string(),
                step: step.to_string(),
            });
        }
    }
    Ok(())
}

fn check_credentials(sections: &Sections) -> Result<(), ProfileError> {
    let section = "credential";
    let rules = || sections.credential.iter().flatten();
    distinct(section, rules().map(|rule| rule.kind.as_str()))?;
    for rule in rules() {
        let is_literal = rule.username == UsernameRule::Literal;
        if is_literal != rule.literal.is_some() {
            return Err(not_defined(section, "literal"));
        }
        let is_derived = rule.password == PasswordRule::Derived;
        if is_derived != rule.derivation.is_some() {
            return Err(not_defined(section, "derivation"));
        }
    }
    Ok(())
}

fn check_operations(sections: &Sections) -> Result<(), ProfileError> {
    let section = "operation";
    let operations = || sections.operation.iter().flatten();
    distinct(
        section,
        operations().map(|operation| operation.name.as_str()),
    )?;
    for operation in operations() {
        if operation.through.is_empty() {
            return Err(not_defined(section, "through"));
        }
        match (&operation.method, &operation.path) {
            (Some(_), None) => return Err(not_defined(section, "path")),
            (None, Some(_)) => return Err(not_defined(section, "method")),
            (None, None) if operation.body.is_some() => return Err(not_defined(section, "method")),
            (Some(_), Some(_)) | (None, None) => {}
        }
    }
    Ok(())
}

fn not_defined(section: &'static str, name: &str) -> ProfileError {
    ProfileError::NotDefined {
        section,
        name: name.to_owned(),
    }
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
