//! What became of a submission, recipient by recipient.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::address::EmailAddress;
use crate::envelope::Envelope;
use crate::printable::printable;
use crate::reply::{EnhancedCode, Reply, ReplyCode};

mod outcome;
mod phase;
mod tls;

pub use outcome::{Concern, NotAttemptedReason, Outcome, OutcomeClass};
pub use phase::Phase;
pub use tls::{ServerAuthentication, TlsFacts, TlsFailure};

/// One row for every recipient of the envelope, in its order.
///
/// ```
/// use letterhead_mail::{EmailAddress, Outcome, OutcomeClass, Phase, RecipientReport, Report};
///
/// let [ann, bob]: [EmailAddress; 2] = ["ann@example.com".parse()?, "bob@example.org".parse()?];
/// let report = Report::new(vec![
///     RecipientReport::new(ann, Outcome::Accepted, Phase::Final),
///     RecipientReport::new(bob, Outcome::Deferred, Phase::Connect).with_detail("no connection"),
/// ]);
/// for row in report.rows() {
///     match row.class() {
///         OutcomeClass::Done => {}                                   // until a bounce says otherwise
///         OutcomeClass::NotYet => println!("again later: {row}"),    // `row.retry_after()` may say when
///         OutcomeClass::Refused => println!("never: {row}"),         // `row.concerns()`: the address, or your set-up?
///         OutcomeClass::Unknown => println!("perhaps sent: {row}"),  // sending again may duplicate
///     }
/// }
/// assert!(!report.all_accepted());
/// assert_eq!(
///     report.to_string(),
///     "ann@example.com accepted at final\nbob@example.org deferred at connect: no connection\n"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
    enhanced: Option<EnhancedCode>,
    detail: Option<String>,
    server: Option<String>,
    tls: Option<TlsFacts>,
    tls_failure: Option<TlsFailure>,
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
            enhanced: None,
            detail: None,
            server: None,
            tls: None,
            tls_failure: None,
            retry_after: None,
        }
    }

    /// With the server's reply that decided it.
    #[must_use]
    pub fn with_reply(mut self, reply: Reply) -> Self {
        self.reply = Some(reply);
        self
    }

    /// With the enhanced status code that says what was found where no server said it, such as 5.6.7 for an address that
    /// the server cannot take.
    #[must_use]
    pub fn with_enhanced(mut self, enhanced: EnhancedCode) -> Self {
        self.enhanced = Some(enhanced);
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

    /// With what is known of the TLS connection that the outcome was decided on.
    #[must_use]
    pub fn with_tls(mut self, tls: TlsFacts) -> Self {
        self.tls = Some(tls);
        self
    }

    /// With why there is no TLS.
    #[must_use]
    pub fn with_tls_failure(mut self, failure: TlsFailure) -> Self {
        self.tls_failure = Some(failure);
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

    /// The reply code, where a server decided.
    #[must_use]
    pub fn code(&self) -> Option<ReplyCode> {
        self.reply.as_ref().map(Reply::code)
    }

    /// The enhanced status code, the server's or, where none was asked, the sender's own.
    #[must_use]
    pub fn enhanced(&self) -> Option<EnhancedCode> {
        self.enhanced
            .or_else(|| self.reply.as_ref().and_then(Reply::enhanced))
    }

    /// What the server or the sender itself said about the outcome, in one line.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match &self.reply {
            Some(reply) => Some(reply.text()),
            None => self.detail(),
        }
    }

    /// The name under which the server keeps the message it accepted; see [`Reply::queue_id`].
    #[must_use]
    pub fn queue_id(&self) -> Option<&str> {
        match self.outcome {
            Outcome::Accepted => self.reply.as_ref().and_then(Reply::queue_id),
            Outcome::Deferred | Outcome::Rejected | Outcome::InDoubt | Outcome::NotAttempted(_) => {
                None
            }
        }
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

    /// What is known of the TLS connection that the outcome was decided on; `None` without TLS, or before it.
    #[must_use]
    pub fn tls(&self) -> Option<&TlsFacts> {
        self.tls.as_ref()
    }

    /// Why there is no TLS, where that decided.
    #[must_use]
    pub fn tls_failure(&self) -> Option<TlsFailure> {
        self.tls_failure
    }

    /// How long to wait before another try, where that is known: set by what put the message off, or named in the
    /// server's words ([`Reply::retry_after`]).
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after
            .or_else(|| self.reply.as_ref().and_then(Reply::retry_after))
    }

    /// What the outcome means for another try.
    #[must_use]
    pub fn class(&self) -> OutcomeClass {
        self.outcome.class()
    }

    /// What the outcome is about. Only what concerns the recipient says anything about its address.
    #[must_use]
    pub fn concerns(&self) -> Concern {
        match self.phase {
            Phase::Connect | Phase::Greeting | Phase::Ehlo | Phase::Tls | Phase::Auth => {
                Concern::Connection
            }
            Phase::Rcpt => Concern::Recipient,
            Phase::Local => match self.outcome {
                Outcome::NotAttempted(NotAttemptedReason::Suppressed) => Concern::Recipient,
                Outcome::NotAttempted(NotAttemptedReason::Postponed) => Concern::Connection,
                _ => Concern::Message,
            },
            Phase::Mail | Phase::Data | Phase::Body | Phase::Final => Concern::Message,
        }
    }

    /// Whether sending again to this recipient can neither duplicate the message nor repeat a refusal.
    #[must_use]
    pub fn is_safe_to_retry(&self) -> bool {
        match self.class() {
            OutcomeClass::NotYet => true,
            OutcomeClass::Done | OutcomeClass::Refused | OutcomeClass::Unknown => false,
        }
    }

    /// Whether another server may be asked to take it: this one has not, and what it refused is neither the recipient nor the
    /// message. A refused log-in or a missing extension is a matter of the server; spam is spam everywhere.
    #[must_use]
    pub fn may_go_elsewhere(&self) -> bool {
        match self.outcome {
            Outcome::Rejected => self.concerns() == Concern::Connection,
            Outcome::NotAttempted(NotAttemptedReason::Unsupported) => true,
            _ => self.is_safe_to_retry(),
        }
    }
}

