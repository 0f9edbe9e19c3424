//! Random mails, signatures and key records given to mail-auth as well: where the two disagree, a section of the RFC must
//! say who is right.

use ::mail_auth::common::parse::TxtRecordParser as _;
use ::mail_auth::common::verify::DomainKey;
use ::mail_auth::dkim::Signature as Theirs;
use letterhead_dkim::{
    BodyCanonicalization, Canonicalization, Cause, HeaderCanonicalization, HeaderName,
    HeaderPolicy, PublicKeyRecord, Signature, SignatureError, Signer,
};
use proptest::prelude::{
    Just, ProptestConfig, Strategy, any, prop, prop_assert, prop_assert_eq, prop_oneof, proptest,
};
use proptest::sample::select;

use crate::craft::{fields, position};
use crate::mail_auth::{Length, ed25519, judge, result, rsa, sign_there};
use crate::support::{canonicalizations, signed, signers, verdicts};

/// The value of a header field: folded, with odd white space, with octets above 127.
fn value() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[!-~]{1,12}",
        3 => select(vec![" ", "  ", "\t", " \t "]).prop_map(str::to_owned),
        2 => select(vec!["\r\n ", "\r\n\t", " \r\n  ", "\t\r\n\t x"]).prop_map(str::to_owned),
        1 => "[\u{80}-\u{24f}]{1,5}",
        1 => select(vec![":", ";", "=", "b=", "; b=x;"]).prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

/// Header fields behind From, names repeated and spelt in all ways.
fn header() -> impl Strategy<Value = String> {
    let name = select(vec![
        "To",
        "to",
        "Subject",
        "SUBJECT",
        "Sender",
        "Sender",
        "Reply-To",
        "List-Id",
        "References",
        "X-Other",
        "Date",
        "Received",
        "MIME-Version",
        "Content-Type",
    ]);
    let colon = select(vec![":", ":", ": ", ":\t", ":\r\n "]);
    prop::collection::vec((name, colon, value()), 0..8).prop_map(|fields| {
        let fields: Vec<String> = fields
            .iter()
            .map(|(name, colon, value)| format!("{name}{colon}{value}\r\n"))
            .collect();
        fields.concat()
    })
}

/// Bodies with all kinds of lines and ends.
fn body() -> impl Strategy<Value = Vec<u8>> {
    let piece = select(vec![
        &b"\r\n"[..],
        b"\r\n",
        b"\r\n\r\n",
        b" ",
        b"  ",
        b"\t",
        b" \t ",
        b" \r\n",
        b"\t\r\n",
        b"word",
        b"word",
        b"a b",
        b".",
        b"\xc3\xbc\xff\x80",
        b"\0",
        b"a line that is longer than a block of thirty-two octets, with  runs",
    ]);
    prop::collection::vec(piece, 0..14).prop_map(|pieces| pieces.concat())
}

fn message() -> impl Strategy<Value = Vec<u8>> {
    (value(), header(), body()).prop_map(|(from, header, body)| {
        let header = format!("From: a@example.org {from}\r\n{header}\r\n");
        [header.as_bytes(), &body].concat()
    })
}

fn canonicalization() -> impl Strategy<Value = Canonicalization> {
    select(canonicalizations().to_vec())
}

/// Where the two are known to differ in the hash of a body: RFC 6376 §3.4.4 takes white space off the ends of lines before
/// it ignores the empty lines at the end, so that lines of white space at the end are ignored as well. The other side keeps
/// them.
fn is_known(message: &[u8], canonicalization: Canonicalization) -> bool {
    let end = position(message, b"\r\n\r\n").expect("an empty line");
    let body = &message[end + 4..];
    let text = body
        .iter()
        .rposition(|octet| !octet.is_ascii_whitespace())
        .map_or(0, |last| last + 1);
    // White space behind the last line end that follows text, or with no text at all.
    let rest = &body[text..];
    let lines = match rest.iter().position(|octet| *octet == b'\n') {
        Some(line_feed) if text > 0 => &rest[line_feed + 1..],
        _ if text > 0 => &[],
        _ => rest,
    };
    canonicalization.body() == BodyCanonicalization::Relaxed
        && lines.iter().any(|octet| matches!(octet, b' ' | b'\t'))
}

