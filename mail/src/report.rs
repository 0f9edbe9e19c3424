//! What became of a submission, recipient by recipient.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::address::EmailAddress;
use crate::envelope::Envelope;
use crate::printable::printable;
use crate::reply::Reply;

/// One row for every recipient of the envelope, in its order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[must_use = "a report may say that nothing was accepted"]
pub struct Report {
    rows: Vec<RecipientReport>,
}

impl Report {
    /// A report with these rows.
    pub fn new(rows: Vec<RecipientReport>) -> Self {
        Self { rows }
    }

    /// The same outcome for every recipient of an envelope, as when a connection could not be made.
    pub fn uniform(
        envelope: &Envelope,
        mut row: impl FnMut(EmailAddress) -> RecipientReport,
    ) -> Self {
        Self {
            rows: envelope
                .addresses()
                .map(|address| row(address.clone()))
                .collect(),
        }
    }

    /// The rows, in the envelope's order.
    #[must_use]
    pub fn rows(&self) -> &[RecipientReport] {
        &self.rows
    }

    /// The rows, by value.
    #[must_use]
    pub fn into_rows(self) -> Vec<RecipientReport> {
        self.rows
    }

    /// The row of one recipient.
    #[must_use]
    pub fn row(&self, recipient: &EmailAddress) -> Option<&RecipientReport> {
        self.rows.iter().find(|row| row.recipient() == recipient)
    }

    /// Whether a server took responsibility for every recipient.
    #[must_use]
    pub fn all_accepted(&self) -> bool {
        self.rows
            .iter()
            .all(|row| matches!(row.outcome(), Outcome::Accepted))
    }
}

/// One line a recipient.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.rows.iter().try_for_each(|row| writeln!(f, "{row}"))
    }
}

/// What became of one recipient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "RawRecipientReport")]
pub struct RecipientReport {
    recipient: EmailAddress,
    outcome: Outcome,
    phase: Phase,
    reply: Option<Reply>,
    detail: Option<String>,
    server: Option<String>,
    retry_after: Option<Duration>,
}

impl RecipientReport {
    /// A row. `phase` is how far the dialogue had come when the outcome was decided.
    #[must_use]
    pub fn new(recipient: EmailAddress, outcome: Outcome, phase: Phase) -> Self {
        Self {
            recipient,
            outcome,
            phase,
            reply: None,
            detail: None,
            server: None,
            retry_after: None,
        }
    }

    /// With the server's reply that decided it.
    #[must_use]
    pub fn with_reply(mut self, reply: Reply) -> Self {
        self.reply = Some(reply);
        self
    }

    /// With a sentence for people where there was no reply, such as "connection reset". The text is cleaned and
    /// bounded as that of [`Reply::new`] is.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(printable(&detail.into()));
        self
    }

    /// With the name of the server spoken to, cleaned and bounded as the text of [`Reply::new`] is.
    #[must_use]
    pub fn with_server(mut self, server: impl Into<String>) -> Self {
        self.server = Some(printable(&server.into()));
        self
    }

    /// With how long to wait before another try, where that is known.
    #[must_use]
    pub fn with_retry_after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }

    /// The recipient, as in the envelope.
    #[must_use]
    pub fn recipient(&self) -> &EmailAddress {
        &self.recipient
    }

    /// What became of it.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// How far the dialogue had come.
    #[must_use]
    pub fn phase(&self) -> Phase {
        self.phase
    }

    /// The server's reply that decided it.
    #[must_use]
    pub fn reply(&self) -> Option<&Reply> {
        self.reply.as_ref()
    }

    /// A sentence for people where there was no reply.
    #[must_use]
    pub fn detail(&self) -> Option<&str> {
        self.detail.as_deref()
    }

    /// The server spoken to.
    #[must_use]
    pub fn server(&self) -> Option<&str> {
        self.server.as_deref()
    }

    /// How long to wait before another try, where that is known.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    /// What the outcome is about. Only what concerns the recipient says anything about its address.
    #[must_use]
    pub fn concerns(&self) -> Concern {
        match self.phase {
            Phase::Connect | Phase::Greeting | Phase::Ehlo | Phase::Tls | Phase::Auth => {
                Concern::Connection
            }
            Phase::Rcpt => Concern::Recipient,
            Phase::Local
                if self.outcome == Outcome::NotAttempted(NotAttemptedReason::Suppressed) =>
            {
                Concern::Recipient
            }
            Phase::Local | Phase::Mail | Phase::Data | Phase::Body | Phase::Final => {
                Concern::Message
            }
        }
    }

    /// Whether sending again to this recipient can neither duplicate the message nor repeat a refusal.
    #[must_use]
    pub fn is_safe_to_retry(&self) -> bool {
        match self.outcome.class() {
            OutcomeClass::NotYet => true,
            OutcomeClass::Done | OutcomeClass::Refused | OutcomeClass::Unknown => false,
        }
    }
}

