//! The command `dns_plan`.

use std::path::PathBuf;
use std::process::Output;

use letterhead::dns::Zone;
use serde_json::Value;

use crate::{run, text};

const DOMAIN: [&str; 2] = ["--domain", "yourcompany.example"];

fn plan(profile: &str, more: &[&str]) -> Output {
    run(
        "dns_plan",
        &[&["--profile", profile], &DOMAIN[..], more].concat(),
    )
}

/// A file with this zone.
fn zone_file(name: &str, zone: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, zone).expect("a file");
    path
}

/// The zone once its keeper has followed the text.
fn follow(printed: &str, zone: &str) -> String {
    let mut after: Zone = zone.parse().expect("a zone");
    for line in printed
        .lines()
        .filter_map(|line| line.strip_prefix("; REPLACE "))
    {
        let gone: Zone = line.parse().expect("a record");
        for record in gone.records() {
            for other in after.remove(&record.name, record.data.record_type()) {
                if other.data != record.data {
                    after.insert(other);
                }
            }
        }
    }
    after.extend(printed.parse().expect("a zone"));
    after.to_string()
}

/// Z0-21 to Z0-25: what is printed, added to the zone, is all that is required.
#[test]
fn what_dns_plan_prints_completes_the_zone() {
    let one_group: Vec<&str> = vec![
        "--environment",
        "api-sandbox",
        "--value",
        "dkim-token=a1",
        "--value",
        "dkim-token=a2",
        "--value",
        "dkim-token=a3",
    ];
    let ses = one_group[2..].to_vec();
    let own = vec![
        "--value",
        "selector=s2026",
        "--value",
        "key-record=v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
        "--value",
        "relay-host=relay.yourcompany.example",
    ];
    let texts = "yourcompany.example. IN TXT \"v=spf1 ip4:192.0.2.10 -all\"\nyourcompany.example. IN TXT unrelated\n";
    let in_the_way = "a1._domainkey.yourcompany.example. IN TXT \"v=DKIM1; p=\"\na2._domainkey.yourcompany.example. IN CNAME old.example.\n";
    for (profile, options) in [
        ("zuora-advanced", &one_group),
        ("amazon-ses", &ses),
        ("own-server", &own),
    ] {
        for (index, zone) in ["", texts, &format!("{texts}{in_the_way}")]
            .into_iter()
            .enumerate()
        {
            let file = |step: &str, zone: &str| {
                let path = zone_file(&format!("dns_plan-{profile}-{index}-{step}.zone"), zone);
                path.to_str().expect("text").to_owned()
            };
            let with = |zone: &str, more: &[&str]| {
                plan(profile, &[&options[..], &["--zone", zone], more].concat())
            };
            let before = file("before", zone);
            let printed = with(&before, &[]);
            assert_eq!(printed.status.code(), Some(1), "{profile} {zone}");
            let table = with(&before, &["--json"]);
            let json: Value = serde_json::from_slice(&table.stdout).expect("JSON");
            assert_eq!(
                (&json["complete"], table.status.code()),
                (&false.into(), Some(1))
            );

            let after = file("after", &follow(text(&printed.stdout), zone));
            let then = with(&after, &[]);
            assert_eq!(
                then.status.code(),
                Some(0),
                "{profile}: {}",
                text(&then.stdout)
            );
            let lines: Vec<&str> = text(&then.stdout).lines().collect();
            assert!(
                lines.iter().all(|line| line.starts_with("; present ")),
                "{lines:?}"
            );
            let then = with(&after, &["--json"]);
            let json: Value = serde_json::from_slice(&then.stdout).expect("JSON");
            assert_eq!(
                (&json["complete"], then.status.code()),
                (&true.into(), Some(0))
            );
            assert_eq!(json["spf"]["status"], "present");
        }
    }
}

/// Z0-20 to Z0-23.
#[test]
fn values_are_given_by_group_and_what_is_missing_stands_in_braces() {
    let wrong = plan(
        "zuora-advanced",
        &[
            "--value",
            "dkim-token@api-sandbox=a1",
            "--value",
            "dkim-token@production=a2",
        ],
    );
    assert_eq!(wrong.status.code(), Some(2));
    let complaint = "dkim-token was given twice for environments that share it, with production";
    assert!(
        text(&wrong.stderr).contains(complaint),
        "{}",
        text(&wrong.stderr)
    );
    let output = plan("zuora-advanced", &["--value", "dkim-token@production=a1"]);
    assert!(
        text(&output.stderr).contains("1 values of dkim-token were given, and there must be 3")
    );

    let output = plan("zuora-advanced", &[]);
    assert_eq!(output.status.code(), Some(1));
    let printed = text(&output.stdout);
    for group in ["production", "developer-sandbox"] {
        let line =
            format!("; {{dkim-token-3 of {group}}}._domainkey.yourcompany.example. 3600 IN CNAME");
        assert!(printed.contains(&line), "{printed}");
    }
    assert!(
        printed.contains(
            "; merge into the SPF record of yourcompany.example: include:amazonses.com\n; 1. [ ] "
        ),
        "{printed}"
    );
    let zone: Zone = printed.parse().expect("a zone");
    assert_eq!(zone.records().count(), 0);
}

