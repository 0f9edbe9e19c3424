//! What a link to unsubscribe may begin with.

use std::net::IpAddr;

use letterhead_mail::DomainName;

use super::UnsubscribeUrlError;
use super::error::MAX_URL;

/// Whether links can begin so, the token following.
pub(super) fn check(url: &str) -> Result<(), UnsubscribeUrlError> {
    let after = url
        .split_at_checked(SCHEME.len())
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case(SCHEME));
    let (_, after) = after.ok_or(UnsubscribeUrlError::NotHttps)?;
    // A comma is allowed in a URI, and some readers of List-Unsubscribe split at each.
    let allowed = |c: char| c.is_ascii_graphic() && !"<>\"{}|\\^`,".contains(c);
    if let Some((offset, character)) = url.char_indices().find(|(_, c)| !allowed(*c)) {
        return Err(UnsubscribeUrlError::Character { character, offset });
    }
    if url.contains('#') {
        return Err(UnsubscribeUrlError::Fragment);
    }
    let (authority, path) = match after.find(['/', '?']) {
        Some(place) => after.split_at(place),
        None => (after, ""),
    };
    check_authority(authority)?;
    if path.is_empty() || !path.ends_with(['/', '=']) {
        return Err(UnsubscribeUrlError::End);
    }
    if url.len() > MAX_URL {
        return Err(UnsubscribeUrlError::TooLong);
    }
    Ok(())
}

fn check_authority(authority: &str) -> Result<(), UnsubscribeUrlError> {
    let bracketed = authority
        .strip_prefix('[')
        .and_then(|rest| rest.split_once(']'));
    let (is_host, port) = match bracketed {
        Some((host, rest)) => {
            let is_address = host
                .parse::<IpAddr>()
                .is_ok_and(|address| address.is_ipv6());
            let port = rest.strip_prefix(':');
            (is_address && (rest.is_empty() || port.is_some()), port)
        }
        None => {
            let (host, port) = match authority.split_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (authority, None),
            };
            (host.parse::<DomainName>().is_ok(), port)
        }
    };
    if !is_host {
        return Err(UnsubscribeUrlError::Host);
    }
    let digits = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit());
    match port {
        Some(port) if !digits(port) || port.parse::<u16>().is_err() => {
            Err(UnsubscribeUrlError::Port)
        }
        _ => Ok(()),
    }
}

const SCHEME: &str = "https://";

#[cfg(test)]
mod tests {
    use super::{MAX_URL, UnsubscribeUrlError, check};

    #[test]
    fn links_are_https_and_leave_room_for_the_token() {
        for url in [
            "https://example.com/",
            "HTTPS://example.com/u/",
            "https://example.com:8443/u?lang=de&t=",
            "https://example.com?t=",
            "https://xn--bcher-kva.example/u/",
            "https://192.0.2.1/u/",
            "https://[2001:db8::1]/u/",
            "https://[2001:db8::1]:443/u/",
            "https://example.com/%2C/",
        ] {
            assert_eq!(check(url), Ok(()), "{url}");
        }
        use UnsubscribeUrlError as E;
        let character = |character, offset| E::Character { character, offset };
        for (url, error) in [
            ("", E::NotHttps),
            ("http://example.com/u/", E::NotHttps),
            ("mailto:a@example.com", E::NotHttps),
            ("\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}", E::NotHttps),
            ("https://", E::Host),
            ("https:///u/", E::Host),
            ("https://a@example.com/u/", E::Host),
            ("https://exa mple.com/u/", character(' ', 11)),
            ("https://example.com/\r\nBcc: a@x/", character('\r', 20)),
            ("https://example.com/<u>/", character('<', 20)),
            ("https://example.com/a,b/", character(',', 21)),
            ("https://b\u{fc}cher.example/", character('\u{fc}', 9)),
            ("https://example.com/#/", E::Fragment),
            ("https://example.com", E::End),
            ("https://example.com/u", E::End),
            ("https://example.com:/u/", E::Port),
            ("https://example.com:+1/u/", E::Port),
            ("https://example.com:65536/u/", E::Port),
            ("https://[2001:db8::1/u/", E::Host),
            ("https://[192.0.2.1]/u/", E::Host),
            ("https://[::1]x/u/", E::Host),
        ] {
            assert_eq!(check(url), Err(error), "{url}");
        }
        let long = format!("https://example.com/{}/", "x".repeat(MAX_URL));
        assert_eq!(check(&long), Err(E::TooLong));
    }
}