/// `a@example.org rejected at rcpt: 550 5.1.1 no such user`.
impl fmt::Display for RecipientReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} at {}", self.recipient, self.outcome, self.phase)?;
        if let Some(reply) = &self.reply {
            write!(f, ": {reply}")?;
        } else if let Some(detail) = &self.detail {
            write!(f, ": {detail}")?;
        }
        Ok(())
    }
}

/// A row as it was stored; reading it back cleans its text again, so that a row stays one line.
#[derive(Deserialize)]
struct RawRecipientReport {
    recipient: EmailAddress,
    outcome: Outcome,
    phase: Phase,
    reply: Option<Reply>,
    detail: Option<String>,
    server: Option<String>,
    retry_after: Option<Duration>,
}

impl From<RawRecipientReport> for RecipientReport {
    fn from(raw: RawRecipientReport) -> Self {
        Self {
            recipient: raw.recipient,
            outcome: raw.outcome,
            phase: raw.phase,
            reply: raw.reply,
            detail: raw.detail.as_deref().map(printable),
            server: raw.server.as_deref().map(printable),
            retry_after: raw.retry_after,
        }
    }
}

/// What became of a recipient.
#[expect(
    clippy::exhaustive_enums,
    reason = "whoever decides on an outcome must have decided on all of them"
)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// A server took responsibility. That is not delivery: a bounce may still come.
    Accepted,
    /// Refused for now, or nothing was transferred; another try may succeed.
    Deferred,
    /// Refused for good. Of the address this says something only where it
    /// [concerns the recipient](RecipientReport::concerns): a rejected log-in is your own set-up.
    Rejected,
    /// The message was sent to its end and no answer came: it may have been accepted. Sending again may duplicate it.
    InDoubt,
    /// Nothing was tried for this recipient.
    NotAttempted(NotAttemptedReason),
}

impl Outcome {
    /// The outcome in the four classes that a decision to send again needs: accepted is done, deferred and cancelled not
    /// yet, rejected, suppressed and unsupported refused, in doubt unknown.
    #[must_use]
    pub fn class(self) -> OutcomeClass {
        match self {
            Self::Accepted => OutcomeClass::Done,
            Self::Deferred => OutcomeClass::NotYet,
            Self::Rejected => OutcomeClass::Refused,
            Self::InDoubt => OutcomeClass::Unknown,
            Self::NotAttempted(reason) => match reason {
                NotAttemptedReason::Suppressed | NotAttemptedReason::Unsupported => {
                    OutcomeClass::Refused
                }
                NotAttemptedReason::Cancelled => OutcomeClass::NotYet,
            },
        }
    }

    /// Whether it is certain that no server took responsibility.
    #[must_use]
    pub fn is_proven_not_accepted(self) -> bool {
        match self.class() {
            OutcomeClass::NotYet | OutcomeClass::Refused => true,
            OutcomeClass::Done | OutcomeClass::Unknown => false,
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Accepted => "accepted",
            Self::Deferred => "deferred",
            Self::Rejected => "rejected",
            Self::InDoubt => "in doubt",
            Self::NotAttempted(NotAttemptedReason::Suppressed) => "not attempted (suppressed)",
            Self::NotAttempted(NotAttemptedReason::Unsupported) => "not attempted (unsupported)",
            Self::NotAttempted(NotAttemptedReason::Cancelled) => "not attempted (cancelled)",
        })
    }
}

/// The classes of outcomes that a decision to send again needs.
#[expect(
    clippy::exhaustive_enums,
    reason = "whoever decides to send again must have decided on all of them"
)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OutcomeClass {
    /// Accepted; sending again duplicates.
    Done,
    /// Not accepted, and another try may succeed.
    NotYet,
    /// Not accepted, and another try will fail the same way.
    Refused,
    /// Perhaps accepted; sending again may duplicate.
    Unknown,
}

/// What an outcome is about.
#[expect(
    clippy::exhaustive_enums,
    reason = "a dialogue is with a server, about a message, for a recipient"
)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Concern {
    /// The server could not be spoken to as it should be: name, network, TLS, credentials. The message and its recipients
    /// had nothing to do with it.
    Connection,
    /// The message, its sender or its content.
    Message,
    /// This recipient.
    Recipient,
}

/// Why nothing was tried for a recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum NotAttemptedReason {
    /// The address is on the suppression list.
    Suppressed,
    /// The server lacks an extension that this message or address needs.
    Unsupported,
    /// The attempt ended before this recipient's turn.
    Cancelled,
}

