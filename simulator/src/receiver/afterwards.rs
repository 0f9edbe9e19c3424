//! What comes back from a mailbox later.

use std::sync::Arc;
use std::time::Duration;

use letterhead_mail::{EmailAddress, Message};

use super::Receiver;
use crate::behaviour::{Afterwards, Behaviour};
use crate::relay::Sender;
use crate::reports::{Action, RecipientStatus};
use crate::session::ReceivedMessage;
use crate::world::{
    Outbound, RecipientAnswer, Restraint, World, schedule_answer, schedule_bounce,
    schedule_complaint,
};

/// Plans what the behaviour of a mailbox says, about a message that it has taken.
pub(super) fn schedule(
    world: &World,
    receiver: &Receiver,
    behaviour: &Behaviour,
    received: &ReceivedMessage,
    recipient: &EmailAddress,
    message: &Message,
) {
    if behaviour.afterwards.is_empty() {
        return;
    }
    let sender = received.envelope.sender();
    let outbound = Arc::new(Outbound {
        host: Sender {
            name: receiver.name().clone(),
            address: receiver.address(),
        },
        message: message.clone(),
        sender: sender.clone(),
        return_path: sender.clone(),
        arrived: world.clock.now_time(),
        report_delay: Duration::ZERO,
        report: None,
        submitted: None,
    });
    for afterwards in &behaviour.afterwards {
        match afterwards {
            Afterwards::Bounce {
                after,
                status,
                diagnostic,
            } => {
                let failed = RecipientStatus::new(recipient.clone(), Action::Failed, *status);
                let failed = match diagnostic {
                    Some(diagnostic) => failed.with_diagnostic(diagnostic),
                    None => failed,
                };
                schedule_bounce(world, &outbound, vec![failed], *after);
            }
            Afterwards::AutoReply { after, manners } => {
                let answer = RecipientAnswer::Automatic(manners.clone(), Restraint::ByManners);
                schedule_answer(world, &outbound, recipient, answer, *after);
            }
            Afterwards::Receipt { after, disposition } => {
                let answer = RecipientAnswer::Receipt(*disposition);
                schedule_answer(world, &outbound, recipient, answer, *after);
            }
            Afterwards::Complaint { after } => {
                schedule_complaint(world, &outbound, vec![recipient.clone()], *after);
            }
        }
    }
}
