//! What a receiver says in a session.

use std::net::IpAddr;
use std::time::Duration;

use letterhead_mail::{EmailAddress, ReversePath};

use super::Receiver;
use super::judge::take;
use crate::behaviour::{Act, Behaviour, Stage, Trial};
use crate::session::{Question, ReceivedMessage, reply};
use crate::world::{Answer, World};

/// Answers a question of a session at this host.
pub(crate) fn decide(
    world: &World,
    receiver: &Receiver,
    client: IpAddr,
    question: Question,
) -> Answer {
    let scene = Scene {
        world,
        receiver,
        client,
    };
    match question {
        Question::Authenticate { .. } => reply(535, (5, 7, 8), "nobody logs in here").into(),
        Question::Sender { sender, .. } => scene.sender(&sender),
        Question::Recipient {
            recipient, sender, ..
        } => scene.recipient(&sender, &recipient),
        Question::Message(received) => scene.message(&received),
        Question::Proceed {
            stage: stage @ (Stage::Data | Stage::Chunk),
            sender: Some(sender),
            recipients,
        } => {
            let (wait, act) = scene.judge_all(stage, &sender, recipients.iter(), None);
            Answer::of(act, wait, Answer::usual)
        }
        Question::Proceed { .. } => Answer::usual(),
    }
}

/// Whom a client asks.
#[derive(Clone, Copy)]
struct Scene<'a> {
    world: &'a World,
    receiver: &'a Receiver,
    client: IpAddr,
}

impl<'a> Scene<'a> {
    fn sender(self, sender: &ReversePath) -> Answer {
        let fine = || reply(250, (2, 1, 0), "sender fine").into();
        let behaviour = sender.address().and_then(|address| {
            let behaviour = self.receiver.trigger(address)?;
            Some((address, behaviour))
        });
        let Some((address, behaviour)) = behaviour else {
            return fine();
        };
        let trial = self.trial(Stage::Sender, sender);
        let (wait, act) = self.judge(address, &behaviour, trial);
        Answer::of(act, wait, fine)
    }

    fn recipient(self, sender: &ReversePath, recipient: &EmailAddress) -> Answer {
        if let Err(refusal) = self.receiver.mailbox_of(recipient) {
            return refusal.into();
        }
        let recipients = std::iter::once(recipient);
        let (wait, act) = self.judge_all(Stage::Recipient, sender, recipients, None);
        Answer::of(act, wait, || reply(250, (2, 1, 5), "recipient fine").into())
    }

    fn message(self, received: &ReceivedMessage) -> Answer {
        let envelope = &received.envelope;
        let (wait, act) = self.judge_all(
            Stage::EndOfData,
            envelope.sender(),
            envelope.addresses(),
            Some(received),
        );
        let Self {
            world,
            receiver,
            client,
        } = self;
        Answer::of(act, wait, || take(world, receiver, client, received))
    }

    /// The longest wait that a recipient asks for, and what the first that decides does.
    fn judge_all(
        self,
        stage: Stage,
        sender: &ReversePath,
        recipients: impl Iterator<Item = &'a EmailAddress>,
        received: Option<&ReceivedMessage>,
    ) -> (Duration, Option<Act>) {
        let mut waited = Duration::ZERO;
        let mut decided = None;
        for recipient in recipients {
            let Some(behaviour) = self.world.behaviour_of(self.receiver, recipient) else {
                continue;
            };
            let trial = Trial {
                recipient: Some(recipient),
                message: received.map(|received| &received.message),
                ..self.trial(stage, sender)
            };
            let (wait, act) = self.judge(recipient, &behaviour, trial);
            waited = waited.max(wait);
            decided = decided.or(act);
        }
        (waited, decided)
    }

    fn trial<'t>(&self, stage: Stage, sender: &'t ReversePath) -> Trial<'t> {
        Trial {
            stage,
            sender: Some(sender),
            recipient: None,
            client: self.client,
            now: self.world.clock.now_time(),
            message: None,
        }
    }

    fn judge(
        self,
        mailbox: &EmailAddress,
        behaviour: &Behaviour,
        trial: Trial<'_>,
    ) -> (Duration, Option<Act>) {
        let mut memory = self.world.memory();
        behaviour.judge(&memory.attempt(self.receiver.name(), mailbox, trial))
    }
}
