//! Runs `vectors/signature-tags.txt` and `vectors/key-record-tags.txt`; the README there says how they are written.

use letterhead_dkim::{Canonicalization, Cause, PublicKeyRecord, SignatureError, SigningKey};
use letterhead_dns::Zone;

use crate::craft::{Craft, encode};
use crate::support::{ED25519, RSA, insert, key, verdicts, verdicts_in};

const MESSAGE: &[u8] =
    b"From: a@example.org\r\nTo: b@example.net\r\nSubject: Hi\r\n\r\nHello  there\r\n";

const FIELD: [&str; 8] = [
    "v=1",
    "a=ed25519-sha256",
    "c=relaxed/relaxed",
    "d=example.org",
    "s=ed25519",
    "h=From:To:Subject",
    "bh={bh}",
    "b={b}",
];

const RECORD: [&str; 3] = ["v=DKIM1", "k=ed25519", "p={p}"];

/// A tag list as a row of the vectors wants it.
struct Tags(Vec<Vec<u8>>);

impl Tags {
    fn new(tags: &[&str], edits: &str) -> Self {
        let mut list = Self(tags.iter().map(|tag| tag.as_bytes().to_vec()).collect());
        if edits == "nothing" {
            return list;
        }
        for edit in edits.split(" && ") {
            let (kind, text) = edit.split_at_checked(1).unwrap_or((edit, ""));
            match kind {
                "+" => list.0.push(unescape(text)),
                "^" => list.0.insert(0, unescape(text)),
                "-" => {
                    list.0.remove(list.find(text));
                }
                _ => {
                    let edit = unescape(edit);
                    let place = list.find(&String::from_utf8_lossy(name(&edit)));
                    list.0[place] = edit;
                }
            }
        }
        list
    }

    fn find(&self, wanted: &str) -> usize {
        self.0
            .iter()
            .position(|tag| name(tag) == wanted.as_bytes())
            .unwrap_or_else(|| panic!("{wanted} is no tag"))
    }

    /// What follows `=`, without any white space.
    fn value(&self, wanted: &str) -> Option<String> {
        let tag = self.0.iter().find(|tag| name(tag) == wanted.as_bytes())?;
        let text = String::from_utf8_lossy(tag);
        let (_, value) = text.split_once('=')?;
        Some(value.split_ascii_whitespace().collect())
    }

    fn join(&self) -> Vec<u8> {
        self.0.join(&b"; "[..])
    }
}

fn name(tag: &[u8]) -> &[u8] {
    tag.split(|octet| *octet == b'=')
        .next()
        .unwrap_or_default()
        .trim_ascii()
}

/// `\r`, `\n`, `\t`, `\\`, `\xNN`, and `{A*N}` for N times A.
fn unescape(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        rest = &rest[first.len_utf8()..];
        if first == '\\' {
            let (kind, after) = rest.split_at(1);
            rest = after;
            out.push(match kind {
                "r" => b'\r',
                "n" => b'\n',
                "t" => b'\t',
                "x" => {
                    let (digits, after) = rest.split_at(2);
                    rest = after;
                    u8::from_str_radix(digits, 16).expect("two digits")
                }
                "\\" => b'\\',
                other => panic!("{other} is no escape"),
            });
        } else if let Some((count, after)) = rest.split_once('}')
            && first == '{'
            && let Some((piece, count)) = count.split_once('*')
        {
            out.extend(piece.as_bytes().repeat(count.parse().expect("a number")));
            rest = after;
        } else {
            out.extend(first.to_string().as_bytes());
        }
    }
    out
}

/// A signature over a field that the row has changed.
fn with_field(edits: &str) -> Cause {
    let tags = Tags::new(&FIELD, edits);
    let canonicalization = match tags.value("c") {
        None => Canonicalization::SIMPLE,
        Some(text) => text.parse().unwrap_or(Canonicalization::RELAXED),
    };
    let names = tags.value("h").unwrap_or_default();
    let rsa = tags
        .value("a")
        .is_some_and(|name| name.to_lowercase().contains("rsa"));
    let craft = Craft {
        key: &*key(if rsa { RSA } else { ED25519 }),
        canonicalization,
        names: names.split(':').map(str::to_owned).collect(),
        length: tags.value("l").and_then(|length| length.parse().ok()),
    };
    let field = [b"DKIM-Signature: ", &tags.join()[..]].concat();
    let signed = craft.sign(&field, MESSAGE);
    let mut verdicts = verdicts(&signed);
    assert_eq!(verdicts.len(), 1);
    let cause = verdicts.remove(0).cause().clone();
    if cause == Cause::Verified {
        // What is tolerated is still signed.
        let start = signed.len() - MESSAGE.len() + "From: ".len();
        let mut altered = signed;
        altered[start] = b'b';
        let altered = crate::support::verdicts(&altered).remove(0);
        assert_eq!(altered.cause(), &Cause::SignatureMismatch, "{edits}");
    }
    cause
}

