//! Where a server is and how the connection to it is secured.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

use letterhead_mail::DomainName;

use crate::percent::percent_decoded;

/// A server: its name, its port, and how the connection is secured.
///
/// From text, `smtp://host:port` means [`Security::StartTls`] (port 587 where none is given) and `smtps://host:port`
/// means [`Security::ImplicitTls`] (port 465). The weaker two have to be asked for by name. A user may stand before the
/// host, as in `smtps://billing%40example.org@mail.example.org`; a password may not.
///
/// ```
/// use letterhead_transport::{Endpoint, Security};
///
/// let endpoint: Endpoint = "smtp://mail.example.org".parse()?;
/// assert_eq!(endpoint, Endpoint::new("mail.example.org", 587, Security::StartTls)?);
/// assert!("smtp://user:secret@mail.example.org".parse::<Endpoint>().is_err());
/// # Ok::<(), letterhead_transport::EndpointError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Endpoint {
    host: Host,
    port: u16,
    security: Security,
    addresses: Vec<SocketAddr>,
    user: Option<Box<str>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Host {
    Name(DomainName),
    Ip(IpAddr),
}

/// How a connection is secured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Security {
    /// TLS is required and negotiated with STARTTLS ([RFC 3207](https://www.rfc-editor.org/rfc/rfc3207)). A server
    /// without it gets no message and no credentials, and a refusal that comes before TLS only defers.
    StartTls,
    /// TLS from the first octet ([RFC 8314 §3.3](https://www.rfc-editor.org/rfc/rfc8314#section-3.3)).
    ImplicitTls,
    /// STARTTLS where the server offers it, in the clear where not: anyone on the path can take the offer out. The
    /// certificate is checked as for the others.
    Opportunistic,
    /// No TLS.
    Plaintext,
}

impl Endpoint {
    /// A server. `host` is a domain name or an IP address; TLS checks the certificate against it.
    ///
    /// # Errors
    ///
    /// When `host` is neither.
    pub fn new(host: &str, port: u16, security: Security) -> Result<Self, EndpointError> {
        let bare = host
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))
            .filter(|inner| inner.parse::<Ipv6Addr>().is_ok())
            .unwrap_or(host);
        let host = match bare.parse::<IpAddr>() {
            Ok(ip) => Host::Ip(ip),
            Err(_) => Host::Name(bare.parse().map_err(|_| EndpointError::Host)?),
        };
        Ok(Self {
            host,
            port,
            security,
            addresses: Vec::new(),
            user: None,
        })
    }

    /// With an address to connect to, instead of those looked up; called again, with another one to try where the first
    /// does not answer. The name is still what TLS checks and reports show.
    #[must_use]
    pub fn address(mut self, address: SocketAddr) -> Self {
        self.addresses.push(address);
        self
    }

    /// With another way to secure the connection.
    #[must_use]
    pub fn with_security(mut self, security: Security) -> Self {
        self.security = security;
        self
    }

    /// The user that its text named, for [`Credentials`](crate::Credentials).
    #[must_use]
    pub fn user(&self) -> Option<&str> {
        self.user.as_deref()
    }

    /// Whether what is connected to is this machine by its name or address: `localhost`, 127.0.0.0/8, `::1`.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        match (&self.host, self.addresses.as_slice()) {
            (_, [_, ..]) => self
                .addresses
                .iter()
                .all(|address| address.ip().to_canonical().is_loopback()),
            (Host::Ip(ip), []) => ip.to_canonical().is_loopback(),
            (Host::Name(name), []) => name.to_string() == "localhost",
        }
    }

    /// The name or the IP address.
    #[must_use]
    pub fn host(&self) -> String {
        match &self.host {
            Host::Name(name) => name.to_string(),
            Host::Ip(ip) => ip.to_string(),
        }
    }

    /// The port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// How the connection is secured.
    #[must_use]
    pub fn security(&self) -> Security {
        self.security
    }

    /// The addresses to connect to where no name has to be looked up; else none.
    #[must_use]
    pub fn fixed_addresses(&self) -> Vec<SocketAddr> {
        match &self.host {
            Host::Ip(ip) if self.addresses.is_empty() => vec![SocketAddr::new(*ip, self.port)],
            _ => self.addresses.clone(),
        }
    }
}

impl FromStr for Endpoint {
    type Err = EndpointError;

    fn from_str(text: &str) -> Result<Self, EndpointError> {
        let (scheme, rest) = text.split_once("://").ok_or(EndpointError::Scheme)?;
        let (security, default_port) = if scheme.eq_ignore_ascii_case("smtp") {
            (Security::StartTls, 587)
        } else if scheme.eq_ignore_ascii_case("smtps") {
            (Security::ImplicitTls, 465)
        } else {
            return Err(EndpointError::Scheme);
        };
        let authority = rest.strip_suffix('/').unwrap_or(rest);
        let (user, authority) = match authority.rsplit_once('@') {
            Some((user, _)) if user.contains(':') => return Err(EndpointError::Password),
            // Wherever it stands, the '@' included: it ends what names the server, and other readers of URLs stop there.
            _ if authority.contains(['/', '?', '#']) => return Err(EndpointError::Path),
            Some((user, authority)) => (Some(decode_user(user)?), authority),
            None => (None, authority),
        };
        let (host, port) = match authority.rsplit_once(':') {
            // Within brackets the colon belongs to an IPv6 address.
            Some((host, port)) if !port.ends_with(']') => {
                if !port.bytes().all(|b| b.is_ascii_digit()) {
                    return Err(EndpointError::Port);
                }
                (host, port.parse().map_err(|_| EndpointError::Port)?)
            }
            _ => (authority, default_port),
        };
        let endpoint = Self::new(host, port, security)?;
        Ok(Self { user, ..endpoint })
    }
}

