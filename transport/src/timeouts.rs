//! How long each step of a dialogue may take.

use std::time::Duration;

use letterhead_mail::Phase;

/// How long to wait in each phase, and for a whole attempt.
///
/// The defaults are those of [RFC 5321 §4.5.3.2](https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.2) where it has
/// one. They are patient: a person waiting for a page wants a short [`total`](Self::total). Cutting the wait after the
/// final dot short makes outcomes [in doubt](letterhead_mail::Outcome::InDoubt) that would have been accepted.
///
/// ```
/// use letterhead_transport::Timeouts;
/// use std::time::Duration;
///
/// let timeouts = Timeouts::default().with_total(Duration::from_secs(60));
/// assert_eq!(timeouts.connect(), Duration::from_secs(30));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timeouts {
    connect: Duration,
    greeting: Duration,
    command: Duration,
    tls: Duration,
    auth: Duration,
    data: Duration,
    block: Duration,
    completion: Duration,
    quit: Duration,
    total: Duration,
}

macro_rules! settings {
    ($($(#[$doc:meta])* $name:ident, $setter:ident;)*) => {
        impl Timeouts {$(
            $(#[$doc])*
            #[must_use]
            pub fn $name(&self) -> Duration {
                self.$name
            }

            #[doc = concat!("Sets [`", stringify!($name), "`](Self::", stringify!($name), ").")]
            #[must_use]
            pub fn $setter(mut self, wait: Duration) -> Self {
                self.$name = wait;
                self
            }
        )*}
    };
}

settings! {
    /// Looking the name up and connecting, over all its addresses: 30 seconds.
    connect, with_connect;
    /// For the server's first line: 5 minutes.
    greeting, with_greeting;
    /// For the answer to EHLO, STARTTLS, MAIL and each RCPT: 5 minutes.
    command, with_command;
    /// For the TLS handshake: 1 minute.
    tls, with_tls;
    /// For each answer within AUTH: 2 minutes.
    auth, with_auth;
    /// For the answer to DATA: 2 minutes.
    data, with_data;
    /// For each block of the message to be taken by the network: 3 minutes.
    block, with_block;
    /// For the answer after the final dot: 10 minutes.
    completion, with_completion;
    /// For the answer to QUIT, on which nothing depends: 5 seconds.
    quit, with_quit;
    /// The whole attempt, connecting included: 30 minutes.
    total, with_total;
}

impl Timeouts {
    /// The wait of one phase.
    pub(crate) fn of(&self, phase: Phase) -> Duration {
        match phase {
            Phase::Connect => self.connect,
            Phase::Greeting => self.greeting,
            Phase::Tls => self.tls,
            Phase::Auth => self.auth,
            Phase::Data => self.data,
            Phase::Body => self.block,
            Phase::Final => self.completion,
            _ => self.command,
        }
    }
}

impl Default for Timeouts {
    fn default() -> Self {
        let minutes = |minutes: u64| Duration::from_secs(60 * minutes);
        Self {
            connect: Duration::from_secs(30),
            greeting: minutes(5),
            command: minutes(5),
            tls: minutes(1),
            auth: minutes(2),
            data: minutes(2),
            block: minutes(3),
            completion: minutes(10),
            quit: Duration::from_secs(5),
            total: minutes(30),
        }
    }
}
