//! What a server offers in its answer to EHLO.

use std::num::NonZeroUsize;

use letterhead_mail::ReplyCode;

use super::parameter::is_keyword;
use super::reply::ServerReply;

/// The extensions of an EHLO reply ([RFC 5321 §4.1.1.1](https://www.rfc-editor.org/rfc/rfc5321#section-4.1.1.1)); those
/// not known here are kept.
///
/// ```
/// use letterhead_transport::smtp::{Extensions, SizeLimit};
///
/// let offered = Extensions::new().with("size", "1000").with("Auth", "plain LOGIN").with("X-OWN", "");
/// let read = Extensions::from_reply(&offered.to_ehlo_reply("mx.example.org"));
/// assert_eq!(read, offered);
/// assert_eq!(read.size(), Some(SizeLimit::Octets(1_000)));
/// assert!(read.offers_auth("PLAIN") && read.offers("x-own") && !read.pipelining());
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Extensions {
    entries: Vec<Extension>,
}

/// One line of an EHLO reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extension {
    keyword: String,
    arguments: String,
}

/// What SIZE says ([RFC 1870 §4](https://www.rfc-editor.org/rfc/rfc1870#section-4)).
#[expect(clippy::exhaustive_enums, reason = "SIZE has a number or it has none")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SizeLimit {
    /// The server takes sizes into account and names no fixed limit.
    Unstated,
    /// No message over so many octets is accepted.
    Octets(u64),
}

/// What LIMITS says ([RFC 9422 §4](https://www.rfc-editor.org/rfc/rfc9422#section-4)); what it does not say is `None`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// MAILMAX: the most transactions on one connection.
    pub transactions: Option<NonZeroUsize>,
    /// RCPTMAX: the most recipients of one transaction.
    pub recipients: Option<NonZeroUsize>,
    /// RCPTDOMAINMAX: the most different domains of recipients on one connection.
    pub recipient_domains: Option<NonZeroUsize>,
}

impl Extensions {
    /// None.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Those of a reply to EHLO; its first line, the server's name, is passed over, and so are lines that are none.
    #[must_use]
    pub fn from_reply(reply: &ServerReply) -> Self {
        let mut extensions = Self::new();
        for line in reply.lines().iter().skip(1) {
            let (keyword, arguments) = line.split_once(' ').unwrap_or((line, ""));
            // Old servers write `AUTH=LOGIN PLAIN`, for clients older still.
            match keyword.split_once('=') {
                Some((auth, first)) if auth.eq_ignore_ascii_case("AUTH") => {
                    extensions = extensions.with(auth, &format!("{first} {arguments}"));
                }
                _ => extensions = extensions.with(keyword, arguments),
            }
        }
        extensions
    }

    /// With one more, replacing none: `with("SIZE", "1000")`, `with("PIPELINING", "")`. A keyword that is not letters,
    /// digits and hyphens is left out.
    #[must_use]
    pub fn with(mut self, keyword: &str, arguments: &str) -> Self {
        if is_keyword(keyword) {
            let arguments: Vec<&str> = arguments
                .split(|c: char| c.is_whitespace() || c.is_control())
                .filter(|word| !word.is_empty())
                .collect();
            self.entries.push(Extension {
                keyword: keyword.to_ascii_uppercase(),
                arguments: arguments.join(" "),
            });
        }
        self
    }

    /// All of them, in the server's order.
    #[must_use]
    pub fn entries(&self) -> &[Extension] {
        &self.entries
    }

    /// Whether an extension is offered, known here or not, in whatever case.
    #[must_use]
    pub fn offers(&self, keyword: &str) -> bool {
        self.find(keyword).is_some()
    }

    /// SIZE ([RFC 1870](https://www.rfc-editor.org/rfc/rfc1870)).
    #[must_use]
    pub fn size(&self) -> Option<SizeLimit> {
        let entry = self.find("SIZE")?;
        Some(match entry.arguments().next().map(str::parse) {
            Some(Ok(octets)) if octets > 0 => SizeLimit::Octets(octets),
            _ => SizeLimit::Unstated,
        })
    }

