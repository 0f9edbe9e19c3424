use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::{any, proptest};

use super::{MtaStsMode, MtaStsPolicy, MtaStsPolicyError};

fn parse(text: &str) -> Result<MtaStsPolicy, MtaStsPolicyError> {
    MtaStsPolicy::parse(text.as_bytes())
}

#[test]
fn policies_are_read() {
    for (text, mode, max_age, patterns) in [
        (
            "version: STSv1\nmode: enforce\nmx: mail.example.com\nmx: *.example.net\nmx: backupmx.example.com\nmax_age: 604800\n",
            MtaStsMode::Enforce,
            604_800,
            &["mail.example.com", "*.example.net", "backupmx.example.com"][..],
        ),
        (
            "max_age:1\r\nmx:\ta\r\nmode: testing \r\nversion: STSv1",
            MtaStsMode::Testing,
            1,
            &["a"],
        ),
        (
            "version: STSv1\nmode: none\nmax_age: 0\n\n",
            MtaStsMode::None,
            0,
            &[],
        ),
        // The first counts, unknown ones do not.
        (
            "version: STSv1\nversion: STSv9\nx-note: gr\u{fc}n: 1\nmode: none\nmode: enforce\nmax_age: 7\nmax_age: x\n",
            MtaStsMode::None,
            7,
            &[],
        ),
        (
            "version: STSv1\nmode: enforce\nmx: a\nmax_age: 9999999999\n",
            MtaStsMode::Enforce,
            31_557_600,
            &["a"],
        ),
    ] {
        let policy = parse(text).unwrap();
        let named: Vec<String> = policy.patterns().iter().map(ToString::to_string).collect();
        assert_eq!(
            (policy.mode(), policy.max_age(), named.as_slice()),
            (
                mode,
                Duration::from_secs(max_age),
                patterns
                    .iter()
                    .map(ToString::to_string)
                    .collect::<Vec<_>>()
                    .as_slice()
            ),
            "{text}"
        );
    }
}

#[test]
fn what_is_no_policy_says_why() {
    for (text, error) in [
        ("", "the policy has no field \"version\""),
        (
            "<html>",
            "line 1 of the policy is no field with a name, a colon and a value",
        ),
        (
            "version: STSv2\nmode: none\nmax_age: 1",
            "the version in line 1 is not STSv1",
        ),
        (
            "version: stsv1\nmode: none\nmax_age: 1",
            "the version in line 1 is not STSv1",
        ),
        (
            "Version: STSv1\nmode: none\nmax_age: 1",
            "the policy has no field \"version\"",
        ),
        (
            "version: STSv1\nmax_age: 1\nmx: a",
            "the policy has no field \"mode\"",
        ),
        (
            "version: STSv1\nmode: Enforce\nmax_age: 1\nmx: a",
            "the mode in line 2 is none of enforce, testing and none",
        ),
        (
            "version: STSv1\nmode: enforce\nmx: a",
            "the policy has no field \"max_age\"",
        ),
        (
            "version: STSv1\nmode: enforce\nmax_age: -1\nmx: a",
            "the max_age in line 3 is no number of up to ten digits",
        ),
        (
            "version: STSv1\nmode: enforce\nmax_age: 12345678901\nmx: a",
            "the max_age in line 3 is no number of up to ten digits",
        ),
        (
            "version: STSv1\nmode: enforce\nmax_age: 1",
            "the policy has no field \"mx\"",
        ),
        (
            "version: STSv1\nmode: enforce\nmax_age: 1\nmx: a.*.b",
            "line 4 of the policy names no host",
        ),
        (
            "version: STSv1\nmode: none\nmax_age: 1\nmx",
            "line 4 of the policy is no field with a name, a colon and a value",
        ),
        (
            "version: STSv1\nmode: none\nmax_age: 1\nx:",
            "line 4 of the policy is no field with a name, a colon and a value",
        ),
        (
            "version: STSv1\rmode: none\rmax_age: 1",
            "line 1 of the policy is no field with a name, a colon and a value",
        ),
        (
            " version: STSv1\nmode: none\nmax_age: 1",
            "line 1 of the policy is no field with a name, a colon and a value",
        ),
        (
            "version : STSv1\nmode: none\nmax_age: 1",
            "line 1 of the policy is no field with a name, a colon and a value",
        ),
    ] {
        assert_eq!(parse(text).unwrap_err().to_string(), error, "{text}");
    }
    assert_eq!(
        MtaStsPolicy::parse(b"\xff"),
        Err(MtaStsPolicyError::NotUtf8)
    );
}

#[test]
fn the_longest_text_is_read_and_a_longer_one_is_not() {
    let mut text = "version: STSv1\nmode: none\nmax_age: 1\nx: ".to_owned();
    text.push_str(&"y".repeat(MtaStsPolicy::MAX_OCTETS - text.len()));
    assert!(parse(&text).is_ok());
    text.push('y');
    assert_eq!(parse(&text), Err(MtaStsPolicyError::TooLong));
}

proptest! {
    #[test]
    fn any_octets_are_a_policy_or_an_error(octets in vec(any::<u8>(), 0..200)) {
        let _ = MtaStsPolicy::parse(&octets);
    }

    #[test]
    fn a_damaged_policy_is_a_policy_or_an_error(place in 0_usize..80, octet: u8) {
        let mut text = b"version: STSv1\nmode: enforce\nmx: *.example.net\nmax_age: 604800\n".to_vec();
        let place = place % text.len();
        text[place] = octet;
        if let Ok(policy) = MtaStsPolicy::parse(&text) {
            assert_eq!(MtaStsPolicy::parse(policy.to_string().as_bytes()), Ok(policy));
        }
    }
}
