//! SMTP over TCP and TLS: connections, and the driver of a [`ClientSession`] upon each.

mod alarm;
mod attempt;
mod builder;
mod check;
mod connection;
mod dial;
mod drive;
mod live;
mod open;
mod pool;
mod settings;

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::task::Poll;

use letterhead_mail::{BoxFuture, Report, Submission, Transport};
use tracing::Instrument as _;

pub use self::builder::{SmtpTransportBuilder, SmtpTransportError};
pub use self::check::ConnectionCheck;
use self::pool::Pool;
use self::settings::{LoopbackAuth, Settings};
use crate::endpoint::Endpoint;

#[cfg(doc)]
use crate::smtp::ClientSession;

/// Hands submissions to one SMTP server, over connections that are kept for the next.
///
/// It runs on tokio and spawns no task. A send takes a connection that lies idle, or makes one where there may be more; else it
/// waits for its turn. A future that is dropped closes its connection, whatever was going on there; no other submission
/// ever meets it. The name is looked up by the operating system, on tokio's blocking threads.
///
/// Idle connections end when something is sent after their time, or when [`maintain`](Self::maintain) runs beside. Dropping
/// the transport while its runtime runs says QUIT on idle ones without waiting; [`close`](Self::close) waits for everything.
///
/// It is shared as an `Arc`, which is a [`Transport`] as well.
///
/// ```no_run
/// use std::num::NonZeroU32;
/// use std::sync::Arc;
/// use letterhead_mail::{Submission, Transport};
/// use letterhead_transport::{Endpoint, PasswordFile, SmtpTransport};
///
/// const CONNECTIONS: NonZeroU32 = NonZeroU32::new(4).unwrap();
///
/// # async fn send(submissions: [Submission; 2]) -> Result<(), Box<dyn std::error::Error>> {
/// let endpoint: Endpoint = "smtp://smtp.example.org:587".parse()?;
/// let transport = SmtpTransport::builder(endpoint)
///     .credentials(PasswordFile::new("apikey", "/run/secrets/smtp"))
///     .ehlo_name("app.example.com".parse()?)
///     .max_connections(CONNECTIONS)
///     .build()?;
/// let transport = Arc::new(transport);
/// for submission in submissions {
///     let transport = transport.clone();
///     tokio::spawn(async move {
///         let report = transport.send(&submission).await;
///         print!("{report}"); // a line for every recipient
///     });
/// }
/// # Ok(())
/// # }
/// ```
pub struct SmtpTransport {
    settings: Settings,
    pool: Pool,
}

impl SmtpTransport {
    /// A transport to this server.
    pub fn builder(endpoint: Endpoint) -> SmtpTransportBuilder {
        SmtpTransportBuilder::new(endpoint)
    }

    /// The server.
    #[must_use]
    pub fn endpoint(&self) -> &Endpoint {
        &self.settings.endpoint
    }

    /// How many connections lie idle.
    #[must_use]
    pub fn idle_connections(&self) -> usize {
        self.pool.idle_count()
    }

    /// Closes connections as their time comes, until the transport is [closed](Self::close). For an application that sends
    /// seldom: spawn it beside, or leave it out, and idle connections end with the next send or by the server.
    ///
    /// ```no_run
    /// # use std::sync::Arc;
    /// # use letterhead_transport::SmtpTransport;
    /// # fn beside(transport: Arc<SmtpTransport>) {
    /// let maintained = Arc::clone(&transport);
    /// tokio::spawn(async move { maintained.maintain().await });
    /// # }
    /// ```
    pub async fn maintain(&self) {
        loop {
            let changed = self.pool.changed.notified();
            let mut changed = pin!(changed);
            // Heard from here on, so that nothing that changes meanwhile is missed, the end least of all.
            changed.as_mut().enable();
            if self.pool.is_closing() {
                return;
            }
            let next = self.pool.close_idle(self.settings.clock.now());
            let mut wait = next.map(|next| self.settings.clock.sleep_until(next));
            std::future::poll_fn(|context| {
                let waited = wait
                    .as_mut()
                    .is_some_and(|wait| wait.as_mut().poll(context).is_ready());
                if waited || changed.as_mut().poll(context).is_ready() {
                    Poll::Ready(())
                } else {
                    Poll::Pending
                }
            })
            .await;
        }
    }

    /// Takes nothing more, waits until what is being sent has come to its end, and says QUIT on every connection. What is
    /// given to it from here on is not attempted, [postponed](letterhead_mail::NotAttemptedReason::Postponed).
    ///
    /// Where other transports are around this one, keep an `Arc` of it to close. One that tries again, such as a
    /// [`Retry`](crate::Retry), takes what is postponed for a short disturbance and waits for nothing, so end what calls it first.
    ///
    /// ```no_run
    /// # use std::sync::Arc;
    /// # use letterhead_mail::Transport;
    /// # use letterhead_transport::{Observe, SmtpTransport, SystemClock};
    /// # async fn run(relay: SmtpTransport) {
    /// let relay = Arc::new(relay);
    /// let transport = Observe::new("relay", relay.clone(), Arc::new(SystemClock::new()));
    /// // ... the application sends through `transport`, until it is told to stop, and then:
    /// relay.close().await;
    /// # drop(transport);
    /// # }
    /// ```
    pub async fn close(&self) {
        let idle = self.pool.drain().await;
        for mut live in idle {
            self.quit(&mut live).await;
        }
    }
}

impl Transport for SmtpTransport {
    fn send<'a>(&'a self, submission: &'a Submission) -> BoxFuture<'a, Report> {
        let span = tracing::debug_span!(
            "smtp",
            server = %self.settings.endpoint,
            submission = %submission.id,
            recipients = submission.envelope.recipients().len(),
            octets = submission.message.len(),
        );
        Box::pin(self.attempt(submission).instrument(span))
    }
}

impl fmt::Debug for SmtpTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SmtpTransport")
            .field("endpoint", &self.settings.endpoint)
            .field("timeouts", &self.settings.timeouts)
            .finish_non_exhaustive()
    }
}

/// Addresses that a connection from `local` can reach.
fn reachable(
    addresses: impl Iterator<Item = SocketAddr>,
    local: Option<IpAddr>,
) -> Vec<SocketAddr> {
    addresses
        .filter(|address| local.is_none_or(|local| local.is_ipv4() == address.is_ipv4()))
        .collect()
}
