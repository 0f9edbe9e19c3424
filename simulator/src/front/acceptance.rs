//! Taking a customer's message and sending it on.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use letterhead_identity::profile::{Condition, OnSend};
use letterhead_mail::{EmailAddress, Message, ReversePath};
use letterhead_transport::smtp::ServerReply;

use super::own_answers::{OwnAnswers, simulated};
use super::relaying::Alteration;
use super::{FrontHost, RETURN_PATH_END, identities, limits, relaying, signing, suppression};
use crate::event::SimEventKind;
use crate::provider_events::{Occurrence, Submitted, SuppressedBy, tell};
use crate::receiver::received_field;
use crate::relay::Sender;
use crate::reports::auto_reply::Manners;
use crate::session::{ReceivedMessage, reply};
use crate::world::{
    Happening, Outbound, RecipientAnswer, Restraint, World, schedule_answer, schedule_bounce,
    schedule_complaint,
};

pub(super) fn accept(
    world: &World,
    host: &FrontHost,
    client: IpAddr,
    received: &ReceivedMessage,
) -> ServerReply {
    let authors = match authors(world, host, &received.message) {
        Ok(authors) => authors,
        Err(refusal) => return refusal,
    };
    if let Err(refusal) = limits::count(world, host, received, &authors) {
        return refusal;
    }
    let id = world.entropy.token(32);
    let Some(message) = outgoing(world, host, client, received, &authors, &id) else {
        return reply(554, (5, 6, 0), "the message's header cannot be read");
    };
    let return_path = received.envelope.sender().clone();
    let outbound = Arc::new(Outbound {
        host: Sender {
            name: host.name().clone(),
            address: host.address(),
            retries: Arc::clone(&host.front.retries),
        },
        message,
        sender: envelope_sender(host, &return_path, &id),
        envelope: received.envelope.clone(),
        return_path,
        arrived: world.clock.now_time(),
        report_delay: host.front.bounce_after,
        report: None,
        submitted: Some(submitted(client, received, &authors, id.clone())),
    });
    world.log_acceptance(host.name(), received);
    relaying::check(world, host, &received.message, &outbound.message);
    host.remember(id.clone(), Arc::clone(&outbound));
    let mut told = reply(250, (2, 0, 0), &format!("Ok {id}"));
    if host.front.virus_check.finds(&received.message) {
        let discarded = SimEventKind::Discarded {
            recipients: received.envelope.addresses().cloned().collect(),
            reason: "it has a virus".to_owned(),
        };
        world.log(host.name(), discarded);
        tell(world, &outbound, Occurrence::Rejected, Duration::ZERO);
    } else {
        let listed = distribute(world, host, &outbound, received);
        if !listed.is_empty() && suppression::on_send(host) == OnSend::Reported {
            let listed: Vec<String> = listed.iter().map(ToString::to_string).collect();
            let text = format!("suppressed recipients: {}; Ok {id}", listed.join(", "));
            told = reply(254, (2, 1, 5), &text);
        }
    }
    world.carry_out_due();
    told
}

/// What events will speak of.
fn submitted(
    client: IpAddr,
    received: &ReceivedMessage,
    authors: &[EmailAddress],
    id: String,
) -> Submitted {
    Submitted {
        id,
        message: received.message.clone(),
        author: authors.first().cloned(),
        destination: received.envelope.addresses().cloned().collect(),
        user: received.user.clone(),
        client,
    }
}

/// Who the message is from, if all of them may send.
fn authors(
    world: &World,
    host: &FrontHost,
    message: &Message,
) -> Result<Vec<EmailAddress>, ServerReply> {
    let authors: Vec<EmailAddress> = match message.authors() {
        Ok(authors) => authors
            .iter()
            .map(|author| author.address().clone())
            .collect(),
        Err(error) => return Err(reply(554, (5, 6, 0), &error.to_string())),
    };
    // A provider without words for it does not refuse it.
    if host.refusal(Condition::UnverifiedSender, "").is_none() {
        return Ok(authors);
    }
    let uncovered: Vec<String> = authors
        .iter()
        .filter(|author| !identities::covers(host, &world.dns, author))
        .map(ToString::to_string)
        .collect();
    match host.refusal(Condition::UnverifiedSender, &uncovered.join(", ")) {
        Some(refusal) if !uncovered.is_empty() => Err(refusal),
        _ => Ok(authors),
    }
}

