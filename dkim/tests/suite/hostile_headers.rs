//! Headers that someone has altered on the way, or written to deceive.

use std::time::Duration;

use letterhead_dkim::{
    Canonicalization, Cause, HeaderCanonicalization, HeaderPolicy, SigningKey, Verdict,
    VerifyLimits, verify,
};
use letterhead_dns::block_on_ready;

use crate::craft::Craft;
use crate::support::{
    self, ED25519, canonicalizations, key, now, signed, signer, signers, verdicts,
};

const MESSAGE: &str = "From: Anna <anna@example.org>\r\nTo: Ben <ben@example.net>\r\nSubject: Hello  there\r\n\
    Sender: s1@example.org\r\nSender: s2@example.org\r\nX-Free: 1\r\n\r\nHello, Ben!\r\n";

/// A valid signature over these fields, without oversigning but for what is named more often than it is there.
fn crafted(names: &str, canonicalization: Canonicalization, message: &[u8]) -> Vec<u8> {
    let field = format!(
        "DKIM-Signature: v=1; a=ed25519-sha256; c={canonicalization}; d=example.org; s=ed25519; h={names}; bh={{bh}}; b={{b}}"
    );
    Craft {
        key: &*key(ED25519),
        canonicalization,
        names: names.split(':').map(str::to_owned).collect(),
        length: None,
    }
    .sign(field.as_bytes(), message)
}

fn first(message: &[u8]) -> Verdict {
    verdicts(message).remove(0)
}

fn replaced(message: &[u8], from: &str, to: &str) -> Vec<u8> {
    let text = String::from_utf8(message.to_vec()).unwrap();
    let replaced = text.replace(from, to);
    assert_ne!(replaced, text, "{from}");
    replaced.into_bytes()
}

/// RFC 6376 §8.15: who lists a field as often as it occurs leaves room for one more above; the default leaves none.
#[test]
fn a_field_that_is_not_oversigned_can_be_added_above_it() {
    for (name, free) in [
        ("From", "From:To:Subject"),
        ("To", "From:To:Subject"),
        ("Subject", "From:To:Subject"),
        ("Reply-To", "From"),
        ("Date", "From"),
        ("Content-Type", "From"),
        ("MIME-Version", "From"),
    ] {
        for canonicalization in canonicalizations() {
            let above = |message: &[u8]| {
                let added = format!("{name}: Eve <eve@example.com>\r\n");
                [added.as_bytes(), message].concat()
            };
            let below = |message: &[u8]| {
                replaced(
                    message,
                    "\r\n\r\n",
                    &format!("\r\n{name}: Eve <eve@example.com>\r\n\r\n"),
                )
            };
            let loose = crafted(free, canonicalization, MESSAGE.as_bytes());
            assert!(
                first(&above(&loose)).is_pass(),
                "{name}, {canonicalization}"
            );
            // The lowest one is the one that was signed, so a second one below is seen where there was one.
            assert_eq!(
                first(&below(&loose)).is_pass(),
                free == "From" && name != "From"
            );

            let tight = signers().map(|signer| signer.canonicalization(canonicalization));
            let tight = signed(MESSAGE.as_bytes(), &tight);
            for message in [above(&tight), below(&tight)] {
                for verdict in verdicts(&message) {
                    assert_eq!(verdict.cause(), &Cause::SignatureMismatch, "{name}");
                }
            }
        }
    }
}

/// A policy that leaves a field out says so in `h=`, and nothing else: the field can be added and changed.
#[test]
fn a_field_that_was_left_out_can_be_added_and_changed() {
    let policy = HeaderPolicy::default()
        .without(["Subject", "Content-Type"].map(|name| name.parse().unwrap()))
        .unwrap();
    let whole = signed(
        MESSAGE.as_bytes(),
        &[signer(key(ED25519)).header_policy(policy)],
    );
    let added = [b"Content-Type: text/html\r\n", &whole[..]].concat();
    for message in [added, replaced(&whole, "Hello  there", "Win")] {
        let verdict = first(&message);
        assert!(verdict.is_pass());
        let listed = verdict.signature().unwrap().headers().to_vec();
        assert!(!listed.contains(&"subject".parse().unwrap()));
    }
}

