//! What a signature with `c=relaxed/relaxed` covers, by the rules of
//! [RFC 6376 §3.4](https://www.rfc-editor.org/rfc/rfc6376#section-3.4) without any thought of speed.

use letterhead::dkim::Signature;

/// The octets that are hashed.
pub(crate) struct Covered {
    pub(crate) header: String,
    pub(crate) body: String,
}

impl Covered {
    /// Of a message that `field`, a DKIM-Signature with its final CRLF, was made for.
    pub(crate) fn by(field: &str, message: &[u8]) -> Self {
        let message = str::from_utf8(message).expect("ASCII");
        let (header, body) = message.split_once("\r\n\r\n").expect("an empty line");
        let (_, value) = field.split_once(':').expect("a field");
        let signature = Signature::parse(value.as_bytes()).expect("a signature");
        let unfolded = header.replace("\r\n ", " ").replace("\r\n\t", " ");
        let mut fields: Vec<String> = unfolded.split("\r\n").map(relaxed_field).collect();
        let mut covered = String::new();
        for name in signature.headers() {
            let start = name.as_str().to_ascii_lowercase() + ":";
            if let Some(last) = fields.iter().rposition(|field| field.starts_with(&start)) {
                covered += &(fields.remove(last) + "\r\n");
            }
        }
        let own = relaxed_field(&field.replace("\r\n", ""));
        let (unsigned, _) = own.rsplit_once("b=").expect("the last tag");
        let lines: Vec<String> = body.split("\r\n").map(relaxed).collect();
        Self {
            header: covered + unsigned + "b=",
            body: lines.join("\r\n").trim_end_matches("\r\n").to_owned() + "\r\n",
        }
    }
}

fn relaxed_field(field: &str) -> String {
    let (name, value) = field.split_once(':').expect("a field");
    let name = name.trim_end().to_ascii_lowercase();
    format!("{name}:{}", relaxed(value).trim_start())
}

/// A line with one space for each run of white space, and none at its end.
fn relaxed(line: &str) -> String {
    let mut relaxed = String::new();
    for character in line.chars() {
        match character {
            ' ' | '\t' if relaxed.ends_with(' ') => {}
            ' ' | '\t' => relaxed.push(' '),
            _ => relaxed.push(character),
        }
    }
    relaxed.trim_end_matches(' ').to_owned()
}
