//! A mailer as a transport, for code that knows transports only.

use letterhead_mail::{
    BoxFuture, NotAttemptedReason, Outcome, Phase, RecipientReport, Report, Submission, TenantId,
    Transport,
};

use crate::mailer::Mailer;
use crate::outgoing::Outgoing;
use crate::send_error::SendError;

/// Sends what it is given as a [`Mailer`] does, for one tenant: authorised, within limits, signed, past the suppression
/// list, and remembered. Made by [`Mailer::transport`].
///
/// Where the mailer refuses a message, nobody was tried, and each row says why in its
/// [detail](RecipientReport::detail).
#[derive(Debug, Clone)]
pub struct MailerTransport {
    mailer: Mailer,
    tenant: TenantId,
    routes: Vec<String>,
}

impl Mailer {
    /// This mailer as a transport for mail of this tenant by this route, whatever tenant and channel a submission names; or
    /// by the [channels](crate::Channels) where no route is named. For code that was written for a transport, such as
    /// an adapter (`letterhead::transport::adapter`, with the features `lettre` and `tower`).
    #[must_use]
    pub fn transport(&self, tenant: TenantId, route: Option<&str>) -> MailerTransport {
        MailerTransport {
            mailer: self.clone(),
            tenant,
            routes: route.map(str::to_owned).into_iter().collect(),
        }
    }
}

impl Transport for MailerTransport {
    fn send<'a>(&'a self, submission: &'a Submission) -> BoxFuture<'a, Report> {
        Box::pin(async move {
            let mut outgoing = Outgoing::with_envelope(
                self.tenant.clone(),
                "",
                submission.message.clone(),
                submission.envelope.clone(),
            );
            outgoing.routes.clone_from(&self.routes);
            outgoing.stream.clone_from(&submission.stream);
            outgoing.tags.clone_from(&submission.tags);
            outgoing
                .idempotency_key
                .clone_from(&submission.idempotency_key);
            match self.mailer.send(outgoing).await {
                Ok(receipt) => Report::new(receipt.rows().to_vec()),
                Err(SendError::NothingAccepted(receipt)) => Report::new(receipt.rows().to_vec()),
                Err(error) => refused(submission, &error),
            }
        })
    }
}

/// Nobody was tried.
fn refused(submission: &Submission, error: &SendError) -> Report {
    let reason = match error {
        SendError::AllSuppressed(_) => NotAttemptedReason::Suppressed,
        error if error.is_temporary() => NotAttemptedReason::Postponed,
        _ => NotAttemptedReason::Withheld,
    };
    Report::uniform(&submission.envelope, |recipient| {
        RecipientReport::new(recipient, Outcome::NotAttempted(reason), Phase::Local)
            .with_detail(error.to_string())
    })
}
