//! Pictures that a mail carries for its own HTML ([RFC 2392](https://www.rfc-editor.org/rfc/rfc2392)).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::mailbox::Picture;

/// The HTML with the pictures in it that it names by `cid:`. A frame without an origin of its own can load nothing else.
pub(super) fn with_pictures(html: &str, pictures: &[Picture]) -> String {
    let mut whole = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(start) = find_scheme(rest) {
        let (before, named) = rest.split_at(start);
        whole.push_str(before);
        let name = named.get(SCHEME.len()..).unwrap_or_default();
        let end = name.find(ENDS).unwrap_or(name.len());
        let (name, after) = name.split_at(end);
        match pictures.iter().find(|picture| picture.id == decoded(name)) {
            Some(picture) => {
                let content = STANDARD.encode(&picture.content);
                whole.push_str("data:");
                whole.push_str(picture.media_type);
                whole.push_str(";base64,");
                whole.push_str(&content);
            }
            None => {
                whole.push_str(named.get(..SCHEME.len()).unwrap_or_default());
                whole.push_str(name);
            }
        }
        rest = after;
    }
    whole.push_str(rest);
    whole
}

/// Where a `cid:` begins, in any case.
fn find_scheme(html: &str) -> Option<usize> {
    let octets = html.as_bytes();
    let mut windows = octets.windows(SCHEME.len());
    windows.position(|window| window.eq_ignore_ascii_case(SCHEME.as_bytes()))
}

/// Without percent signs ([RFC 3986 §2.1](https://www.rfc-editor.org/rfc/rfc3986#section-2.1)) and without the references of
/// HTML that an address needs.
fn decoded(name: &str) -> String {
    let name = name.replace("&amp;", "&");
    let mut octets = Vec::with_capacity(name.len());
    let mut rest = name.as_bytes();
    while let [first, after @ ..] = rest {
        let escaped = match (first, after) {
            (b'%', [high, low, ..]) => hex(*high).zip(hex(*low)),
            _ => None,
        };
        match escaped {
            Some((high, low)) => {
                octets.push(high * 16 + low);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                octets.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&octets).into_owned()
}

fn hex(digit: u8) -> Option<u8> {
    let digit = char::from(digit).to_digit(16)?;
    u8::try_from(digit).ok()
}

const SCHEME: &str = "cid:";

/// What ends an address in HTML and in its styles.
const ENDS: [char; 10] = ['"', '\'', ' ', '\t', '\r', '\n', '>', '<', ')', ','];

#[cfg(test)]
mod tests {
    use super::with_pictures;
    use crate::mailbox::Picture;

    #[test]
    fn pictures_stand_where_they_are_named() {
        let picture = Picture {
            id: "logo@x.example".to_owned(),
            media_type: "image/png",
            content: vec![1, 2, 3],
        };
        let there = "data:image/png;base64,AQID";
        for (html, expected) in [
            (
                "<img src=\"cid:logo@x.example\">",
                format!("<img src=\"{there}\">"),
            ),
            (
                "<img src=CID:logo%40x.example>",
                format!("<img src={there}>"),
            ),
            (
                "url('cid:logo@x.example') cid:logo@x.example",
                format!("url('{there}') {there}"),
            ),
            (
                "<img src='cid:other@x.example'>cid:",
                "<img src='cid:other@x.example'>cid:".to_owned(),
            ),
            ("\u{e9}cid:%", "\u{e9}cid:%".to_owned()),
            ("", String::new()),
        ] {
            assert_eq!(
                with_pictures(html, std::slice::from_ref(&picture)),
                expected
            );
        }
    }
}
