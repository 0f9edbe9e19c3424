//! Requests to an application on this machine.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use crate::one_click::{OneClickHandler, OneClickRequest};
use crate::provider_events::{NotificationSink, ProviderNotification};

/// An application that listens on a loopback address, and speaks HTTP/1.1 there without TLS, as behind a proxy: for
/// [requests to unsubscribe](crate::SimulatorBuilder::one_click), and for what [webhooks](crate::Webhook::sink) are told.
///
/// The simulation waits for the answer, five seconds at most: the application has to run on another thread than the one
/// that moves the time. No redirect is followed ([RFC 8058 §3.1](https://www.rfc-editor.org/rfc/rfc8058#section-3.1)): its
/// status is the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LoopbackHttp(SocketAddr);

impl LoopbackHttp {
    /// The application at this address.
    ///
    /// # Errors
    ///
    /// When it is no loopback address: a simulation connects to nothing else.
    pub fn new(address: SocketAddr) -> Result<Self, NotLoopback> {
        if address.ip().is_loopback() {
            Ok(Self(address))
        } else {
            Err(NotLoopback { address })
        }
    }

    /// The status of the answer to a request in HTTP/1.1.
    fn ask(self, request: &[u8]) -> Result<u16, String> {
        self.exchange(request).map_err(|error| match error.kind() {
            io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => format!(
                "{} was silent for five seconds; does it run on the thread that moves the time?",
                self.0
            ),
            _ => format!("{}: {error}", self.0),
        })
    }

    fn exchange(self, request: &[u8]) -> io::Result<u16> {
        let mut stream = TcpStream::connect_timeout(&self.0, PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        stream.write_all(request)?;
        // The status is in the first line; the rest of the answer says nothing to whoever asked.
        let mut line = Vec::new();
        BufReader::new(stream.take(LONGEST_LINE)).read_until(b'\n', &mut line)?;
        let line = line.trim_ascii_end();
        status(line).ok_or_else(|| {
            let shown = String::from_utf8_lossy(line).escape_debug().to_string();
            io::Error::other(format!("{shown:?} is no status line of HTTP/1.1"))
        })
    }
}

impl OneClickHandler for LoopbackHttp {
    fn post(&self, request: &OneClickRequest) -> Result<u16, String> {
        self.ask(request.to_http().as_bytes())
    }
}

/// At the path of the webhook's target, which may be a path alone or a URL. A status of 2xx takes it.
impl NotificationSink for LoopbackHttp {
    fn take(&self, notification: &ProviderNotification) -> Result<(), String> {
        match self.ask(&notification.to_http())? {
            200..=299 => Ok(()),
            status => Err(format!("{} answered {status}", self.0)),
        }
    }
}

/// `HTTP/1.1 200 OK`.
fn status(line: &[u8]) -> Option<u16> {
    let line = str::from_utf8(line).ok()?;
    let rest = line.strip_prefix("HTTP/1.")?;
    let (_, rest) = rest.split_once(' ')?;
    let digits = rest.split_ascii_whitespace().next()?;
    let status = digits.parse().ok()?;
    (digits.len() == 3 && (100..=599).contains(&status)).then_some(status)
}

/// An address that other machines may reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "{address} is no loopback address, such as 127.0.0.1:8080; a simulation connects to nothing else"
)]
#[non_exhaustive]
pub struct NotLoopback {
    /// The address.
    pub address: SocketAddr,
}

const PATIENCE: Duration = Duration::from_secs(5);
/// In octets.
const LONGEST_LINE: u64 = 8_192;

#[cfg(test)]
mod tests {
    use super::status;

    #[test]
    fn a_status_line_is_read_strictly() {
        assert_eq!(status(b"HTTP/1.1 204 No Content\r"), Some(204));
        assert_eq!(status(b"HTTP/1.0 302"), Some(302));
        for line in [
            &b""[..],
            b"HTTP/2 200",
            b"HTTP/1.1 20",
            b"HTTP/1.1 999 x",
            b"220 smtp",
            b"HTTP/1.1",
        ] {
            assert_eq!(status(line), None);
        }
    }
}
