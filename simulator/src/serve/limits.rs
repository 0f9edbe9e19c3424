use std::time::Duration;

use tokio::sync::Semaphore;

use crate::session::AwaitedInput;

/// What a host on a socket puts up with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub struct ServeLimits {
    connections: usize,
    line: Duration,
    content: Duration,
}

impl ServeLimits {
    /// 256 connections to a host at once, 5 minutes for a line and 10 for content.
    pub fn new() -> Self {
        Self {
            connections: 256,
            line: Duration::from_mins(5),
            content: Duration::from_mins(10),
        }
    }

    /// Connections to one host at once, over both of its ports; further ones get 421 and are closed. With 0 all are.
    pub fn connections(mut self, connections: usize) -> Self {
        self.connections = connections;
        self
    }

    /// How long a line may take from the reply before it to its end, of real time; then the client gets 421, and the
    /// connection is closed. A TLS handshake may take as long, and so may the client over reading a reply. With no
    /// time at all, only lines that have come already are read. Servers should
    /// wait for at least 5 minutes
    /// ([RFC 5321 §4.5.3.2.7](https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.2.7)).
    pub fn line(mut self, time: Duration) -> Self {
        self.line = time;
        self
    }

    /// How long all of the content behind DATA may take, or one chunk behind BDAT, of real time. The standard counts in
    /// blocks, 3 minutes for each
    /// ([RFC 5321 §4.5.3.2.5](https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.2.5)), which a client can draw out
    /// without end; the 10 minutes here are those that it has for the final dot
    /// ([§4.5.3.2.6](https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.2.6)).
    pub fn content(mut self, time: Duration) -> Self {
        self.content = time;
        self
    }

    /// A place for each connection, of a host that takes so many at most.
    pub(super) fn places(&self, own: usize) -> Semaphore {
        let places = self.connections.min(own);
        Semaphore::new(places.min(Semaphore::MAX_PERMITS))
    }

    pub(super) fn time_for(&self, input: AwaitedInput) -> Duration {
        match input {
            AwaitedInput::Content => self.content,
            AwaitedInput::Line | AwaitedInput::Handshake => self.line,
        }
    }
}

impl Default for ServeLimits {
    fn default() -> Self {
        Self::new()
    }
}
