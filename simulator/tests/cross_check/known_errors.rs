//! A mail for each known error of mail-auth, so that none is listed that it does not have.

use std::collections::BTreeSet;

use letterhead_dkim::Canonicalization;
use letterhead_simulator::cross_check::KnownError;

use crate::craft::crafted;
use crate::mails::plain;
use crate::support::{bring, ed25519, published, rsa, signed, signer, twice};

struct Case {
    error: KnownError,
    zone: String,
    sender: &'static str,
    mail: Vec<u8>,
}

const BODY: &str = "Please pay.\r\n";
const MESSAGE: &str = "From: b@a.example\r\nTo: joe@receiver.example\r\n\r\nPlease pay.\r\n";

/// A mail without signatures.
fn unsigned(error: KnownError, sender: &'static str, author: &str, zone: &str) -> Case {
    Case {
        error,
        zone: zone.to_owned(),
        sender,
        mail: plain(author).into_bytes(),
    }
}

fn with_key(error: KnownError, mail: Vec<u8>) -> Case {
    let zone = published(&rsa(), "rsa", "a.example");
    with_record(error, &zone, mail)
}

fn with_record(error: KnownError, zone: &str, mail: Vec<u8>) -> Case {
    Case {
        error,
        zone: zone.to_owned(),
        sender: "b@none.example",
        mail,
    }
}

/// A signature that holds but for what is odd about its tags.
fn odd(tags: &str) -> Vec<u8> {
    let tags = format!("v=1; a=rsa-sha256; d=a.example; s=rsa; bh={{bh}}; {tags}; b={{b}}");
    crafted(&*rsa(), &tags, &["From"], BODY, MESSAGE)
}

fn well_signed() -> Vec<u8> {
    signed(MESSAGE, &[signer(rsa(), "rsa", "a.example")])
}

fn of_spf() -> Vec<Case> {
    let include = "a.example. 300 IN TXT \"v=spf1 -include:one.example\"\n\
         one.example. 300 IN TXT \"v=spf1 include:two.example\"\n\
         two.example. 300 IN TXT \"v=spf1 +all\"\n";
    let spf = |error, zone: &str| unsigned(error, "b@a.example", "b@none.example", zone);
    vec![
        spf(
            KnownError::VoidLookups,
            "a.example. 300 IN TXT \"v=spf1 a:x.example a:y.example exists:z.example +all\"",
        ),
        spf(
            KnownError::LoneLabel,
            "a.example. 300 IN TXT \"v=spf1 a:com +all\"",
        ),
        spf(
            KnownError::LaxSpfRecord,
            "a.example. 300 IN TXT \"v=spf1 ip4:192.0.2.300 -all\"",
        ),
        spf(
            KnownError::LaxSpfRecord,
            "a.example. 300 IN TXT \"v=spf1 mechanism +all\"",
        ),
        spf(
            KnownError::LaxSpfRecord,
            "a.example. 300 IN TXT \"v=spf1\tmx ~all\"",
        ),
        spf(
            KnownError::ModifierValues,
            "a.example. 300 IN TXT \"v=spf1 +all why=a/b\"",
        ),
        spf(
            KnownError::ModifierValues,
            "a.example. 300 IN TXT \"v=spf1 +all why=\"",
        ),
        spf(
            KnownError::ModifierValues,
            "a.example. 300 IN TXT \"v=spf1 +all rp=all\"",
        ),
        spf(
            KnownError::MappedAddress,
            "a.example. 300 IN TXT \"v=spf1 ip6:::ffff:192.0.2.1 -all\"",
        ),
        spf(KnownError::NestedInclude, include),
        spf(
            KnownError::SeveralSpfRecords,
            "a.example. 300 IN TXT \"v=spf1 +all\"\na.example. 300 IN TXT \"v=spf1 -all\"",
        ),
        spf(
            KnownError::ClientNames,
            "a.example. 300 IN TXT \"v=spf1 ptr:host.example -all\"\n\
             1.2.0.192.in-addr.arpa. 300 IN PTR host.example.\nhost.example. 300 IN A 192.0.2.1",
        ),
    ]
}

