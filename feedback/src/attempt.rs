//! What an attempt to send says at once.

use std::time::SystemTime;

use letterhead_mail::{NotAttemptedReason, Outcome, Phase, RecipientReport, Report, Submission};

use crate::diagnosis::{Clues, Diagnosis, diagnose};
use crate::event::{Event, EventKind, Proof, Reason};
use crate::origin::Origin;

impl Event {
    /// What an attempt to send says at once, an event for each recipient whose outcome says something: so that a refusal
    /// in the session and a bounce an hour later take the same way.
    ///
    /// Accepted is [`EventKind::Sent`]. A refusal of the recipient (at RCPT) is a bounce, hard if the server's words say
    /// that the address is dead; one of the message, the sender or the connection is [`EventKind::Rejected`], which says
    /// nothing about the address. What was set aside as suppressed is [`EventKind::Suppressed`], by our own list, and
    /// recording it changes nothing. In doubt and not attempted say nothing.
    ///
    /// Each is [`Proof::Witnessed`], and carries tenant, identity, stream, submission and Message-ID.
    #[must_use]
    pub fn of_attempt(submission: &Submission, report: &Report, now: SystemTime) -> Vec<Self> {
        let message_id = submission.message.message_id();
        let origin = Origin {
            tenant: Some(submission.tenant.clone()),
            identity: submission.identity.clone(),
            stream: submission.stream.clone(),
            submission: Some(submission.id.clone()),
        };
        let complete = |event: Self| {
            let event = match &message_id {
                Some(message_id) => event.with_message_id(message_id),
                None => event,
            };
            event
                .with_origin(origin.clone())
                .with_time(now)
                .with_proof(Proof::Witnessed)
        };
        let rows = report.rows().iter();
        rows.filter_map(of_row).map(complete).collect()
    }
}

/// What one row says.
fn of_row(row: &RecipientReport) -> Option<Event> {
    let (kind, reason, status) = match row.outcome() {
        Outcome::Accepted => (EventKind::Sent, Reason::UNSPECIFIED, row.enhanced()),
        Outcome::Deferred => {
            let diagnosis = diagnosis(row);
            (EventKind::Deferred, diagnosis.reason, diagnosis.status)
        }
        Outcome::Rejected => {
            let diagnosis = diagnosis(row);
            let kind = match row.phase() {
                Phase::Rcpt => EventKind::Bounced(diagnosis.permanence),
                _ => EventKind::Rejected,
            };
            (kind, diagnosis.reason, diagnosis.status)
        }
        Outcome::NotAttempted(NotAttemptedReason::Suppressed) => {
            (EventKind::Suppressed, Reason::SUPPRESSED, row.enhanced())
        }
        Outcome::InDoubt | Outcome::NotAttempted(_) => return None,
    };
    let mut event = Event::new(kind)
        .with_recipient(row.recipient().clone())
        .with_reason(reason);
    if let Some(status) = status {
        event = event.with_status(status);
    }
    if let Some(reply) = row.reply() {
        event = event.with_reply(reply.clone());
    }
    if let Some(text) = row.text() {
        event = event.with_diagnostic(text);
    }
    Some(match row.server() {
        Some(server) => event.with_remote_mta(server),
        None => event,
    })
}

/// Why a recipient was refused or put off.
fn diagnosis(row: &RecipientReport) -> Diagnosis {
    diagnose(&Clues {
        stated: row.enhanced(),
        diagnostic: row.text(),
        reply: row.reply(),
        remote_mta: row.server(),
    })
}
