//! How a server is set.

use std::collections::BTreeMap;

use letterhead_dns::Severity;
use letterhead_identity::relay::{Setting, code::Code};
use letterhead_identity::{Environment, Profile, RelayServer, relay_advice};
use letterhead_spf::AddressSet;
use letterhead_spf::record::network::Ip4Network;

use crate::{RULES, profile, read};

fn network(text: &str, prefix: u8) -> AddressSet {
    [Ip4Network::new(text.parse().unwrap(), prefix).unwrap()]
        .into_iter()
        .collect()
}

fn addresses() -> BTreeMap<Environment, AddressSet> {
    BTreeMap::from([
        ("production".parse().unwrap(), network("192.0.2.0", 24)),
        ("sandbox".parse().unwrap(), network("198.51.100.0", 28)),
    ])
}

fn well_set() -> RelayServer {
    RelayServer::new()
        .encryption(Setting::On)
        .authentication(Setting::On)
        .greylisting(Setting::Off)
        .spf_check(Setting::Off)
        .allowed(network("192.0.2.0", 24))
}

fn advice(
    profile: &Profile,
    server: &RelayServer,
    environment: Option<&str>,
) -> Vec<(Code, Severity, String)> {
    let environment = environment.map(|name| name.parse().unwrap());
    let findings = relay_advice(profile, server, environment.as_ref(), &addresses());
    findings
        .into_iter()
        .map(|finding| (finding.code, finding.severity, finding.text))
        .collect()
}

#[test]
fn a_server_that_is_set_as_asked_is_without_findings() {
    assert_eq!(advice(&profile(), &well_set(), Some("production")), []);
    // A profile that asks for nothing but says nothing of the allow-list either.
    let silent = read("").unwrap();
    assert_eq!(advice(&silent, &RelayServer::new(), None), []);
}

#[test]
fn each_setting_that_is_wrong_is_named() {
    for (server, code, severity) in [
        (
            well_set().encryption(Setting::Off),
            Code::NoEncryption,
            Severity::Error,
        ),
        (
            well_set().authentication(Setting::Off),
            Code::NoAuthentication,
            Severity::Error,
        ),
        (
            well_set().greylisting(Setting::On),
            Code::Greylisting,
            Severity::Warning,
        ),
        (
            well_set().spf_check(Setting::On),
            Code::InnerHopSpf,
            Severity::Warning,
        ),
        // What is not known is never taken for right.
        (
            well_set().encryption(Setting::Unknown),
            Code::NoEncryption,
            Severity::Advice,
        ),
        (
            well_set().authentication(Setting::Unknown),
            Code::NoAuthentication,
            Severity::Advice,
        ),
        (
            well_set().greylisting(Setting::Unknown),
            Code::Greylisting,
            Severity::Advice,
        ),
        (
            well_set().spf_check(Setting::Unknown),
            Code::InnerHopSpf,
            Severity::Advice,
        ),
    ] {
        let found = advice(&profile(), &server, Some("production"));
        assert_eq!(found, [(code, severity, String::new())]);
    }
}

#[test]
fn the_allow_list_is_compared_with_the_addresses_of_the_environment() {
    let half = well_set().allowed(network("192.0.2.0", 25));
    assert_eq!(
        advice(&profile(), &half, Some("production")),
        [(Code::AllowList, Severity::Warning, "192.0.2.128/25".into())]
    );
    // Each environment sends from its own.
    assert_eq!(
        advice(&profile(), &well_set(), Some("sandbox")),
        [(Code::AllowList, Severity::Warning, "198.51.100.0/28".into())]
    );
    assert_eq!(
        advice(&profile(), &well_set(), None),
        [(Code::AllowList, Severity::Warning, "198.51.100.0/28".into())]
    );
    assert_eq!(
        advice(&profile(), &well_set(), Some("staging")),
        [(Code::SendingAddresses, Severity::Advice, String::new())]
    );
}

#[test]
fn how_bad_a_gap_of_the_allow_list_is_depends_on_the_rule() {
    for (rule, expected) in [
        ("required", Some(Severity::Error)),
        ("recommended", Some(Severity::Warning)),
        ("maybe", Some(Severity::Advice)),
        ("unknown", Some(Severity::Advice)),
        ("none", None),
    ] {
        let profile = read(&RULES.replace("recommended", rule)).unwrap();
        let server = well_set().allowed(AddressSet::empty());
        let found = advice(&profile, &server, Some("production"));
        assert_eq!(
            found.first().map(|(_, severity, _)| *severity),
            expected,
            "{rule}"
        );
    }
}