fn decode_user(text: &str) -> Result<Box<str>, EndpointError> {
    percent_decoded(text)
        .filter(|user| !user.is_empty() && !user.chars().any(char::is_control))
        .map(String::into_boxed_str)
        .ok_or(EndpointError::User)
}

/// `host:port`.
impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.host {
            Host::Name(name) => write!(f, "{name}:{}", self.port),
            Host::Ip(ip) => SocketAddr::new(*ip, self.port).fmt(f),
        }
    }
}

/// Why something is not an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EndpointError {
    /// Neither `smtp://` nor `smtps://`.
    #[error("an endpoint begins with smtp:// (STARTTLS) or smtps:// (TLS from the start)")]
    Scheme,
    /// A password.
    #[error(
        "an endpoint holds no password, where it would be logged: give it to the builder as Credentials or PasswordFile"
    )]
    Password,
    /// Not a user name.
    #[error(
        "the user before the host is empty, holds a control character, or a '%' without two hexadecimal digits"
    )]
    User,
    /// Something behind host and port.
    #[error("nothing may follow host and port in an endpoint")]
    Path,
    /// Not a port.
    #[error("a port is a number from 0 to 65535")]
    Port,
    /// Neither a domain name nor an IP address.
    #[error("the host is neither a domain name nor an IP address")]
    Host,
}

#[cfg(test)]
mod tests {
    use super::{Endpoint, EndpointError, Security};

    #[test]
    fn urls_are_read() {
        for (url, host, port, security) in [
            (
                "smtp://Mail.Example.ORG",
                "mail.example.org",
                587,
                Security::StartTls,
            ),
            (
                "SMTP://mail.example.org:2525/",
                "mail.example.org",
                2_525,
                Security::StartTls,
            ),
            ("smtps://192.0.2.1", "192.0.2.1", 465, Security::ImplicitTls),
            (
                "smtps://[2001:db8::1]:4465",
                "2001:db8::1",
                4_465,
                Security::ImplicitTls,
            ),
            (
                "smtps://[2001:db8::1]",
                "2001:db8::1",
                465,
                Security::ImplicitTls,
            ),
        ] {
            let endpoint: Endpoint = url.parse().unwrap();
            assert_eq!(
                (
                    endpoint.host().as_str(),
                    endpoint.port(),
                    endpoint.security()
                ),
                (host, port, security),
                "{url}"
            );
        }
    }

    #[test]
    fn what_is_no_endpoint_is_refused_with_its_reason() {
        for (url, error) in [
            ("mail.example.org", EndpointError::Scheme),
            ("http://mail.example.org", EndpointError::Scheme),
            ("smtp://a:b@mail.example.org", EndpointError::Password),
            ("smtp://:b@mail.example.org", EndpointError::Password),
            ("smtp://@mail.example.org", EndpointError::User),
            ("smtp://a%4@mail.example.org", EndpointError::User),
            ("smtp://a%0d%0ab@mail.example.org", EndpointError::User),
            ("smtp://a%ff@mail.example.org", EndpointError::User),
            ("smtp://mail.example.org/x", EndpointError::Path),
            ("smtp://mail.example.org?tls=no", EndpointError::Path),
            (
                "smtp://mail.example.org/@other.example",
                EndpointError::Path,
            ),
            ("smtp://mail.example.org?@b", EndpointError::Path),
            ("smtp://mail.example.org:", EndpointError::Port),
            ("smtp://mail.example.org:+25", EndpointError::Port),
            ("smtp://mail.example.org:99999", EndpointError::Port),
            ("smtp://", EndpointError::Host),
            ("smtp://a b", EndpointError::Host),
            ("smtp://a\r\nb", EndpointError::Host),
        ] {
            assert_eq!(url.parse::<Endpoint>(), Err(error), "{url}");
        }
    }

    #[test]
    fn a_user_is_read_and_not_shown() {
        for (url, user) in [
            ("smtps://alice@mail.example.org", "alice"),
            ("smtps://a%40b.example@mail.example.org", "a@b.example"),
            ("smtps://a@b.example@mail.example.org", "a@b.example"),
        ] {
            let endpoint: Endpoint = url.parse().unwrap();
            assert_eq!(endpoint.user(), Some(user));
            assert_eq!(endpoint.to_string(), "mail.example.org:465");
        }
    }

    #[test]
    fn this_machine_is_known_by_name_and_address() {
        for (host, loopback) in [
            ("localhost", true),
            ("127.0.0.7", true),
            ("::1", true),
            ("::ffff:127.0.0.1", true),
            ("localhost.example.org", false),
            ("192.0.2.1", false),
        ] {
            let endpoint = Endpoint::new(host, 25, Security::Plaintext).unwrap();
            assert_eq!(endpoint.is_loopback(), loopback, "{host}");
        }
    }

    #[test]
    fn an_address_override_leaves_the_name() {
        let address = "127.0.0.1:2525".parse().unwrap();
        let endpoint = Endpoint::new("mx.example.org", 25, Security::StartTls)
            .unwrap()
            .address(address);
        assert_eq!(
            (endpoint.fixed_addresses(), endpoint.to_string().as_str()),
            (vec![address], "mx.example.org:25")
        );
    }
}