/// A plain signature under a key record that the row has changed.
fn with_record(edits: &str) -> Cause {
    let (below, edits) = match edits.strip_prefix("below && ") {
        Some(rest) => ("; i=@sub.example.org", rest),
        None => ("", edits),
    };
    let tags = Tags::new(&RECORD, edits);
    let mut record = tags.join();
    let by_rsa = record.windows(4).any(|window| window == b"{rsa");
    let (rsa, ed25519) = (key(RSA), key(ED25519));
    for (place, key) in [("{p", &ed25519), ("{rsa", &rsa)] {
        record = published(record, place, &**key);
    }
    let craft = Craft {
        key: if by_rsa { &*rsa } else { &*ed25519 },
        canonicalization: Canonicalization::RELAXED,
        names: vec!["From".to_owned()],
        length: None,
    };
    let algorithm = craft.key.algorithm();
    let field = format!(
        "DKIM-Signature: v=1; a={algorithm}; c=relaxed/relaxed; d=example.org; s=x; h=From; bh={{bh}}; b={{b}}{below}"
    );
    let mut zone = Zone::new();
    insert(&mut zone, "x._domainkey.example.org", &record);
    let signed = craft.sign(field.as_bytes(), MESSAGE);
    verdicts_in(&zone, &signed).remove(0).cause().clone()
}

fn published(record: Vec<u8>, place: &str, key: &dyn SigningKey) -> Vec<u8> {
    let text = String::from_utf8_lossy(&record);
    let Some((front, rest)) = text.split_once(place) else {
        return record;
    };
    let (form, back) = rest.split_once('}').expect("a place ends");
    let public = PublicKeyRecord::for_key(&key);
    let octets = public.key().expect("a key").as_bytes().to_vec();
    let octets = match form {
        // The key inside its SubjectPublicKeyInfo.
        "/pkcs1" => octets[24..].to_vec(),
        "/cut" => octets[..octets.len() - 1].to_vec(),
        "/more" => [&octets[..], &[0]].concat(),
        _ => octets,
    };
    let form = match form {
        "/pkcs1" | "/cut" | "/more" => "",
        form => form,
    };
    format!("{front}{}{back}", encode(&octets, form)).into_bytes()
}

/// A word for the cause, as the vectors have it.
fn word(cause: &Cause) -> String {
    match cause {
        Cause::Verified => "pass".to_owned(),
        Cause::SignatureSyntax(SignatureError::TagList(error)) => {
            format!("list {:?}", error.kind())
        }
        Cause::SignatureSyntax(error) => format!("{error:?}"),
        Cause::KeySyntax(letterhead_dkim::KeyRecordError::TagList(error)) => {
            format!("list {:?}", error.kind())
        }
        other => format!("{other:?}"),
    }
}

fn check(vectors: &str, least: usize, judge: fn(&str) -> Cause) {
    let mut wrong = Vec::new();
    let mut count = 0;
    let mut section = "";
    for line in vectors.lines() {
        if line.starts_with('[') {
            section = line;
        }
        if line.is_empty() || line.starts_with(['#', '[']) {
            continue;
        }
        assert!(section.contains('§'), "{line} has no section");
        let (edits, expected) = line.split_once(" => ").unwrap_or_else(|| panic!("{line}"));
        let found = word(&judge(edits));
        count += 1;
        if found != expected {
            wrong.push(format!("{section}: {line}\n  found {found}"));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(count >= least, "only {count} rows");
}

#[test]
fn every_tag_of_a_signature_is_read_as_the_rfc_has_it() {
    check(
        include_str!("../vectors/signature-tags.txt"),
        200,
        with_field,
    );
}

#[test]
fn every_tag_of_a_key_record_is_read_as_the_rfc_has_it() {
    check(
        include_str!("../vectors/key-record-tags.txt"),
        90,
        with_record,
    );
}
