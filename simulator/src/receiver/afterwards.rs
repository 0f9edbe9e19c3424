//! What comes back from a mailbox later.

use std::sync::Arc;
use std::time::Duration;

use letterhead_mail::{EmailAddress, EnhancedCode, Message, Notify};

use super::Receiver;
use crate::behaviour::{Afterwards, Behaviour};
use crate::relay::Sender;
use crate::reports::{Action, RecipientStatus};
use crate::session::ReceivedMessage;
use crate::world::{
    Outbound, RecipientAnswer, Restraint, World, is_wanted, schedule_answer, schedule_bounce,
    schedule_click, schedule_complaint, schedule_malformed, schedule_notification,
};

/// Plans what the behaviour of a mailbox says about a message that it has taken, and tells the sender where it wants to be
/// told of success.
pub(super) fn schedule(
    world: &World,
    receiver: &Receiver,
    behaviour: Option<&Behaviour>,
    received: &ReceivedMessage,
    recipient: &EmailAddress,
    message: &Message,
) {
    let afterwards = behaviour.map_or(&[][..], |behaviour| &behaviour.afterwards);
    let is_told = is_wanted(&received.envelope, recipient, Notify::SUCCESS);
    if afterwards.is_empty() && !is_told {
        return;
    }
    let sender = received.envelope.sender();
    let outbound = Arc::new(Outbound {
        host: Sender {
            name: receiver.name().clone(),
            address: receiver.address(),
            retries: receiver.retries(),
        },
        message: message.clone(),
        sender: sender.clone(),
        envelope: received.envelope.clone(),
        return_path: sender.clone(),
        arrived: world.clock.now_time(),
        report_delay: Duration::ZERO,
        report: None,
        submitted: None,
    });
    if is_told && let Some(code) = EnhancedCode::new(2, 1, 5) {
        let delivered = RecipientStatus::new(recipient.clone(), Action::Delivered, code);
        let at_once = Duration::ZERO;
        schedule_notification(world, &outbound, Notify::SUCCESS, vec![delivered], at_once);
    }
    for afterwards in afterwards {
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
            Afterwards::MalformedBounce {
                after,
                malformation,
            } => {
                if let Some(code) = EnhancedCode::new(5, 1, 1) {
                    let failed = RecipientStatus::new(recipient.clone(), Action::Failed, code);
                    schedule_malformed(world, &outbound, *malformation, failed, *after);
                }
            }
            Afterwards::Unsubscribe { after } => {
                schedule_click(world, receiver.name(), recipient, &received.message, *after);
            }
            Afterwards::Complaint { after } => {
                schedule_complaint(world, &outbound, vec![recipient.clone()], *after);
            }
        }
    }
}
