//! What a front answers in sessions.

use std::net::IpAddr;

use letterhead_identity::profile::{Condition, OnSend, QuotaUnit};
use letterhead_mail::{EmailAddress, ReversePath};
use letterhead_transport::smtp::ServerReply;

use super::{FrontHost, acceptance, returned, suppression};
use crate::session::{MailNeeds, Question, reply};
use crate::world::{Answer, World};

/// Answers a question of a session at this host.
pub(crate) fn decide(
    world: &World,
    host: &FrontHost,
    client: IpAddr,
    question: Question,
) -> Answer {
    let said = match question {
        Question::Authenticate { user, password } => {
            if host.knows(&user, &password) {
                return reply(235, (2, 7, 0), "authentication successful").into();
            }
            let fallback = || reply(535, (5, 7, 8), "authentication credentials invalid");
            host.refusal(Condition::Credentials, "")
                .unwrap_or_else(fallback)
        }
        Question::Sender { .. } => reply(250, (2, 1, 0), "sender fine"),
        Question::Recipient {
            sender: ReversePath::Null,
            recipient,
            before,
            user: None,
        } => match returned::sent_from(world, host, &recipient) {
            Some(_) => reply(250, (2, 1, 5), "reports are fine"),
            None if host.mail_needs() == MailNeeds::Greeting => {
                recipient_said(host, &recipient, before)
            }
            None => reply(530, (5, 7, 0), "authentication required"),
        },
        Question::Recipient {
            recipient, before, ..
        } => recipient_said(host, &recipient, before),
        Question::Message(received) if returned::is_one(world, host, &received) => {
            returned::take(world, host, &received)
        }
        Question::Message(received) => acceptance::accept(world, host, client, &received),
        Question::Proceed { .. } => return Answer::usual(),
    };
    said.into()
}

/// What is said to a recipient of a customer's, behind so many.
fn recipient_said(host: &FrontHost, recipient: &EmailAddress, before: usize) -> ServerReply {
    let limit = host.message_limit(QuotaUnit::Recipients);
    let taken = u64::try_from(before).unwrap_or(u64::MAX);
    if limit.is_some_and(|limit| taken >= limit) {
        let fallback = || reply(452, (4, 5, 3), "too many recipients");
        return host
            .refusal(Condition::TooManyRecipients, "")
            .unwrap_or_else(fallback);
    }
    if suppression::on_send(host) == OnSend::Rejected && suppression::holds(host, recipient) {
        return reply(550, (5, 1, 1), "the address is on the suppression list");
    }
    reply(250, (2, 1, 5), "recipient fine")
}
