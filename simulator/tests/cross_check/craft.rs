//! Signs fields just as a test wrote them, by RFC 6376 §3.4.1 and §3.4.3 (simple).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use letterhead_dkim::{Digest, SigningKey};

/// Under `c=simple`: the message with a signature in front that has these tags, and covers these fields. `{bh}` stands for
/// the hash of this body, and `{b}`, which must come last, for the signature.
pub(crate) fn crafted(
    key: &dyn SigningKey,
    tags: &str,
    fields: &[&str],
    body: &str,
    message: &str,
) -> Vec<u8> {
    let hash = STANDARD.encode(Digest::of(body.as_bytes()).as_ref());
    crafted_over(key, tags, &hash, fields, message)
}

/// As [`crafted`], with this for `{bh}`.
pub(crate) fn crafted_over(
    key: &dyn SigningKey,
    tags: &str,
    hash: &str,
    fields: &[&str],
    message: &str,
) -> Vec<u8> {
    let field = format!("DKIM-Signature: {}", tags.replace("{bh}", hash));
    let mut input = String::new();
    for name in fields {
        let start = format!("{name}:");
        let line = message.lines().find(|line| line.starts_with(&start));
        input += &format!("{}\r\n", line.unwrap());
    }
    input += &field.replace("{b}", "");
    let signature = key.sign_digest(&Digest::of(input.as_bytes())).unwrap();
    let field = field.replace("{b}", &STANDARD.encode(signature));
    format!("{field}\r\n{message}").into_bytes()
}
