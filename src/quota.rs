//! What a message needs of its provider's limits: set aside before it is sent, settled afterwards.

use std::time::Duration;

use letterhead_feedback::{StoreError, StoreErrorKind};
use letterhead_identity::quota::{Reservation, ReserveError, Sender, Volume, claims};
use letterhead_identity::recipients::RecipientCount;
use letterhead_identity::{Identity, Limits};
use letterhead_mail::{EmailAddress, Outcome, Report, Submission};

use crate::mailer_builder::Parts;
use crate::route::Route;
use crate::send_error::SendError;

/// Who sends, as far as the limits tell senders apart.
pub(crate) fn sender(route: &Route, identity: &Identity) -> Sender {
    let mut sender = Sender::new(&route.account);
    sender.region.clone_from(&route.region);
    sender.user.clone_from(&identity.credential);
    sender.identity = identity.name().ok();
    sender.domain = identity.subject.domain().cloned();
    sender
}

/// Sets aside what the message needs; nothing where the profile limits nothing over time.
pub(crate) async fn reserve(
    parts: &Parts,
    limits: &Limits,
    sender: &Sender,
    outbound: &Submission,
) -> Result<Option<Reservation>, SendError> {
    let everybody = outbound.envelope.addresses().cloned().collect();
    let claims = claims(limits, sender, &volume(sender, outbound, everybody));
    if claims.is_empty() {
        return Ok(None);
    }
    let now = parts.clock.now();
    let reserved = parts.quota.reserve(claims, now, LONGEST_ATTEMPT).await;
    reserved.map(Some).map_err(|error| match error {
        ReserveError::OverQuota(over) => SendError::OverQuota(Box::new(over)),
        other => SendError::Quota(other),
    })
}

/// Counts the recipients that a server took, or may have, and frees the rest.
pub(crate) async fn settle(
    parts: &Parts,
    reserved: Option<Reservation>,
    sender: &Sender,
    outbound: &Submission,
    report: &Report,
) -> Result<(), StoreError> {
    let Some(reserved) = reserved else {
        return Ok(());
    };
    let rows = report.rows().iter();
    let taken = rows
        .filter(|row| match row.outcome() {
            Outcome::Accepted | Outcome::InDoubt => true,
            Outcome::Deferred | Outcome::Rejected | Outcome::NotAttempted(_) => false,
        })
        .map(|row| row.recipient().clone())
        .collect();
    let sent = volume(sender, outbound, taken);
    let settled = parts.quota.settle(reserved, sent, parts.clock.now()).await;
    settled.map_err(|error| StoreError::new(StoreErrorKind::Unavailable, error))
}

/// The message to these recipients; none of it where there are none.
fn volume(sender: &Sender, outbound: &Submission, recipients: Vec<EmailAddress>) -> Volume {
    if recipients.is_empty() {
        return Volume::default();
    }
    let octets = u64::try_from(outbound.message.len()).unwrap_or(u64::MAX);
    Volume::new(
        RecipientCount::of_messages(&[recipients], sender.domain.as_slice()),
        octets,
    )
}

/// How long something can be settled. What nobody settles, because the attempt was dropped or the process ended, counts as
/// used. No attempt takes longer, by far.
const LONGEST_ATTEMPT: Duration = Duration::from_hours(1);
