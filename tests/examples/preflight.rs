//! The command `preflight`.

use serde_json::Value;

use crate::{run_with, text};

const ZONE: [&str; 2] = ["--zone", "examples/preflight.zone"];
const MESSAGE: &[u8] = b"From: Billing <billing@yourcompany.example>\nTo: bob@example.net\nSubject: Your bill\n\nHello Bob\n";
const DOMAIN: [&str; 8] = [
    "--identity",
    "yourcompany.example",
    "--value",
    "dkim-token=t1",
    "--value",
    "dkim-token=t2",
    "--value",
    "dkim-token=t3",
];

#[test]
fn a_single_address_through_the_provider_fails_and_the_exit_status_says_so() {
    let address = [
        "--profile",
        "amazon-ses",
        "--identity",
        "billing@yourcompany.example",
    ];
    let output = run_with("preflight", &[&ZONE[..], &address].concat(), MESSAGE);
    let lines: Vec<&str> = text(&output.stdout).lines().collect();
    assert_eq!(
        lines[..3],
        [
            "SPF   pass for amazonses.com, the provider's envelope sender: the provider authorises its own hosts",
            "DKIM  pass for amazonses.com, made by the provider: the key is the provider's to publish",
            "DMARC fail for yourcompany.example: nothing that passes speaks for it; _dmarc.yourcompany.example asks for quarantine, for this message quarantine",
        ]
    );
    assert!(
        lines[3].starts_with("error dmarc-fails yourcompany.example: "),
        "{lines:#?}"
    );
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn the_domain_with_its_keys_passes() {
    let domain = [&ZONE[..], &["--profile", "amazon-ses"], &DOMAIN].concat();
    let output = run_with("preflight", &domain, MESSAGE);
    let report = text(&output.stdout);
    assert!(
        report.contains(
            "\nDMARC pass for yourcompany.example: DKIM yourcompany.example aligned (relaxed); "
        ),
        "{report}"
    );
    assert!(!report.contains("\nerror "), "{report}");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn programs_read_an_object() {
    let with_json = [
        &ZONE[..],
        &[
            "--profile",
            "zuora-advanced",
            "--environment",
            "production",
            "--json",
        ],
        &["--daily-volume", "6000"],
        &DOMAIN,
    ]
    .concat();
    let output = run_with("preflight", &with_json, MESSAGE);
    let found: Value = serde_json::from_slice(&output.stdout).expect("an object");
    assert_eq!(found["spf"]["mail_from"], "provider");
    assert_eq!(found["dkim"].as_array().map(Vec::len), Some(4));
    assert_eq!(found["dmarc"]["result"], "pass");
    assert_eq!(
        found["dmarc"]["aligned"][0]["domain"],
        "yourcompany.example"
    );
    let findings = found["findings"].as_array().expect("findings");
    assert!(
        findings
            .iter()
            .all(|finding| finding["sources"][0]["url"].is_string())
    );
    assert_eq!(output.status.code(), Some(0), "{found:#}");
}

#[test]
fn an_own_server_is_checked_from_its_addresses() {
    let from = |ip| {
        let arguments = [
            &ZONE[..],
            &[
                "--profile",
                "own-server",
                "--identity",
                "yourcompany.example",
            ],
            &["--mail-from", "bounce@yourcompany.example", "--ip", ip],
        ]
        .concat();
        run_with("preflight", &arguments, MESSAGE)
    };
    let own = from("192.0.2.1");
    assert!(text(&own.stdout).starts_with(
        "SPF   pass for yourcompany.example, the application's envelope sender: `mx`"
    ));
    let other = from("192.0.2.2");
    assert!(text(&other.stdout).starts_with("SPF   softfail for yourcompany.example"));
}

#[test]
fn a_wrong_command_writes_the_usage() {
    for (arguments, problem) in [
        (&[][..], "--profile is missing"),
        (&["--profile", "nobody"], "there is no built-in profile"),
        (&["--profile", "own-server"], "--identity is missing"),
        (&["--profile"], "--profile needs a value"),
        (&["--value", "x"], "--value x is not KEY=VALUE"),
        (&["--nonsense", "x"], "--nonsense is not an option"),
    ] {
        let output = run_with("preflight", arguments, MESSAGE);
        assert_eq!(output.status.code(), Some(2), "{problem}");
        let error = text(&output.stderr);
        assert!(error.contains(problem), "{error}");
        assert!(error.contains("usage: preflight"), "{error}");
    }
}

#[test]
fn every_profile_judges_with_no_more_than_a_domain_or_an_address() {
    for profile in letterhead::identity::Profile::built_in_names() {
        for identity in ["yourcompany.example", "billing@yourcompany.example"] {
            let arguments = ["--profile", profile, "--identity", identity, "--json"];
            let output = run_with("preflight", &[&arguments[..], &ZONE].concat(), MESSAGE);
            let error = text(&output.stderr);
            assert!(
                matches!(output.status.code(), Some(0 | 1)),
                "{profile}: {error}"
            );
            let report: Value = serde_json::from_slice(&output.stdout).unwrap();
            assert_eq!(report["profile"], profile);
            assert_eq!(report["dmarc"]["domain"], "yourcompany.example");
        }
    }
}