fn pass() -> ::mail_auth::DkimResult {
    ::mail_auth::DkimResult::Pass
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn what_is_signed_here_verifies_there(
        message in message(),
        canonicalization in canonicalization(),
        left_out in prop::collection::vec(select(vec!["To", "Subject", "Reply-To", "Date"]), 0..3),
    ) {
        let policy = HeaderPolicy::default()
            .without(left_out.iter().map(|name| name.parse::<HeaderName>().unwrap()))
            .unwrap();
        let signers = signers().map(|signer: Signer| {
            signer.canonicalization(canonicalization).header_policy(policy.clone())
        });
        let whole = signed(&message, &signers);
        prop_assert!(verdicts(&whole).iter().all(letterhead_dkim::Verdict::is_pass));
        if !is_known(&message, canonicalization) {
            prop_assert_eq!(judge(&whole), vec![pass(), pass()]);
        }
    }

    #[test]
    fn what_is_signed_there_verifies_here(message in message(), canonicalization in canonicalization(), by_rsa in any::<bool>()) {
        let whole = if by_rsa {
            sign_there(rsa(), "rsa", &message, canonicalization, &Length::Whole)
        } else {
            sign_there(ed25519(), "ed25519", &message, canonicalization, &Length::Whole)
        };
        if !is_known(&message, canonicalization) {
            let verdict = result(&whole);
            prop_assert!(verdict.is_pass(), "{}", verdict);
        }
    }

    #[test]
    fn both_see_the_same_changes(
        message in message(),
        canonicalization in canonicalization(),
        place in any::<prop::sample::Index>(),
        octet in select(b" \tax\xff:".to_vec()),
        remove in any::<bool>(),
    ) {
        let signers = signers().map(|signer| signer.canonicalization(canonicalization));
        let whole = signed(&message, &signers);
        let start = whole.len() - message.len();
        let mut altered = whole;
        let at = start + place.index(message.len());
        if remove {
            // A line end stays a line end.
            if matches!(altered[at], b'\r' | b'\n') {
                return Ok(());
            }
            altered.remove(at);
        } else {
            altered.insert(at, octet);
        }
        // RFC 5322 §2.2 has no lines without a colon in a header, and no bare CR and LF; the two cut such a message in
        // different ways.
        let split_line_end = altered
            .windows(2)
            .any(|pair| (pair[0] == b'\r') != (pair[1] == b'\n'));
        let Some(end) = position(&altered, b"\r\n\r\n").map(|end| end + 2) else {
            return Ok(());
        };
        let no_field = altered[start..].starts_with(b"\r\n")
            || !fields(&altered[..end])
                .iter()
                .all(|field| field.contains(&b':'));
        // RFC 5322 §2.2 has no white space in a name, and RFC 6376 §3.4.2 takes that before the colon for no part of it; the
        // other side finds no such field.
        let spaced = fields(&altered[..end]).iter().any(|field| {
            let name = field.split(|octet| *octet == b':').next();
            name.is_some_and(|name| name.iter().any(u8::is_ascii_whitespace))
        });
        if split_line_end
            || no_field
            || spaced
            || is_known(&altered, canonicalization)
            || is_known(&message, canonicalization)
        {
            return Ok(());
        }
        // The other side leaves out a signature whose Base64 is broken.
        let ours = verdicts(&altered).iter().filter(|verdict| verdict.is_pass()).count();
        let theirs = judge(&altered).iter().filter(|result| **result == pass()).count();
        prop_assert_eq!(ours, theirs, "{:?}", String::from_utf8_lossy(&altered));
    }
}

