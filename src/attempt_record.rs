//! What is remembered of an attempt: the message that a server took, and the addresses that it refused.

use std::time::SystemTime;

use letterhead_feedback::{Event, EventKind, Permanence, Proof, SentMessage};
use letterhead_identity::{Profile, Region};
use letterhead_mail::{Outcome, Phase, RecipientReport, Report, Submission};

use crate::route::Route;

/// The entry for what was accepted, or may have been: under the Message-ID it was sent with, and under the one that the
/// provider puts in its place.
pub(crate) fn sent_message(
    outbound: &Submission,
    route: &Route,
    profile: &Profile,
    report: &Report,
    now: SystemTime,
) -> Option<SentMessage> {
    let mut message_ids: Vec<String> = outbound.message.message_id().into_iter().collect();
    let mut recipients = Vec::new();
    for row in report.rows() {
        match row.outcome() {
            Outcome::Accepted | Outcome::InDoubt => recipients.push(row.recipient().clone()),
            Outcome::Deferred | Outcome::Rejected | Outcome::NotAttempted(_) => continue,
        }
        if let (Some(reply), Some(headers)) = (row.reply(), profile.headers()) {
            let region = route.region.as_ref().map(Region::as_str);
            message_ids.extend(headers.message_ids_from_reply(reply.text(), region));
        }
    }
    (!recipients.is_empty() && !message_ids.is_empty()).then(|| {
        SentMessage::new(
            outbound.tenant.clone(),
            outbound.id.clone(),
            message_ids,
            recipients,
            now,
        )
    })
}

/// A refusal at RCPT is the server's own word about the address; one of the whole message says nothing about it.
pub(crate) fn refusal(row: &RecipientReport, now: SystemTime) -> Option<Event> {
    if row.outcome() != Outcome::Rejected || row.phase() != Phase::Rcpt {
        return None;
    }
    let reply = row.reply()?;
    let status = reply.enhanced()?;
    Some(
        Event::new(EventKind::Bounced(Permanence::of(status)))
            .with_recipient(row.recipient().clone())
            .with_status(status)
            .with_reply(reply.clone())
            .with_proof(Proof::Witnessed)
            .with_time(now),
    )
}
