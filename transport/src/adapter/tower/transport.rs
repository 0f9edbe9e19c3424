//! A service as a transport.

use std::error::Error;
use std::fmt;
use std::future::poll_fn;
use std::sync::{Mutex, PoisonError};

use letterhead_mail::{
    BoxFuture, EmailAddress, Envelope, NotAttemptedReason, Outcome, Phase, RecipientReport, Report,
    Submission, Transport,
};
use tower_service::Service;

use crate::error_chain::chain;
use crate::merged_rows::one_row_each;

/// Sends through a service, most often a [`TransportService`](super::TransportService) under layers.
///
/// Each attempt has a clone of the service to itself, waits until that is ready and calls it once:
///
/// - An error before the call proves that nothing was sent: every recipient is not attempted,
///   [postponed](NotAttemptedReason::Postponed).
/// - An error of the call proves nothing: every recipient is [in doubt](Outcome::InDoubt), unless
///   [`with_no_call_on`](Self::with_no_call_on) knows better.
/// - A recipient about whom the response says nothing is in doubt, one that is not in the envelope is left out.
///
/// Dropping the future before the service is ready sends nothing; later it drops the call.
///
/// ```
/// use std::sync::Arc;
/// use std::time::Duration;
/// use letterhead_mail::Transport;
/// use letterhead_transport::adapter::tower::{ServiceTransport, TransportService};
/// use tower::limit::ConcurrencyLimit;
/// use tower::load_shed::{LoadShed, error::Overloaded};
///
/// fn shedding(transport: Arc<dyn Transport>) -> impl Transport {
///     let limited = ConcurrencyLimit::new(TransportService::new(transport), 4);
///     ServiceTransport::new(LoadShed::new(limited)).with_no_call_on(|error| error.is::<Overloaded>())
/// }
/// ```
pub struct ServiceTransport<S: Service<Submission>> {
    /// Only ever cloned, so that a service need not be `Sync`.
    service: Mutex<S>,
    proves_no_call: Proof<S::Error>,
}

type Proof<E> = Box<dyn Fn(&E) -> bool + Send + Sync>;

impl<S> ServiceTransport<S>
where
    S: Service<Submission, Response = Report> + Clone + Send,
    S::Future: Send,
    S::Error: Into<Box<dyn Error + Send + Sync>>,
{
    /// This service.
    pub fn new(service: S) -> Self {
        Self {
            service: Mutex::new(service),
            proves_no_call: Box::new(|_| false),
        }
    }

    /// Errors of a call for which `proof` is true prove that the transport below was not called, as tower's `Overloaded`
    /// does. By default none does. To say so of any other error, a timeout above all, turns mail that may have been
    /// accepted into mail that is sent again.
    #[must_use]
    pub fn with_no_call_on(
        mut self,
        proof: impl Fn(&S::Error) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.proves_no_call = Box::new(proof);
        self
    }

    async fn attempt(&self, submission: &Submission) -> Report {
        // A clone that panicked has left the service as it was.
        let mut service = self
            .service
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let envelope = &submission.envelope;
        if let Err(error) = poll_fn(|context| service.poll_ready(context)).await {
            return postponed(envelope, &text(error));
        }
        match service.call(submission.clone()).await {
            Ok(report) => Report::new(one_row_each(envelope, report)),
            Err(error) if (self.proves_no_call)(&error) => postponed(envelope, &text(error)),
            Err(error) => {
                let detail = format!(
                    "{}; the call had begun, so it may have been sent",
                    text(error)
                );
                Report::uniform(envelope, |recipient| in_doubt(recipient, &detail))
            }
        }
    }
}

impl<S> Transport for ServiceTransport<S>
where
    S: Service<Submission, Response = Report> + Clone + Send,
    S::Future: Send,
    S::Error: Into<Box<dyn Error + Send + Sync>>,
{
    fn send<'a>(&'a self, submission: &'a Submission) -> BoxFuture<'a, Report> {
        Box::pin(self.attempt(submission))
    }
}

impl<S: Service<Submission>> fmt::Debug for ServiceTransport<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServiceTransport")
            .field("service", &std::any::type_name::<S>())
            .finish_non_exhaustive()
    }
}

fn postponed(envelope: &Envelope, detail: &str) -> Report {
    let outcome = Outcome::NotAttempted(NotAttemptedReason::Postponed);
    Report::uniform(envelope, |recipient| {
        RecipientReport::new(recipient, outcome, Phase::Local).with_detail(detail)
    })
}

fn in_doubt(recipient: EmailAddress, detail: &str) -> RecipientReport {
    RecipientReport::new(recipient, Outcome::InDoubt, Phase::Final).with_detail(detail)
}

fn text(error: impl Into<Box<dyn Error + Send + Sync>>) -> String {
    chain(&*error.into())
}
