//! lettre's transports as ours.

use std::fmt;

use letterhead_mail::{
    BoxFuture, EmailAddress, EnhancedCode, Envelope, NotAttemptedReason, Outcome, Phase,
    RecipientReport, Report, Submission, TlsRequirement, Transport,
};
use lettre::transport::smtp;
use lettre::{Address, AsyncTransport};

use super::{SharedOutcome, smtp_answer};

/// Sends through one of lettre's async transports.
///
/// What lettre does not tell is not made up:
///
/// - It gives up on all recipients when the server refuses one, and does not say which. So all have the same outcome, none
///   of which concerns a recipient; a refusal stands for somebody in the envelope.
/// - Its errors do not say how far it came. A reply that refuses and a refused connection prove that nothing was accepted;
///   every other error (a timeout, a lost connection, a failed handshake or look-up) leaves the message
///   [in doubt](Outcome::InDoubt).
/// - An envelope that requires TLS [on every hop](TlsRequirement::EveryHop) is not sent, because lettre cannot ask for
///   that; wishes for reports are left out, as they are for any server that does not offer DSN. It asks for SMTPUTF8 where
///   an address needs it, not where only the header does.
///
/// An address that lettre does not take (one at a domain with a leading underscore, say) is not attempted; the others are. The last line end of
/// the message is left to lettre, whose SMTP client always writes one behind what it is given.
///
/// Dropping the future drops lettre's. Whether its connection can serve another message is then for lettre to know, so put
/// no timeout that drops futures around a transport that keeps connections.
///
/// ```
/// use letterhead_transport::adapter::lettre::FromLettre;
/// use lettre::{AsyncSmtpTransport, Tokio1Executor};
///
/// let theirs = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous("localhost").build();
/// let ours = FromLettre::smtp(theirs);
/// # let _: &dyn letterhead_mail::Transport = &ours;
/// ```
pub struct FromLettre<T: AsyncTransport> {
    transport: T,
    reading: Reading<T>,
}

type Reading<T> = Box<dyn Fn(&Answer<T>) -> SharedOutcome + Send + Sync>;
type Answer<T> = Result<<T as AsyncTransport>::Ok, <T as AsyncTransport>::Error>;

impl<T> FromLettre<T>
where
    T: AsyncTransport<Ok = smtp::response::Response, Error = smtp::Error>,
{
    /// lettre's SMTP client. [`Outcome::Accepted`] is 250 and nothing else.
    pub fn smtp(transport: T) -> Self {
        Self::new(transport, smtp_answer::outcome)
    }
}

impl<T: AsyncTransport> FromLettre<T> {
    /// Any of lettre's async transports, with how its answers are to be read: what an `Ok` of it promises, and which of
    /// its errors prove that nothing was accepted. What does neither is [`Outcome::InDoubt`].
    ///
    /// ```
    /// use letterhead_mail::{Outcome, Phase};
    /// use letterhead_transport::adapter::lettre::{FromLettre, SharedOutcome};
    /// use lettre::transport::stub::AsyncStubTransport;
    ///
    /// let stub = FromLettre::new(AsyncStubTransport::new_ok(), |answer| match answer {
    ///     Ok(()) => SharedOutcome::new(Outcome::Accepted, Phase::Final),
    ///     Err(error) => SharedOutcome::new(Outcome::InDoubt, Phase::Final).with_detail(error.to_string()),
    /// });
    /// # let _: &dyn letterhead_mail::Transport = &stub;
    /// ```
    pub fn new(
        transport: T,
        reading: impl Fn(&Result<T::Ok, T::Error>) -> SharedOutcome + Send + Sync + 'static,
    ) -> Self {
        Self {
            transport,
            reading: Box::new(reading),
        }
    }

    /// lettre's transport.
    #[must_use]
    pub fn inner(&self) -> &T {
        &self.transport
    }
}

impl<T: AsyncTransport + Send + Sync> FromLettre<T> {
    async fn attempt(&self, submission: &Submission) -> Report {
        let envelope = &submission.envelope;
        if envelope.tls() == TlsRequirement::EveryHop {
            return not_attempted(
                envelope,
                "lettre cannot ask for TLS on every hop",
                REQUIRETLS,
            );
        }
        let sender = match envelope.sender().address().map(address) {
            Some(None) => {
                return not_attempted(envelope, "lettre does not take the sender's address", None);
            }
            Some(Some(sender)) => Some(sender),
            None => None,
        };
        let carried: Vec<Option<Address>> = envelope.addresses().map(address).collect();
        let recipients: Vec<Address> = carried.iter().flatten().cloned().collect();
        let count = recipients.len();
        let Ok(theirs) = lettre::address::Envelope::new(sender, recipients) else {
            return not_attempted(envelope, REFUSED_ADDRESS, None);
        };
        let octets = submission.message.as_bytes();
        let octets = octets.strip_suffix(b"\r\n").unwrap_or(octets);
        let shared = (self.reading)(&self.transport.send_raw(&theirs, octets).await);
        let rows = envelope.addresses().zip(carried);
        let row = |(recipient, carried): (&EmailAddress, Option<Address>)| match carried {
            Some(_) => shared.row(recipient.clone(), count),
            None => unsupported(recipient.clone()).with_detail(REFUSED_ADDRESS),
        };
        Report::new(rows.map(row).collect())
    }
}

impl<T: AsyncTransport + Send + Sync> Transport for FromLettre<T> {
    fn send<'a>(&'a self, submission: &'a Submission) -> BoxFuture<'a, Report> {
        Box::pin(self.attempt(submission))
    }
}

/// The type of the transport only: what is in it is lettre's, passwords included.
impl<T: AsyncTransport> fmt::Debug for FromLettre<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FromLettre")
            .field("transport", &std::any::type_name::<T>())
            .finish_non_exhaustive()
    }
}

fn address(ours: &EmailAddress) -> Option<Address> {
    ours.to_string().parse().ok()
}

fn not_attempted(envelope: &Envelope, detail: &str, enhanced: Option<EnhancedCode>) -> Report {
    Report::uniform(envelope, |recipient| {
        let row = unsupported(recipient).with_detail(detail);
        match enhanced {
            Some(enhanced) => row.with_enhanced(enhanced),
            None => row,
        }
    })
}

fn unsupported(recipient: EmailAddress) -> RecipientReport {
    let outcome = Outcome::NotAttempted(NotAttemptedReason::Unsupported);
    RecipientReport::new(recipient, outcome, Phase::Local)
}

const REFUSED_ADDRESS: &str = "lettre does not take this address";
/// REQUIRETLS support required ([RFC 8689 §5](https://www.rfc-editor.org/rfc/rfc8689#section-5)).
const REQUIRETLS: Option<EnhancedCode> = EnhancedCode::new(5, 7, 30);
