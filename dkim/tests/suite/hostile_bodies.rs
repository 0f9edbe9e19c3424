//! Bodies that someone has altered on the way, or written to deceive.

use letterhead_dkim::{BodyCanonicalization, Canonicalization, Cause, DkimResult};

use crate::craft::Craft;
use crate::support::{ED25519, canonicalizations, key, signed, signers, verdicts};

/// A valid signature over a body with anything in it, which nothing here would sign.
fn crafted(canonicalization: Canonicalization, body: &[u8], length: Option<usize>) -> Vec<u8> {
    let tag = length.map_or_else(String::new, |length| format!(" l={length};"));
    let field = format!(
        "DKIM-Signature: v=1; a=ed25519-sha256; c={canonicalization}; d=example.org; s=ed25519; h=From;{tag} bh={{bh}}; b={{b}}"
    );
    let message = [b"From: a@example.org\r\n\r\n", body].concat();
    Craft {
        key: &*key(ED25519),
        canonicalization,
        names: vec!["From".to_owned()],
        length,
    }
    .sign(field.as_bytes(), &message)
}

/// What is said of the message with another body in its place.
fn with_body(whole: &[u8], body: &[u8], other: &[u8]) -> letterhead_dkim::Verdict {
    let header = whole.strip_suffix(body).unwrap();
    verdicts(&[header, other].concat()).remove(0)
}

/// RFC 6376 §8.2: what lies behind `l=` is anybody's, and the verdict says how much that is.
#[test]
fn a_body_length_lets_anything_be_appended_and_shows_how_much() {
    let body = b"Hello\r\n";
    for canonicalization in canonicalizations() {
        for (length, other, unsigned) in [
            (7, &b"Hello\r\n"[..], None),
            (7, b"Hello\r\nBuy\r\n", Some(5)),
            (7, b"Hello\r\n\r\n\r\n", None),
            (7, b"Hello\r\n\r\n\r\nx", Some(7)),
            (5, b"Hello\r\n", Some(2)),
            (5, b"Hello <b>Ben</b>\r\n", Some(13)),
            (0, b"Hello\r\n", Some(7)),
            (0, b"anything\r\n", Some(10)),
        ] {
            let whole = crafted(canonicalization, body, Some(length));
            let verdict = with_body(&whole, body, other);
            assert!(
                verdict.is_pass(),
                "{length}, {other:?}, {canonicalization}: {verdict}"
            );
            assert_eq!(
                verdict.unsigned_body_octets(),
                unsigned,
                "{length}, {other:?}"
            );
        }
        let whole = crafted(canonicalization, body, Some(7));
        for (other, cause) in [
            (&b"Hallo\r\n"[..], Cause::BodyHashMismatch),
            (b"\r\nHello\r\n", Cause::BodyHashMismatch),
            (b"Hell\r\n", Cause::BodyShorterThanSigned),
            (b"", Cause::BodyShorterThanSigned),
        ] {
            assert_eq!(with_body(&whole, body, other).cause(), &cause);
        }
        // Without l= nothing can be appended but empty lines.
        let whole = crafted(canonicalization, body, None);
        assert!(with_body(&whole, body, b"Hello\r\n\r\n\r\n").is_pass());
        assert_eq!(
            with_body(&whole, body, b"Hello\r\nx").cause(),
            &Cause::BodyHashMismatch
        );
    }
}

/// RFC 6376 §3.4.3 and §3.4.4: what a relay does to white space.
#[test]
fn relaxed_bodies_survive_what_simple_ones_do_not() {
    let body = b"a  b\r\n\r\nc \r\n";
    for canonicalization in canonicalizations() {
        let message = [b"From: a@example.org\r\n\r\n", &body[..]].concat();
        let signers = signers().map(|signer| signer.canonicalization(canonicalization));
        let whole = signed(&message, &signers);
        let relaxed = canonicalization.body() == BodyCanonicalization::Relaxed;
        for (other, holds) in [
            (&b"a b\r\n\r\nc \r\n"[..], relaxed),
            (b"a\tb\r\n\r\nc\r\n", relaxed),
            (b"a  b\r\n \t\r\nc \r\n", relaxed),
            (b"a  b\r\n\r\nc", relaxed),
            (b"a  b\r\n\r\nc \r\n \r\n\t\r\n", relaxed),
            (b"a  b\r\n\r\nc ", true),
            (b"a  b\r\n\r\nc \r\n\r\n\r\n", true),
            (b"ab\r\n\r\nc \r\n", false),
            (b" a  b\r\n\r\nc \r\n", false),
            (b"a  b\r\nc \r\n", false),
            (b"a  b\r\n\r\n\r\nc \r\n", false),
            (b"a\x0bb\r\n\r\nc \r\n", false),
            (b"a\xc2\xa0b\r\n\r\nc \r\n", false),
            (b"A  b\r\n\r\nc \r\n", false),
        ] {
            let verdict = with_body(&whole, body, other);
            assert_eq!(verdict.is_pass(), holds, "{canonicalization}: {other:?}");
        }
    }
}

/// Only CRLF ends a line: what a relay makes of a bare CR or LF is another body.
#[test]
fn bare_line_ends_are_octets_like_others() {
    for body in [
        &b"a\nb\r\n"[..],
        b"a\rb\r\n",
        b"a\n\nb\r\n",
        b"a\r\n.\nMAIL FROM:<x@y>\r\n",
        b"a\r\n\r.\r\n",
        b"\n\r\n",
        b"a\r\r\n",
        b"a\n\r\n",
        b"a\n",
        b"a\r",
    ] {
        for canonicalization in canonicalizations() {
            let whole = crafted(canonicalization, body, None);
            assert!(
                with_body(&whole, body, body).is_pass(),
                "{body:?}, {canonicalization}"
            );
            let text = String::from_utf8(body.to_vec()).unwrap();
            for other in [
                text.replace("\r\n", "\n"),
                text.replace("\r\n", "\n").replace('\n', "\r\n"),
                text.replace("\r\n", "\n")
                    .replace('\r', "\n")
                    .replace('\n', "\r\n"),
            ] {
                let verdict = with_body(&whole, body, other.as_bytes());
                let same = other.as_bytes() == body;
                assert_eq!(
                    verdict.is_pass(),
                    same,
                    "{body:?} to {other:?}, {canonicalization}"
                );
                if !same {
                    assert_eq!(verdict.result(), DkimResult::Fail);
                }
            }
        }
    }
}