    /// PIPELINING ([RFC 2920](https://www.rfc-editor.org/rfc/rfc2920)).
    #[must_use]
    pub fn pipelining(&self) -> bool {
        self.offers("PIPELINING")
    }

    /// 8BITMIME ([RFC 6152](https://www.rfc-editor.org/rfc/rfc6152)).
    #[must_use]
    pub fn eight_bit_mime(&self) -> bool {
        self.offers("8BITMIME")
    }

    /// SMTPUTF8 ([RFC 6531](https://www.rfc-editor.org/rfc/rfc6531)).
    #[must_use]
    pub fn smtputf8(&self) -> bool {
        self.offers("SMTPUTF8")
    }

    /// STARTTLS ([RFC 3207](https://www.rfc-editor.org/rfc/rfc3207)).
    #[must_use]
    pub fn starttls(&self) -> bool {
        self.offers("STARTTLS")
    }

    /// The SASL mechanisms of AUTH ([RFC 4954](https://www.rfc-editor.org/rfc/rfc4954)), as the server wrote them.
    pub fn auth_mechanisms(&self) -> impl Iterator<Item = &str> {
        self.entries
            .iter()
            .filter(|entry| entry.keyword == "AUTH")
            .flat_map(Extension::arguments)
    }

    /// Whether AUTH offers a mechanism, in whatever case.
    #[must_use]
    pub fn offers_auth(&self, mechanism: &str) -> bool {
        self.auth_mechanisms()
            .any(|offered| offered.eq_ignore_ascii_case(mechanism))
    }

    /// ENHANCEDSTATUSCODES ([RFC 2034](https://www.rfc-editor.org/rfc/rfc2034)).
    #[must_use]
    pub fn enhanced_status_codes(&self) -> bool {
        self.offers("ENHANCEDSTATUSCODES")
    }

    /// DSN ([RFC 3461](https://www.rfc-editor.org/rfc/rfc3461)).
    #[must_use]
    pub fn dsn(&self) -> bool {
        self.offers("DSN")
    }

    /// CHUNKING ([RFC 3030](https://www.rfc-editor.org/rfc/rfc3030)).
    #[must_use]
    pub fn chunking(&self) -> bool {
        self.offers("CHUNKING")
    }

    /// REQUIRETLS ([RFC 8689](https://www.rfc-editor.org/rfc/rfc8689)).
    #[must_use]
    pub fn requiretls(&self) -> bool {
        self.offers("REQUIRETLS")
    }

    /// LIMITS ([RFC 9422](https://www.rfc-editor.org/rfc/rfc9422)).
    #[must_use]
    pub fn limits(&self) -> Limits {
        let mut limits = Limits::default();
        let words = self.find("LIMITS").into_iter();
        for word in words.flat_map(Extension::arguments) {
            let Some((name, value)) = word.split_once('=') else {
                continue;
            };
            let value = value.parse().ok();
            match name.to_ascii_uppercase().as_str() {
                "MAILMAX" => limits.transactions = value,
                "RCPTMAX" => limits.recipients = value,
                "RCPTDOMAINMAX" => limits.recipient_domains = value,
                _ => {}
            }
        }
        limits
    }

    /// The answer to EHLO that offers these: the server's name, then a line for each.
    #[must_use]
    pub fn to_ehlo_reply(&self, server_name: &str) -> ServerReply {
        let mut text = server_name.replace(['\r', '\n'], " ");
        for entry in &self.entries {
            text.push('\n');
            text.push_str(&entry.keyword);
            if !entry.arguments.is_empty() {
                text.push(' ');
                text.push_str(&entry.arguments);
            }
        }
        ServerReply::new(ReplyCode::OK, None, &text)
    }

