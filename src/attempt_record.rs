//! What is remembered of an attempt: the message that a server took, and for whom one was judged.

use std::time::SystemTime;

use letterhead_feedback::{SentMessage, SentName};
use letterhead_identity::{Profile, Region};
use letterhead_mail::{Concern, EmailAddress, Outcome, Report, Submission};

use crate::route::Route;

/// The entry for what was accepted, or may have been: under the Message-ID it was sent with, under the one that the
/// provider puts in its place, and under what the server calls it.
pub(crate) fn sent_message(
    outbound: &Submission,
    route: &Route,
    profile: &Profile,
    report: &Report,
    now: SystemTime,
) -> Option<SentMessage> {
    let message_id = |id: String| SentName::message_id(&id);
    let own = outbound.message.message_id().map(message_id);
    let mut names: Vec<SentName> = own.into_iter().collect();
    let mut recipients = Vec::new();
    for row in report.rows() {
        match row.outcome() {
            Outcome::Accepted | Outcome::InDoubt => recipients.push(row.recipient().clone()),
            Outcome::Deferred | Outcome::Rejected | Outcome::NotAttempted(_) => continue,
        }
        names.extend(row.queue_id().map(SentName::of_server));
        if let (Some(reply), Some(headers)) = (row.reply(), profile.headers()) {
            let region = route.region.as_ref().map(Region::as_str);
            let given = headers.message_ids_from_reply(reply.text(), region);
            names.extend(given.into_iter().map(message_id));
        }
    }
    if recipients.is_empty() || names.is_empty() {
        return None;
    }
    let mut sent = SentMessage::new(
        outbound.tenant.clone(),
        outbound.id.clone(),
        names,
        recipients,
        now,
    );
    sent.identity.clone_from(&outbound.identity);
    sent.stream.clone_from(&outbound.stream);
    Some(sent)
}

/// The recipients that a server has judged the message for, took it or refused it: those that count for the reputation.
pub(crate) fn judged(report: &Report) -> Vec<EmailAddress> {
    let judged = report.rows().iter().filter(|row| match row.outcome() {
        Outcome::Accepted | Outcome::InDoubt => true,
        Outcome::Rejected => row.concerns() != Concern::Connection,
        Outcome::Deferred | Outcome::NotAttempted(_) => false,
    });
    judged.map(|row| row.recipient().clone()).collect()
}
