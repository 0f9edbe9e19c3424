//! Whether a receiver takes a message.

use std::net::IpAddr;

use letterhead_dmarc::{DmarcResult, Policy};
use letterhead_dns::block_on_ready;
use letterhead_identity::authenticate::Arrival;
use letterhead_identity::{Authenticated, authenticate};
use letterhead_mail::message::MessageError;
use letterhead_mail::{AuthenticationResults, Message, parse_mailbox_list};
use letterhead_transport::smtp::ServerReply;

use super::requirements::{self, Assessed, Judged};
use super::trace::{received_field, return_path_field, without_forged_results};
use super::{Checks, Receiver, afterwards};
use crate::behaviour::Keeping;
use crate::dns::SimulatedDns;
use crate::event::SimEventKind;
use crate::mailbox::{Disposition, StoredMail};
use crate::session::{ReceivedMessage, reply};
use crate::world::{Answer, World};

/// Judges a message and, unless it is refused, keeps it.
pub(crate) fn take(
    world: &World,
    receiver: &Receiver,
    client: IpAddr,
    received: &ReceivedMessage,
) -> Answer {
    let now = world.clock.now_time();
    let sender = received.envelope.sender();
    let Judgement {
        results,
        disposition,
        #[cfg(feature = "cross-check")]
        second_opinion,
    } = judge(world, receiver, client, received);
    let disposition = match disposition {
        Ok(disposition) => disposition,
        Err(refusal) => {
            return Answer {
                found: results,
                ..refusal.into()
            };
        }
    };
    let results = results.unwrap_or_else(|| AuthenticationResults::new(receiver.name().clone()));
    let id = world.entropy.token(16);
    let trace = [
        return_path_field(sender),
        results.to_header_field(),
        received_field(received, client, receiver.name(), &id, now),
    ]
    .concat();
    let Ok(message) = with_trace(&received.message, receiver, &trace) else {
        return reply(554, (5, 6, 0), "the header does not begin with a field").into();
    };
    world.log_acceptance(receiver.name(), received);
    for recipient in received.envelope.addresses() {
        // RCPT has refused what has no mailbox.
        let Ok(mailbox) = receiver.mailbox_of(recipient) else {
            continue;
        };
        let behaviour = world.behaviour_of(receiver, recipient);
        if behaviour.is_some() {
            world.memory().took(receiver.name(), sender, recipient, now);
        }
        afterwards::schedule(
            world,
            receiver,
            behaviour.as_deref(),
            received,
            recipient,
            &message,
        );
        if behaviour.is_some_and(|behaviour| behaviour.keeping == Keeping::Discarded) {
            let discarded = SimEventKind::Discarded {
                recipients: vec![recipient.clone()],
                reason: "the mailbox keeps nothing".to_owned(),
            };
            world.log(receiver.name(), discarded);
            continue;
        }
        world.store(
            mailbox.clone(),
            StoredMail {
                number: 0,
                queue_id: id.clone(),
                message: message.clone(),
                envelope: received.envelope.clone(),
                recipient: recipient.clone(),
                received_at: now,
                authentication: results.clone(),
                disposition,
                client,
                client_name: received.client_name.clone(),
                #[cfg(feature = "cross-check")]
                second_opinion: second_opinion.clone(),
            },
        );
        world.log(
            receiver.name(),
            SimEventKind::Stored {
                sender: sender.clone(),
                recipient: recipient.clone(),
                mailbox,
                disposition,
                authentication: results.clone(),
            },
        );
    }
    reply(250, (2, 0, 0), &format!("kept as {id}")).into()
}

/// What is found out about a message.
struct Judgement {
    /// `None` where nothing was looked at, or the checks did not come to an end.
    results: Option<AuthenticationResults>,
    /// Where it goes, or the refusal.
    disposition: Result<Disposition, ServerReply>,
    /// What mail-auth found, where it is asked.
    #[cfg(feature = "cross-check")]
    second_opinion: Option<crate::cross_check::SecondOpinion>,
}

impl Judgement {
    /// Without having come to any result.
    fn blind(disposition: Result<Disposition, ServerReply>) -> Self {
        Self {
            results: None,
            disposition,
            #[cfg(feature = "cross-check")]
            second_opinion: None,
        }
    }
}

