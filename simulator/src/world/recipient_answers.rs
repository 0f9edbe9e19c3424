//! What recipients, or their machines, write back: automatic answers and read receipts.

use std::sync::Arc;
use std::time::Duration;

use letterhead_mail::{EmailAddress, ReversePath};

use super::World;
use super::happening::{Happening, Outbound, later, send};
use crate::event::{ReportKind, SimEventKind};
use crate::reports::auto_reply::{Manners, declines};
use crate::reports::{AutoReply, DispositionNotification, DispositionType};

/// What is written back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RecipientAnswer {
    Automatic(Manners, Restraint),
    Receipt(DispositionType),
}

/// Whether a machine asks itself if it should answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Restraint {
    /// A polite one does as [RFC 3834 §2](https://www.rfc-editor.org/rfc/rfc3834#section-2) says and answers nobody twice
    /// within seven days.
    ByManners,
    /// As long as there is a return path.
    None,
}

/// Plans the answer of `recipient` to a message that has come, unless it declines.
pub(crate) fn schedule_answer(
    world: &World,
    outbound: &Arc<Outbound>,
    recipient: &EmailAddress,
    answer: RecipientAnswer,
    delay: Duration,
) {
    let now = world.clock.now_time();
    let to = match &answer {
        RecipientAnswer::Automatic(..) if outbound.return_path.is_null() => {
            Err("the message has no return path".to_owned())
        }
        RecipientAnswer::Automatic(manners, restraint) => {
            let reply = auto_reply(recipient, manners);
            let to = reply.addressee(&outbound.message, &outbound.return_path);
            let is_restrained = *restraint == Restraint::ByManners && *manners == Manners::Polite;
            match to {
                None => Err("there is nobody to answer".to_owned()),
                Some(to) if is_restrained => match declined(world, outbound, recipient, &to) {
                    Some(reason) => Err(reason),
                    None => Ok(to),
                },
                Some(to) => Ok(to),
            }
        }
        RecipientAnswer::Receipt(_) => {
            DispositionNotification::asked_by(&outbound.message, &outbound.return_path)
                .ok_or_else(|| "nobody asked whom it may be sent to".to_owned())
        }
    };
    let report = kind(&answer);
    match to {
        Ok(to) => {
            world.memory().answered(recipient, &to, now);
            let due = later(now, delay);
            world.log(
                &outbound.host.name,
                SimEventKind::ReportScheduled {
                    report,
                    to: to.clone(),
                    recipients: vec![recipient.clone()],
                    due,
                },
            );
            let outbound = Arc::clone(outbound);
            let recipient = recipient.clone();
            let answer = Happening::Answer {
                outbound,
                recipient,
                to,
                answer,
            };
            world.schedule(due, answer);
        }
        Err(reason) => {
            let to = outbound.return_path.clone();
            let dropped = SimEventKind::ReportDropped { report, to, reason };
            world.log(&outbound.host.name, dropped);
        }
    }
}

fn declined(
    world: &World,
    outbound: &Outbound,
    recipient: &EmailAddress,
    to: &EmailAddress,
) -> Option<String> {
    let now = world.clock.now_time();
    let since = world.memory().last_answer(recipient, to);
    let since = since.map(|last| now.duration_since(last).unwrap_or_default());
    let own = [recipient.clone(), recipient.without_label()];
    declines(&outbound.message, &outbound.return_path, &own, since).map(|reason| reason.to_string())
}

/// Writes the answer and passes it on.
pub(super) fn carry_out(
    world: &World,
    outbound: &Outbound,
    recipient: &EmailAddress,
    to: &EmailAddress,
    answer: &RecipientAnswer,
) {
    let (now, original) = (world.clock.now_time(), &outbound.message);
    let (sender, message) = match answer {
        RecipientAnswer::Automatic(manners, _) => {
            let reply = auto_reply(recipient, manners);
            let message = reply.write(original, to, now, &world.entropy);
            (reply.envelope_sender(), message)
        }
        RecipientAnswer::Receipt(disposition) => {
            let receipt = DispositionNotification::new(recipient.clone(), to.clone(), *disposition);
            let message = receipt.write(original, now, &world.entropy);
            (ReversePath::Null, message)
        }
    };
    send(world, outbound, kind(answer), (sender, to), message);
}

fn auto_reply(recipient: &EmailAddress, manners: &Manners) -> AutoReply {
    AutoReply::new(recipient.clone(), ABSENCE).with_manners(manners.clone())
}

fn kind(answer: &RecipientAnswer) -> ReportKind {
    match answer {
        RecipientAnswer::Automatic(..) => ReportKind::AutoReply,
        RecipientAnswer::Receipt(_) => ReportKind::Disposition,
    }
}

const ABSENCE: &str = "I am away, and will read your message when I am back.";