/// `a@example.org rejected at rcpt: 550 5.1.1 no such user`.
impl fmt::Display for RecipientReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} at {}", self.recipient, self.outcome, self.phase)?;
        match (&self.reply, &self.detail, self.enhanced) {
            (Some(reply), _, _) => write!(f, ": {reply}"),
            (None, Some(detail), Some(enhanced)) => write!(f, ": {enhanced} {detail}"),
            (None, Some(detail), None) => write!(f, ": {detail}"),
            (None, None, Some(enhanced)) => write!(f, ": {enhanced}"),
            (None, None, None) => Ok(()),
        }
    }
}

/// A row as it was stored; reading it back cleans its text again, so that a row stays one line.
#[derive(Deserialize)]
struct RawRecipientReport {
    recipient: EmailAddress,
    outcome: Outcome,
    phase: Phase,
    reply: Option<Reply>,
    #[serde(default)]
    enhanced: Option<EnhancedCode>,
    detail: Option<String>,
    server: Option<String>,
    #[serde(default)]
    tls: Option<TlsFacts>,
    #[serde(default)]
    tls_failure: Option<TlsFailure>,
    retry_after: Option<Duration>,
}

impl From<RawRecipientReport> for RecipientReport {
    fn from(raw: RawRecipientReport) -> Self {
        Self {
            recipient: raw.recipient,
            outcome: raw.outcome,
            phase: raw.phase,
            reply: raw.reply,
            enhanced: raw.enhanced,
            detail: raw.detail.as_deref().map(printable),
            server: raw.server.as_deref().map(printable),
            tls: raw.tls,
            tls_failure: raw.tls_failure,
            retry_after: raw.retry_after,
        }
    }
}

#[cfg(test)]
mod tests;
