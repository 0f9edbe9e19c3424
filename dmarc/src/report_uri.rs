//! Where reports are sent.

use std::fmt;
use std::str::FromStr;

use letterhead_dns::DomainName;

/// Where a domain owner wants reports sent
/// ([RFC 9989 §4.6](https://www.rfc-editor.org/rfc/rfc9989#section-4.6), tags `rua` and `ruf`): a URI without comma,
/// semicolon and exclamation mark, which must be percent-encoded.
///
/// A `mailto:` URI holds one mailbox whose domain is a [`DomainName`]; of other schemes only the syntax is checked.
///
/// ```
/// use letterhead_dmarc::ReportUri;
///
/// let uri: ReportUri = "mailto:dmarc%2Breports@example.org".parse()?;
/// assert_eq!(uri.mailbox(), Some("dmarc+reports@example.org"));
/// assert!("dmarc@example.org".parse::<ReportUri>().is_err());
/// # Ok::<(), letterhead_dmarc::ReportUriError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ReportUri {
    text: Box<str>,
    mailbox: Option<Mailbox>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Mailbox {
    address: Box<str>,
    domain: DomainName,
}

impl ReportUri {
    /// The `mailto:` URI of a mailbox.
    ///
    /// # Errors
    ///
    /// When the local part is empty or holds control characters.
    pub fn mailto(local_part: &str, domain: &DomainName) -> Result<Self, ReportUriError> {
        use fmt::Write;

        let mut text = String::from("mailto:");
        for octet in local_part.bytes() {
            if is_unreserved(octet) || octet == b'+' {
                text.push(char::from(octet));
            } else {
                // Writing to a `String` does not fail.
                let _ = write!(text, "%{octet:02X}");
            }
        }
        text.push('@');
        text.push_str(domain.as_str());
        text.parse()
    }

    /// The URI.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The scheme, as it was written.
    #[must_use]
    pub fn scheme(&self) -> &str {
        self.text.split_once(':').map_or("", |(scheme, _)| scheme)
    }

    /// The mailbox of a `mailto:` URI, percent-decoded; `None` for other schemes. It holds no control characters.
    #[must_use]
    pub fn mailbox(&self) -> Option<&str> {
        self.mailbox.as_ref().map(|mailbox| &*mailbox.address)
    }

    /// The domain of a `mailto:` URI; `None` for other schemes.
    #[must_use]
    pub fn domain(&self) -> Option<&DomainName> {
        self.mailbox.as_ref().map(|mailbox| &mailbox.domain)
    }

    /// The host that the URI sends to: the domain of a `mailto:` URI, otherwise the host of its authority
    /// ([RFC 3986 §3.2.2](https://www.rfc-editor.org/rfc/rfc3986#section-3.2.2)). `None` for an address literal, and where
    /// there is no authority.
    ///
    /// Where it does not belong to the organization that publishes the record, it must say that it takes the reports:
    /// [`check_destinations`](crate::check_destinations()).
    #[must_use]
    pub fn host(&self) -> Option<DomainName> {
        if let Some(mailbox) = &self.mailbox {
            return Some(mailbox.domain.clone());
        }
        let (_, rest) = self.text.split_once("://")?;
        let authority = rest.split(['/', '?', '#']).next()?;
        let host_and_port = authority
            .rsplit_once('@')
            .map_or(authority, |(_, host)| host);
        let host = host_and_port.split(':').next()?;
        if host.parse::<std::net::Ipv4Addr>().is_ok() {
            return None;
        }
        host.parse().ok()
    }
}

impl FromStr for ReportUri {
    type Err = ReportUriError;

    fn from_str(text: &str) -> Result<Self, ReportUriError> {
        let (scheme, rest) = text.split_once(':').ok_or(ReportUriError::NoScheme)?;
        let mut letters = scheme.bytes();
        if !letters
            .next()
            .is_some_and(|first| first.is_ascii_alphabetic())
            || !letters.all(|octet| octet.is_ascii_alphanumeric() || b"+-.".contains(&octet))
        {
            return Err(ReportUriError::NoScheme);
        }
        check_characters(rest, scheme.len() + 1)?;
        let mailbox = if scheme.eq_ignore_ascii_case("mailto") {
            Some(read_mailbox(rest)?)
        } else if rest.is_empty() {
            return Err(ReportUriError::NoTarget);
        } else {
            None
        };
        Ok(Self {
            text: text.into(),
            mailbox,
        })
    }
}

