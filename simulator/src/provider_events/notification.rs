//! One request that a provider makes.

use std::fmt;
use std::time::SystemTime;

use letterhead_mail::DomainName;

/// A request to a webhook, by POST, as a provider would make it.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProviderNotification {
    /// The time of the virtual clock.
    pub time: SystemTime,
    /// The front that tells it.
    pub host: DomainName,
    /// Where it goes, as given to [`Webhook`](crate::provider_events::Webhook).
    pub target: String,
    /// The media type of the body, with its parameters.
    pub content_type: String,
    /// The other header fields that say something about the body, names and values in the order in which they are sent.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl ProviderNotification {
    /// The value of the first header field of this name; case does not matter.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut fields = self.headers.iter();
        let field = fields.find(|(found, _)| found.eq_ignore_ascii_case(name));
        field.map(|(_, value)| value.as_str())
    }

    /// The body as text, with U+FFFD for what is not UTF-8.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

impl ProviderNotification {
    /// The request in HTTP/1.1, to the path of its target, which may be a path alone or a URL.
    #[must_use]
    pub fn to_http(&self) -> Vec<u8> {
        let (authority, path) = match self.target.split_once("://") {
            Some((_, rest)) => match rest.find(['/', '?']) {
                Some(end) => rest.split_at(end),
                None => (rest, "/"),
            },
            None => ("localhost", self.target.as_str()),
        };
        let path = path.split('#').next().unwrap_or_default();
        let slash = if path.starts_with('/') { "" } else { "/" };
        let fields = self.headers.iter();
        let fields: String = fields
            .map(|(name, value)| format!("{name}: {value}\r\n"))
            .collect();
        let head = format!(
            "POST {slash}{path} HTTP/1.1\r\nHost: {authority}\r\nContent-Type: {}\r\nContent-Length: {}\r\n\
             Connection: close\r\n{fields}\r\n",
            self.content_type,
            self.body.len(),
        );
        [head.as_bytes(), &self.body].concat()
    }
}

impl fmt::Debug for ProviderNotification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProviderNotification")
            .field("time", &self.time)
            .field("host", &self.host)
            .field("target", &self.target)
            .field("content_type", &self.content_type)
            .field("headers", &self.headers)
            .field("body", &self.text())
            .finish()
    }
}
