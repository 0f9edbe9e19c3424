//! The rules of verification, one by one.

use std::time::Duration;

use letterhead_dkim::{
    AgentOrUserIdentifier, Algorithm, Cause, DkimResult, KeyRecordError, PrivateKey,
    PublicKeyRecord, ResultClause, SignError, Signer, VerifyLimits, sign, verify,
};
use letterhead_dns::{
    Answer, BoxFuture, LookupError, LookupErrorKind, Name, RecordType, Resolver, Zone,
    block_on_ready,
};

use crate::support::{
    self, ED25519, RSA, insert, key, key_file, now, signed, signer, verdicts, verdicts_in,
};

const MESSAGE: &[u8] = b"From: a@example.org\r\nSubject: Hi\r\n\r\nHello\r\n";
const RSA_NAME: &str = "rsa._domainkey.example.org";
const ED25519_NAME: &str = "ed25519._domainkey.example.org";

fn ed25519() -> Signer {
    signer(key(ED25519))
}

fn record() -> PublicKeyRecord {
    PublicKeyRecord::for_key(&key(ED25519))
}

/// The verdict on a message signed with Ed25519 where these TXT records are published.
fn with_records(signer: Signer, records: &[&str]) -> letterhead_dkim::Verdict {
    let mut zone = Zone::new();
    for record in records {
        insert(&mut zone, ED25519_NAME, record.as_bytes());
    }
    verdicts_in(&zone, &signed(MESSAGE, &[signer])).remove(0)
}

#[test]
fn key_records_decide() {
    let good = record().to_string();
    let rsa = PublicKeyRecord::for_key(&key(RSA)).to_string();
    let revoked = PublicKeyRecord::revoked(Algorithm::Ed25519Sha256).to_string();
    let other = PublicKeyRecord::for_key(&PrivateKey::ed25519_from_seed(&[7; 32]).unwrap());
    let (other, testing) = (other.to_string(), other.testing().to_string());
    let only = |text: &str| good.replace("; p=", &format!("; {text}; p="));
    for (records, cause) in [
        (vec![good.as_str()], Cause::Verified),
        (vec![], Cause::NoKey),
        (
            vec!["v=spf1 -all"],
            Cause::KeySyntax(KeyRecordError::Version),
        ),
        (vec!["v=spf1 -all", &good], Cause::Verified),
        // Each of several is tried, and what is wrong with the most likely one told.
        (vec![&good, &rsa], Cause::Verified),
        (vec![&rsa, &good], Cause::Verified),
        (vec![&revoked, &good], Cause::Verified),
        (vec![&rsa, &revoked], Cause::KeyRevoked),
        (vec![&rsa, &revoked, &other], Cause::SignatureMismatch),
        (vec![&rsa, &revoked, &other, &good], Cause::Verified),
        (
            vec![&rsa, &revoked, &other, &testing, &good],
            Cause::SeveralKeys,
        ),
        (vec![&revoked], Cause::KeyRevoked),
        (vec![&rsa], Cause::KeyTypeMismatch),
        (vec![&only("h=sha1")], Cause::HashNotAllowed),
        (vec![&only("h=sha1:sha256")], Cause::Verified),
        (vec![&only("s=chat")], Cause::ServiceNotAllowed),
        (vec![&only("t=s")], Cause::Verified),
    ] {
        let verdict = with_records(ed25519(), &records);
        assert_eq!(verdict.cause(), &cause, "{records:?}");
        assert_eq!(verdict.result(), cause.result());
    }
    assert_eq!(Cause::NoKey.result(), DkimResult::PermError);
    assert_eq!(Cause::KeyRevoked.result().to_string(), "permerror");
}

#[test]
fn testing_and_strict_flags_are_reported_and_kept() {
    let verdict = with_records(ed25519(), &[&record().testing().to_string()]);
    assert!(verdict.is_testing() && verdict.is_pass());
    let below = AgentOrUserIdentifier::new("joe", "sub.example.org".parse().unwrap());
    let signer = ed25519().agent_or_user_identifier(below.clone());
    let verdict = with_records(signer.clone(), &[&record().to_string()]);
    assert_eq!(verdict.agent_or_user_identifier(), Some(&below));
    assert!(verdict.is_pass() && !verdict.is_testing());
    let verdict = with_records(signer, &[&record().strict().to_string()]);
    assert_eq!(verdict.cause(), &Cause::IdentifierNotAllowed);
}

