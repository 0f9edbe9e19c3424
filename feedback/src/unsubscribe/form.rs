//! The body of a one-click request.

use crate::report::part::Part;
use crate::unsubscribe::{Unsubscribe, UnsubscribeError};

/// Whether the form asks for one-click unsubscription: `List-Unsubscribe=One-Click`, in either of the forms that HTML has
/// ([RFC 8058 §3.2](https://www.rfc-editor.org/rfc/rfc8058#section-3.2)). Other entries beside it do not matter.
pub(super) fn check(content_type: Option<&str>, body: &[u8]) -> Result<(), UnsubscribeError> {
    if body.len() > Unsubscribe::MAX_BODY {
        return Err(UnsubscribeError::BodyTooLong);
    }
    // A form of several parts is built as a mail is.
    let content_type = content_type.unwrap_or(URL_ENCODED);
    let mut entity = format!("Content-Type: {}\n\n", one_line(content_type)).into_bytes();
    entity.extend_from_slice(body);
    let form = Part::read(&entity);
    let asks = match form.essence() {
        URL_ENCODED => url_encoded_asks(body),
        "multipart/form-data" => form.leaves().iter().any(part_asks),
        _ => return Err(UnsubscribeError::NotAForm),
    };
    if asks {
        Ok(())
    } else {
        Err(UnsubscribeError::NotOneClick)
    }
}

fn one_line(text: &str) -> String {
    text.replace(|c: char| c.is_control(), " ")
}

fn url_encoded_asks(body: &[u8]) -> bool {
    body.trim_ascii().split(|byte| *byte == b'&').any(|entry| {
        let mut halves = entry.splitn(2, |byte| *byte == b'=');
        let (name, value) = (halves.next(), halves.next());
        let is = |half: Option<&[u8]>, text: &str| {
            half.is_some_and(|half| percent_decoded(half).eq_ignore_ascii_case(text.as_bytes()))
        };
        is(name, NAME) && is(value, VALUE)
    })
}

fn part_asks(part: &Part<'_>) -> bool {
    let disposition = part.header().value("Content-Disposition");
    let named = disposition.is_some_and(|disposition| {
        disposition.split(';').skip(1).any(|parameter| {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            let value = value.trim().trim_matches('"');
            name.trim().eq_ignore_ascii_case("name") && value.eq_ignore_ascii_case(NAME)
        })
    });
    named
        && part
            .decoded()
            .trim_ascii()
            .eq_ignore_ascii_case(VALUE.as_bytes())
}

/// The octets that percent signs and digits stand for; a sign without two digits stands for itself.
fn percent_decoded(text: &[u8]) -> Vec<u8> {
    let mut octets = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, after)) = rest.split_first() {
        let escaped = after
            .split_first_chunk::<2>()
            .filter(|_| *first == b'%')
            .and_then(|([high, low], after)| Some((digit(*high)? * 16 + digit(*low)?, after)));
        match escaped {
            Some((octet, after)) => {
                octets.push(octet);
                rest = after;
            }
            None => {
                octets.push(if *first == b'+' { b' ' } else { *first });
                rest = after;
            }
        }
    }
    octets
}

fn digit(byte: u8) -> Option<u8> {
    let digit = char::from(byte).to_digit(16)?;
    u8::try_from(digit).ok()
}

const URL_ENCODED: &str = "application/x-www-form-urlencoded";
const NAME: &str = "List-Unsubscribe";
const VALUE: &str = "One-Click";

#[cfg(test)]
mod tests {
    use super::check;
    use crate::unsubscribe::{Unsubscribe, UnsubscribeError};

    const MULTIPART: &str = "multipart/form-data; boundary=---FormBoundaryjWmhtjORrn";

    fn multipart(disposition: &str, value: &str) -> String {
        format!(
            "-----FormBoundaryjWmhtjORrn\r\nContent-Disposition: form-data; name=\"lang\"\r\n\r\nde\r\n\
             -----FormBoundaryjWmhtjORrn\r\nContent-Disposition: {disposition}\r\n\r\n{value}\r\n\
             -----FormBoundaryjWmhtjORrn--\r\n"
        )
    }

    #[test]
    fn both_kinds_of_form_are_read() {
        let named = multipart("form-data; name=\"List-Unsubscribe\"", "One-Click");
        let unquoted = multipart("FORM-DATA; Name=list-unsubscribe", " one-click ");
        let urlencoded = Some("application/x-www-form-urlencoded");
        for (content_type, body) in [
            (urlencoded, "List-Unsubscribe=One-Click"),
            (None, "List-Unsubscribe=One-Click"),
            (
                Some("Application/X-WWW-Form-Urlencoded; charset=UTF-8"),
                "List-Unsubscribe=One-Click\r\n",
            ),
            (urlencoded, "a=b&List%2DUnsubscribe=One%2dClick&c"),
            (urlencoded, "list-unsubscribe=one-click"),
            (Some(MULTIPART), named.as_str()),
            (Some(MULTIPART), unquoted.as_str()),
            (
                Some("multipart/form-data;\r\n boundary=\"---FormBoundaryjWmhtjORrn\""),
                named.as_str(),
            ),
        ] {
            assert_eq!(check(content_type, body.as_bytes()), Ok(()), "{body}");
        }
    }

    #[test]
    fn nothing_else_asks_to_unsubscribe() {
        let elsewhere = multipart("form-data; name=\"note\"", "List-Unsubscribe=One-Click");
        let file = multipart("form-data; filename=\"List-Unsubscribe\"", "One-Click");
        let other = multipart("form-data; name=\"List-Unsubscribe\"", "Two-Clicks");
        let right = multipart("form-data; name=\"List-Unsubscribe\"", "One-Click");
        let urlencoded = "application/x-www-form-urlencoded";
        use UnsubscribeError as E;
        for (content_type, body, error) in [
            (urlencoded, "", E::NotOneClick),
            (urlencoded, "List-Unsubscribe", E::NotOneClick),
            (urlencoded, "List-Unsubscribe=", E::NotOneClick),
            (urlencoded, "List-Unsubscribe=One-Click%", E::NotOneClick),
            (urlencoded, "x=List-Unsubscribe=One-Click", E::NotOneClick),
            (urlencoded, right.as_str(), E::NotOneClick),
            (MULTIPART, elsewhere.as_str(), E::NotOneClick),
            (MULTIPART, file.as_str(), E::NotOneClick),
            (MULTIPART, other.as_str(), E::NotOneClick),
            (MULTIPART, "List-Unsubscribe=One-Click", E::NotOneClick),
            ("multipart/form-data", right.as_str(), E::NotOneClick),
            ("", "List-Unsubscribe=One-Click", E::NotAForm),
            ("text/plain", "List-Unsubscribe=One-Click", E::NotAForm),
            ("application/json", "{}", E::NotAForm),
        ] {
            let checked = check(Some(content_type), body.as_bytes());
            assert_eq!(checked, Err(error), "{content_type}: {body}");
        }
        let long = vec![b'a'; Unsubscribe::MAX_BODY + 1];
        assert_eq!(check(None, &long), Err(E::BodyTooLong));
    }
}
