//! What holds for every message.

use letterhead_dkim::{
    Algorithm, BodyCanonicalization, Cause, Digest, PreparedBody, PrivateKey, PublicKeyRecord,
    SignError, Signature, SignatureTemplate, prepare, sign, sign_with_body,
};
use proptest::prelude::{
    ProptestConfig, Strategy, any, prop, prop_assert, prop_assert_eq, prop_assume, proptest,
};

use crate::support::{
    self, ED25519, canonicalizations, domain, key, now, signed, signer, signers, verdicts,
};

/// Octets in which line ends, white space and field names are frequent.
fn octets(most: usize) -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(prop::sample::select(PIECES), 0..most).prop_map(|pieces| pieces.concat())
}

const PIECES: &[&[u8]] = &[
    b"\r\n",
    b" ",
    b"\t",
    b":",
    b"From: a",
    b"DKIM-Signature: v=1; a=rsa-sha256; h=From; d=",
    b"a",
    b"\xff",
    b"\r",
    b"\n",
    b";",
    b"=",
];

const TAGS: &str = " v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.org; i=@mail.example.org;\r\n\tt=1700000000; s=2026a; \
    h=From:To:\r\n Subject : Date; x=1800000000; bh=AAAA; z=From:a; b=AB\r\n\tCD==; n=1";

const CHANGES: &[&str] = &[
    "\r\n ", "\r\n\t", " ", "\t", ";", "=", ":", "@", "\x00", "\x01", "\x0b", "\x0c", "\x7f",
    "\u{e4}", "a", "1",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn nothing_panics_on_arbitrary_octets(noise in prop::collection::vec(any::<u8>(), 0..200), likely in octets(60)) {
        for message in [noise, likely] {
            let _ = verdicts(&message);
            let _ = sign(&message, &[signer(key(ED25519))], now());
            let _ = PrivateKey::from_der(&message);
            let _ = PrivateKey::from_pem(&String::from_utf8_lossy(&message));
        }
    }

    /// Verification knows of the whole header what reading the value alone has to find out.
    #[test]
    fn a_signature_is_read_in_its_message_as_by_itself(
        changes in prop::collection::vec((any::<prop::sample::Index>(), prop::sample::select(CHANGES)), 0..4),
        end in prop::sample::select(&["\r\n", ""][..]),
    ) {
        let mut value = TAGS.as_bytes().to_vec();
        for (place, change) in changes {
            let place = place.index(value.len() + 1);
            value.splice(place..place, change.bytes());
        }
        // As a field it goes on only where a line begins with white space.
        let unfolded = String::from_utf8_lossy(&value).replace("\r\n ", "x").replace("\r\n\t", "x");
        prop_assume!(!unfolded.contains(['\r', '\n']));
        let message = [b"From: a@example.org\r\nDKIM-Signature:", &value[..], end.as_bytes()].concat();
        let verdict = verdicts(&message).remove(0);
        match Signature::parse(&value) {
            Ok(signature) => prop_assert_eq!(verdict.signature(), Some(&signature)),
            Err(error) => prop_assert_eq!(verdict.cause(), &Cause::SignatureSyntax(error)),
        }
    }

    #[test]
    fn what_is_signed_verifies(
        names in prop::collection::vec("(List-)?[!-9<-~]{1,20} ?", 0..8),
        values in prop::collection::vec("[ -~\t\u{80}-\u{ff}]{0,90}(\r\n[ \t][ -~]{0,30}){0,3}", 8),
        body in octets(50),
        choice in 0..4_usize,
    ) {
        let mut message = b"From: a@example.org\r\n".to_vec();
        for (name, value) in names.iter().zip(&values) {
            prop_assume!(!name.trim_end().eq_ignore_ascii_case("from") && !name.trim_end().eq_ignore_ascii_case("dkim-signature"));
            message.extend_from_slice(format!("{name}:{value}\r\n").as_bytes());
        }
        message.extend_from_slice(b"\r\n");
        let text = String::from_utf8_lossy(&body).replace("\r\n", "\n").replace('\r', "").replace('\n', "\r\n");
        message.extend_from_slice(text.as_bytes());
        let signer = signer(key(ED25519)).canonicalization(canonicalizations()[choice]);
        let whole = signed(&message, &[signer]);
        let verdicts = verdicts(&whole);
        prop_assert_eq!(verdicts.len(), 1);
        prop_assert!(verdicts[0].is_pass(), "{}", verdicts[0]);
    }

    #[test]
    fn header_fields_are_folded_and_ascii(selector in "[a-z0-9]{1,60}", names in prop::collection::vec("List-[A-Za-z]{1,30}", 0..20)) {
        let header: String = names.iter().map(|name| format!("{name}: x\r\n")).collect();
        let message = format!("From: a@example.org\r\n{header}\r\n");
        let signer = letterhead_dkim::Signer::new(domain(), selector.parse().unwrap(), key(ED25519)).ed25519_alone();
        let field = sign(message.as_bytes(), &[signer], now()).unwrap().remove(0);
        prop_assert!(field.as_str().is_ascii() && field.as_str().ends_with("\r\n"));
        for line in field.as_str().lines() {
            prop_assert!(line.len() <= 78, "{}", line);
        }
    }
}