#[test]
fn identifiers_outside_the_domain_are_not_signed() {
    let outside = AgentOrUserIdentifier::new("", "example.com".parse().unwrap());
    let signer = ed25519().agent_or_user_identifier(outside);
    assert!(matches!(
        sign(MESSAGE, &[signer], now()).unwrap_err(),
        SignError::IdentifierOutsideDomain
    ));
}

#[derive(Debug)]
struct Failing(LookupErrorKind);

impl Resolver for Failing {
    fn lookup<'a>(
        &'a self,
        name: &'a Name,
        record_type: RecordType,
    ) -> BoxFuture<'a, Result<Answer, LookupError>> {
        Box::pin(async move { Err(LookupError::new(name.clone(), record_type, self.0)) })
    }
}

#[test]
fn lookup_failures_are_told_apart() {
    let message = signed(MESSAGE, &[ed25519()]);
    for (kind, cause, result) in [
        (
            LookupErrorKind::NoSuchName,
            Cause::NoKey,
            DkimResult::PermError,
        ),
        (
            LookupErrorKind::Temporary,
            Cause::KeyLookupFailed,
            DkimResult::TempError,
        ),
        (
            LookupErrorKind::Malformed,
            Cause::KeyLookupMalformed,
            DkimResult::PermError,
        ),
    ] {
        let verdicts = block_on_ready(verify(
            &message,
            &Failing(kind),
            now(),
            &VerifyLimits::default(),
        ))
        .unwrap();
        assert_eq!(
            (verdicts[0].cause(), verdicts[0].result()),
            (&cause, result)
        );
        assert_eq!(verdicts[0].domain(), Some(&support::domain()));
    }
}

#[test]
fn time_is_judged_with_tolerance() {
    let signer = ed25519().dangerous_expires_after(Duration::from_secs(1000));
    let message = signed(MESSAGE, &[signer]);
    let zone = support::zone();
    let limits = VerifyLimits::default().clock_skew(Duration::from_secs(60));
    for (offset, cause, ahead) in [
        (-61, Cause::Verified, Some(61)),
        (-60, Cause::Verified, None),
        (0, Cause::Verified, None),
        (1060, Cause::Verified, None),
        (1061, Cause::Expired, None),
    ] {
        let seconds = Duration::from_secs(1_000_000);
        let then =
            now() - seconds + Duration::from_secs(u64::try_from(1_000_000 + offset).unwrap());
        let verdicts = block_on_ready(verify(&message, &zone, then, &limits)).unwrap();
        assert_eq!(verdicts[0].cause(), &cause, "{offset}");
        assert_eq!(verdicts[0].signed_ahead(), ahead.map(Duration::from_secs));
    }
}

#[test]
fn withdrawn_algorithms_and_small_keys_never_pass() {
    let message = String::from_utf8(signed(MESSAGE, &[signer(key(RSA))])).unwrap();
    let sha1 = message.replace("rsa-sha256", "rsa-sha1");
    let verdict = verdicts(sha1.as_bytes()).remove(0);
    assert_eq!(
        (verdict.cause(), verdict.algorithm()),
        (&Cause::AlgorithmNotUsable, None)
    );
    assert_eq!(verdict.result(), DkimResult::PermError);
    assert_eq!(verdict.signature().unwrap().algorithm_text(), "rsa-sha1");

    let public: String = key_file!("rsa768-public.pem")
        .lines()
        .filter(|line| !line.starts_with('-'))
        .collect();
    let mut zone = Zone::new();
    insert(&mut zone, RSA_NAME, format!("p={public}").as_bytes());
    let verdict = verdicts_in(&zone, message.as_bytes()).remove(0);
    assert_eq!(
        (verdict.cause(), verdict.key_bits()),
        (&Cause::KeyTooSmall, Some(768))
    );
}

#[test]
fn syntax_errors_and_unsigned_from_are_named() {
    let with = |field: &str| {
        let message = format!(
            "DKIM-Signature: {field}\r\n{}",
            str::from_utf8(MESSAGE).unwrap()
        );
        verdicts(message.as_bytes()).remove(0)
    };
    let verdict = with("v=1; nonsense");
    assert_eq!(verdict.result(), DkimResult::Neutral);
    assert_eq!(verdict.domain(), None);
    let verdict = with("v=1; a=rsa-sha256; d=example.org; s=rsa; h=To; bh=AAAA; b=AAAA");
    assert_eq!(
        verdict.to_string(),
        "dkim=permerror (From is not signed) header.d=example.org header.s=rsa"
    );
    let long = format!(
        "v=1; a=rsa-sha256; d={}org; s=s; h=From; bh=AAAA; b=AAAA",
        "abcdefghi.".repeat(24)
    );
    assert_eq!(with(&long).cause(), &Cause::KeyName);
}