/// RFC 6376 §8.6: a signature says nothing about recipients; only `x=` ends its use.
#[test]
fn a_replayed_message_passes_until_it_expires() {
    let signer = signer(key(ED25519)).expires_after(Duration::from_secs(864_000));
    let whole = signed(MESSAGE.as_bytes(), &[signer]);
    let replayed = [
        &b"Delivered-To: victim@example.com\r\nReturn-Path: <eve@example.net>\r\nReceived: from eve; now\r\n\
            Resent-To: victim@example.com\r\n"[..],
        &whole,
    ]
    .concat();
    let zone = support::zone();
    for (days, cause) in [
        (0, Cause::Verified),
        (9, Cause::Verified),
        (11, Cause::Expired),
    ] {
        let then = now() + Duration::from_secs(days * 86_400);
        let verdicts = block_on_ready(verify(&replayed, &zone, then, &VerifyLimits::default()));
        assert_eq!(verdicts.unwrap()[0].cause(), &cause);
    }
}

/// RFC 6376 §3.7 takes the signature out of its place, and §5.4.2 counts fields of one name from the bottom.
#[test]
fn order_matters_within_a_name_only() {
    for canonicalization in canonicalizations() {
        let signers = signers().map(|signer| signer.canonicalization(canonicalization));
        let whole = String::from_utf8(signed(MESSAGE.as_bytes(), &signers)).unwrap();
        let (signatures, rest) = whole.split_at(whole.len() - MESSAGE.len());
        let second = signatures.rfind("DKIM-Signature:").unwrap();
        let (one, two) = signatures.split_at(second);
        let (header, body) = rest.split_once("\r\n\r\n").unwrap();
        let lines: Vec<&str> = header.split("\r\n").collect();
        let all = |message: String| {
            let verdicts = verdicts(message.as_bytes());
            assert_eq!(verdicts.len(), 2);
            verdicts.iter().filter(|verdict| verdict.is_pass()).count()
        };
        assert_eq!(all(format!("{two}{one}{rest}")), 2);
        assert_eq!(all(format!("{header}\r\n{two}{one}\r\n{body}")), 2);
        assert_eq!(all(format!("{two}{header}\r\n{one}\r\n{body}")), 2);
        // Other names change places; the two of one name keep theirs.
        let moved = [lines[2], lines[3], lines[0], lines[5], lines[4], lines[1]].join("\r\n");
        assert_eq!(all(format!("{signatures}{moved}\r\n\r\n{body}")), 2);
        let swapped = header
            .replace("s1@", "s0@")
            .replace("s2@", "s1@")
            .replace("s0@", "s2@");
        assert_eq!(all(format!("{signatures}{swapped}\r\n\r\n{body}")), 0);
    }
}

/// Every part of a signature is bound to the rest of it.
#[test]
fn parts_of_two_signatures_do_not_fit_each_other() {
    let whole = String::from_utf8(signed(MESSAGE.as_bytes(), &signers())).unwrap();
    let (signatures, rest) = whole.split_at(whole.len() - MESSAGE.len());
    let second = signatures.rfind("DKIM-Signature:").unwrap();
    let (one, two) = signatures.split_at(second);
    let (one_front, one_value) = one.split_once("; b=").unwrap();
    let (two_front, two_value) = two.split_once("; b=").unwrap();
    let crossed = format!("{one_front}; b={two_value}{two_front}; b={one_value}{rest}");
    for verdict in verdicts(crossed.as_bytes()) {
        assert_eq!(verdict.cause(), &Cause::SignatureMismatch);
    }
    // Selector and algorithm of the other key.
    let renamed = one
        .replace("s=rsa;", "s=ed25519;")
        .replace("a=rsa-", "a=ed25519-");
    let renamed = format!("{renamed}{rest}");
    assert_eq!(first(renamed.as_bytes()).cause(), &Cause::SignatureMismatch);
    // The same signature twice is two signatures.
    let twice = format!("{one}{one}{rest}");
    assert!(verdicts(twice.as_bytes()).iter().all(Verdict::is_pass));
}

