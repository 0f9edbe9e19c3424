use std::slice::SliceIndex;

use proptest::prelude::{Strategy, any, prop, prop_assert, prop_assert_eq, proptest};

use super::*;
use crate::key::{KeySpec, PrivateKey};

const ED25519: &str = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";

/// The Base64 of a PEM file of the tests.
macro_rules! pem {
    ($name:literal) => {
        include_str!(concat!("../../tests/keys/", $name))
            .lines()
            .filter(|line| !line.starts_with('-'))
            .collect::<String>()
    };
}

fn part(text: &str, range: impl SliceIndex<str, Output = str>) -> &str {
    text.get(range).unwrap()
}

fn codes(texts: &[&str]) -> Vec<Code> {
    let texts: Vec<Txt> = texts
        .iter()
        .map(|text| Txt::split(text.as_bytes()))
        .collect();
    lint(&texts).iter().map(|finding| finding.code).collect()
}

#[test]
fn records_of_our_own_keys_are_free_of_findings() {
    let rsa = format!("v=DKIM1; k=rsa; p={}", pem!("rsa2048-public.pem"));
    let ed25519 = format!("v=DKIM1; k=ed25519; p={ED25519}");
    for text in [
        &rsa,
        &ed25519,
        &ed25519.replace("; p", "; t=s; s=email; h=sha256; n=a; p"),
    ] {
        assert_eq!(codes(&[text]), [], "{text}");
    }
    let long = PrivateKey::generate(KeySpec::Rsa4096).unwrap();
    let record = PublicKeyRecord::for_key(&long);
    assert_eq!(codes(&[&record.to_string()]), [Code::RsaLong]);
}

#[test]
fn each_fault_of_a_tag_has_its_code() {
    let key = format!("k=ed25519; p={ED25519}");
    for (text, code) in [
        (key.clone(), Code::NoVersion),
        (format!("{key}; v=DKIM1"), Code::VersionNotFirst),
        (format!("v=dkim1; {key}"), Code::Version),
        (
            format!("v=DKIM1; {}", key.replace("ed25519", "dsa")),
            Code::KeyType,
        ),
        ("v=DKIM1; k=rsa".to_owned(), Code::NoKey),
        ("v=DKIM1; p=".to_owned(), Code::Revoked),
        (format!("v=DKIM1; {key}; t=y"), Code::Testing),
        (format!("v=DKIM1; {key}; t=s:x"), Code::UnknownFlag),
        (format!("v=DKIM1; {key}; s=chat"), Code::ServiceNotEmail),
        (format!("v=DKIM1; {key}; h=sha1"), Code::HashWithoutSha256),
        (format!("v=DKIM1; {key}; h=sha1:sha256"), Code::Sha1),
        (format!("v=DKIM1; {key}; g="), Code::Granularity),
        (format!("v=DKIM1; {key}; n==x"), Code::Notes),
        (format!("v=DKIM1; {key}; foo=1"), Code::UnknownTag),
        (format!("v=DKIM1; {key}; {key}"), Code::Syntax),
        (format!("v=DKIM1; {key}; foo"), Code::Syntax),
        (
            format!("v=DKIM1\\; k=ed25519\\; p={ED25519}"),
            Code::Backslash,
        ),
        (format!("\"v=DKIM1; {key}\""), Code::Quote),
        (
            format!(
                "v=DKIM1; k=ed25519; p={}\" \"{}",
                part(ED25519, ..9),
                part(ED25519, 9..)
            ),
            Code::Quote,
        ),
    ] {
        assert_eq!(codes(&[&text]), [code], "{text}");
    }
    let all = codes(&[&format!("\"k=ed25519\\; p={}\"", part(ED25519, ..40))]);
    assert_eq!(
        all,
        [Code::Backslash, Code::Quote, Code::NoVersion, Code::KeyCut]
    );
}

