//! The command `dmarc_check`.

use serde_json::Value;

use crate::{run, text};

const ZONE: [&str; 2] = ["--zone", "examples/policies.zone"];

fn check(arguments: &[&str]) -> String {
    let output = run("dmarc_check", &[&ZONE[..], arguments].concat());
    assert!(output.status.success(), "{}", text(&output.stderr));
    text(&output.stdout).to_owned()
}

#[test]
fn the_first_lines_say_result_policy_record_and_what_aligned() {
    for (arguments, lines) in [
        (
            &[
                "--from",
                "yourcompany.example",
                "--spf",
                "amazonses.com:pass",
                "--dkim",
                "mail.yourcompany.example:pass",
            ][..],
            [
                "dmarc=pass",
                "policy: reject",
                "record: _dmarc.yourcompany.example, the author domain",
                "aligned: DKIM:mail.yourcompany.example",
            ],
        ),
        (
            &[
                "--from",
                "news.yourcompany.example",
                "--spf",
                "bounce.yourcompany.example:softfail",
            ],
            [
                "dmarc=fail",
                "policy: quarantine",
                "record: _dmarc.yourcompany.example, the organizational domain",
                "aligned: nothing",
            ],
        ),
        (
            &[
                "--from",
                "yourcompany.example",
                "--dkim",
                "yourcompany.example:temperror",
            ],
            [
                "dmarc=temperror",
                "policy: reject",
                "record: _dmarc.yourcompany.example, the author domain",
                "aligned: nothing",
            ],
        ),
        (
            &["--from", "nobody.example", "--spf", "nobody.example:pass"],
            [
                "dmarc=none",
                "policy: none found",
                "record: none",
                "aligned: nothing",
            ],
        ),
    ] {
        let found = check(arguments);
        assert_eq!(
            found.lines().take(4).collect::<Vec<_>>(),
            lines,
            "{arguments:?}"
        );
    }
}

#[test]
fn json_holds_the_same() {
    let arguments = [
        "--from",
        "yourcompany.example",
        "--spf",
        "yourcompany.example:pass",
        "--dkim",
        "x.example:fail",
        "--json",
    ];
    let found = check(&arguments);
    let object: Value = serde_json::from_str(&found).expect("JSON");
    assert_eq!(object["dmarc"], "pass");
    assert_eq!(object["policy"], "reject");
    assert_eq!(object["record_at"], "_dmarc.yourcompany.example");
    assert_eq!(
        object["aligned"],
        serde_json::json!(["SPF:yourcompany.example"])
    );
    assert_eq!(object["identifiers"][1]["aligned"], false);
}

#[test]
fn an_address_will_do_and_lint_says_what_is_wrong() {
    let arguments = [
        "--from",
        "Ada <ada@News.YourCompany.example>",
        "--lint",
        "--json",
    ];
    let found = check(&arguments);
    let object: Value = serde_json::from_str(&found).expect("JSON");
    assert_eq!(object["dmarc"], "fail");
    assert_eq!(object["disposition"], "quarantine");
    assert_eq!(object["policy_domain"], "yourcompany.example");
    assert_eq!(object["organizational_domain"], "yourcompany.example");
    let findings = object["findings"].as_array().expect("a list");
    assert!(
        findings[0]
            .as_str()
            .is_some_and(|finding| finding.starts_with("advice inherited")),
        "{findings:?}"
    );
}