fn of_signatures() -> Vec<Case> {
    let many = vec![signer(rsa(), "rsa", "a.example"); 11];
    let relaxed = signer(rsa(), "rsa", "a.example").canonicalization(Canonicalization::RELAXED);
    let spaced = "From: b@a.example\r\nSubject : x\r\n\r\nPlease pay.\r\n";
    let blank = "From: b@a.example\r\n\r\nPlease pay.\r\n \t\r\n";
    let half = String::from_utf8(odd("h=From")).unwrap();
    let half = half.replace("; bh=", "; bh=?");
    let unsigned_from = crafted(
        &*rsa(),
        "v=1; a=rsa-sha256; d=a.example; s=rsa; h=To; bh={bh}; b={b}",
        &["To"],
        BODY,
        MESSAGE,
    );
    let nothing = crafted(
        &*rsa(),
        "v=1; a=rsa-sha256; d=a.example; s=rsa; h=From; l=0; bh={bh}; b={b}",
        &["From"],
        "",
        MESSAGE,
    );
    let partly = crafted(
        &*rsa(),
        "v=1; a=rsa-sha256; d=a.example; s=rsa; c=simple/relaxed; h=From; l=10; bh={bh}; b={b}",
        &["From"],
        "Please pay",
        "From: b@a.example\r\n\r\nPlease \t pay.\r\n",
    );
    vec![
        with_key(KnownError::LeftOut, half.into_bytes()),
        with_key(KnownError::NoLimits, signed(MESSAGE, &many)),
        with_key(
            KnownError::ThirdParty,
            odd("h=From; atps=a.example; atpsh=none"),
        ),
        with_key(KnownError::LaxSignature, odd("h=From; q=http")),
        with_key(KnownError::LaxSignature, odd("h=From; t=x")),
        with_key(KnownError::WithdrawnAlgorithm, with_sha1().into_bytes()),
        with_key(KnownError::UnsignedFrom, unsigned_from),
        with_key(KnownError::ZeroLength, nothing),
        with_key(KnownError::ShortBody, odd("h=From; l=1000")),
        with_key(KnownError::LengthBefore, partly),
        with_key(KnownError::ZeroExpiry, odd("h=From; x=0")),
        with_key(
            KnownError::SeveralAts,
            odd("h=From; i=\"joe@home\"@a.example"),
        ),
        with_key(KnownError::TagCase, odd("h=From; L=5")),
        with_key(
            KnownError::SpacedName,
            signed(spaced, std::slice::from_ref(&relaxed)),
        ),
        with_key(KnownError::WhiteSpaceLines, signed(blank, &[relaxed])),
    ]
}

fn of_keys() -> Vec<Case> {
    let key = published(&rsa(), "rsa", "a.example");
    let late = key
        .replace("v=DKIM1; ", "")
        .replacen("\"k=", "\"n=x; v=DKIM1; k=", 1);
    let hash = key.replace("v=DKIM1; ", "v=DKIM1; h=sha1; ");
    let service = key.replace("v=DKIM1; ", "v=DKIM1; s=chat; ");
    let two = published(&ed25519(), "rsa", "a.example") + &key;
    let fault = ";fault rsa._domainkey.a.example. TXT servfail\n";
    let changed = [&well_signed()[..], b"More.\r\n"].concat();
    let testing = key.replace("v=DKIM1; ", "v=DKIM1; t=y; ")
        + "_dmarc.a.example. 300 IN TXT \"v=DMARC1; p=none\"\n";
    vec![
        with_record(KnownError::LaxKeyRecord, &late, well_signed()),
        with_record(KnownError::KeyRestrictions, &hash, well_signed()),
        with_record(KnownError::KeyRestrictions, &service, well_signed()),
        with_record(KnownError::SeveralKeys, &two, well_signed()),
        with_record(KnownError::BodyFirst, fault, changed),
        with_record(KnownError::TestingKey, &testing, well_signed()),
    ]
}

