//! Copied header fields, `z=`.

use crate::header_name::is_header_name;
use crate::quoted_printable;

/// Whether a value is what `z=` takes: names with quoted-printable values, bars between
/// ([RFC 6376 §3.5](https://www.rfc-editor.org/rfc/rfc6376#section-3.5)). What it says takes no part in verification.
pub(crate) fn is_copied_headers(value: &[u8]) -> bool {
    value.split(|octet| *octet == b'|').all(|copy| {
        let mut parts = copy.splitn(2, |octet| *octet == b':');
        let name = parts.next().unwrap_or_default().trim_ascii();
        let text = parts.next();
        is_header_name(name) && text.is_some_and(|text| quoted_printable::decode(text).is_some())
    })
}