/// RFC 6376 §3.4.1 and §3.4.2: what a relay does to white space and names.
#[test]
fn relaxed_headers_survive_what_simple_ones_do_not() {
    for (from, to) in [
        ("\r\nSubject:", "\r\nSUBJECT:"),
        ("\r\nSubject:", "\r\nsubject:"),
        ("\r\nSubject:", "\r\nSubject :"),
        ("\r\nSubject:", "\r\nSubject\t :"),
        ("Subject: Hello", "Subject:Hello"),
        ("Subject: Hello", "Subject: \t Hello"),
        ("Hello  there", "Hello there"),
        ("Hello  there", "Hello\tthere"),
        ("Hello  there", "Hello\r\n there"),
        ("Hello  there", "Hello\r\n\t\r\n there"),
        ("Hello  there", "Hello  there \t"),
        ("To: Ben", "To:\r\n Ben"),
    ] {
        for canonicalization in canonicalizations() {
            let signers = signers().map(|signer| signer.canonicalization(canonicalization));
            let whole = replaced(&signed(MESSAGE.as_bytes(), &signers), from, to);
            let holds = canonicalization.header() == HeaderCanonicalization::Relaxed;
            for verdict in verdicts(&whole) {
                assert_eq!(
                    verdict.is_pass(),
                    holds,
                    "{from} to {to:?}, {canonicalization}"
                );
            }
        }
    }
    for (from, to) in [
        ("Hello  there", "Hellothere"),
        ("Hello  there", "Hello\u{a0}there"),
        ("Hello  there", "Hello\x0cthere"),
        ("Hello  there", "Hello\r\nthere: x"),
        ("Hello  there", "hello there"),
        ("\r\nSubject:", "\r\nSubjec\tt:"),
        ("\r\nSubject:", "\r\nX-Subject:"),
    ] {
        for verdict in verdicts(&replaced(&signed(MESSAGE.as_bytes(), &signers()), from, to)) {
            assert_eq!(
                verdict.cause(),
                &Cause::SignatureMismatch,
                "{from} to {to:?}"
            );
        }
    }
}

/// RFC 6376 §3.4.1: the field's own bytes count too where the header is simple.
#[test]
fn the_signature_field_itself_is_relaxed_or_simple() {
    for canonicalization in canonicalizations() {
        let signers = signers().map(|signer| signer.canonicalization(canonicalization));
        let whole = signed(MESSAGE.as_bytes(), &signers);
        let holds = canonicalization.header() == HeaderCanonicalization::Relaxed;
        for (from, to) in [
            ("DKIM-Signature:", "dkim-signature:"),
            ("DKIM-Signature:", "DKIM-Signature :"),
            (" v=1;", "\t  v=1;"),
        ] {
            for verdict in verdicts(&replaced(&whole, from, to)) {
                assert_eq!(
                    verdict.is_pass(),
                    holds,
                    "{from} to {to:?}, {canonicalization}"
                );
            }
        }
        // The text of b= is not signed, so that it may be folded anew.
        for verdict in verdicts(&replaced(&whole, "; b=", "; b=\r\n  ")) {
            assert!(verdict.is_pass());
        }
        // What stands around names and values is: RFC 6376 §3.4.2 makes one space of several, not none.
        for verdict in verdicts(&replaced(&whole, "; bh=", ";bh=")) {
            assert_eq!(verdict.cause(), &Cause::SignatureMismatch);
        }
    }
}

/// RFC 6376 §3.7: a name for which no field is left stands for nothing, and fields are taken from the bottom.
#[test]
fn names_that_nothing_is_left_for_stand_for_nothing() {
    for canonicalization in canonicalizations() {
        let names = "sender:SENDER:Sender:From:x-not-there:from:Subject";
        let whole = crafted(names, canonicalization, MESSAGE.as_bytes());
        assert!(first(&whole).is_pass());
        for added in [
            "Sender: s3@example.org\r\n",
            "X-Not-There:\r\n",
            "From: e@example.com\r\n",
        ] {
            let added = [added.as_bytes(), &whole[..]].concat();
            assert_eq!(first(&added).cause(), &Cause::SignatureMismatch);
        }
    }
}

/// A signature may cover those that were there before (RFC 6376 §5.4).
#[test]
fn a_signature_over_a_signature_holds_as_long_as_both_are_there() {
    for canonicalization in canonicalizations() {
        let inner = signed(MESSAGE.as_bytes(), &[signer(key(ED25519))]);
        let outer = crafted("From:DKIM-Signature", canonicalization, &inner);
        assert!(verdicts(&outer).iter().all(Verdict::is_pass));
        let own = outer.len() - inner.len();
        let without = [&outer[..own], MESSAGE.as_bytes()].concat();
        assert_eq!(first(&without).cause(), &Cause::SignatureMismatch);
    }
}

