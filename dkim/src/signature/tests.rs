use base64::Engine as _;
use proptest::prelude::{Strategy, any, prop, prop_assert, prop_assert_eq, prop_oneof, proptest};

use super::*;
use crate::base64_text::ENGINE;

const MINIMAL: &str = "v=1; a=rsa-sha256; d=example.org; s=sel; h=From; bh=AAAA; b=BBBB";

fn parse(text: &str) -> Result<Signature, SignatureError> {
    Signature::parse(text.as_bytes())
}

#[test]
fn defaults_are_those_of_the_rfc() {
    let signature = parse(MINIMAL).unwrap();
    assert_eq!(signature.canonicalization(), Canonicalization::SIMPLE);
    assert_eq!(signature.algorithm(), Some(Algorithm::RsaSha256));
    assert_eq!(signature.agent_or_user_identifier(), None);
    assert_eq!(
        (signature.body_length(), signature.signed_at()),
        (None, None)
    );
}

#[test]
fn every_required_tag_is_missed_by_name() {
    for tag in ["v", "a", "d", "s", "h", "bh", "b"] {
        let without: Vec<&str> = MINIMAL
            .split("; ")
            .filter(|part| part.split('=').next() != Some(tag))
            .collect();
        assert_eq!(
            parse(&without.join("; ")),
            Err(SignatureError::Missing(tag))
        );
    }
}

#[test]
fn added_tags_are_judged() {
    for (tag, outcome) in [
        ("q=dns/txt", Ok(())),
        ("q=dns/foo : DNS/TXT", Ok(())),
        ("q=http", Err(SignatureError::Query)),
        ("z=From:a@b", Ok(())),
        ("unknown=1", Ok(())),
        ("i=joe@sub.example.org", Ok(())),
        ("i=@example.org", Ok(())),
        (
            "i=joe@example.com",
            Err(SignatureError::IdentifierOutsideDomain),
        ),
        (
            "i=joe@notexample.org",
            Err(SignatureError::IdentifierOutsideDomain),
        ),
        ("i=joe", Err(SignatureError::Invalid("i"))),
        ("t=1; x=2", Ok(())),
        ("t=1; x=1", Err(SignatureError::ExpiresBeforeSigned)),
        ("t=2; x=1", Err(SignatureError::ExpiresBeforeSigned)),
        ("t=-1", Err(SignatureError::Invalid("t"))),
        ("t=1234567890123", Err(SignatureError::Invalid("t"))),
        ("x=", Err(SignatureError::Invalid("x"))),
        ("l=0", Ok(())),
        ("l=99999999999999999999999999", Ok(())),
        ("l=1x", Err(SignatureError::Invalid("l"))),
        ("c=relaxed", Ok(())),
        ("c=loose", Err(SignatureError::Invalid("c"))),
    ] {
        let text = format!("{MINIMAL}; {tag}");
        assert_eq!(parse(&text).map(|_| ()), outcome, "{tag}");
    }
    let twice = parse(&format!("{MINIMAL}; s=sel"));
    assert!(matches!(twice, Err(SignatureError::TagList(_))));
}

#[test]
fn values_that_are_no_values_are_named() {
    for (from, to, tag) in [
        ("d=example.org", "d=exa mple", "d"),
        ("s=sel", "s=a..b", "s"),
        ("h=From", "h=From::To", "h"),
        ("h=From", "h=", "h"),
        ("bh=AAAA", "bh=", "bh"),
        ("b=BBBB", "b=?", "b"),
    ] {
        let text = MINIMAL.replace(from, to);
        assert_eq!(parse(&text), Err(SignatureError::Invalid(tag)), "{to}");
    }
    assert_eq!(
        parse(&MINIMAL.replace("v=1", "v=2")),
        Err(SignatureError::Version)
    );
}

