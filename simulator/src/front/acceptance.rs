//! Taking a customer's message and sending it on.

use std::net::IpAddr;
use std::sync::Arc;

use letterhead_identity::profile::{
    Condition, SimulatedAddress, SimulatedMailboxes, SimulatedOutcome,
};
use letterhead_mail::{EmailAddress, EnhancedCode, Message, ReversePath};
use letterhead_transport::smtp::ServerReply;

use super::{FrontHost, identities, signing};
use crate::event::SimEventKind;
use crate::receiver::received_field;
use crate::relay::Sender;
use crate::reports::{Action, RecipientStatus};
use crate::session::{ReceivedMessage, reply};
use crate::world::{Happening, Outbound, World, schedule_bounce, schedule_complaint};

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
    let id = world.entropy.token(32);
    let Some(message) = outgoing(world, host, client, received, &authors, &id) else {
        return reply(554, (5, 6, 0), "the message's header cannot be read");
    };
    let return_path = received.envelope.sender().clone();
    let outbound = Arc::new(Outbound {
        host: Sender {
            name: host.name().clone(),
            address: host.address(),
        },
        message,
        sender: envelope_sender(host, &return_path, &id),
        return_path,
        arrived: world.clock.now_time(),
        report_delay: host.front.bounce_after,
        report: None,
    });
    world.log_acceptance(host.name(), received);
    distribute(world, host, &outbound, received);
    world.run_until(world.clock.now_time());
    reply(250, (2, 0, 0), &format!("Ok {id}"))
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
    let message = signing::overwrite(host, &received.message, id, now)
        .and_then(|message| message.with_field_prepended(trace.as_bytes()))
        .ok()?;
    signing::sign(host, &world.dns, &message, authors, now).ok()
}

/// An address of the provider's own, by which it would know its message again. A message without return path keeps
/// none.
fn envelope_sender(host: &FrontHost, return_path: &ReversePath, id: &str) -> ReversePath {
    match host.front.profile.return_path() {
        Some(rule) if !return_path.is_null() => {
            let local_part = format!("{id}-000000");
            match EmailAddress::new(&local_part, rule.domain.clone()) {
                Ok(address) => ReversePath::Address(address),
                Err(_) => return_path.clone(),
            }
        }
        _ => return_path.clone(),
    }
}

fn distribute(
    world: &World,
    host: &FrontHost,
    outbound: &Arc<Outbound>,
    received: &ReceivedMessage,
) {
    let (mut bounced, mut complained, mut others) = (Vec::new(), Vec::new(), Vec::new());
    for recipient in received.envelope.addresses() {
        let Some(simulated) = simulated(host, recipient) else {
            others.push(recipient.clone());
            continue;
        };
        match simulated.outcome {
            SimulatedOutcome::Bounced => bounced.extend(status(simulated, recipient)),
            outcome => {
                let recipient = recipient.clone();
                world.log(
                    host.name(),
                    SimEventKind::Delivered {
                        recipient: recipient.clone(),
                    },
                );
                if outcome == SimulatedOutcome::Complained {
                    complained.push(recipient);
                }
            }
        }
    }
    schedule_bounce(world, outbound, bounced, host.front.bounce_after);
    schedule_complaint(world, outbound, complained, host.front.complaint_after);
    if !others.is_empty() {
        let relay = Happening::Relay {
            outbound: Arc::clone(outbound),
            recipients: others,
            attempt: 0,
        };
        world.schedule(world.clock.now_time(), relay);
    }
}

/// The simulated mailbox that this address is, of those that are simulated here too: single addresses that take mail,
/// bounce it or complain about it.
fn simulated<'a>(host: &'a FrontHost, recipient: &EmailAddress) -> Option<&'a SimulatedAddress> {
    let addresses = host.front.profile.simulated_addresses().iter();
    addresses
        .filter(|simulated| {
            matches!(simulated.mailboxes, SimulatedMailboxes::Address(_))
                && matches!(
                    simulated.outcome,
                    SimulatedOutcome::Delivered
                        | SimulatedOutcome::Bounced
                        | SimulatedOutcome::Complained
                )
        })
        .find(|simulated| simulated.is_meant_by(recipient))
}

fn status(simulated: &SimulatedAddress, recipient: &EmailAddress) -> Option<RecipientStatus> {
    let code = simulated.status.or_else(|| EnhancedCode::new(5, 0, 0))?;
    let status = RecipientStatus::new(recipient.clone(), Action::Failed, code);
    Some(match &simulated.diagnostic {
        Some(diagnostic) => status.with_diagnostic(diagnostic),
        None => status,
    })
}