/// RFC 6376 §3.5, `h=`: the signature that is verified is never one of the fields named, wherever it stands.
#[test]
fn a_signature_does_not_cover_itself_by_name() {
    for canonicalization in canonicalizations() {
        for names in ["From:DKIM-Signature", "dkim-signature:From:DKIM-Signature"] {
            let whole = crafted(names, canonicalization, MESSAGE.as_bytes());
            assert!(first(&whole).is_pass(), "{names}, {canonicalization}");
            let field = &whole[..whole.len() - MESSAGE.len()];
            // Below the others, where the search begins.
            let (header, body) = MESSAGE.split_once("\r\n\r\n").unwrap();
            let below = [header.as_bytes(), b"\r\n", field, b"\r\n", body.as_bytes()].concat();
            assert!(first(&below).is_pass(), "{names}, {canonicalization}");
            // Named once more than it occurs, so that no other signature can be added.
            let more = [&b"DKIM-Signature: v=1; x\r\n"[..], &whole].concat();
            assert_eq!(verdicts(&more)[1].cause(), &Cause::SignatureMismatch);
        }
    }
}

/// A lone CR or LF ends a line for some readers: what stands behind it may be the From that a person sees, or another body.
#[test]
fn nothing_is_smuggled_behind_a_lone_line_end() {
    let whole = signed(MESSAGE.as_bytes(), &signers());
    for end in ["\n", "\r", "\r\r\n \n", "\n\n", "\r\r", "\r\n\n"] {
        for behind in [
            "From: Eve <eve@example.com>",
            "Content-Type: text/html",
            "text",
            "",
        ] {
            let smuggled = format!("X-Note: a{end}{behind}\r\n");
            let above = [smuggled.as_bytes(), &whole].concat();
            let below = replaced(&whole, "\r\n\r\n", &format!("\r\n{smuggled}\r\n"));
            for message in [above, below] {
                let verdicts = verdicts(&message);
                assert!(!verdicts.is_empty());
                for verdict in verdicts {
                    assert_eq!(verdict.cause(), &Cause::BareLineFeeds, "{smuggled:?}");
                    assert_eq!(verdict.domain(), Some(&support::domain()));
                }
            }
        }
    }
    // A fold is no such line end.
    let folded = [&b"X-Note: a\r\n From: b\r\n\tSubject: c\r\n"[..], &whole].concat();
    assert!(verdicts(&folded).iter().all(Verdict::is_pass));
}

/// Octets that are no text are octets like others.
#[test]
fn nul_and_other_control_characters_are_covered() {
    let message =
        b"From: a@example.org\r\nSubject: a\x00b\x7f\x1b\x0bc\r\n\r\n\x00\x00 \x1a\r\n\x00\r\n";
    for canonicalization in canonicalizations() {
        let signers = signers().map(|signer| signer.canonicalization(canonicalization));
        let whole = signed(message, &signers);
        assert!(verdicts(&whole).iter().all(Verdict::is_pass));
        let start = whole.len() - message.len();
        for position in (start..whole.len()).filter(|at| whole[*at] < b'\t' || whole[*at] == 0x1a) {
            let mut altered = whole.clone();
            altered[position] = b'x';
            assert!(!verdicts(&altered).iter().any(Verdict::is_pass));
            altered.remove(position);
            assert!(!verdicts(&altered).iter().any(Verdict::is_pass));
        }
    }
}

/// The key is asked to sign what the limits of verification still take.
#[test]
fn a_header_line_of_64_kib_is_signed_and_verified() {
    let words = "word  ".repeat(11_000);
    let message =
        format!("From: a@example.org\r\nSubject: {words}\r\nList-Id:{words}x\r\n\r\nx\r\n");
    let own: &dyn SigningKey = &*key(ED25519);
    assert_eq!(own.algorithm().key_type(), "ed25519");
    for canonicalization in canonicalizations() {
        let signers = signers().map(|signer| signer.canonicalization(canonicalization));
        let whole = signed(message.as_bytes(), &signers);
        assert!(verdicts(&whole).iter().all(Verdict::is_pass));
        let altered = replaced(&whole, "word  x", "word  y");
        assert!(!verdicts(&altered).iter().any(Verdict::is_pass));
    }
}

/// RFC 8617 §4.1.2: the seal of a forwarder has the tags of a signature, and another meaning.
#[test]
fn an_arc_message_signature_is_no_dkim_signature() {
    let whole = signed(MESSAGE.as_bytes(), &signers());
    let arc = replaced(
        &whole,
        "DKIM-Signature: v=1;",
        "ARC-Message-Signature: i=1;",
    );
    assert!(verdicts(&arc).is_empty());
    let beside = [b"ARC-Message-Signature: i=1; d=example.org\r\n", &whole[..]].concat();
    let verdicts = verdicts(&beside);
    assert_eq!(verdicts.len(), 2);
    assert!(verdicts.iter().all(Verdict::is_pass));
}