impl fmt::Display for ReportUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl AsRef<str> for ReportUri {
    fn as_ref(&self) -> &str {
        &self.text
    }
}

/// Separates the size limit that older records append, such as `!10m`; it is obsolete and has no effect.
pub(crate) fn split_size_limit(text: &str) -> (&str, Option<&str>) {
    let Some((uri, limit)) = text.rsplit_once('!') else {
        return (text, None);
    };
    let digits = limit.trim_end_matches(['k', 'm', 'g', 't', 'K', 'M', 'G', 'T']);
    let is_limit = !digits.is_empty()
        && limit.len() - digits.len() <= 1
        && digits.bytes().all(|octet| octet.is_ascii_digit());
    if is_limit {
        (uri, Some(limit))
    } else {
        (text, None)
    }
}

fn check_characters(rest: &str, first_offset: usize) -> Result<(), ReportUriError> {
    let mut fragment_seen = false;
    let mut octets = rest.bytes().enumerate();
    while let Some((index, octet)) = octets.next() {
        let good = match octet {
            b'%' => (0..2).all(|_| {
                octets
                    .next()
                    .is_some_and(|(_, digit)| digit.is_ascii_hexdigit())
            }),
            b'#' => !std::mem::replace(&mut fragment_seen, true),
            // Only an IP literal in an authority is written in brackets.
            b'[' | b']' => rest.starts_with("//"),
            other => is_unreserved(other) || b":/?@$&'()*+=".contains(&other),
        };
        if !good {
            return Err(ReportUriError::Character {
                offset: first_offset + index,
            });
        }
    }
    Ok(())
}

fn is_unreserved(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || b"-._~".contains(&octet)
}

fn read_mailbox(rest: &str) -> Result<Mailbox, ReportUriError> {
    let encoded = rest.split(['?', '#']).next().unwrap_or_default();
    let address =
        String::from_utf8(percent_decode(encoded)).map_err(|_| ReportUriError::Mailbox)?;
    if address.chars().any(char::is_control) {
        return Err(ReportUriError::Mailbox);
    }
    let domain = address
        .rsplit_once('@')
        .filter(|(local_part, _)| !local_part.is_empty())
        .and_then(|(_, domain)| domain.parse().ok())
        .ok_or(ReportUriError::Mailbox)?;
    Ok(Mailbox {
        address: address.into_boxed_str(),
        domain,
    })
}

/// Decodes text whose `%` are known to be followed by two hexadecimal digits.
fn percent_decode(text: &str) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut octets = text.bytes();
    let hex = |octet: Option<u8>| {
        octet
            .and_then(|digit| char::from(digit).to_digit(16))
            .and_then(|digit| u8::try_from(digit).ok())
            .unwrap_or_default()
    };
    while let Some(octet) = octets.next() {
        if octet == b'%' {
            let high = hex(octets.next());
            decoded.push(high * 16 + hex(octets.next()));
        } else {
            decoded.push(octet);
        }
    }
    decoded
}

/// Why text is not a URI that reports can be sent to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReportUriError {
    /// No scheme in front.
    #[error("the report address is not a URI; write mailto: in front")]
    NoScheme,
    /// A scheme and nothing else.
    #[error("the report URI has nothing after its scheme")]
    NoTarget,
    /// A character that a URI of a record cannot hold.
    #[error("the report URI has a character at offset {offset} that must be percent-encoded")]
    Character {
        /// Where, in octets from the start of the URI.
        offset: usize,
    },
    /// The target of a `mailto:` is not one mailbox.
    #[error("the mailto: URI does not hold one mailbox; write mailto:name@domain")]
    Mailbox,
}

#[cfg(test)]
mod tests {
    use super::{ReportUri, ReportUriError, split_size_limit};

