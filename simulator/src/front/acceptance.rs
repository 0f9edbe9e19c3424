//! Taking a customer's message and sending it on.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use letterhead_identity::profile::{Condition, SimulatedAddress, SimulatedOutcome};
use letterhead_mail::{EmailAddress, EnhancedCode, Message, ReversePath};
use letterhead_transport::smtp::ServerReply;

use super::{FrontHost, identities, signing, suppression};
use crate::event::SimEventKind;
use crate::provider_events::{Occurrence, Submitted, SuppressedBy, tell};
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
        submitted: submitted(host, client, received, &authors, id.clone()),
    });
    world.log_acceptance(host.name(), received);
    if host.front.virus_check.finds(&received.message) {
        let discarded = SimEventKind::Discarded {
            recipients: received.envelope.addresses().cloned().collect(),
            reason: "it has a virus".to_owned(),
        };
        world.log(host.name(), discarded);
        tell(world, &outbound, Occurrence::Rejected, Duration::ZERO);
    } else {
        distribute(world, host, &outbound, received);
    }
    world.run_until(world.clock.now_time());
    reply(250, (2, 0, 0), &format!("Ok {id}"))
}

/// What events will speak of, if anybody is told any.
fn submitted(
    host: &FrontHost,
    client: IpAddr,
    received: &ReceivedMessage,
    authors: &[EmailAddress],
    id: String,
) -> Option<Submitted> {
    (!host.subscribers().is_empty()).then(|| Submitted {
        id,
        message: received.message.clone(),
        author: authors.first().cloned(),
        destination: received.envelope.addresses().cloned().collect(),
        user: received.user.clone(),
        client,
    })
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
    let front = &host.front;
    let (mut others, mut own) = (Vec::new(), Answers::default());
    for recipient in received.envelope.addresses() {
        match simulated(host, recipient) {
            Some(simulated) => own.add(world, host, simulated, recipient),
            None if suppression::holds(host, recipient) => {
                own.on_list.extend(suppressed(recipient));
            }
            None => others.push(recipient.clone()),
        }
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
    let bounced = [own.bounced, own.suppressed, own.on_list].concat();
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
}

/// What the provider answers itself, without asking another server.
#[derive(Debug, Default)]
struct Answers {
    delivered: Vec<RecipientStatus>,
    bounced: Vec<RecipientStatus>,
    suppressed: Vec<RecipientStatus>,
    on_list: Vec<RecipientStatus>,
    auto_replied: Vec<EmailAddress>,
    complained: Vec<EmailAddress>,
}

impl Answers {
    fn add(
        &mut self,
        world: &World,
        host: &FrontHost,
        simulated: &SimulatedAddress,
        recipient: &EmailAddress,
    ) {
        match simulated.outcome {
            SimulatedOutcome::Bounced => {
                return self.bounced.extend(failed(simulated, recipient));
            }
            SimulatedOutcome::Suppressed => return self.suppressed.extend(suppressed(recipient)),
            SimulatedOutcome::Complained => self.complained.push(recipient.clone()),
            SimulatedOutcome::AutoReplied => self.auto_replied.push(recipient.clone()),
            _ => {}
        }
        let status = EnhancedCode::new(2, 6, 0)
            .map(|code| RecipientStatus::new(recipient.clone(), Action::Delivered, code));
        self.delivered.extend(
            status.map(|status| status.with_diagnostic("smtp; 250 2.6.0 Message received")),
        );
        let recipient = recipient.clone();
        world.log(host.name(), SimEventKind::Delivered { recipient });
    }
}

/// The simulated mailbox that this address is.
fn simulated<'a>(host: &'a FrontHost, recipient: &EmailAddress) -> Option<&'a SimulatedAddress> {
    let mut addresses = host.front.profile.simulated_addresses().iter();
    addresses.find(|simulated| simulated.is_meant_by(recipient))
}

/// What is said of a recipient that the provider does not send to.
fn suppressed(recipient: &EmailAddress) -> Option<RecipientStatus> {
    let status = RecipientStatus::new(
        recipient.clone(),
        Action::Failed,
        EnhancedCode::new(5, 1, 1)?,
    );
    Some(status.with_diagnostic(
        "smtp; 550 5.1.1 the address is on a suppression list, nothing was sent to it",
    ))
}

fn failed(simulated: &SimulatedAddress, recipient: &EmailAddress) -> Option<RecipientStatus> {
    let code = simulated.status.or_else(|| EnhancedCode::new(5, 0, 0))?;
    let status = RecipientStatus::new(recipient.clone(), Action::Failed, code);
    Some(match &simulated.diagnostic {
        Some(diagnostic) => status.with_diagnostic(diagnostic),
        None => status,
    })
}
