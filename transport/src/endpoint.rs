//! Where a server is and how the connection to it is secured.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

use letterhead_mail::DomainName;

/// A server: its name, its port, and how the connection is secured.
///
/// From text, `smtp://host:port` means [`Security::StartTls`] (port 587 where none is given) and `smtps://host:port`
/// means [`Security::ImplicitTls`] (port 465). The weaker two have to be asked for by name.
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
    address: Option<SocketAddr>,
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
            address: None,
        })
    }

    /// With the address to connect to, instead of one looked up. The name is still what TLS checks and reports show.
    #[must_use]
    pub fn address(mut self, address: SocketAddr) -> Self {
        self.address = Some(address);
        self
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

    /// The address to connect to where no name has to be looked up.
    #[must_use]
    pub fn fixed_address(&self) -> Option<SocketAddr> {
        match (&self.host, self.address) {
            (_, Some(address)) => Some(address),
            (Host::Ip(ip), None) => Some(SocketAddr::new(*ip, self.port)),
            (Host::Name(_), None) => None,
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
        if authority.contains('@') {
            return Err(EndpointError::UserInfo);
        }
        if authority.contains(['/', '?', '#']) {
            return Err(EndpointError::Path);
        }
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
        Self::new(host, port, security)
    }
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
    /// A user name or a password.
    #[error(
        "an endpoint holds no user and no password, where they would be logged: give them to the builder as Credentials"
    )]
    UserInfo,
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
            ("smtp://a:b@mail.example.org", EndpointError::UserInfo),
            ("smtp://mail.example.org/x", EndpointError::Path),
            ("smtp://mail.example.org?tls=no", EndpointError::Path),
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
    fn an_address_override_leaves_the_name() {
        let address = "127.0.0.1:2525".parse().unwrap();
        let endpoint = Endpoint::new("mx.example.org", 25, Security::StartTls)
            .unwrap()
            .address(address);
        assert_eq!(
            (endpoint.fixed_address(), endpoint.to_string().as_str()),
            (Some(address), "mx.example.org:25")
        );
    }
}
