//! Our transports as lettre's.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use letterhead_mail::{Entropy, Envelope, Report, Submission, SubmissionId, TenantId, Transport};
use lettre::AsyncTransport;

use super::{LettreMailError, read_raw};

/// Lets code that knows lettre's [`AsyncTransport`] send through one of our transports.
///
/// It answers `Ok` with the report when a server took responsibility for at least one recipient, or may have: whoever
/// sends again on an `Err` must not duplicate. So look at the report, where [`Report::all_accepted`] is what you need.
///
/// Every message becomes a [`Submission`] of one tenant, with an id drawn from the entropy given (16 octets). Bcc is taken
/// out of the header and line ends become CRLF, as [`read_raw`] does it.
///
/// ```
/// use std::sync::Arc;
/// use letterhead_mail::Transport;
/// use letterhead_transport::SystemEntropy;
/// use letterhead_transport::adapter::lettre::AsLettre;
/// use lettre::AsyncTransport as _;
///
/// async fn send(ours: Arc<dyn Transport>, message: lettre::Message) -> Result<(), Box<dyn std::error::Error>> {
///     let theirs = AsLettre::new(ours, "acme".parse()?, Arc::new(SystemEntropy::new()));
///     let report = theirs.send(message).await?;
///     print!("{report}");
///     Ok(())
/// }
/// ```
#[derive(Debug, Clone)]
pub struct AsLettre<T> {
    transport: T,
    tenant: TenantId,
    entropy: Arc<dyn Entropy>,
}

impl<T: Transport> AsLettre<T> {
    /// This transport, which may be an `Arc<dyn Transport>`, for mail of this tenant.
    #[must_use]
    pub fn new(transport: T, tenant: TenantId, entropy: Arc<dyn Entropy>) -> Self {
        Self {
            transport,
            tenant,
            entropy,
        }
    }

    async fn attempt(
        &self,
        envelope: &lettre::address::Envelope,
        octets: &[u8],
    ) -> Result<Report, AsLettreError> {
        let (message, envelope) = read_raw(envelope, octets)?;
        let id = SubmissionId::random(&*self.entropy);
        let submission = Submission::new(id, self.tenant.clone(), message, envelope);
        let report = self.transport.send(&submission).await;
        if is_proven_not_accepted(&submission.envelope, &report) {
            Err(AsLettreError::NotAccepted(report))
        } else {
            Ok(report)
        }
    }
}

/// What lettre's macro makes of an `async fn`, written out.
impl<T: Transport> AsyncTransport for AsLettre<T> {
    type Ok = Report;
    type Error = AsLettreError;

    fn send_raw<'life0, 'life1, 'life2, 'async_trait>(
        &'life0 self,
        envelope: &'life1 lettre::address::Envelope,
        email: &'life2 [u8],
    ) -> Pin<Box<dyn Future<Output = Result<Report, AsLettreError>> + Send + 'async_trait>>
    where
        'life0: 'async_trait,
        'life1: 'async_trait,
        'life2: 'async_trait,
        Self: 'async_trait,
    {
        Box::pin(self.attempt(envelope, email))
    }
}

/// Where there is no row, nobody knows, so nothing is proven.
fn is_proven_not_accepted(envelope: &Envelope, report: &Report) -> bool {
    envelope.addresses().all(|recipient| {
        report
            .row(recipient)
            .is_some_and(|row| row.outcome().is_proven_not_accepted())
    })
}

/// Why nothing was sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AsLettreError {
    /// lettre's message or envelope cannot be sent.
    #[error("the message cannot be sent as it is")]
    Mail(#[from] LettreMailError),
    /// It is certain that no recipient was accepted; the report says why, recipient by recipient.
    #[error("no recipient was accepted; the report says why")]
    NotAccepted(Report),
}

impl AsLettreError {
    /// The report, where an attempt was made.
    #[must_use]
    pub fn report(&self) -> Option<&Report> {
        match self {
            Self::NotAccepted(report) => Some(report),
            Self::Mail(_) => None,
        }
    }

    /// Whether sending all of it again repeats no refusal. It cannot duplicate either way.
    #[must_use]
    pub fn is_safe_to_retry(&self) -> bool {
        match self {
            Self::NotAccepted(report) => report
                .rows()
                .iter()
                .all(letterhead_mail::RecipientReport::is_safe_to_retry),
            Self::Mail(_) => false,
        }
    }
}
