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
///
/// Held as `Arc<dyn Transport>`, and used through a reference, a `Box` or an `Arc` like the transport itself. One of your
/// own is a function from a submission to rows. What the other side did not answer for certain is
/// [in doubt](crate::Outcome::InDoubt), a lost connection and a timeout above all; so whoever retries does not duplicate:
///
/// ```
/// use letterhead_mail::{BoxFuture, Outcome, Phase, RecipientReport, Report, Submission, Transport};
///
/// #[derive(Debug)]
/// struct HttpApi;
///
/// impl Transport for HttpApi {
///     fn send<'a>(&'a self, submission: &'a Submission) -> BoxFuture<'a, Report> {
///         Box::pin(async move {
///             let (outcome, detail) = match post(submission).await {
///                 Ok(200) => (Outcome::Accepted, "taken"),
///                 Ok(429) => (Outcome::Deferred, "too much at once"),
///                 Ok(400..=499) => (Outcome::Rejected, "refused"),
///                 Ok(_) | Err(_) => (Outcome::InDoubt, "no answer that proves anything"),
///             };
///             Report::uniform(&submission.envelope, |recipient| {
///                 RecipientReport::new(recipient, outcome, Phase::Final)
///                     .with_server("api.example")
///                     .with_detail(detail)
///             })
///         })
///     }
/// }
/// # async fn post(_: &Submission) -> Result<u16, std::io::Error> {
/// #     Ok(200)
/// # }
/// # let message = letterhead_mail::Message::from_bytes("Subject: hello\r\n\r\n", letterhead_mail::LineEndings::Strict)?;
/// # let to: letterhead_mail::EmailAddress = "ann@example.com".parse()?;
/// # let envelope = letterhead_mail::Envelope::new(to.clone(), [to])?;
/// # let submission = Submission::new("1".parse()?, "acme".parse()?, message, envelope);
/// # assert!(letterhead_dns::block_on_ready(HttpApi.send(&submission)).expect("nothing waits").all_accepted());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