    #[test]
    fn a_mailto_uri_yields_its_mailbox_and_domain() {
        for (text, mailbox, domain) in [
            ("mailto:a@example.org", "a@example.org", "example.org"),
            ("MAILTO:a@Example.ORG", "a@Example.ORG", "example.org"),
            (
                "mailto:a%21b%2Cc@example.org",
                "a!b,c@example.org",
                "example.org",
            ),
            (
                "mailto:a@example.org?subject=x",
                "a@example.org",
                "example.org",
            ),
            ("mailto:%C3%BC@example.org", "ü@example.org", "example.org"),
        ] {
            let uri: ReportUri = text.parse().unwrap();
            assert_eq!(uri.mailbox(), Some(mailbox), "{text}");
            assert_eq!(uri.domain().unwrap().as_str(), domain, "{text}");
            assert_eq!(uri.to_string(), text);
        }
    }

    #[test]
    fn any_scheme_is_kept() {
        for text in ["https://example.org/dmarc?x=1#y", "https://[::1]/", "urn:x"] {
            let uri: ReportUri = text.parse().unwrap();
            assert_eq!((uri.mailbox(), uri.domain()), (None, None), "{text}");
        }
        assert_eq!("https://a/".parse::<ReportUri>().unwrap().scheme(), "https");
    }

    #[test]
    fn the_host_is_that_of_the_mailbox_or_of_the_authority() {
        for (text, host) in [
            (
                "mailto:a@Example.org?subject=b@c.example",
                Some("example.org"),
            ),
            ("https://Example.org", Some("example.org")),
            ("https://user@example.org:8443/x?y@z", Some("example.org")),
            ("https://192.0.2.1/", None),
            ("https://[2001:db8::1]/", None),
            ("https:///x", None),
            ("urn:example", None),
        ] {
            let uri: ReportUri = text.parse().unwrap();
            let found = uri.host();
            assert_eq!(found.as_ref().map(|domain| domain.as_str()), host, "{text}");
        }
    }

    #[test]
    fn what_is_not_a_uri_is_refused_with_the_place() {
        for (text, error) in [
            ("", ReportUriError::NoScheme),
            ("a@example.org", ReportUriError::NoScheme),
            ("1a:b", ReportUriError::NoScheme),
            (":b", ReportUriError::NoScheme),
            ("https:", ReportUriError::NoTarget),
            ("mailto:", ReportUriError::Mailbox),
            ("mailto:@example.org", ReportUriError::Mailbox),
            ("mailto:a", ReportUriError::Mailbox),
            ("mailto:a@exa%20mple.org", ReportUriError::Mailbox),
            ("mailto:a%0D%0ABcc:x@example.org", ReportUriError::Mailbox),
            ("mailto:%FF@example.org", ReportUriError::Mailbox),
            (
                "mailto:a b@example.org",
                ReportUriError::Character { offset: 8 },
            ),
            (
                "mailto:a!b@example.org",
                ReportUriError::Character { offset: 8 },
            ),
            (
                "mailto:a%2@example.org",
                ReportUriError::Character { offset: 8 },
            ),
            (
                "mailto:ü@example.org",
                ReportUriError::Character { offset: 7 },
            ),
            ("urn:a#b#c", ReportUriError::Character { offset: 7 }),
            ("urn:[", ReportUriError::Character { offset: 4 }),
        ] {
            assert_eq!(text.parse::<ReportUri>(), Err(error), "{text}");
        }
    }

    #[test]
    fn a_mailbox_is_encoded_where_needed() {
        let domain = "example.org".parse().unwrap();
        for local_part in ["a", "a+b", "a!b,c;d", "ü", "a%b", "a b", "x@y"] {
            let uri = ReportUri::mailto(local_part, &domain).unwrap();
            assert_eq!(
                uri.mailbox(),
                Some(format!("{local_part}@example.org").as_str())
            );
        }
        for local_part in ["", "a\r\nb"] {
            assert_eq!(
                ReportUri::mailto(local_part, &domain),
                Err(ReportUriError::Mailbox)
            );
        }
    }

    #[test]
    fn only_a_number_with_one_unit_is_a_size_limit() {
        assert_eq!(split_size_limit("urn:a!10m"), ("urn:a", Some("10m")));
        assert_eq!(split_size_limit("urn:a!10"), ("urn:a", Some("10")));
        for text in ["urn:a", "urn:a!", "urn:a!m", "urn:a!10mm", "urn:a!x"] {
            assert_eq!(split_size_limit(text), (text, None));
        }
    }
}