/// A tag list of a signature with a fault here and there.
fn signature_text() -> impl Strategy<Value = String> {
    let tag = |name: &'static str, values: Vec<&'static str>| {
        prop_oneof![
            6 => Just(values[0]).prop_map(move |value| format!("{name}={value}")),
            1 => select(values).prop_map(move |value| format!("{name}={value}")),
            1 => Just(String::new()),
        ]
    };
    let more = select(vec![
        "",
        "",
        "",
        "l=0",
        "l=7",
        "l=x",
        "t=5",
        "t=5; x=6",
        "t=6; x=5",
        "t=5; x=5",
        "x=1e9",
        "q=dns/txt",
        "q=http",
        "q=",
        "i=@example.org",
        "i=a@sub.example.org",
        "i=a@example.com",
        "i=a",
        "z=From:a",
        "z=x",
        "y=1",
        "nonsense",
        ";",
        "v=1",
        "=",
        "y=\u{1}",
    ]);
    let tags = (
        tag("v", vec!["1", "2", "", "01", "1 ", "DKIM1"]),
        tag(
            "a",
            vec![
                "rsa-sha256",
                "RSA-SHA256",
                "ed25519-sha256",
                "rsa-sha1",
                "rsa-sha512",
                "rsa",
                "",
            ],
        ),
        tag(
            "d",
            vec![
                "example.org",
                "EXAMPLE.org",
                "org",
                "",
                "exa mple.org",
                "example..org",
            ],
        ),
        tag("s", vec!["s", "S.x", "", "a b", "."]),
        tag(
            "h",
            vec!["From", "from : To", "From:", "", "From:To:x", "From To"],
        ),
        tag(
            "c",
            vec![
                "relaxed/relaxed",
                "simple",
                "RELAXED",
                "relaxed/simple",
                "",
                "nofws",
                "relaxed/",
                "relaxed / simple",
            ],
        ),
        tag("bh", vec!["AAAA", "AA\r\n AA", "", "?", "AAA", "AA=="]),
        tag("b", vec!["AAAA", "AA AA", "", "?", "A", "AA="]),
        more,
    );
    (tags, select(vec!["; ", ";", " ;\r\n\t"])).prop_map(
        |((v, a, d, s, h, c, bh, b, more), separator)| {
            let tags = [v, a, d, s, h, c, bh, b, more.to_owned()];
            let tags: Vec<String> = tags.into_iter().filter(|tag| !tag.is_empty()).collect();
            tags.join(separator)
        },
    )
}