    fn find(&self, keyword: &str) -> Option<&Extension> {
        self.entries
            .iter()
            .find(|entry| entry.keyword.eq_ignore_ascii_case(keyword))
    }
}

impl Extension {
    /// The keyword, in upper case.
    #[must_use]
    pub fn keyword(&self) -> &str {
        &self.keyword
    }

    /// What follows it, word by word.
    pub fn arguments(&self) -> impl Iterator<Item = &str> {
        self.arguments.split(' ').filter(|word| !word.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::{Extensions, SizeLimit};
    use crate::smtp::reply::ServerReply;
    use letterhead_mail::ReplyCode;

    fn read(lines: &str) -> Extensions {
        Extensions::from_reply(&ServerReply::new(ReplyCode::OK, None, lines))
    }

    #[test]
    fn keywords_are_read_in_any_case() {
        let offered = read(
            "mx.example.org SIZE\npipelining\n8BitMime\nSmtpUtf8\nstarttls\nenhancedstatuscodes\ndsn\nchunking\nrequiretls",
        );
        assert!(
            offered.pipelining()
                && offered.eight_bit_mime()
                && offered.smtputf8()
                && offered.starttls()
        );
        assert!(
            offered.enhanced_status_codes()
                && offered.dsn()
                && offered.chunking()
                && offered.requiretls()
        );
        assert_eq!(offered.size(), None, "the first line is the server's name");
    }

    #[test]
    fn size_without_a_number_states_no_limit() {
        for (line, expected) in [
            ("SIZE", SizeLimit::Unstated),
            ("SIZE 0", SizeLimit::Unstated),
            ("SIZE many", SizeLimit::Unstated),
            ("SIZE 1", SizeLimit::Octets(1)),
            ("size 99999999999999999999", SizeLimit::Unstated),
        ] {
            assert_eq!(
                read(&format!("mx\n{line}")).size(),
                Some(expected),
                "{line}"
            );
        }
    }

    #[test]
    fn both_forms_of_auth_are_read() {
        let offered = read("mx\nAUTH=LOGIN cram-md5\nAUTH plain");
        assert!(
            offered.offers_auth("login")
                && offered.offers_auth("CRAM-MD5")
                && offered.offers_auth("PLAIN")
        );
    }

    #[test]
    fn an_argument_cannot_add_a_line() {
        let offered = Extensions::new()
            .with("X", "a\r\n250 AUTH PLAIN")
            .with("B AD", "")
            .with("", "");
        assert_eq!(
            offered.to_ehlo_reply("mx\r\n250 Y").to_bytes(),
            b"250-mx  250 Y\r\n250 X a 250 AUTH PLAIN\r\n"
        );
    }

    #[test]
    fn limits_are_read_and_nonsense_is_no_limit() {
        let limits = read("mx\nLIMITS rcptmax=20 MAILMAX=5 RCPTDOMAINMAX=1 X=3").limits();
        let counts = (
            limits.recipients,
            limits.transactions,
            limits.recipient_domains,
        );
        assert_eq!(
            (
                counts.0.unwrap().get(),
                counts.1.unwrap().get(),
                counts.2.unwrap().get()
            ),
            (20, 5, 1)
        );
        for line in [
            "LIMITS",
            "LIMITS RCPTMAX=0",
            "LIMITS RCPTMAX",
            "LIMITS RCPTMAX=-1 MAILMAX=x",
            "PIPELINING",
        ] {
            assert_eq!(
                read(&format!("mx\n{line}")).limits(),
                super::Limits::default(),
                "{line}"
            );
        }
    }

    #[test]
    fn unknown_lines_are_kept_and_empty_ones_passed_over() {
        let offered = read("mx\nXCLIENT NAME ADDR\n\n???");
        assert_eq!(offered.entries().len(), 1);
        assert!(offered.offers("xclient"));
    }
}