#[test]
fn an_address_is_planned_for_in_place_of_its_domain() {
    let address = [
        "--profile",
        "zuora-advanced",
        "--identity",
        "contact@yourcompany.example",
    ];
    let output = run("dns_plan", &[&address[..], &["--json"]].concat());
    let json: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(json["domain"], "yourcompany.example");
    assert_eq!(json["records"].as_array().map(Vec::len), Some(1));
    assert_eq!(json["spf"]["terms"][0]["term"], "include:amazonses.com");
    let own = run(
        "dns_plan",
        &[
            "--profile",
            "own-server",
            "--identity",
            "contact@yourcompany.example",
        ],
    );
    assert_eq!(own.status.code(), Some(1));
    assert!(
        text(&own.stdout).contains("._domainkey.yourcompany.example."),
        "only domains are registered there"
    );
    let other = run(
        "dns_plan",
        &[&address[..], &["--domain", "other.example"]].concat(),
    );
    assert_eq!(other.status.code(), Some(2));
}

#[test]
fn commands_that_cannot_be_carried_out_end_with_2() {
    for (arguments, complaint) in [
        (&["--domain", "a.example"][..], "--profile is missing"),
        (&["--profile", "amazon-ses"], "--domain is missing"),
        (
            &["--profile", "none", "--domain", "a.example"],
            "there is no profile none; there are: ",
        ),
        (
            &[
                "--profile",
                "zuora-advanced",
                "--domain",
                "a.example",
                "--environment",
                "staging",
            ],
            "there is no environment staging; known are: production, ",
        ),
        (
            &[
                "--profile",
                "amazon-ses",
                "--domain",
                "a.example",
                "--value",
                "x",
            ],
            "--value x: write NAME=VALUE",
        ),
        (
            &[
                "--profile",
                "amazon-ses",
                "--domain",
                "a.example",
                "--value",
                "x=y",
            ],
            "amazon-ses knows no value named x; it knows: ",
        ),
        (
            &[
                "--profile",
                "amazon-ses",
                "--domain",
                "a.example",
                "--zone",
                "examples/none.zone",
            ],
            "examples/none.zone: ",
        ),
        (
            &["--profile", "amazon-ses", "--domain", "a..b"],
            "--domain a..b: ",
        ),
        (&["--zone"], "--zone needs a value"),
    ] {
        let output = run("dns_plan", arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert_eq!(text(&output.stdout), "");
        let said = text(&output.stderr);
        assert!(
            said.starts_with(&format!("dns_plan: {complaint}")),
            "{said}"
        );
        assert!(said.contains("usage: dns_plan "));
    }
}

#[test]
fn every_profile_plans_with_no_more_than_a_domain() {
    for profile in letterhead::identity::Profile::built_in_names() {
        let output = plan(profile, &["--json"]);
        let error = text(&output.stderr);
        assert!(
            matches!(output.status.code(), Some(0 | 1)),
            "{profile}: {error}"
        );
        let plan: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(plan["profile"], profile);
        assert_eq!(plan["domain"], "yourcompany.example");
    }
}

#[test]
fn the_order_of_the_set_up_comes_last_and_signing_last_of_all() {
    let output = plan("zendesk-connector", &[]);
    let steps: Vec<&str> = text(&output.stdout)
        .lines()
        .filter(|line| line.contains(". [ ] "))
        .collect();
    assert!(steps.len() > 5, "{steps:#?}");
    assert!(steps[0].starts_with("; 1. [ ] "), "{steps:#?}");
    assert!(
        steps.last().unwrap().contains("digital signatures"),
        "{steps:#?}"
    );
}

#[test]
fn environments_are_named_as_people_write_them_and_nothing_is_dropped_without_a_word() {
    let output = plan("zuora-advanced", &["--environment", "API Sandbox"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(text(&output.stdout).matches("IN CNAME").count(), 3);
    let twice = plan(
        "oci-email-delivery",
        &["--region", "PHX", "--region", "FRA"],
    );
    assert_eq!(twice.status.code(), Some(2));
    assert!(text(&twice.stderr).contains("--region is given twice"));
}

/// A domain that sends through its own server and through Mailgun: one SPF record, one DMARC record, a key of each.
#[test]
fn several_profiles_have_one_plan() {
    let both = |more: &[&str]| plan("own-server", &[&["--profile", "mailgun"], more].concat());
    let values = [
        "--value",
        "relay-host=smtp.yourcompany.example",
        "--value",
        "own-server:selector=2026a",
        "--value",
        "mailgun:selector=mx",
        "--value",
        "key-record=v=DKIM1; p=aGVsbG8=",
    ];
    let zone = zone_file("several.zone", "");
    let zone = zone.to_str().expect("a path");
    let output = both(&[&values[..], &["--zone", zone]].concat());
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    let printed = text(&output.stdout);
    assert_eq!(printed.matches("\"v=spf1").count(), 1, "{printed}");
    assert_eq!(printed.matches("\"v=DMARC1").count(), 1, "{printed}");
    for owner in ["2026a._domainkey", "mx._domainkey"] {
        assert!(printed.contains(owner), "{owner}: {printed}");
    }
    let after = zone_file("several-after.zone", &follow(printed, ""));
    let after = after.to_str().expect("a path");
    let output = both(&[&values[..], &["--zone", after]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stdout));

    let output = both(&["--json"]);
    let json: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(json["profile"], "own-server, mailgun");
    let output = both(&["--value", "seletor=x"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        text(&output.stderr).contains("selector"),
        "{}",
        text(&output.stderr)
    );
}
