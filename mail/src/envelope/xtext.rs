//! xtext ([RFC 3461 §4](https://www.rfc-editor.org/rfc/rfc3461#section-4)).

use super::NotificationError;

/// Text in printable ASCII without what a parameter cannot hold
/// ([RFC 3461 §4](https://www.rfc-editor.org/rfc/rfc3461#section-4)).
pub(super) fn xtext(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if matches!(byte, b'!'..=b'~') && !matches!(byte, b'+' | b'=') {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("+{byte:02X}"));
        }
    }
    encoded
}

/// The text that xtext stands for, which has to be ASCII.
pub(super) fn decoded(value: &str) -> Result<String, NotificationError> {
    let mut text = String::with_capacity(value.len());
    let mut bytes = value.bytes();
    while let Some(byte) = bytes.next() {
        let byte = match byte {
            b'+' => match (bytes.next().and_then(digit), bytes.next().and_then(digit)) {
                (Some(high), Some(low)) => high * 16 + low,
                _ => return Err(NotificationError::Xtext),
            },
            b'!'..=b'~' if byte != b'=' => byte,
            _ => return Err(NotificationError::Xtext),
        };
        if !byte.is_ascii() {
            return Err(NotificationError::Xtext);
        }
        text.push(char::from(byte));
    }
    Ok(text)
}

/// A hexadecimal digit; xtext has the upper-case ones only.
fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}