/// The message as it goes out; `None` where its header cannot take a field.
fn outgoing(
    world: &World,
    host: &FrontHost,
    client: IpAddr,
    received: &ReceivedMessage,
    authors: &[EmailAddress],
    id: &str,
) -> Option<Message> {
    let now = world.clock.now_time();
    let trace = received_field(received, client, host.name(), id, now);
    let message = signing::overwrite(host, &received.message, id, now).ok()?;
    let message = match &host.front.alteration {
        Some(Alteration(alter)) => alter(message),
        None => message,
    };
    let message = message.with_field_prepended(trace.as_bytes()).ok()?;
    signing::sign(host, &world.dns, &message, authors, now).ok()
}

/// An address of the provider's own, by which it would know its message again. A message without return path keeps
/// none.
fn envelope_sender(host: &FrontHost, return_path: &ReversePath, id: &str) -> ReversePath {
    match host.front.profile.return_path() {
        Some(rule) if !return_path.is_null() => {
            let local_part = format!("{id}{RETURN_PATH_END}");
            match EmailAddress::new(&local_part, rule.domain.clone()) {
                Ok(address) => ReversePath::Address(address),
                Err(_) => return_path.clone(),
            }
        }
        _ => return_path.clone(),
    }
}

/// Sends it on, or answers itself, and says who is on the customer's suppression list.
fn distribute(
    world: &World,
    host: &FrontHost,
    outbound: &Arc<Outbound>,
    received: &ReceivedMessage,
) -> Vec<EmailAddress> {
    let front = &host.front;
    let (mut others, mut own) = (Vec::new(), OwnAnswers::default());
    for recipient in received.envelope.addresses() {
        match simulated(host, recipient) {
            Some(simulated) => own.add(world, host, simulated, recipient),
            None if suppression::holds(host, recipient) => own.add_listed(recipient),
            None => others.push(recipient.clone()),
        }
    }
    let listed = own.listed();
    for recipient in &own.auto_replied {
        let answer = RecipientAnswer::Automatic(Manners::Polite, Restraint::None);
        schedule_answer(world, outbound, recipient, answer, front.bounce_after);
    }
    let at_once = Duration::ZERO;
    for (occurrence, delay) in [
        (Occurrence::Accepted, at_once),
        (Occurrence::Delivered(own.delivered), at_once),
        (Occurrence::Bounced(own.bounced.clone()), front.bounce_after),
        (
            Occurrence::Suppressed(own.suppressed.clone(), SuppressedBy::Provider),
            front.bounce_after,
        ),
        (
            Occurrence::Suppressed(own.on_list.clone(), SuppressedBy::Account),
            front.bounce_after,
        ),
        (
            Occurrence::AutoReplied(own.auto_replied),
            front.bounce_after,
        ),
        (
            Occurrence::Complained(own.complained.clone()),
            front.complaint_after,
        ),
    ] {
        tell(world, outbound, occurrence, delay);
    }
    if !listed.is_empty() {
        let discarded = SimEventKind::Discarded {
            recipients: listed.clone(),
            reason: "they are on the customer's suppression list".to_owned(),
        };
        world.log(host.name(), discarded);
    }
    suppression::learn_bounces(world, host.name(), &own.learnt);
    let told_by_mail = match suppression::on_send(host) {
        OnSend::Dropped | OnSend::Reported => Vec::new(),
        _ => own.on_list,
    };
    let bounced = [own.bounced, own.suppressed, told_by_mail].concat();
    schedule_bounce(world, outbound, bounced, front.bounce_after);
    schedule_complaint(world, outbound, own.complained, front.complaint_after);
    if !others.is_empty() {
        let relay = Happening::Relay {
            outbound: Arc::clone(outbound),
            recipients: others,
            attempt: 0,
        };
        world.schedule(world.clock.now_time(), relay);
    }
    listed
}