#[test]
fn a_signature_over_a_missing_from_is_nothing() {
    let whole = String::from_utf8(signed(MESSAGE, &[ed25519()])).unwrap();
    let without = whole.replace("From: a@example.org\r\n", "");
    assert_eq!(
        verdicts(without.as_bytes())[0].cause(),
        &Cause::FromNotSigned
    );
}

#[test]
fn limits_hold() {
    let whole = signed(MESSAGE, &[ed25519(), ed25519(), ed25519()]);
    let zone = support::zone();
    let causes = |limits: VerifyLimits| -> Vec<Cause> {
        let verdicts = block_on_ready(verify(&whole, &zone, now(), &limits)).unwrap();
        verdicts
            .iter()
            .map(|verdict| verdict.cause().clone())
            .collect()
    };
    assert_eq!(
        causes(VerifyLimits::default().signatures(1)),
        [Cause::Verified, Cause::TooManySignatures]
    );
    assert_eq!(causes(VerifyLimits::default().signatures(3)).len(), 3);
    assert_eq!(
        causes(VerifyLimits::default().signature_octets(99))[0],
        Cause::SignatureTooLong
    );
    assert_eq!(
        causes(VerifyLimits::default().header_fields(4))[0],
        Cause::TooManyHeaderFields
    );
}

#[test]
fn nothing_signed_gives_no_verdict() {
    for message in [MESSAGE, b"", b"\r\n", b"DKIM-Signature", b"\n\n"] {
        assert_eq!(verdicts(message), []);
    }
}

#[test]
fn what_an_unreadable_signature_claims_is_told() {
    for (value, claim) in [
        (
            "v=0.5; a=x; d=Example.org; s=a.b; b=",
            "header.d=example.org header.s=a.b",
        ),
        ("d=example.org", "header.d=example.org"),
        (" s = a ;; d=bad name", "header.s=a"),
        ("no tags", ""),
    ] {
        let message = format!("DKIM-Signature: {value}\r\nFrom: a@example.org\r\n\r\n");
        let verdict = verdicts(message.as_bytes()).remove(0);
        assert_eq!(verdict.result(), DkimResult::Neutral);
        let text = verdict.to_string();
        let (_, told) = text.split_once(')').unwrap();
        assert_eq!(told.trim_start(), claim, "{value}");
    }
}

#[test]
fn verification_can_move_between_threads() {
    fn send<T: Send>(value: T) -> T {
        value
    }
    let limits = VerifyLimits::default();
    let zone = support::zone();
    let verdicts = block_on_ready(send(verify(MESSAGE, &zone, now(), &limits)));
    assert_eq!(verdicts, Some(Vec::new()));
}

#[test]
fn a_clause_of_authentication_results_is_safe_whatever_the_signature_says() {
    let identifier = AgentOrUserIdentifier::new("a\"b; dkim=pass\r\nX: y\\", support::domain());
    let signer = ed25519().agent_or_user_identifier(identifier);
    let verdict = verdicts(&signed(MESSAGE, &[signer])).remove(0);
    let clause = ResultClause::new(&verdict).to_string();
    assert!(clause.is_ascii() && clause.starts_with("dkim=pass header.d=example.org "));
    assert_eq!(clause.matches("dkim=pass").count(), 1, "{clause}");
    assert!(!clause.contains(';'), "{clause}");
    for line in clause.split("\r\n") {
        assert!(line.len() <= 78 && !line.contains(['\r', '\n']), "{line}");
    }
    let start = &verdict.signature_start().unwrap();
    assert!(
        clause.ends_with(&format!(" header.b={start}"))
            || clause.contains(&format!("header.b=\"{start}\""))
    );

    let unreadable = b"DKIM-Signature: v=2\r\nFrom: a@example.org\r\n\r\n";
    assert_eq!(
        ResultClause::new(&verdicts(unreadable)[0]).to_string(),
        "dkim=neutral reason=\"bad signature: v= must be 1\""
    );
}
