//! Signs fields just as a test wrote them, so that nothing but what the test is about can keep a signature from passing.
//!
//! Canonicalisation is written here a second time, line by line from RFC 6376 §3.4 and §3.7, and shares nothing with the
//! crate but the operation of the key.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use letterhead_dkim::{
    BodyCanonicalization, Canonicalization, Digest, HeaderCanonicalization, SigningKey,
};

/// How to sign.
pub(crate) struct Craft<'a> {
    pub(crate) key: &'a dyn SigningKey,
    pub(crate) canonicalization: Canonicalization,
    /// What is hashed of the header, in order; fields that are not there are passed over.
    pub(crate) names: Vec<String>,
    /// How many octets of the canonical body are hashed.
    pub(crate) length: Option<usize>,
}

impl Craft<'_> {
    /// The message with this field in front. The field is whole but for its final CRLF, and holds the places `{bh…}` and
    /// `{b…}`; see [`encode`].
    pub(crate) fn sign(&self, field: &[u8], message: &[u8]) -> Vec<u8> {
        let end = position(message, b"\r\n\r\n").expect("an empty line") + 2;
        let (header, body) = (&message[..end], &message[end + 2..]);
        let body = canonical_body(self.canonicalization.body(), body);
        let covered = self.length.map_or(body.len(), |most| most.min(body.len()));
        let field = fill(field, b"{bh", Digest::of(&body[..covered]).as_ref());

        let mut input = Vec::new();
        let mut left = fields(header);
        for name in &self.names {
            let last = left
                .iter()
                .rposition(|field| name_of(field).eq_ignore_ascii_case(name.as_bytes()));
            if let Some(last) = last {
                input.extend(canonical_field(
                    self.canonicalization.header(),
                    left.remove(last),
                ));
            }
        }
        let own = [&without_signature(&field)[..], b"\r\n"].concat();
        let own = canonical_field(self.canonicalization.header(), &own);
        input.extend_from_slice(own.strip_suffix(b"\r\n").expect("its own line end"));
        let signature = self.key.sign_digest(&Digest::of(&input)).expect("signs");
        [&fill(&field, b"{b", &signature)[..], b"\r\n", message].concat()
    }
}

/// RFC 6376 §3.4.3 and §3.4.4.
pub(crate) fn canonical_body(kind: BodyCanonicalization, body: &[u8]) -> Vec<u8> {
    let mut lines: Vec<Vec<u8>> = lines(body)
        .into_iter()
        .map(|line| match kind {
            BodyCanonicalization::Simple => line.to_vec(),
            BodyCanonicalization::Relaxed => {
                let mut line = collapsed(line);
                if line.ends_with(b" ") {
                    line.pop();
                }
                line
            }
        })
        .collect();
    while lines.last().is_some_and(Vec::is_empty) {
        lines.pop();
    }
    if lines.is_empty() && kind == BodyCanonicalization::Simple {
        lines.push(Vec::new());
    }
    lines
        .iter()
        .flat_map(|line| [line, &b"\r\n"[..]].concat())
        .collect()
}

/// RFC 6376 §3.4.1 and §3.4.2.
pub(crate) fn canonical_field(kind: HeaderCanonicalization, field: &[u8]) -> Vec<u8> {
    if kind == HeaderCanonicalization::Simple {
        return field.to_vec();
    }
    let colon = position(field, b":").expect("a colon");
    let (name, value) = (&field[..colon], &field[colon + 1..]);
    let unfolded = collapsed(&lines(value).concat());
    let value = unfolded.trim_ascii();
    [
        &name.trim_ascii_end().to_ascii_lowercase()[..],
        b":",
        value,
        b"\r\n",
    ]
    .concat()
}

/// The fields of a header with their continuation lines.
pub(crate) fn fields(header: &[u8]) -> Vec<&[u8]> {
    let mut fields = Vec::new();
    let mut rest = header;
    while !rest.is_empty() {
        let mut end = 0;
        loop {
            end += position(&rest[end..], b"\r\n").expect("lines end") + 2;
            if !matches!(rest.get(end), Some(b' ' | b'\t')) {
                break;
            }
        }
        fields.push(&rest[..end]);
        rest = &rest[end..];
    }
    fields
}

fn name_of(field: &[u8]) -> &[u8] {
    field[..position(field, b":").expect("a colon")].trim_ascii_end()
}

/// The value of `b=` goes with the white space around it; the place for it is the only one.
fn without_signature(field: &[u8]) -> Vec<u8> {
    let Some(start) = position(field, b"{b") else {
        return field.to_vec();
    };
    let end = start + position(&field[start..], b"}").expect("a place ends") + 1;
    let until = field[end..]
        .iter()
        .position(|octet| *octet == b';')
        .map_or(field.len(), |semicolon| end + semicolon);
    [field[..start].trim_ascii_end(), &field[until..]].concat()
}

/// Puts `octets` into the place that starts like this.
fn fill(field: &[u8], place: &[u8], octets: &[u8]) -> Vec<u8> {
    let Some(start) = position(field, place) else {
        return field.to_vec();
    };
    let end = start + position(&field[start..], b"}").expect("a place ends");
    let form = str::from_utf8(&field[start + place.len()..end]).expect("a word");
    let text = encode(octets, form);
    [&field[..start], text.as_bytes(), &field[end + 1..]].concat()
}

/// Base64, as it is (`{b}`), folded (`{b/folded}`), without padding (`{b/bare}`), with half of it (`{b/half}`), or with
/// bits set behind the last octet (`{b/spare}`).
pub(crate) fn encode(octets: &[u8], form: &str) -> String {
    let text = STANDARD.encode(octets);
    match form {
        "" => text,
        "/folded" => {
            let pieces: Vec<&str> = (0..text.len())
                .step_by(7)
                .map(|start| &text[start..text.len().min(start + 7)])
                .collect();
            pieces.join("\r\n \t")
        }
        "/bare" => text.trim_end_matches('=').to_owned(),
        "/half" => text.strip_suffix("=").expect("padding").to_owned(),
        "/spare" => {
            let bare = text.trim_end_matches('=');
            let (front, last) = bare.split_at(bare.len() - 1);
            let next = char::from(last.as_bytes()[0] + 1);
            format!("{front}{next}{}", &text[bare.len()..])
        }
        other => panic!("{other} is no form"),
    }
}

/// What stands between line ends.
fn lines(text: &[u8]) -> Vec<&[u8]> {
    let mut lines = Vec::new();
    let mut rest = text;
    while let Some(end) = position(rest, b"\r\n") {
        lines.push(&rest[..end]);
        rest = &rest[end + 2..];
    }
    lines.push(rest);
    lines
}

/// Runs of white space become one space.
fn collapsed(line: &[u8]) -> Vec<u8> {
    let mut out: Vec<u8> = Vec::new();
    for octet in line {
        match octet {
            b' ' | b'\t' if out.ends_with(b" ") => {}
            b' ' | b'\t' => out.push(b' '),
            other => out.push(*other),
        }
    }
    out
}

pub(crate) fn position(text: &[u8], part: &[u8]) -> Option<usize> {
    text.windows(part.len()).position(|window| window == part)
}