/// Why a signature that the other side takes is refused here; RFC 6376 §6.1.1 wants the format and the values of all tags
/// validated with care, and a signature with anything unexpected ignored.
fn is_stricter(error: &SignatureError) -> bool {
    matches!(
        error,
        // §3.2: parts without `=`, bad names, control characters, tags that occur twice.
        SignatureError::TagList(_)
            // §3.5: v= is compared as text; it and a= are required, and h= is a list of names without holes. What is invalid in c=, d=, s=, i=, l=,
            // t=, x=, z= and Base64 without whole octets is passed over there.
            | SignatureError::Missing("v" | "a")
            | SignatureError::Invalid("h" | "c" | "d" | "s" | "i" | "l" | "t" | "x" | "z" | "q" | "b" | "bh")
            // §3.5: only dns/txt is defined; x= lies after t=; i= is at d= or below, which is judged there with the key.
            | SignatureError::Version
            | SignatureError::Query
            | SignatureError::ExpiresBeforeSigned
            | SignatureError::IdentifierOutsideDomain
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn signatures_are_taken_by_both_or_refused_for_a_reason(text in signature_text()) {
        let (ours, theirs) = (Signature::parse(text.as_bytes()), Theirs::parse(text.as_bytes()));
        match (&ours, &theirs) {
            (Ok(ours), Ok(theirs)) => {
                prop_assert_eq!(ours.domain().as_str(), theirs.d.to_lowercase());
                prop_assert_eq!(ours.selector().as_str(), theirs.s.to_lowercase());
                prop_assert_eq!(ours.signature(), &theirs.b);
                prop_assert_eq!(ours.body_hash(), &theirs.bh);
                let names: Vec<&str> = ours.headers().iter().map(HeaderName::as_str).collect();
                prop_assert_eq!(names, theirs.h.iter().map(String::as_str).collect::<Vec<_>>());
                prop_assert_eq!(ours.body_length().unwrap_or(0), theirs.l);
                let simple = |kind| matches!(kind, ::mail_auth::dkim::Canonicalization::Simple);
                let own = ours.canonicalization();
                prop_assert_eq!(own.header() == HeaderCanonicalization::Simple, simple(theirs.ch), "{}", text);
                prop_assert_eq!(own.body() == BodyCanonicalization::Simple, simple(theirs.cb), "{}", text);
            }
            (Err(error), Ok(_)) => prop_assert!(is_stricter(error), "{:?}: {}", error, text),
            // An algorithm that is withdrawn or unknown is kept here, and never verified (RFC 8301 §3.1).
            (Ok(ours), Err(_)) => prop_assert_eq!(ours.algorithm(), None, "{}", text),
            (Err(_), Err(_)) => {}
        }
    }

    #[test]
    fn key_records_are_taken_by_both_or_refused_for_a_reason(text in record_text()) {
        let ours = PublicKeyRecord::parse(text.as_bytes());
        let theirs = DomainKey::parse(text.as_bytes());
        match (&ours, &theirs) {
            (Ok(ours), Ok(_)) => prop_assert!(!ours.is_revoked(), "{}", text),
            // §3.6.1: v= is the first tag; p= is Base64; n= is quoted-printable; k= is not empty. §3.2: the list.
            (Err(_), Ok(_)) => prop_assert!(stricter_record(&text), "{}", text),
            // A withdrawn key is a record here.
            (Ok(ours), Err(_)) => prop_assert!(ours.is_revoked() || text.contains("v=") , "{}", text),
            (Err(_), Err(_)) => {}
        }
    }
}

fn record_text() -> impl Strategy<Value = String> {
    const ED25519: &str = "p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
    let version = select(vec![
        "v=DKIM1", "v=DKIM1", "v=DKIM1", "", "v=dkim1", "v=DKIM2", "v=",
    ]);
    let kind = select(vec![
        "k=ed25519",
        "k=ed25519",
        "k=ED25519",
        "k=ed",
        "k=",
        "",
    ]);
    let key = select(vec![
        ED25519,
        ED25519,
        ED25519,
        "p=",
        "p=?",
        "p=AAAA",
        "",
        "p=11qYAYKxCrfVS/7Ty\r\n WQHOg7hcvPapiMlrwIaaPcHURo=",
    ]);
    let more = select(vec![
        "", "", "h=sha256", "h=", "s=email", "s=chat", "t=y", "t=s:y", "n=a=20b", "n==", "g=*",
        "nonsense", "=", "x=\u{1}",
    ]);
    let order = any::<bool>();
    (version, kind, key, more, order).prop_map(|(version, kind, key, more, forward)| {
        let mut tags = vec![version, kind, more, key];
        if !forward {
            tags.reverse();
        }
        tags.retain(|tag| !tag.is_empty());
        tags.join("; ")
    })
}

/// Whether a rule that only this side holds keeps the record from being one.
fn stricter_record(text: &str) -> bool {
    let tags: Vec<&str> = text.split("; ").collect();
    let is_late = tags
        .iter()
        .position(|tag| tag.starts_with("v="))
        .is_some_and(|at| at > 0);
    // §3.6.1: the version is in capitals.
    let is_small = text.contains("v=dkim1");
    // §3.6.1: k= names a type, so that an empty one is not rsa.
    let has_no_kind = tags.contains(&"k=");
    // §3.6.1: without k= the key is an RSA key, and this one is none.
    // RFC 8463 §4: an Ed25519 key has 32 octets.
    let is_other = text.contains("p=AAAA") || (!text.contains("k=") && text.contains("p=11q"));
    let broken = ["nonsense", "=", "x=\u{1}", "n=="];
    is_late || is_small || has_no_kind || is_other || tags.iter().any(|tag| broken.contains(tag))
}

/// The list above is no longer than it must be.
#[test]
fn the_known_disagreements_are_still_there() {
    let relaxed = signers().map(|signer| signer.canonicalization(Canonicalization::RELAXED));
    let message = b"From: a@example.org\r\n\r\nHello\r\n \t\r\n";
    let whole = signed(message, &relaxed);
    assert!(
        verdicts(&whole)
            .iter()
            .all(letterhead_dkim::Verdict::is_pass)
    );
    assert!(!judge(&whole).contains(&pass()));
    let there = sign_there(
        rsa(),
        "rsa",
        message,
        Canonicalization::RELAXED,
        &Length::Whole,
    );
    assert_eq!(judge(&there), [pass()]);
    assert_eq!(result(&there).cause(), &Cause::BodyHashMismatch);

    const REST: &str = "d=example.org; s=s; bh=AAAA; b=AAAA";
    for text in [
        "a=rsa-sha256; h=From",
        "v=1; h=From",
        "v=1; a=rsa-sha256; h=From:",
        "v=1; a=rsa-sha256; h=From; t=x",
        "v=1; a=rsa-sha256; h=From; x=5; t=5",
        "v=1; a=rsa-sha256; h=From; l=x",
        "v=1; a=rsa-sha256; h=From; q=http",
        "v=1; a=rsa-sha256; h=From; i=a",
        "v=1; a=rsa-sha256; h=From; c=",
        "v=1; a=rsa-sha256; h=From; nonsense",
        "v=1; a=rsa-sha256; h=From; h=To",
        "v=1; V=1; a=rsa-sha256; h=From; y=\u{1}",
    ] {
        let text = format!("{REST}; {text}");
        let error = Signature::parse(text.as_bytes()).unwrap_err();
        assert!(is_stricter(&error), "{text}");
        assert!(Theirs::parse(text.as_bytes()).is_ok(), "{text}");
    }
}