/// How far an SMTP dialogue had come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Phase {
    /// Before anything was sent: decided by the sender itself.
    Local,
    /// Name lookup and TCP connection.
    Connect,
    /// The server's first line.
    Greeting,
    /// EHLO or HELO.
    Ehlo,
    /// STARTTLS and the TLS handshake.
    Tls,
    /// AUTH.
    Auth,
    /// MAIL FROM.
    Mail,
    /// RCPT TO.
    Rcpt,
    /// DATA or BDAT, before the message's content.
    Data,
    /// The message's content.
    Body,
    /// After the end of the content: the reply that decides.
    Final,
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Local => "local",
            Self::Connect => "connect",
            Self::Greeting => "greeting",
            Self::Ehlo => "ehlo",
            Self::Tls => "tls",
            Self::Auth => "auth",
            Self::Mail => "mail",
            Self::Rcpt => "rcpt",
            Self::Data => "data",
            Self::Body => "body",
            Self::Final => "final",
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Concern, NotAttemptedReason, Outcome, OutcomeClass, Phase, RecipientReport};
    use crate::reply::{EnhancedCode, Reply, ReplyCode};

    #[test]
    fn what_may_have_been_accepted_is_not_safe_to_retry() {
        let row =
            |outcome| RecipientReport::new("a@x.example".parse().unwrap(), outcome, Phase::Final);
        assert!(!row(Outcome::InDoubt).is_safe_to_retry());
        assert!(!row(Outcome::Accepted).is_safe_to_retry());
        assert!(!row(Outcome::Rejected).is_safe_to_retry());
        assert!(row(Outcome::Deferred).is_safe_to_retry());
        assert!(row(Outcome::NotAttempted(NotAttemptedReason::Cancelled)).is_safe_to_retry());
        assert!(!Outcome::InDoubt.is_proven_not_accepted());
        assert_eq!(
            Outcome::NotAttempted(NotAttemptedReason::Suppressed).class(),
            OutcomeClass::Refused
        );
    }

    #[test]
    fn only_rcpt_and_suppression_concern_the_recipient() {
        let suppressed = Outcome::NotAttempted(NotAttemptedReason::Suppressed);
        for (outcome, phase, concern) in [
            (Outcome::Rejected, Phase::Auth, Concern::Connection),
            (Outcome::Deferred, Phase::Connect, Concern::Connection),
            (Outcome::Rejected, Phase::Mail, Concern::Message),
            (Outcome::Rejected, Phase::Rcpt, Concern::Recipient),
            (Outcome::Rejected, Phase::Final, Concern::Message),
            (Outcome::Rejected, Phase::Local, Concern::Message),
            (suppressed, Phase::Local, Concern::Recipient),
        ] {
            let row = RecipientReport::new("a@x.example".parse().unwrap(), outcome, phase);
            assert_eq!(row.concerns(), concern, "{row}");
        }
    }

    #[test]
    fn a_row_reads_as_a_sentence() {
        let reply = Reply::new(
            ReplyCode::new(550).unwrap(),
            EnhancedCode::new(5, 1, 1),
            "no such user",
        );
        let row = RecipientReport::new(
            "a@x.example".parse().unwrap(),
            Outcome::Rejected,
            Phase::Rcpt,
        )
        .with_reply(reply);
        assert_eq!(
            row.to_string(),
            "a@x.example rejected at rcpt: 550 5.1.1 no such user"
        );
    }

    #[test]
    fn a_row_is_one_line_whatever_its_text() {
        let address = "a@x.example".parse().unwrap();
        let row = RecipientReport::new(address, Outcome::Deferred, Phase::Connect)
            .with_detail("x\r\nb@y accepted")
            .with_server(format!("mx\n\x1b{}", "y".repeat(2_000)))
            .with_retry_after(Duration::from_secs(60));
        assert_eq!(row.to_string().lines().count(), 1);
        assert_eq!(row.detail(), Some("x b@y accepted"));
        let server = row.server().unwrap();
        assert!(server.starts_with("mx  y"));
        assert_eq!(server.chars().count(), Reply::MAX_TEXT);

        let mut stored = serde_json::to_value(&row).unwrap();
        assert_eq!(
            serde_json::from_value::<RecipientReport>(stored.clone()).unwrap(),
            row
        );
        for field in ["detail", "server"] {
            stored[field] = format!("x\r\nb@y accepted\0{}", "z".repeat(2_000)).into();
        }
        let read: RecipientReport = serde_json::from_value(stored).unwrap();
        assert_eq!(read.to_string().lines().count(), 1);
        for text in [read.detail().unwrap(), read.server().unwrap()] {
            assert!(text.starts_with("x b@y accepted z"), "{text}");
            assert_eq!(text.chars().count(), Reply::MAX_TEXT);
        }
    }
}
