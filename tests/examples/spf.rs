//! The commands `check_host` and `spf_advise`.

use serde_json::Value;

use crate::{run, text};

const ZONE: [&str; 2] = ["--zone", "examples/policies.zone"];

#[test]
fn check_host_writes_result_explanation_and_tree() {
    let check = |ip, mail_from| {
        run(
            "check_host",
            &[&ZONE[..], &["--ip", ip, "--mail-from", mail_from]].concat(),
        )
    };
    let fail = check("203.0.113.9", "ada@yourcompany.example");
    let lines: Vec<&str> = text(&fail.stdout).lines().collect();
    assert_eq!(
        lines[..4],
        [
            "result: fail",
            "explanation: 203.0.113.9 is not a mail server of yourcompany.example",
            "yourcompany.example: fail, matched",
            "  record \"v=spf1 mx include:amazonses.com include:_spf.yourcompany.example exp=why.yourcompany.example -all\"",
        ]
    );
    assert!(fail.status.success());
    for (ip, mail_from, first) in [
        ("198.51.100.200", "ada@yourcompany.example", "result: pass"),
        ("2001:db8::10", "ada@yourcompany.example", "result: pass"),
        (
            "::ffff:198.51.100.200",
            "ada@yourcompany.example",
            "result: pass",
        ),
        ("192.0.2.1", "@broken.example", "result: temperror"),
        ("192.0.2.1", "", "result: none"),
        ("192.0.2.1", "a@b@unknown.example", "result: none"),
    ] {
        let output = check(ip, mail_from);
        assert!(output.status.success());
        assert_eq!(
            text(&output.stdout).lines().next(),
            Some(first),
            "{ip} {mail_from}"
        );
        assert!(!text(&output.stdout).contains("explanation: "));
    }
    // The null sender stands for the HELO name.
    let helo = [
        "--ip",
        "192.0.2.10",
        "--mail-from",
        "",
        "--helo",
        "yourcompany.example",
    ];
    let output = run("check_host", &[&ZONE[..], &helo].concat());
    assert_eq!(text(&output.stdout).lines().next(), Some("result: pass"));
}

#[test]
fn check_host_writes_one_object_with_json() {
    let arguments = [
        "--ip",
        "203.0.113.9",
        "--mail-from",
        "ada@yourcompany.example",
        "--json",
    ];
    let output = run("check_host", &[&ZONE[..], &arguments].concat());
    let object: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let keys: Vec<&str> = object
        .as_object()
        .expect("an object")
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(
        keys,
        ["explanation", "lookups", "result", "trace", "void_lookups"]
    );
    assert_eq!(object["result"], "fail");
    assert_eq!(
        object["explanation"],
        "203.0.113.9 is not a mail server of yourcompany.example"
    );
    assert_eq!(
        (&object["lookups"], &object["void_lookups"]),
        (&Value::from(5), &Value::from(1))
    );
    assert_eq!(
        object["trace"]["steps"][1]["nested"]["record"],
        "v=spf1 ip4:198.51.100.0/25 ip4:198.51.100.128/25 -all"
    );
}

#[test]
fn commands_that_cannot_be_carried_out_end_with_2_and_say_how_to_write_them() {
    for (name, arguments) in [
        ("check_host", &["--ip", "192.0.2.1"][..]),
        ("check_host", &["--ip", "x", "--mail-from", ""]),
        (
            "check_host",
            &[
                "--ip",
                "192.0.2.1",
                "--mail-from",
                "",
                "--zone",
                "examples/none.zone",
            ],
        ),
        ("check_host", &["--what"]),
        ("spf_advise", &[]),
        ("spf_advise", &["--record", "v=spf1 -all", "--add", "x:y"]),
        ("spf_advise", &["--domain", "a..b"]),
    ] {
        let output = run(name, arguments);
        assert_eq!(output.status.code(), Some(2), "{name} {arguments:?}");
        assert_eq!(text(&output.stdout), "");
        assert!(text(&output.stderr).contains("usage: "));
    }
}

#[test]
fn spf_advise_writes_the_merged_record_or_findings() {
    for (arguments, code, stdout) in [
        (
            &[
                "--record",
                "v=spf1 mx ~all",
                "--add",
                "include:amazonses.com",
            ][..],
            0,
            "v=spf1 mx include:amazonses.com ~all\n",
        ),
        (
            &[
                "--record",
                "v=spf1 mx -all",
                "--add",
                "a:zgateway.zuora.com",
            ],
            0,
            "v=spf1 mx a:zgateway.zuora.com -all\n",
        ),
        (
            &["--add", "include:amazonses.com"],
            0,
            "v=spf1 include:amazonses.com ~all\n",
        ),
        (&["--record", "v=spf1 mx ~all"], 0, "no findings\n"),
        (
            &["--record", "v=spf1 mx +all"],
            1,
            "error plus-all 10..14 `+all`: every host on the internet may send for the domain; write `~all`, or `-all` once every sender is named\n",
        ),
        (
            &[
                "--record",
                "v=spf1 ip4:192.0.2.300 ~all",
                "--add",
                "include:amazonses.com",
            ],
            1,
            "error syntax 7..22 `ip4:192.0.2.300`: a permanent error for every check: octet 10: expected an IPv4 address, four numbers from 0 to 255 without leading zeros; correct it\n",
        ),
    ] {
        let output = run("spf_advise", arguments);
        assert_eq!(text(&output.stdout), stdout, "{arguments:?}");
        assert_eq!(output.status.code(), Some(code));
    }
    let flatten = ["--domain", "yourcompany.example", "--flatten"];
    let output = run("spf_advise", &[&ZONE[..], &flatten].concat());
    assert!(text(&output.stdout).contains("\nyourcompany.example. 300 IN TXT \"v=spf1 ip4:192.0.2.10 ip4:198.51.100.0/24 ip4:203.0.113.5 ip6:2001:db8::10 -all "));
}

#[test]
fn spf_advise_writes_an_object_for_programs() {
    let object = |arguments: &[&str]| -> (Value, Option<i32>) {
        let output = run("spf_advise", &[arguments, &["--json"]].concat());
        let object = serde_json::from_slice(&output.stdout).expect("an object");
        (object, output.status.code())
    };
    let (merged, code) = object(&["--record", "v=spf1 mx ~all", "--add", "a:x.example"]);
    assert_eq!(merged["record"], "v=spf1 mx a:x.example ~all");
    assert_eq!(code, Some(0));
    let (linted, code) = object(&["--record", "v=spf1 mx", "--record", "v=spf1 -all"]);
    assert_eq!(linted["record"], Value::Null);
    assert_eq!(linted["findings"][0]["severity"], "error");
    assert_eq!(code, Some(1));
    let (audited, _) = object(&[&ZONE[..], &["--domain", "yourcompany.example"]].concat());
    let audit = audited["audit"].as_str().expect("a text");
    assert!(audit.starts_with("yourcompany.example: 5 of 10 lookups"));
}
