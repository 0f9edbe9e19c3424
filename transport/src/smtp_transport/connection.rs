use std::future::poll_fn;
use std::io::{self, IoSlice};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use letterhead_mail::TlsFacts;
use letterhead_mail::report::TlsFailure;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::endpoint::Endpoint;
use crate::tls::{TlsSettings, failure_of};

/// A TCP connection, with TLS or before it.
#[derive(Debug)]
pub(super) enum Connection {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
    /// A handshake took the stream and failed.
    Closed,
}

impl Connection {
    pub(super) fn plain(stream: TcpStream) -> Self {
        Self::Plain(stream)
    }

    /// Makes the TLS handshake. Nothing that was read before goes into it.
    pub(super) async fn secure(
        &mut self,
        endpoint: &Endpoint,
        tls: Option<&TlsSettings>,
    ) -> Result<TlsFacts, SecureError> {
        let settings = tls.ok_or(SecureError::NoSettings)?;
        let name = ServerName::try_from(endpoint.host()).map_err(|_| SecureError::Name)?;
        let Self::Plain(stream) = std::mem::replace(self, Self::Closed) else {
            return Err(SecureError::NotPlain);
        };
        let connector = TlsConnector::from(settings.config());
        let stream = connector
            .connect(name, stream)
            .await
            .map_err(SecureError::Handshake)?;
        let facts = settings.facts(stream.get_ref().1);
        *self = Self::Tls(Box::new(stream));
        Ok(facts)
    }

    /// Reads what has arrived, without waiting.
    pub(super) fn read_now(&mut self, buffer: &mut [u8]) -> Poll<io::Result<usize>> {
        let mut target = ReadBuf::new(buffer);
        // A task that has done much in one go is told to wait by all that it reads, come what may have.
        let reading = poll_fn(|context| Pin::new(&mut *self).poll_read(context, &mut target));
        pin!(tokio::task::unconstrained(reading))
            .poll(&mut Context::from_waker(Waker::noop()))
            .map_ok(|()| target.filled().len())
    }

    /// Writes as far as the network takes it at once, says that nothing more follows, and does not wait for either.
    pub(super) fn part(mut self, farewell: &[u8]) {
        let context = &mut Context::from_waker(Waker::noop());
        let mut stream = Pin::new(&mut self);
        if let Poll::Ready(Ok(_)) = stream.as_mut().poll_write(context, farewell) {
            let _ = stream.as_mut().poll_flush(context);
        }
        let _ = stream.poll_shutdown(context);
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_read(context, buffer),
            Self::Tls(stream) => Pin::new(stream).poll_read(context, buffer),
            Self::Closed => Poll::Ready(Ok(())),
        }
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write(context, buffer),
            Self::Tls(stream) => Pin::new(stream).poll_write(context, buffer),
            Self::Closed => Poll::Ready(Err(io::ErrorKind::NotConnected.into())),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write_vectored(context, parts),
            Self::Tls(stream) => Pin::new(stream).poll_write_vectored(context, parts),
            Self::Closed => Poll::Ready(Err(io::ErrorKind::NotConnected.into())),
        }
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_flush(context),
            Self::Tls(stream) => Pin::new(stream).poll_flush(context),
            Self::Closed => Poll::Ready(Ok(())),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(context),
            Self::Tls(stream) => Pin::new(stream).poll_shutdown(context),
            Self::Closed => Poll::Ready(Ok(())),
        }
    }
}

/// Why a connection has no TLS.
#[derive(Debug, thiserror::Error)]
pub(super) enum SecureError {
    #[error("TLS was asked for and is not set up")]
    NoSettings,
    #[error("the server's name is not one that a certificate can have")]
    Name,
    #[error("the connection is not in the clear")]
    NotPlain,
    #[error("the TLS handshake failed")]
    Handshake(#[source] io::Error),
}

impl SecureError {
    pub(super) fn failure(&self) -> TlsFailure {
        match self {
            Self::NoSettings | Self::NotPlain => TlsFailure::Handshake,
            Self::Name => TlsFailure::HostMismatch,
            Self::Handshake(error) => failure_of(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::pin::pin;
    use std::task::Poll;

    use tokio::io::AsyncWriteExt as _;
    use tokio::net::{TcpListener, TcpStream};

    use super::Connection;

    #[tokio::test]
    async fn what_has_arrived_is_read_by_a_task_that_has_done_much() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let stream = TcpStream::connect(address).await.unwrap();
        let (mut peer, _) = listener.accept().await.unwrap();
        peer.write_all(b"421 bye\r\n").await.unwrap();
        stream.readable().await.unwrap();
        let mut connection = Connection::plain(stream);
        let mut buffer = [0; 64];
        let read = poll_fn(|context| {
            // All that the runtime lets a task do in one go.
            while pin!(tokio::task::consume_budget()).poll(context).is_ready() {}
            Poll::Ready(connection.read_now(&mut buffer))
        })
        .await;
        assert!(matches!(read, Poll::Ready(Ok(9))), "{read:?}");
    }
}
