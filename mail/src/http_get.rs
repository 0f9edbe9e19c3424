//! The seam to the web: one GET over HTTPS.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use letterhead_dns::BoxFuture;

/// Fetches a document over HTTPS, for what mail keeps there: an MTA-STS policy
/// ([RFC 8461 §3.3](https://www.rfc-editor.org/rfc/rfc8461#section-3.3)), the certificate that a provider signs its notices
/// with. Held as `Arc<dyn HttpGet>`; an application puts its own HTTP client behind it.
///
/// What is fetched decides who may read mail, and its address comes from strangers. An implementation therefore
///
/// - refuses a URL that is not `https://`;
/// - checks the certificate: its name, its time, and that an authority trusted on the web stands behind it;
/// - does not follow redirects: a 3xx is a [response](HttpResponse) like any other;
/// - reads at most [`HttpLimits::max_body`] octets of the body, *after* any content coding is undone, and fails with
///   [`HttpGetErrorKind::TooLarge`] when there are more;
/// - is done within [`HttpLimits::time`], name lookup and connection included;
/// - connects to no address of a private network, this machine included;
/// - sends no cookie and no credentials, goes through no cache, and lets a dropped future close its connection.
pub trait HttpGet: fmt::Debug + Send + Sync {
    /// Fetches what is at this URL. Every status is a response; an error says that there is none to be trusted.
    fn get<'a>(
        &'a self,
        url: &'a str,
        limits: HttpLimits,
    ) -> BoxFuture<'a, Result<HttpResponse, HttpGetError>>;
}

impl<H: HttpGet + ?Sized> HttpGet for &H {
    fn get<'a>(
        &'a self,
        url: &'a str,
        limits: HttpLimits,
    ) -> BoxFuture<'a, Result<HttpResponse, HttpGetError>> {
        (**self).get(url, limits)
    }
}

impl<H: HttpGet + ?Sized> HttpGet for Arc<H> {
    fn get<'a>(
        &'a self,
        url: &'a str,
        limits: HttpLimits,
    ) -> BoxFuture<'a, Result<HttpResponse, HttpGetError>> {
        (**self).get(url, limits)
    }
}

const _: fn(&dyn HttpGet) = |_| {};

/// How much is read, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HttpLimits {
    max_body: usize,
    time: Duration,
}

impl HttpLimits {
    /// At most this many octets of body, within this time.
    #[must_use]
    pub const fn new(max_body: usize, time: Duration) -> Self {
        Self { max_body, time }
    }

    /// The longest body in octets.
    #[must_use]
    pub const fn max_body(self) -> usize {
        self.max_body
    }

    /// The time for everything.
    #[must_use]
    pub const fn time(self) -> Duration {
        self.time
    }
}

/// What a server answered.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpResponse {
    status: u16,
    content_type: Option<Box<str>>,
    body: Vec<u8>,
}

impl HttpResponse {
    /// A response with this status and body, without a content type.
    #[must_use]
    pub fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            content_type: None,
            body: body.into(),
        }
    }

    /// With the value of its Content-Type field.
    #[must_use]
    pub fn with_content_type(mut self, value: &str) -> Self {
        self.content_type = Some(value.into());
        self
    }

    /// The status code.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The value of the Content-Type field, parameters included.
    #[must_use]
    pub fn content_type(&self) -> Option<&str> {
        self.content_type.as_deref()
    }

    /// The media type in the Content-Type field, without parameters and in lower case.
    ///
    /// ```
    /// use letterhead_mail::HttpResponse;
    ///
    /// let response = HttpResponse::new(200, "hi").with_content_type("Text/Plain; charset=utf-8");
    /// assert_eq!(response.media_type().as_deref(), Some("text/plain"));
    /// ```
    #[must_use]
    pub fn media_type(&self) -> Option<String> {
        let value = self.content_type()?;
        let (media_type, _) = value.split_once(';').unwrap_or((value, ""));
        Some(media_type.trim().to_ascii_lowercase())
    }

    /// The body.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }
}

/// The body's length only.
impl fmt::Debug for HttpResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpResponse")
            .field("status", &self.status)
            .field("content_type", &self.content_type)
            .field("octets", &self.body.len())
            .finish()
    }
}

/// Why there is no response.
#[derive(Debug, thiserror::Error)]
#[error("{kind}")]
pub struct HttpGetError {
    kind: HttpGetErrorKind,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl HttpGetError {
    /// An error of this kind.
    #[must_use]
    pub fn new(kind: HttpGetErrorKind) -> Self {
        Self { kind, source: None }
    }

    /// With what caused it.
    #[must_use]
    pub fn with_source(
        mut self,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        self.source = Some(source.into());
        self
    }

    /// What kind of failure it is.
    #[must_use]
    pub fn kind(&self) -> HttpGetErrorKind {
        self.kind
    }
}

/// The ways in which fetching fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum HttpGetErrorKind {
    /// The URL cannot be read, or is not one of HTTPS.
    #[error("this is not an https:// URL")]
    Url,
    /// The name has no address that may be connected to, or nobody answers there.
    #[error("the web server cannot be reached")]
    Unreachable,
    /// The server's certificate is for another name, out of its time, or from nobody who is trusted.
    #[error("the web server's certificate does not hold")]
    Certificate,
    /// The body is longer than was asked for.
    #[error("the response is longer than what was asked for")]
    TooLarge,
    /// The time was over.
    #[error("the web server took too long")]
    TimedOut,
    /// The server does not speak HTTP, or the connection broke.
    #[error("the web server's answer broke off or is not HTTP")]
    Protocol,
}
