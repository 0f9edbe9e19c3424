//! What holds for every profile that comes with the library.

use letterhead_identity::dns_plan::PlannedData;
use letterhead_identity::profile::{Coverage, RegionBinding};
use letterhead_identity::{DnsPlan, NewIdentity, Profile};

use crate::{START, new, profile};

/// Whoever reads a profile can look up each value: every source is a public page with a day.
#[test]
fn every_value_names_a_public_page() {
    for name in Profile::built_in_names() {
        let profile = profile(name);
        let mut named: Vec<&str> = Vec::new();
        named.extend(profile.identities().iter().map(|row| row.source.as_str()));
        named.extend(profile.maxima().iter().map(|row| row.source.as_str()));
        named.extend(profile.uniques().iter().map(|row| row.source.as_str()));
        named.extend(profile.exclusions().iter().map(|row| row.source.as_str()));
        named.extend(profile.denied().iter().map(|row| row.source.as_str()));
        named.extend(profile.modes().iter().map(|row| row.source.as_str()));
        named.extend(profile.switches().iter().map(|row| row.source.as_str()));
        named.extend(profile.values().iter().map(|row| row.source.as_str()));
        named.extend(profile.records().iter().map(|row| row.source.as_str()));
        named.extend(profile.spf().iter().map(|row| row.source.as_str()));
        named.extend(profile.signatures().iter().map(|row| row.source.as_str()));
        named.extend(profile.quotas().iter().map(|row| row.source.as_str()));
        named.extend(profile.endpoints().iter().map(|row| row.source.as_str()));
        named.extend(profile.refusals().iter().map(|row| row.source.as_str()));
        named.extend(
            profile
                .simulated_addresses()
                .iter()
                .map(|row| row.source.as_str()),
        );
        assert!(!named.is_empty());
        for source in named {
            let source = profile.source(source).unwrap();
            assert!(source.url.starts_with("https://"), "{name}: {}", source.url);
            assert!(source.as_of.to_string().as_str() >= "2008-01-01", "{name}");
        }
    }
}

/// Every kind of identity that can be registered has a plan, with named placeholders for what nobody has issued yet.
#[test]
fn every_kind_of_identity_has_a_plan() {
    for name in Profile::built_in_names() {
        let profile = profile(name);
        let kinds = profile.identities().iter();
        for rule in kinds.filter(|rule| rule.provider_owned.is_empty()) {
            let subject = match rule.covers {
                Coverage::ExactAddress => "contact@yourcompany.example",
                _ => "yourcompany.example",
            };
            let new = placed(&profile, new(name, subject).kind(rule.kind.clone()));
            let identity = new.to_identity(&profile, START).unwrap();
            assert_eq!(identity.kind, rule.kind);
            let plan = DnsPlan::new(&profile, &[identity]).unwrap();
            assert!(!plan.records().is_empty(), "{name}");
            for record in plan.records() {
                if let PlannedData::Awaiting { missing, .. } = &record.data {
                    for value in missing {
                        let text = record.data.to_string();
                        assert!(text.contains(&format!("{{{value}}}")), "{name}: {text}");
                    }
                }
            }
            // Nothing of it is a line that a name server would take for a record before all of it is known.
            for line in plan.to_string().lines().filter(|line| line.contains('{')) {
                assert!(line.starts_with(';'), "{name}: {line}");
            }
        }
    }
}

fn placed(profile: &Profile, mut new: NewIdentity) -> NewIdentity {
    if let Some(environment) = profile.environments().and_then(|all| all.names.first()) {
        new = new.environment(environment.clone());
    }
    if profile
        .regions()
        .is_some_and(|regions| regions.identities == RegionBinding::Required)
    {
        new = new.region(profile.regions().unwrap().known[0].name.clone());
    }
    new
}

/// Keys are published before anybody signs with them.
#[test]
fn signing_comes_after_the_records_for_it() {
    for name in ["google-workspace", "microsoft-365"] {
        let profile = profile(name);
        let set_up = profile.procedure("set-up").unwrap();
        let progress = set_up.begin(Vec::new()).unwrap();
        let refused = set_up.check(&progress, &"signing".parse().unwrap());
        assert!(
            refused.unwrap_err().to_string().contains("records"),
            "{name}"
        );
    }
}