#[test]
fn signing_in_two_steps_gives_the_same_field() {
    let message = &support::messages()[0].1;
    let signers = signers();
    let prepared = prepare(message, &signers, now()).unwrap();
    let signatures: Vec<Vec<u8>> = prepared
        .requests()
        .iter()
        .zip(&signers)
        .map(|(request, signer)| {
            assert_eq!(request.algorithm(), signer.key().algorithm());
            assert_eq!(request.selector(), signer.template().selector());
            signer.key().sign_digest(request.digest()).unwrap()
        })
        .collect();
    let fields = prepared.clone().finish(signatures).unwrap();
    assert_eq!(fields, sign(message, &signers, now()).unwrap());
    assert!(matches!(
        prepared.clone().finish([]).unwrap_err(),
        SignError::SignatureCount {
            expected: 2,
            given: 0
        }
    ));
    assert!(matches!(
        prepared.finish([vec![0; 256], vec![0; 63]]).unwrap_err(),
        SignError::SignatureLength {
            signer: 1,
            algorithm: Algorithm::Ed25519Sha256,
            octets: 63
        }
    ));
}

#[test]
fn a_prepared_body_gives_the_same_field() {
    let header = b"From: a@example.org\r\nSubject: Hi\r\n";
    let body = b"Hello \r\n\r\n";
    let whole = [&header[..], b"\r\n", body].concat();
    let prepared = PreparedBody::new(body, &[BodyCanonicalization::Relaxed]).unwrap();
    let expected = sign(&whole, &signers(), now()).unwrap();
    for header in [&header[..], &[&header[..], b"\r\n"].concat()] {
        assert_eq!(
            sign_with_body(header, &prepared, &signers(), now()).unwrap(),
            expected
        );
    }
    let simple = signer(key(ED25519)).canonicalization(letterhead_dkim::Canonicalization::SIMPLE);
    assert!(matches!(
        sign_with_body(header, &prepared, &[simple], now()).unwrap_err(),
        SignError::BodyNotPrepared { signer: 0 }
    ));
}

#[test]
fn a_signed_field_can_be_read_as_a_signature() {
    let template = SignatureTemplate::new(domain(), "s".parse().unwrap(), Algorithm::RsaSha256)
        .expires_after(std::time::Duration::from_secs(864_000));
    let prepared = prepare(&support::messages()[0].1, &[template], now()).unwrap();
    let field = prepared.finish([vec![7; 256]]).unwrap().remove(0);
    let value = field.as_str().strip_prefix("DKIM-Signature:").unwrap();
    let signature = Signature::parse(value.as_bytes()).unwrap();
    assert_eq!(format!("{signature}\r\n"), field.as_str());
    assert_eq!(signature.signed_at(), Some(now()));
    assert_eq!(
        signature.expires_at(),
        Some(now() + std::time::Duration::from_secs(864_000))
    );
    assert_eq!(signature.signature(), [7; 256]);
    assert_eq!(signature.body_length(), None);
}

#[test]
fn a_key_of_ones_own_takes_part() {
    #[derive(Debug)]
    struct Refusing;
    impl letterhead_dkim::SigningKey for Refusing {
        fn algorithm(&self) -> Algorithm {
            Algorithm::Ed25519Sha256
        }
        fn public_key(&self) -> letterhead_dkim::PublicKey {
            letterhead_dkim::PublicKey::ed25519([0; 32])
        }
        fn sign_digest(&self, _: &Digest) -> Result<Vec<u8>, letterhead_dkim::KeyError> {
            Err(letterhead_dkim::KeyError::signing("the device is locked"))
        }
    }
    let signer = signer(std::sync::Arc::new(Refusing));
    assert!(
        PublicKeyRecord::for_key(signer.key())
            .to_string()
            .contains("k=ed25519")
    );
    let error = sign(&support::messages()[0].1, &[signer], now()).unwrap_err();
    let mut text = error.to_string();
    let mut source = std::error::Error::source(&error);
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    assert_eq!(
        text,
        "the key of signer 0 could not sign: signing failed: the device is locked"
    );
}