fn judge(
    world: &World,
    receiver: &Receiver,
    client: IpAddr,
    received: &ReceivedMessage,
) -> Judgement {
    if receiver.checks == Checks::None {
        return Judgement::blind(Ok(Disposition::Inbox));
    }
    let dns = world.dns_to_judge_by();
    let Some(judged) = authenticated(world, receiver, client, received, &dns) else {
        let refusal = reply(451, (4, 3, 0), "the checks did not come to an end");
        return Judgement::blind(Err(refusal));
    };
    #[cfg(feature = "cross-check")]
    let second_opinion = world.second_opinion(receiver.name(), client, received, &dns, &judged);
    let disposition = disposition(&judged, &received.message).and_then(|disposition| {
        if let Some(policy) = &receiver.policy {
            let judged = Judged {
                world,
                client,
                received,
                authenticated: &judged,
            };
            requirements::check(receiver, policy, &judged)?;
        }
        Ok(disposition)
    });
    Judgement {
        results: Some(judged.results),
        disposition,
        #[cfg(feature = "cross-check")]
        second_opinion,
    }
}

/// What a receiver finds in a message, whatever it does with it.
pub(crate) struct Examination {
    /// `None` where it looks at nothing.
    pub(crate) authenticated: Option<Authenticated>,
    /// What its policy asks for.
    pub(crate) assessed: Vec<Assessed>,
}

/// Looks at all that a receiver looks at. Counts the message for its sender.
pub(crate) fn examine(
    world: &World,
    receiver: &Receiver,
    client: IpAddr,
    received: &ReceivedMessage,
) -> Examination {
    let authenticated = (receiver.checks == Checks::All)
        .then(|| authenticated(world, receiver, client, received, &world.dns))
        .flatten();
    let assessed = match (&receiver.policy, &authenticated) {
        (Some(policy), Some(authenticated)) => {
            let judged = Judged {
                world,
                client,
                received,
                authenticated,
            };
            requirements::assess(receiver, policy, &judged)
        }
        _ => Vec::new(),
    };
    Examination {
        authenticated,
        assessed,
    }
}

fn authenticated(
    world: &World,
    receiver: &Receiver,
    client: IpAddr,
    received: &ReceivedMessage,
    dns: &SimulatedDns,
) -> Option<Authenticated> {
    let sender = received.envelope.sender();
    let now = world.clock.now_time();
    let arrival = Arrival::new(client, &received.client_name, sender, now);
    let judged = authenticate(&received.message, &arrival, receiver.name(), dns);
    block_on_ready(judged)
}

/// Where the message goes by the From domain's policy, or the refusal.
fn disposition(judged: &Authenticated, message: &Message) -> Result<Disposition, ServerReply> {
    let Some(dmarc) = &judged.dmarc else {
        return if has_one_readable_from(message) {
            Ok(Disposition::Inbox)
        } else {
            Err(reply(550, (5, 7, 1), "one readable From field is required"))
        };
    };
    if dmarc.result() == DmarcResult::TempError {
        return Err(reply(
            451,
            (4, 7, 0),
            "DMARC could not be checked; try again later",
        ));
    }
    match dmarc.disposition() {
        Policy::None => Ok(Disposition::Inbox),
        Policy::Quarantine => Ok(Disposition::Quarantine),
        Policy::Reject => {
            let domain = dmarc.author_domain();
            let text = format!(
                "mail that says it is from {domain} and cannot prove it is refused by that domain's DMARC policy"
            );
            Err(reply(550, (5, 7, 26), &text))
        }
    }
}

fn has_one_readable_from(message: &Message) -> bool {
    let mut fields = message.headers_named("From");
    match (fields.next(), fields.next()) {
        (Some(from), None) => {
            parse_mailbox_list(from.value()).is_ok_and(|authors| !authors.is_empty())
        }
        _ => false,
    }
}

fn with_trace(
    message: &Message,
    receiver: &Receiver,
    trace: &str,
) -> Result<Message, MessageError> {
    without_forged_results(message, receiver.name())?.with_field_prepended(trace.as_bytes())
}
