//! The providers' pages say what the profiles say.

#[path = "../examples/shared/provider_page.rs"]
mod provider_page;

use std::fs;
use std::path::PathBuf;

use letterhead::Settings;
use letterhead::identity::Profile;

use self::provider_page::page_of;

fn pages() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/providers")
}

#[test]
fn every_providers_page_is_made_of_its_profile() {
    for name in Profile::built_in_names() {
        let page = pages().join(format!("{name}.md"));
        let written = fs::read_to_string(&page).unwrap_or_default();
        let made = page_of(&Profile::built_in(name).unwrap());
        assert!(
            written == made,
            "docs/providers/{name}.md is not what the profile says; \
             run `cargo run --example provider_guide -- --all docs/providers`"
        );
    }
}

/// What is on the page is read, and makes a plan.
#[test]
fn every_sample_can_be_read() {
    let key = include_str!("whole_path/test-key-rsa2048.pem");
    for name in Profile::built_in_names() {
        let profile = Profile::built_in(name).unwrap();
        let sample = Settings::sample(&profile);
        let password = format!("{}_PASSWORD", name.to_uppercase().replace('-', "_"));
        let secrets = [(password.as_str(), "secret"), ("DKIM_KEY", key)];
        let read = |text: &str| {
            let settings = Settings::from_toml(text, secrets);
            settings.unwrap_or_else(|error| panic!("{name}: {error}\n{text}"))
        };
        let settings = read(&sample);
        assert_eq!(
            (settings.routes().len(), settings.identities().len()),
            (1, 1)
        );
        let all = read(&sample.replace("# values.", "values."));
        let own = all.identities()[0].values.keys();
        let own: Vec<&str> = own.map(String::as_str).collect();
        let known = profile
            .values()
            .iter()
            .filter(|rule| rule.default.is_none());
        assert!(
            known
                .map(|rule| &*rule.name)
                .all(|rule| own.contains(&rule)),
            "{name}: {own:?}"
        );
    }
}

#[test]
fn there_is_no_page_without_a_profile() {
    for entry in fs::read_dir(pages()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let name = name.strip_suffix(".md").unwrap();
        assert!(
            Profile::built_in_names().any(|known| known == name),
            "{name}"
        );
    }
}

/// Every page says what a reader looks for first, and no cell of a table is broken by what stands in it.
#[test]
fn pages_can_be_read() {
    for name in Profile::built_in_names() {
        let guide = Profile::built_in(name).unwrap().guide();
        for heading in ["# ", "## Records", "## Who signs", "## Where this was read"] {
            assert!(
                guide.lines().any(|line| line.starts_with(heading)),
                "{name}: {heading}"
            );
        }
        let mut columns = 0;
        for line in guide.lines() {
            let bars = line.replace("\\|", "").matches('|').count();
            if line.starts_with('|') {
                assert!(columns == 0 || bars == columns, "{name}: {line}");
            }
            columns = if line.starts_with('|') { bars } else { 0 };
        }
    }
}
