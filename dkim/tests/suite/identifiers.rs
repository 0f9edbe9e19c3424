//! `i=`, which may be longer than a line.

use letterhead_dkim::{AgentOrUserIdentifier, Signature, Signer, sign};
use proptest::prelude::{ProptestConfig, prop_assert, prop_assert_eq, proptest};

use crate::mail_auth::judge;
use crate::support::{
    ED25519, RSA, canonicalizations, key, messages, now, signed, signer, signers, verdicts,
};

fn identifier(local_part: &str, domain: &str) -> AgentOrUserIdentifier {
    AgentOrUserIdentifier::new(local_part, domain.parse().unwrap())
}

/// Identifiers that no line holds, and ones at the edge of that. No local part holds an `@`, so that there is no question
/// where the domain begins.
pub(crate) fn identifiers() -> Vec<AgentOrUserIdentifier> {
    let long = "abcdefghij".repeat(20);
    let encoded = "\u{fc}; =\r\n".repeat(20);
    let mut identifiers = vec![
        identifier(&long, "example.org"),
        identifier(&encoded, "example.org"),
        identifier(&encoded, &deep_domain()),
        identifier("", &deep_domain()),
        identifier(&"\u{fc}".repeat(300), "news.example.org"),
    ];
    identifiers.extend((55..70).map(|length| identifier(&long[..length], "example.org")));
    identifiers
}

/// A domain that no line holds.
fn deep_domain() -> String {
    format!("{}example.org", "abcdefghi.".repeat(20))
}

fn with(signer: Signer, identifier: &AgentOrUserIdentifier) -> Signer {
    signer.agent_or_user_identifier(identifier.clone())
}

/// The first line of the field that is longer than 78 columns, or empty. A domain may be longer, on a line of its own.
fn wrong_line(field: &str) -> Option<&str> {
    let is_domain = |line: &str| {
        let domain = line.strip_prefix(" @");
        domain.is_some_and(|domain| domain.find([';', ' ']) == Some(domain.len() - 1))
    };
    let mut lines = field.trim_end().split("\r\n");
    lines.find(|line| line.trim().is_empty() || line.len() > 78 && !is_domain(line))
}

/// The value of `i=` as it is written.
fn value(field: &str) -> &str {
    let (_, rest) = field.split_once("i=").unwrap();
    rest.split_once(';').unwrap().0
}

/// Whether a line ends within an `=` and its two digits.
fn is_cut(value: &str) -> bool {
    let (lines, _last) = value.rsplit_once("\r\n ").unwrap_or(("", value));
    lines.split("\r\n ").any(|line| {
        line.ends_with('=') || line.len() > 1 && line[line.len() - 2..].starts_with('=')
    })
}

#[test]
fn a_long_identifier_is_folded_within_the_local_part_only() {
    let long = identifier(&"J\u{fc}rgen; ".repeat(10), "news.example.org");
    let field = sign(
        &messages()[0].1,
        &[with(signer(key(ED25519)), &long)],
        now(),
    )
    .unwrap()
    .remove(0);
    assert_eq!(
        value(field.as_str()),
        "J=C3=BCrgen=3B=20J=C3=BCrgen=3B=20J=C3=BCrgen=3B\r\n \
         =20J=C3=BCrgen=3B=20J=C3=BCrgen=3B=20J=C3=BCrgen=3B=20J=C3=BCrgen=3B=20J=C3\r\n \
         =BCrgen=3B=20J=C3=BCrgen=3B=20J=C3=BCrgen=3B=20@news.example.org"
    );
}

#[test]
fn what_fits_on_a_line_is_not_folded() {
    for length in 0..=62 {
        let short = identifier(&"x".repeat(length), "example.org");
        let field = sign(
            &messages()[0].1,
            &[with(signer(key(ED25519)), &short)],
            now(),
        )
        .unwrap()
        .remove(0);
        assert!(field.as_str().contains(&format!(" i={short};")));
    }
}

#[test]
fn folded_identifiers_verify_here_and_by_mail_auth() {
    let (_, message) = &messages()[0];
    for identifier in identifiers() {
        for canonicalization in canonicalizations() {
            let signers = signers()
                .map(|signer| with(signer.canonicalization(canonicalization), &identifier));
            let whole = signed(message, &signers);
            assert_eq!(whole, signed(message, &signers));
            for verdict in verdicts(&whole) {
                assert!(verdict.is_pass(), "{identifier}: {verdict}");
                assert_eq!(verdict.agent_or_user_identifier(), Some(&identifier));
            }
            let pass = ::mail_auth::DkimResult::Pass;
            assert_eq!(
                judge(&whole),
                [pass.clone(), pass],
                "{identifier}, {canonicalization}"
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn every_identifier_keeps_to_the_lines_and_reads_back(
        local_part in "[a-z;= \u{fc}@]{0,200}",
        labels in "([a-z]{1,20}\\.){0,5}",
        selector in "[a-z]{1,40}",
    ) {
        let identifier = identifier(&local_part, &format!("{labels}example.org"));
        let signer = Signer::new("example.org".parse().unwrap(), selector.parse().unwrap(), key(RSA));
        let field = sign(b"From: a@example.org\r\n\r\n", &[with(signer, &identifier)], now()).unwrap().remove(0);
        prop_assert_eq!(wrong_line(field.as_str()), None);
        prop_assert!(!is_cut(value(field.as_str())), "{}", field.as_str());
        prop_assert_eq!(value(field.as_str()).replace("\r\n ", ""), identifier.to_string());
        let text = field.as_str().strip_prefix("DKIM-Signature:").unwrap();
        let signature = Signature::parse(text.as_bytes()).unwrap();
        prop_assert_eq!(signature.agent_or_user_identifier(), Some(&identifier));
        prop_assert_eq!(format!("{signature}\r\n"), field.as_str());
    }
}
