//! A transport as a service.

use std::convert::Infallible;
use std::sync::Arc;
use std::task::{Context, Poll};

use letterhead_mail::{BoxFuture, Report, Submission, Transport};
use tower_service::Service;

/// A transport as a service, always ready. What went wrong is in the report, so there is no error.
///
/// A call is dropped as an attempt is: what the server took by then stays taken.
///
/// ```
/// use std::sync::Arc;
/// use letterhead_mail::{Report, Submission, Transport};
/// use letterhead_transport::adapter::tower::TransportService;
/// use tower::limit::ConcurrencyLimit;
/// use tower_service::Service as _;
///
/// fn at_most_four(transport: Arc<dyn Transport>) -> ConcurrencyLimit<TransportService> {
///     ConcurrencyLimit::new(TransportService::new(transport), 4)
/// }
/// ```
#[derive(Debug, Clone)]
pub struct TransportService {
    transport: Arc<dyn Transport>,
}

impl TransportService {
    /// This transport.
    #[must_use]
    pub fn new(transport: Arc<dyn Transport>) -> Self {
        Self { transport }
    }
}

impl Service<Submission> for TransportService {
    type Response = Report;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Report, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, submission: Submission) -> Self::Future {
        let transport = Arc::clone(&self.transport);
        Box::pin(async move { Ok(transport.send(&submission).await) })
    }
}