#[test]
fn each_fault_of_a_key_has_its_code() {
    let rsa = pem!("rsa2048-public.pem");
    let pkcs1 = pem!("rsa2048-public-pkcs1.pem");
    let small = pem!("rsa768-public.pem");
    let wrapped = "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
    for (kind, data, code) in [
        ("rsa", pkcs1.clone(), Code::Pkcs1),
        ("rsa", small, Code::RsaTooSmall),
        (
            "rsa",
            format!("{} {}", part(&rsa, ..70), part(&rsa, 70..)),
            Code::KeyWhiteSpace,
        ),
        ("rsa", part(&rsa, ..200).to_owned(), Code::KeyCut),
        ("rsa", part(&pkcs1, ..250).to_owned(), Code::KeyCut),
        ("rsa", format!("{rsa}{rsa}"), Code::KeyTrailing),
        ("rsa", format!("{pkcs1}AAAA"), Code::KeyTrailing),
        ("rsa", part(&rsa, ..201).to_owned(), Code::KeyEncoding),
        (
            "rsa",
            format!("{}={}", part(&rsa, ..100), part(&rsa, 100..)),
            Code::KeyEncoding,
        ),
        ("rsa", rsa.replace(['/', '+'], "_"), Code::KeyEncoding),
        (
            "rsa",
            format!("-----BEGIN PUBLIC KEY-----{rsa}"),
            Code::NotAKey,
        ),
        ("rsa", "AAAA".to_owned(), Code::NotAKey),
        ("rsa", pem!("rsa2048.pem"), Code::PrivateKey),
        ("rsa", pem!("rsa2048-pkcs1.pem"), Code::PrivateKey),
        ("rsa", pem!("ed25519.pem"), Code::PrivateKey),
        ("rsa", ED25519.to_owned(), Code::KeyTypeMismatch),
        ("rsa", wrapped.to_owned(), Code::KeyTypeMismatch),
        ("ed25519", rsa.clone(), Code::KeyTypeMismatch),
        ("ed25519", wrapped.to_owned(), Code::Ed25519Wrapped),
        ("ed25519", part(ED25519, ..40).to_owned(), Code::KeyCut),
        ("ed25519", pem!("ed25519.pem"), Code::PrivateKey),
        ("ed25519", pem!("ec.pem"), Code::NotAKey),
    ] {
        assert_eq!(
            codes(&[&format!("v=DKIM1; k={kind}; p={data}")]),
            [code],
            "{kind} {data}"
        );
    }
}

#[test]
fn remedies_that_name_a_value_are_right() {
    let wrapped =
        "v=DKIM1; k=ed25519; p=MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
    let findings = lint(&[Txt::split(wrapped.as_bytes())]);
    assert_eq!(findings[0].remedy, format!("write `p={ED25519}`"));
    let pkcs1 = format!("v=DKIM1; p={}", pem!("rsa2048-public-pkcs1.pem"));
    let findings = lint(&[Txt::split(pkcs1.as_bytes())]);
    assert!(findings[0].remedy.contains(&pem!("rsa2048-public.pem")));
}

#[test]
fn the_texts_of_a_name_are_judged_together() {
    let good = format!("v=DKIM1; k=ed25519; p={ED25519}");
    let rsa = pem!("rsa2048-public.pem");
    let (front, back) = rsa.split_at(200);
    let front = format!("v=DKIM1; k=rsa; p={front}");
    assert_eq!(codes(&[]), [Code::NoRecord]);
    assert_eq!(codes(&["v=spf1 -all"]), [Code::NoRecord, Code::ForeignText]);
    assert_eq!(codes(&["v=spf1 -all", &good]), [Code::ForeignText]);
    assert_eq!(codes(&[&good, &good]), [Code::SeveralRecords]);
    assert_eq!(codes(&[&front, back]), [Code::KeyCut, Code::Scattered]);
    // A broken record is passed over where there is a good one, and is then no error.
    let texts = [&good, "v=DKIM1"].map(|text| Txt::split(text.as_bytes()));
    assert_eq!(lint(&texts)[0].severity, Severity::Warning);
}

#[test]
fn codes_are_one_word_each_and_differ() {
    let mut texts: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    texts.sort_unstable();
    texts.dedup();
    assert_eq!(texts.len(), Code::ALL.len());
}

fn text() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop::sample::select(vec![
        "v=DKIM1",
        ";",
        "; ",
        "k=ed25519",
        "k=rsa",
        "p=",
        ED25519,
        "\\",
        "\"",
        " ",
        "t=y",
        "t=",
        "h=sha256",
        "h=",
        "s=",
        "n=",
        "=",
        "g=*",
        "AAAA",
        "=0a",
        "v=spf1",
        "MCowBQYDK2VwAyEA",
    ]);
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat().into_bytes())
}

proptest! {
    #[test]
    fn a_record_that_cannot_be_read_has_an_error(likely in text(), noise in prop::collection::vec(any::<u8>(), 0..80)) {
        for text in [likely, noise] {
            let findings = lint(&[Txt::split(&text)]);
            let error = findings.iter().any(|finding| finding.severity == Severity::Error);
            prop_assert!(error || PublicKeyRecord::parse(&text).is_ok(), "{:?}", findings);
            for finding in findings {
                prop_assert!(!finding.to_string().contains(char::is_control));
            }
        }
    }

    #[test]
    fn a_record_with_an_error_verifies_nothing(text in text()) {
        let error = lint(&[Txt::split(&text)]).iter().any(|finding| finding.severity == Severity::Error);
        if let Ok(record) = PublicKeyRecord::parse(&text) {
            let usable = record.allows_sha256()
                && record.allows_email()
                && record.key().is_some_and(|key| key.verifier().is_some());
            if !record.is_revoked() {
                prop_assert_eq!(error, !usable);
            }
        }
    }
}