#[test]
fn unknown_algorithms_are_kept_as_text() {
    let signature = parse(&MINIMAL.replace("rsa-sha256", "rsa-sha1")).unwrap();
    assert_eq!(signature.algorithm(), None);
    assert_eq!(signature.algorithm_text(), "rsa-sha1");
}

#[test]
fn unicode_domains_become_a_labels() {
    let signature =
        parse(&MINIMAL.replace("d=example.org", "d=bücher.example; i=x@a.bücher.example"));
    assert_eq!(
        signature.unwrap().domain().as_str(),
        "xn--bcher-kva.example"
    );
}

#[test]
fn the_printed_form_does_not_change() {
    let text = "v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=sel; t=1; x=2; \
        i=a=3Bb@example.org; h=From:From:To:To:Subject:Subject:Message-ID:Message-ID:Date; \
        bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; \
        b=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    assert_eq!(
        parse(text).unwrap().to_string(),
        "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=sel;\r\n \
         t=1; x=2; i=a=3Bb@example.org; h=From:From:To:To:Subject:Subject:Message-ID:\r\n \
         Message-ID:Date; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=AAAAAAAA\r\n \
         AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    );
}

fn signature() -> impl Strategy<Value = Signature> {
    let domain =
        "([a-z0-9]{1,20}\\.){1,4}[a-z]{2,9}".prop_map(|text| text.parse::<DomainName>().unwrap());
    let times = prop::option::of((0..499_999_999_999_u64, 1..499_999_999_999_u64));
    (
        prop_oneof![
            Just("rsa-sha256"),
            Just("ed25519-sha256"),
            Just("other-hash")
        ],
        any::<(bool, bool, Option<String>, Option<u64>)>(),
        (domain, "[a-z0-9]{1,30}"),
        prop::collection::vec("[!-9<-~]{1,90}", 1..20),
        times,
        prop::collection::vec(any::<u8>(), 1..300),
    )
        .prop_map(
            |(
                algorithm,
                (header, body, local, length),
                (domain, selector),
                headers,
                times,
                octets,
            )| {
                let canonicalization = match (header, body) {
                    (false, false) => "simple/simple",
                    (false, true) => "simple/relaxed",
                    (true, false) => "relaxed/simple",
                    (true, true) => "relaxed/relaxed",
                };
                Signature {
                    algorithm: AlgorithmTag::read(algorithm).unwrap(),
                    canonicalization: canonicalization.parse().unwrap(),
                    identifier: local.map(|local| {
                        AgentOrUserIdentifier::new(&local, domain.prepend("sub").unwrap())
                    }),
                    domain,
                    selector: selector.parse().unwrap(),
                    long: LongValues::read(
                        headers.join(":").as_bytes(),
                        ENGINE
                            .encode(octets.get(..32).unwrap_or(&octets))
                            .as_bytes(),
                        ENGINE.encode(&octets).as_bytes(),
                    )
                    .unwrap(),
                    body_length: length,
                    signed_at: times.map(|(at, _)| at),
                    expires_at: times.map(|(at, after)| at + after),
                }
            },
        )
}

use proptest::prelude::Just;

proptest! {
    #[test]
    fn what_is_printed_is_read_back(signature in signature()) {
        let text = signature.to_string();
        let value = text.strip_prefix("DKIM-Signature:").unwrap();
        prop_assert_eq!(Signature::parse(value.as_bytes()), Ok(signature.clone()));
        for line in text.split("\r\n") {
            let one_token = !line.trim_start().contains(' ');
            prop_assert!(line.len() <= 78 || one_token, "{}", line);
        }
    }

    #[test]
    fn arbitrary_octets_never_panic(value in prop::collection::vec(any::<u8>(), 0..120)) {
        let _ = Signature::parse(&value);
        let _ = Signature::parse(&[MINIMAL.as_bytes(), b"; i=", &value[..]].concat());
        let _ = Signature::parse(&[b"v=1; h=", &value[..]].concat());
    }
}
