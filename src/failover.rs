//! One message over several routes, until one has taken it to everybody.

use letterhead_mail::{Envelope, Outcome, RecipientReport, Report, Submission, SubmissionId};

use crate::mailer::Mailer;
use crate::outgoing::Outgoing;
use crate::receipt::Receipt;
use crate::send_error::{RouteRefusal, SendError};

/// Sends over the first of these routes, and to whom it has not gone for certain and [may go
/// elsewhere](RecipientReport::may_go_elsewhere) over the next, under the rules of that one's profile.
pub(crate) async fn send(
    mailer: &Mailer,
    outgoing: &Outgoing,
    routes: Vec<String>,
) -> Result<Receipt, SendError> {
    let id = mailer.new_id();
    let mut open = outgoing.envelope.clone();
    let mut so_far: Option<Receipt> = None;
    let mut refusals: Vec<RouteRefusal> = Vec::new();
    for route in routes {
        let to = Some(open.clone());
        let submission = submission(outgoing, id.clone(), route.clone(), to);
        let attempted = match mailer.prepare_submission(submission).await {
            Ok(prepared) => mailer.attempt(&prepared).await,
            Err(error) => Err(error),
        };
        let receipt = match attempted {
            Ok(receipt) => receipt,
            Err(SendError::NothingAccepted(receipt)) => *receipt,
            Err(error) if error.is_of_route() => {
                refusals.push(RouteRefusal { route, error });
                continue;
            }
            Err(error) if so_far.is_none() && refusals.is_empty() => return Err(error),
            Err(error) => {
                refusals.push(RouteRefusal { route, error });
                break;
            }
        };
        let left = left(&receipt, &open);
        so_far = Some(match so_far {
            Some(earlier) => together(&outgoing.envelope, earlier, receipt),
            None => receipt,
        });
        match left {
            Some(left) => open = left,
            None => break,
        }
    }
    match (so_far, refusals.len()) {
        (Some(receipt), _) => receipt.passing_over(refusals).or_nothing(),
        (None, 1) => Err(refusals.remove(0).error),
        (None, _) => Err(SendError::EveryRoute(refusals)),
    }
}

/// Those of this envelope whom another route may take, if there are any.
fn left(receipt: &Receipt, envelope: &Envelope) -> Option<Envelope> {
    let open = envelope.recipients().iter().filter(|recipient| {
        let row = receipt.row(recipient.address());
        row.is_some_and(RecipientReport::may_go_elsewhere)
    });
    envelope.to_others(open.cloned()).ok()
}

/// The message as a submission by this route, to all of its recipients or to those who are left.
pub(crate) fn submission(
    outgoing: &Outgoing,
    id: SubmissionId,
    route: String,
    left: Option<Envelope>,
) -> Submission {
    let Outgoing {
        tenant,
        message,
        envelope,
        stream,
        tags,
        idempotency_key,
        ..
    } = outgoing.clone();
    let envelope = left.unwrap_or(envelope);
    let mut submission = Submission::new(id, tenant, message, envelope);
    submission.channel = Some(route);
    submission.stream = stream;
    submission.tags = tags;
    submission.idempotency_key = idempotency_key;
    submission
}

/// The later receipt, with the rows of those whom it does not speak of as they were.
fn together(envelope: &Envelope, earlier: Receipt, later: Receipt) -> Receipt {
    let row = |address| {
        let row = later.row(address).or_else(|| earlier.row(address));
        row.cloned()
    };
    let rows: Vec<RecipientReport> = envelope.addresses().filter_map(row).collect();
    let passed = [earlier.passed.clone(), later.passed.clone()].concat();
    let unrecorded = earlier
        .unrecorded
        .clone()
        .or_else(|| later.unrecorded.clone());
    let mut attempts = earlier.earlier.clone();
    attempts.push(earlier);
    Receipt {
        report: Report::new(rows),
        passed,
        unrecorded,
        earlier: attempts,
        ..later
    }
}

impl Receipt {
    /// It, or the error that nobody accepted anything.
    fn or_nothing(self) -> Result<Self, SendError> {
        let mut rows = self.rows().iter().map(RecipientReport::outcome);
        if rows.all(Outcome::is_proven_not_accepted) {
            return Err(SendError::NothingAccepted(Box::new(self)));
        }
        Ok(self)
    }
}
