//! Text in which `%` and two hexadecimal digits are an octet
//! ([RFC 3986 §2.1](https://www.rfc-editor.org/rfc/rfc3986#section-2.1)).

/// The text itself; `None` where digits are missing or it is not UTF-8.
pub(crate) fn percent_decoded(text: &str) -> Option<String> {
    let mut octets = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let value = digit(bytes.next())? * 16 + digit(bytes.next())?;
            octets.push(u8::try_from(value).ok()?);
        } else {
            octets.push(byte);
        }
    }
    String::from_utf8(octets).ok()
}