fn of_dmarc() -> Vec<Case> {
    let dmarc = |error, author: &str, zone: &str| unsigned(error, "b@none.example", author, zone);
    let hidden = String::from_utf8(well_signed()).unwrap();
    let hidden = hidden.replace("\r\nTo: joe", "\r\nnothing\r\nTo: joe");
    let no_author = format!("To: joe@receiver.example\r\nnothing\r\n{MESSAGE}").into_bytes();
    let twice_from = format!("From: b@a.example\r\n{MESSAGE}").into_bytes();
    let policy = "_dmarc.a.example. 300 IN TXT \"v=DMARC1; p=reject\"\n";
    vec![
        with_record(KnownError::FromField, policy, twice_from),
        with_record(KnownError::NoField, policy, no_author),
        with_key(KnownError::NoField, hidden.into_bytes()),
        dmarc(
            KnownError::LoneAuthorDomain,
            "b@test",
            "_dmarc.test. 300 IN TXT \"v=DMARC1; p=reject\"",
        ),
        dmarc(
            KnownError::WalkFirst,
            "b@a.example",
            &format!("{policy};fault _dmarc.example. TXT servfail"),
        ),
        dmarc(
            KnownError::SeveralDmarcRecords,
            "b@a.example",
            &format!("{policy}_dmarc.a.example. 300 IN TXT \"v=DMARC1; p=none\""),
        ),
        dmarc(
            KnownError::VersionCase,
            "b@a.example",
            "_dmarc.a.example. 300 IN TXT \"v=dmarc1; p=reject\"",
        ),
        dmarc(
            KnownError::InvalidValue,
            "b@a.example",
            "_dmarc.a.example. 300 IN TXT \"v=DMARC1; p=reject; adkim=x\"",
        ),
        dmarc(
            KnownError::NoPolicy,
            "b@a.example",
            "_dmarc.a.example. 300 IN TXT \"v=DMARC1\"",
        ),
        dmarc(
            KnownError::NoPolicy,
            "b@news.a.example",
            "_dmarc.a.example. 300 IN TXT \"v=DMARC1; sp=reject; rua=mailto:x@a.example\"\n\
             news.a.example. 300 IN A 192.0.2.80",
        ),
        dmarc(
            KnownError::UnknownExistence,
            "b@x.a.example",
            "_dmarc.a.example. 300 IN TXT \"v=DMARC1; p=none; sp=none; np=reject\"\n\
             ;fault x.a.example. A timeout",
        ),
    ]
}

#[test]
fn each_is_shown_by_a_mail() {
    let cases = [of_spf(), of_signatures(), of_keys(), of_dmarc()];
    let mut shown = BTreeSet::new();
    let mut wrong = Vec::new();
    for case in cases.into_iter().flatten() {
        let judged = bring(&twice(&case.zone), case.sender, case.mail);
        let mut known = judged.disagreements.iter().map(|found| found.known);
        if judged.disagreements.is_empty() || !known.all(|known| known == Some(case.error)) {
            wrong.push((case.error, judged.ours, judged.disagreements));
        }
        assert!(judged.second.is_none_or(|second| second.agrees()));
        shown.insert(case.error);
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let listed: BTreeSet<KnownError> = KnownError::all().collect();
    assert_eq!(shown, listed);
}

#[test]
fn each_has_a_sentence_and_a_rule() {
    let sentences: BTreeSet<&str> = KnownError::all().map(KnownError::sentence).collect();
    assert_eq!(sentences.len(), KnownError::all().count());
    for error in KnownError::all() {
        assert!(error.rule().starts_with("RFC "), "{error:?}");
        assert!(error.to_string().contains(" ("), "{error:?}");
    }
}

/// A known error of SPF or DKIM that DMARC rests on explains the difference there as well.
#[test]
fn dmarc_inherits_what_is_known() {
    let zone = "a.example. 300 IN TXT \"v=spf1 a:com +all\"\n\
        _dmarc.a.example. 300 IN TXT \"v=DMARC1; p=reject\"\n";
    let judged = bring(&twice(zone), "b@a.example", plain("b@a.example"));
    let found: Vec<String> = judged
        .disagreements
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        found,
        [
            "SPF: permerror, by mail-auth pass (known: it takes a single label for a domain in a mechanism (RFC 7208 §7.1))",
            "DMARC: fail (reject), by mail-auth pass (reject) (known: it takes a single label for a domain in a mechanism \
             (RFC 7208 §7.1))",
        ]
    );
    // It was refused, so that only the events tell.
    assert!(!judged.report.all_accepted() && judged.second.is_none());
}

/// Signed by the key whose record is published here, with OpenSSL; what signs here does not know SHA-1.
fn with_sha1() -> String {
    let signature = "DL+c14hHHuJMpKltJpH8Cbnye0VkyEDHeDXOPan1GGqM+D2t5bjhzNtCK92Zf1Tjd5guvN9eHgvaIRccjsfezzFP\
         JUWRKLY3zMNP828ifNkiW6XyK2H7bVMoiXYQRsFFdCLOL0n6hYffH6HRalJI8tSkMDAK3bLUHHn6huRWLEZyqX2S\
         nVeRF74FrJwaGKAhgfhals1VLpQL1uPPwIKvz1XfKq1So2K7sUZw1gXPUNQl+r4ePbZg7MbQGosuw5/a7bRn2qOb\
         wJUCCeIlDZhVB0XS4soFecEMkjVAOYt5OCyHVTEhjRC1ZRN/1B2uOnwqXX6IxWP0GwKBZroATZ6LVw==";
    format!(
        "DKIM-Signature: v=1; a=rsa-sha1; c=simple/simple; d=a.example; s=rsa; h=From; bh=WOOhUDPfQl1qICzzNPuVFWe9eBU=; b={signature}\r\n{MESSAGE}"
    )
}
