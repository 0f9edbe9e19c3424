//! Tests of Authentication-Results.

use proptest::prelude::{ProptestConfig, Strategy, any, proptest};

use super::{
    AuthenticationResults, AuthenticationResultsErrorKind as Kind, Method, MethodResult,
    PropertyType,
};

fn empty() -> AuthenticationResults {
    AuthenticationResults::new("mx.example.net".parse().unwrap())
}

#[test]
fn results_are_written_one_a_line() {
    let results = empty()
        .with(MethodResult::new(Method::SPF, "pass").property(
            PropertyType::SMTP,
            "mailfrom",
            "bounce@amazonses.com",
        ))
        .with(
            MethodResult::new(Method::DKIM, "PASS")
                .property(PropertyType::HEADER, "d", "example.com")
                .property(PropertyType::HEADER, "s", "abc")
                .property(PropertyType::HEADER, "a", "rsa-sha256")
                .property(PropertyType::HEADER, "b", "dzdVyOfA/KGo=")
                .property(PropertyType::HEADER, "i", "@example.com"),
        )
        .with(MethodResult::new(Method::DMARC, "fail").reason("policy \"reject\""));
    assert_eq!(
        results.to_header_field(),
        "Authentication-Results: mx.example.net;\r\n spf=pass smtp.mailfrom=bounce@amazonses.com;\r\n \
         dkim=pass header.d=example.com header.s=abc header.a=rsa-sha256\r\n \
         header.b=\"dzdVyOfA/KGo=\" header.i=@example.com;\r\n dmarc=fail reason=\"policy \\\"reject\\\"\"\r\n"
    );
    assert_eq!(results.to_string().parse(), Ok(results));
}

#[test]
fn no_results_are_written_as_none() {
    assert_eq!(
        empty().to_header_field(),
        "Authentication-Results: mx.example.net; none\r\n"
    );
    assert_eq!("mx.example.net 1; None (x)".parse(), Ok(empty()));
}

#[test]
fn nothing_can_be_injected() {
    let result = MethodResult::new(Method::SPF, "pass; dkim=pass")
        .reason("a\r\nX: y\u{0}\u{85}")
        .property(PropertyType::SMTP, "mailfrom", "a@b.org; dkim=pass (x)\r\n")
        .property(PropertyType::SMTP, "x=1; dkim=pass smtp.y", "z")
        .property(PropertyType::SMTP, "long", &"\"".repeat(5_000));
    assert_eq!(result.result(), "permerror");
    assert_eq!(result.properties().len(), 2);
    let field = empty().with(result.clone()).to_header_field();
    let value = field.strip_prefix("Authentication-Results: ").unwrap();
    assert_eq!(
        value.parse::<AuthenticationResults>().unwrap().results(),
        [result]
    );
    assert!(
        field
            .split("\r\n")
            .skip(1)
            .all(|line| line.is_empty() || line.starts_with(' '))
    );
    assert!(field.split("\r\n").all(|line| line.len() <= 998));
}

#[test]
fn other_peoples_results_are_read() {
    let value = " mx.google.com;\r\n       dkim=pass header.i=@example.com header.s=s1 header.b=\"AbC/+d==\";\r\n       \
        spf=pass (google.com: domain of \\(x\\) a@b.org (nested) designates 192.0.2.1) smtp.mailfrom=a@b.org;\r\n       \
        dmarc / 1 = pass (p=REJECT) reason = \"because; \\\"x\\\"\" header . from = example.com;\r\n auth=pass \
        smtp.auth=\"a b\"@example.org; x-unknown=some_thing policy.x=a/b=;";
    let results: AuthenticationResults = value.parse().unwrap();
    let summary: Vec<_> = results
        .results()
        .iter()
        .map(|result| (result.method().as_str(), result.result()))
        .collect();
    assert_eq!(
        summary,
        [
            ("dkim", "pass"),
            ("spf", "pass"),
            ("dmarc", "pass"),
            ("auth", "pass"),
            ("x-unknown", "some_thing")
        ]
    );
    let value = |index: usize, kind: &PropertyType, name: &str| {
        results.results()[index].property_value(kind, name)
    };
    assert_eq!(value(0, &PropertyType::HEADER, "b"), Some("AbC/+d=="));
    assert_eq!(value(0, &PropertyType::HEADER, "I"), Some("@example.com"));
    assert_eq!(value(1, &PropertyType::SMTP, "mailfrom"), Some("a@b.org"));
    assert_eq!(results.results()[2].reason_text(), Some("because; \"x\""));
    assert_eq!(value(2, &PropertyType::HEADER, "from"), Some("example.com"));
    assert_eq!(
        value(3, &PropertyType::SMTP, "auth"),
        Some("\"a b\"@example.org")
    );
    assert_eq!(value(4, &PropertyType::POLICY, "x"), Some("a/b="));
}

#[test]
fn what_is_no_value_is_refused_with_its_place() {
    for (value, offset, kind) in [
        ("", 0, Kind::Expected("a value")),
        ("mx.example.net", 14, Kind::Expected("a semicolon")),
        ("mx.example.net 2; none", 15, Kind::Version),
        ("mx.example.net; ", 16, Kind::Expected("a method")),
        ("mx.example.net; spf", 19, Kind::Expected("an equals sign")),
        ("mx.example.net; spf=", 20, Kind::Expected("a result")),
        ("mx.example.net; spf/2=pass", 21, Kind::Version),
        ("mx.example.net; spf=pass x", 26, Kind::Expected("a dot")),
        (
            "mx.example.net; spf=pass a.b=",
            29,
            Kind::Expected("a value"),
        ),
        ("mx.example.net; spf=pass a.b=\"x", 31, Kind::Unclosed),
        ("mx.example.net; none (x", 23, Kind::Unclosed),
    ] {
        let error = value.parse::<AuthenticationResults>().expect_err(value);
        assert_eq!((error.offset(), error.kind()), (offset, kind), "{value:?}");
    }
    let host = " a..b; none".parse::<AuthenticationResults>().unwrap_err();
    assert!(matches!((host.offset(), host.kind()), (1, Kind::Host(_))));
}

fn method_results() -> impl Strategy<Value = MethodResult> {
    (
        "[a-z][a-z0-9-]{0,8}",
        "[a-z]{1,8}",
        any::<Option<String>>(),
        proptest::collection::vec(("[a-z]{1,6}", "[a-z-]{1,6}", any::<String>()), 0..4),
    )
        .prop_map(|(method, keyword, reason, properties)| {
            let mut result = MethodResult::new(method.parse().unwrap(), &keyword);
            if let Some(reason) = reason {
                result = result.reason(&reason);
            }
            for (kind, name, value) in properties {
                result = result.property(kind.parse().unwrap(), &name, &value);
            }
            result
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn what_is_written_reads_back_the_same(list in proptest::collection::vec(method_results(), 0..4)) {
        let results = list.into_iter().fold(empty(), AuthenticationResults::with);
        let value = results.to_string();
        assert_eq!(value.parse(), Ok(results), "{value}");
        assert!(!value.replace("\r\n ", "").chars().any(char::is_control));
    }

    #[test]
    fn reading_never_panics(text in any::<String>(), value in "mx[ a1;=./\"\\\\()\r\n@]{0,30}") {
        let _ = text.parse::<AuthenticationResults>();
        let _ = value.parse::<AuthenticationResults>();
    }
}
