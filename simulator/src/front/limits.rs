//! The provider's limits over time.

use std::time::Duration;

use letterhead_dns::block_on_ready;
use letterhead_identity::profile::{Condition, CountsQuota, Window};
use letterhead_identity::quota::{Claim, QuotaStore as _, ReserveError, Sender, Volume, claims};
use letterhead_identity::recipients::RecipientCount;
use letterhead_mail::EmailAddress;
use letterhead_transport::smtp::ServerReply;

use super::FrontHost;
use super::own_answers::simulated;
use super::suppression;
use crate::session::{ReceivedMessage, reply};
use crate::world::World;

/// Counts a message against the customer's limits.
///
/// The addresses of the provider's mailbox simulator count against rates, and against nothing longer.
///
/// # Errors
///
/// The refusal, where the message would pass a limit; then none of it is counted.
pub(super) fn count(
    world: &World,
    host: &FrontHost,
    received: &ReceivedMessage,
    authors: &[EmailAddress],
) -> Result<(), ServerReply> {
    let Some(limits) = host.limits() else {
        return Ok(());
    };
    let sender = sender(host, received, authors);
    let is_rate = |claim: &Claim| matches!(claim.key.window, Window::Second | Window::Minute);
    let all = volume(&sender, received, |_| true);
    let real = volume(&sender, received, |recipient| {
        let is_free = suppression::counts_quota(host) == CountsQuota::No
            && suppression::holds(host, recipient);
        simulated(host, recipient).is_none() && !is_free
    });
    let claims_of = |volume: &Volume, wants_rate: bool| -> Vec<Claim> {
        let claims = claims(limits, &sender, volume).into_iter();
        claims
            .filter(|claim| is_rate(claim) == wants_rate)
            .collect()
    };
    let now = world.clock.now_time();
    let reserve = |claims| block_on_ready(host.quotas().reserve(claims, now, AT_ONCE));
    let settle = |reservation, volume| {
        let settled = block_on_ready(host.quotas().settle(reservation, volume, now));
        settled.and_then(Result::ok).unwrap_or_default();
    };
    let Some(rate) = reserve(claims_of(&all, true)) else {
        return Ok(());
    };
    let rate = rate.map_err(|error| refusal(host, &error))?;
    match reserve(claims_of(&real, false)) {
        Some(Ok(quota)) => {
            settle(rate, all);
            settle(quota, real);
            Ok(())
        }
        Some(Err(error)) => {
            settle(rate, Volume::default());
            Err(refusal(host, &error))
        }
        None => Ok(()),
    }
}

fn sender(host: &FrontHost, received: &ReceivedMessage, authors: &[EmailAddress]) -> Sender {
    let mut sender = Sender::new("customer");
    sender.region = host.region().cloned();
    sender.user = received.user.as_ref().and_then(|user| user.parse().ok());
    sender.domain = authors.first().and_then(EmailAddress::domain_name).cloned();
    sender
}

/// The message to those of its recipients that count.
fn volume(
    sender: &Sender,
    received: &ReceivedMessage,
    counts: impl Fn(&EmailAddress) -> bool,
) -> Volume {
    let addresses = received.envelope.addresses();
    let recipients: Vec<EmailAddress> = addresses
        .filter(|recipient| counts(recipient))
        .cloned()
        .collect();
    if recipients.is_empty() {
        return Volume::default();
    }
    let count = RecipientCount::of_messages(&[recipients], sender.domain.as_slice());
    let octets = u64::try_from(received.message.len()).unwrap_or(u64::MAX);
    Volume::new(count, octets)
}

/// In the provider's words, where they are known.
fn refusal(host: &FrontHost, error: &ReserveError) -> ServerReply {
    let is_rate = match error {
        ReserveError::OverQuota(over) => {
            matches!(over.key.window, Window::Second | Window::Minute)
        }
        _ => true,
    };
    let (condition, text) = if is_rate {
        (Condition::RateExceeded, "sent too fast")
    } else {
        (Condition::QuotaExceeded, "the quota is used up")
    };
    host.refusal(condition, "")
        .unwrap_or_else(|| reply(451, (4, 7, 28), text))
}

/// What is reserved is settled at once.
const AT_ONCE: Duration = Duration::from_secs(1);
