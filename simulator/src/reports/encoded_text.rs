//! Text and octets as mail carries them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Octets in base64, in lines of mail.
pub(super) fn base64_lines(octets: &[u8]) -> String {
    let encoded = STANDARD.encode(octets);
    let lines = encoded.as_bytes().chunks(BASE64_LINE);
    let lines: Vec<String> = lines
        .map(|line| String::from_utf8_lossy(line).into_owned())
        .collect();
    lines.join("\r\n")
}

/// A text for a body: its transfer encoding and itself, with the line ends of mail. Text that mail cannot carry as it
/// is goes in base64.
pub(super) fn body(text: &str) -> (&'static str, String) {
    let mut text = text.replace("\r\n", "\n").replace('\r', "\n");
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    let text = text.replace('\n', "\r\n");
    let fits = |line: &str| line.len() <= MAX_LINE && !line.contains('\0');
    if text.is_ascii() && text.split("\r\n").all(fits) {
        return ("7bit", text);
    }
    ("base64", base64_lines(text.as_bytes()) + "\r\n")
}

/// Text for the value of an unstructured field, in encoded words where it is not plain ASCII
/// ([RFC 2047 §2](https://www.rfc-editor.org/rfc/rfc2047#section-2)), folded.
pub(super) fn words(text: &str) -> String {
    if text.is_ascii() && !text.contains("=?") {
        return text.to_owned();
    }
    let mut words = Vec::new();
    let mut part = String::new();
    for c in text.chars() {
        if part.len() + c.len_utf8() > WORD_OCTETS {
            words.push(word(&part));
            part.clear();
        }
        part.push(c);
    }
    words.push(word(&part));
    words.join("\r\n ")
}

fn word(text: &str) -> String {
    format!("=?utf-8?B?{}?=", STANDARD.encode(text))
}

/// Characters of a line of base64 ([RFC 2045 §6.8](https://www.rfc-editor.org/rfc/rfc2045#section-6.8)).
const BASE64_LINE: usize = 76;
/// Octets of a line ([RFC 5322 §2.1.1](https://www.rfc-editor.org/rfc/rfc5322#section-2.1.1)).
const MAX_LINE: usize = 998;
/// Octets of text in an encoded word, which may be 75 characters long.
const WORD_OCTETS: usize = 45;

#[cfg(test)]
mod tests {
    use super::{body, words};

    #[test]
    fn plain_text_stays_and_other_text_is_encoded() {
        assert_eq!(body("a\nb\rc"), ("7bit", "a\r\nb\r\nc\r\n".to_owned()));
        assert_eq!(body("\u{e9}"), ("base64", "w6kNCg==\r\n".to_owned()));
        assert_eq!(body(&"x".repeat(999)).0, "base64");
        assert_eq!(words("plain"), "plain");
        assert_eq!(words("=?x"), "=?utf-8?B?PT94?=");
        let long = words(&"\u{e9}".repeat(40));
        assert_eq!(long.lines().count(), 2);
        assert!(long.lines().all(|line| line.trim().len() <= 75));
    }
}
