//! What a session cannot decide by itself.

use std::fmt;

use letterhead_mail::{EmailAddress, Envelope, Message, ReversePath};

use crate::behaviour::Stage;

/// A decision that the session leaves to whoever drives it; the answer is the reply to the client. 2xx is yes.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Question {
    /// May this user log in?
    Authenticate {
        /// The name.
        user: String,
        /// The password given.
        password: Password,
    },
    /// May mail come from this sender?
    Sender {
        /// The envelope sender.
        sender: ReversePath,
        /// Who is logged in.
        user: Option<String>,
    },
    /// May this mail go to this recipient?
    Recipient {
        /// The envelope sender.
        sender: ReversePath,
        /// The recipient; the postmaster of the server itself has the server's own domain here.
        recipient: EmailAddress,
        /// How many recipients were taken before it.
        before: usize,
        /// Who is logged in.
        user: Option<String>,
    },
    /// Is the message taken? With 2xx responsibility passes to the server.
    Message(ReceivedMessage),
    /// Does the session go on as it does by itself? It is asked only [where that is wanted](super::SessionConfig::ask_at);
    /// [`proceed`](super::ServerSession::proceed) is yes. An answer takes the place of the session's own: 2xx, and 354 at
    /// DATA, has it go on behind that.
    Proceed {
        /// At which point.
        stage: Stage,
        /// The envelope sender, in a transaction.
        sender: Option<ReversePath>,
        /// The recipients that were taken so far.
        recipients: Vec<EmailAddress>,
    },
}

/// A message as it came in.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ReceivedMessage {
    /// The message.
    pub message: Message,
    /// Its sender and the recipients that were taken.
    pub envelope: Envelope,
    /// What the client called itself in EHLO or HELO.
    pub client_name: String,
    /// The protocol in the words of a Received field: `ESMTPSA` and the like
    /// ([RFC 3848](https://www.rfc-editor.org/rfc/rfc3848)).
    pub protocol: &'static str,
    /// Who is logged in.
    pub user: Option<String>,
}

/// A password as a client gave it; `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// A password.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The password itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}
