//! DNS plans from outside: before anything is registered, over groups and regions, and followed to the letter.

mod beside;
mod following;
mod json;
mod merging;
mod preview;

use std::collections::BTreeMap;
use std::time::SystemTime;

use letterhead_dns::{Zone, block_on_ready};
use letterhead_identity::dns_plan::{DnsDiff, PlanError};
use letterhead_identity::{DnsPlan, Environment, NewIdentity, Profile, Subject, Values};

const DOMAIN: &str = "yourcompany.example";

/// A profile of these sections; every one of them was read from `page`.
fn custom(sections: &str) -> Profile {
    let head = "schema = 1\nid = \"custom\"\ntitle = \"Custom\"\n[sources.page]\nurl = \"https://x.example/page\"\nas_of = \"2026-01-31\"\n";
    let kinds = "[[identity]]\nkind = \"domain\"\ncovers = \"domain-and-subdomains\"\nverified_by = \"dns\"\nsource = \"page\"\n[[identity]]\nkind = \"email\"\ncovers = \"exact-address\"\nverified_by = \"mail-link\"\nsource = \"page\"\n";
    Profile::from_toml(&format!("{head}{sections}{kinds}"), |_| None).expect("a profile")
}

fn new(profile: &Profile, subject: &str) -> NewIdentity {
    let subject: Subject = subject.parse().expect("a subject");
    NewIdentity::new(
        "acme".parse().expect("a tenant"),
        profile.id().clone(),
        subject,
    )
}

fn owned(values: &[&str]) -> Vec<String> {
    values.iter().map(|value| (*value).to_owned()).collect()
}

/// The plan for the domain, with values by name, or by `name@environment`.
fn plan(
    profile: &Profile,
    environments: &[&str],
    region: Option<&str>,
    values: &[(&str, &[&str])],
) -> Result<DnsPlan, PlanError> {
    let mut new = new(profile, DOMAIN);
    new.region = region.map(|region| region.parse().expect("a region"));
    let mut issued = BTreeMap::<Environment, Values>::new();
    for (name, several) in values {
        let values = match name.split_once('@') {
            Some((_, group)) => issued.entry(group.parse().expect("a word")).or_default(),
            None => &mut new.values,
        };
        let name = name.split('@').next().unwrap_or_default();
        values.insert(name.to_owned(), owned(several));
    }
    let environments: Vec<Environment> = environments
        .iter()
        .map(|name| name.parse().expect("a word"))
        .collect();
    DnsPlan::preview(
        profile,
        &new,
        &environments,
        &issued,
        SystemTime::UNIX_EPOCH,
    )
}

fn diff(plan: &DnsPlan, zone: &str) -> DnsDiff {
    diff_over(plan, &zone.parse().expect("a zone"))
}

fn diff_over(plan: &DnsPlan, zone: &Zone) -> DnsDiff {
    block_on_ready(plan.diff(zone)).expect("a zone answers at once")
}

/// What the zone is once its keeper has followed the text: what it says REPLACE is gone, the rest is pasted in.
fn follow(text: &str, mut zone: Zone) -> Zone {
    for line in text
        .lines()
        .filter_map(|line| line.strip_prefix("; REPLACE "))
    {
        let gone: Zone = line.parse().expect("a record");
        for record in gone.records() {
            for other in zone.remove(&record.name, record.data.record_type()) {
                if other.data != record.data {
                    zone.insert(other);
                }
            }
        }
    }
    zone.extend(text.parse().expect("a zone"));
    zone
}

/// A return path of the sender's, with its region in the host that takes bounces.
const MAIL_FROM: &str = r#"
[return_path]
domain = "bounces.example"
custom = "mail-from-domain"
source = "page"
[regions]
identities = "optional"
others = "taken"
known = [{ name = "eu-west-1", location = "europe" }, { name = "me-south-1", code = "DXB" }, { name = "us-east-1", location = "americas" }]
source = "page"
[[value]]
name = "mail-from-domain"
issued_by = "sender"
count = 1
source = "page"
[[record]]
purpose = "mail-from"
kind = "MX"
owner = "{mail-from-domain}"
value = "10 feedback.{region}.bounces.example."
with = "mail-from-domain"
necessity = "required"
source = "page"
[[record]]
purpose = "mail-from"
kind = "TXT"
owner = "{mail-from-domain}"
value = "v=spf1 include:spf.bounces.example ~all"
with = "mail-from-domain"
necessity = "required"
source = "page"
"#;

const BY_LOCATION: &str = r#"
[[spf]]
term = "include:bounces.example"
location = "americas"
necessity = "required"
source = "page"
[[spf]]
term = "include:eu.bounces.example"
location = "europe"
necessity = "required"
source = "page"
"#;
