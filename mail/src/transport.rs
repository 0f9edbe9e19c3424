use std::fmt;
use std::sync::Arc;

use letterhead_dns::BoxFuture;

use crate::report::Report;
use crate::submission::Submission;

/// Sends a submission and says what became of every recipient.
///
/// There is no `Err`: whatever happens, the [`Report`] has one row for each recipient of the envelope, in its order.
/// What could not be tried is a row that says so. Dropping the future abandons the attempt; what the server had already
/// accepted by then stays accepted, and nobody is told.
pub trait Transport: fmt::Debug + Send + Sync {
    /// Tries to hand the submission over, once.
    fn send<'a>(&'a self, submission: &'a Submission) -> BoxFuture<'a, Report>;
}

impl<T: Transport + ?Sized> Transport for &T {
    fn send<'a>(&'a self, submission: &'a Submission) -> BoxFuture<'a, Report> {
        (**self).send(submission)
    }
}

impl<T: Transport + ?Sized> Transport for Arc<T> {
    fn send<'a>(&'a self, submission: &'a Submission) -> BoxFuture<'a, Report> {
        (**self).send(submission)
    }
}

impl<T: Transport + ?Sized> Transport for Box<T> {
    fn send<'a>(&'a self, submission: &'a Submission) -> BoxFuture<'a, Report> {
        (**self).send(submission)
    }
}

const _: fn(&dyn Transport) = |_| {};
