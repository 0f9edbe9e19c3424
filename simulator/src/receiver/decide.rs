//! What a receiver says in a session.

use std::net::IpAddr;
use std::time::Duration;

use letterhead_transport::smtp::ServerReply;

use super::Receiver;
use super::judge::take;
use crate::behaviour::{Act, Stage, Trial};
use crate::session::{Question, ReceivedMessage, reply};
use crate::world::{Answer, World};

/// Answers a question of a session at this host.
pub(crate) fn decide(
    world: &World,
    receiver: &Receiver,
    client: IpAddr,
    question: Question,
) -> Answer {
    match question {
        Question::Authenticate { .. } => reply(535, (5, 7, 8), "nobody logs in here").into(),
        Question::Sender { .. } => reply(250, (2, 1, 0), "sender fine").into(),
        Question::Recipient {
            recipient, sender, ..
        } => {
            if let Err(refusal) = receiver.mailbox_of(&recipient) {
                return refusal.into();
            }
            let trial = Trial {
                stage: Stage::Recipient,
                sender: &sender,
                recipient: &recipient,
                client,
                now: world.clock.now_time(),
                message: None,
            };
            let (wait, act) = judge(world, receiver, trial);
            let reply = match act {
                None => Some(reply(250, (2, 1, 5), "recipient fine")),
                Some(act) => answer_of(act),
            };
            Answer { wait, reply }
        }
        Question::Message(received) => message(world, receiver, client, &received),
    }
}

fn message(
    world: &World,
    receiver: &Receiver,
    client: IpAddr,
    received: &ReceivedMessage,
) -> Answer {
    let mut waited = Duration::ZERO;
    let mut decided = None;
    for recipient in received.envelope.addresses() {
        let trial = Trial {
            stage: Stage::EndOfData,
            sender: received.envelope.sender(),
            recipient,
            client,
            now: world.clock.now_time(),
            message: Some(&received.message),
        };
        let (wait, act) = judge(world, receiver, trial);
        waited = waited.max(wait);
        decided = decided.or(act);
    }
    let take = || take(world, receiver, client, received);
    let reply = match decided {
        None => Some(take()),
        // What says yes has the message taken, if nothing else is against it.
        Some(Act::Answer(stated)) if stated.code().is_completion() => {
            let reply = take();
            Some(if reply.code().is_completion() {
                stated
            } else {
                reply
            })
        }
        Some(Act::TakeAndHangUp) => Some(take()).filter(|reply| !reply.code().is_completion()),
        Some(act) => answer_of(act),
    };
    Answer {
        wait: waited,
        reply,
    }
}

fn judge(world: &World, receiver: &Receiver, trial: Trial<'_>) -> (Duration, Option<Act>) {
    let Some(behaviour) = receiver.behaviour_of(trial.recipient) else {
        return (Duration::ZERO, None);
    };
    let mut memory = world.memory();
    behaviour.judge(&memory.attempt(receiver.name(), trial))
}

fn answer_of(act: Act) -> Option<ServerReply> {
    match act {
        Act::Answer(reply) => Some(reply),
        Act::HangUp | Act::TakeAndHangUp | Act::Wait(_) => None,
    }
}
