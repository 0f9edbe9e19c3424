//! What comes back to the provider about mail that it has sent.

use std::sync::Arc;
use std::time::Duration;

use letterhead_feedback::{Event, EventKind, Reading, read_report};
use letterhead_mail::{EmailAddress, EnhancedCode, Message, ReversePath};
use letterhead_transport::smtp::ServerReply;

use super::{FrontHost, suppression};
use crate::event::{ReportKind, SimEventKind};
use crate::provider_events::{Occurrence, tell};
use crate::reports::{Action, RecipientStatus};
use crate::session::{ReceivedMessage, reply};
use crate::world::{Host, Outbound, World, schedule_bounce, schedule_complaint, send};

/// Whether it is a report to the provider about something that was sent, and not a customer's message.
pub(super) fn is_one(world: &World, host: &FrontHost, received: &ReceivedMessage) -> bool {
    let mut addresses = received.envelope.addresses();
    received.user.is_none()
        && received.envelope.sender().is_null()
        && addresses.all(|address| sent_from(world, host, address).is_some())
}

/// The front that sent from this envelope sender, and what it sent. Fronts with the same return path stand in for one
/// another.
pub(super) fn sent_from<'w>(
    world: &'w World,
    host: &FrontHost,
    address: &EmailAddress,
) -> Option<(&'w FrontHost, Arc<Outbound>)> {
    let domain = host.return_path_domain()?;
    if address.domain_name() != Some(domain) {
        return None;
    }
    let id = address.local_part().strip_suffix(super::RETURN_PATH_END)?;
    world.hosts.values().find_map(|other| match other {
        Host::Front(front) if front.return_path_domain() == Some(domain) => {
            Some((&**front, front.sent(id)?))
        }
        _ => None,
    })
}

/// Takes a report: what it says of recipients goes onto the suppression list, to webhooks, and on to the customer.
pub(super) fn take(world: &World, host: &FrontHost, received: &ReceivedMessage) -> ServerReply {
    world.log_acceptance(host.name(), received);
    let reading = read_report(received.message.as_bytes());
    for address in received.envelope.addresses() {
        if let Some((front, outbound)) = sent_from(world, host, address) {
            let news = News::of(&reading, &outbound);
            news.act(world, front, &outbound, &received.message, &reading);
        }
    }
    world.carry_out_due();
    reply(250, (2, 0, 0), "thank you")
}

/// What a report says about the recipients of one message.
#[derive(Default)]
struct News {
    failed: Vec<RecipientStatus>,
    delayed: Vec<RecipientStatus>,
    complained: Vec<EmailAddress>,
    auto_replied: Vec<EmailAddress>,
}

impl News {
    fn of(reading: &Reading, outbound: &Outbound) -> Self {
        let mut news = Self::default();
        for event in &reading.events {
            let Some(recipient) = recipient(event, outbound) else {
                continue;
            };
            match event.kind() {
                EventKind::Bounced(_) => {
                    news.failed.extend(status(event, recipient, Action::Failed))
                }
                EventKind::Deferred => {
                    news.delayed
                        .extend(status(event, recipient, Action::Delayed))
                }
                EventKind::Complained => news.complained.push(recipient),
                EventKind::AutoReplied => news.auto_replied.push(recipient),
                _ => {}
            }
        }
        news
    }

    fn act(
        self,
        world: &World,
        front: &FrontHost,
        outbound: &Arc<Outbound>,
        report: &Message,
        reading: &Reading,
    ) {
        let at_once = Duration::ZERO;
        suppression::learn_bounces(world, front.name(), &self.failed);
        suppression::learn_complaints(world, front, &self.complained);
        for occurrence in [
            Occurrence::Bounced(self.failed.clone()),
            Occurrence::Delayed(self.delayed.clone()),
            Occurrence::Complained(self.complained.clone()),
            Occurrence::AutoReplied(self.auto_replied.clone()),
        ] {
            tell(world, outbound, occurrence, at_once);
        }
        if self.failed.is_empty() && self.complained.is_empty() {
            return pass_on(world, front, outbound, report, reading);
        }
        schedule_bounce(world, outbound, self.failed, at_once);
        schedule_complaint(world, outbound, self.complained, at_once);
    }
}

/// Whom of the recipients of the message the event is about: the one it names, in any case, or the only one there is.
fn recipient(event: &Event, outbound: &Outbound) -> Option<EmailAddress> {
    let mut recipients = outbound.envelope.addresses();
    match event.addressee() {
        Some(named) => recipients
            .find(|recipient| {
                recipient.to_string().to_lowercase() == named.to_string().to_lowercase()
            })
            .cloned(),
        None => match (recipients.next(), recipients.next()) {
            (Some(only), None) => Some(only.clone()),
            _ => None,
        },
    }
}

fn status(event: &Event, recipient: EmailAddress, action: Action) -> Option<RecipientStatus> {
    let class = match action {
        Action::Failed => 5,
        _ => 4,
    };
    let code = event.status().or_else(|| EnhancedCode::new(class, 0, 0))?;
    let status = RecipientStatus::new(recipient, action, code);
    let status = match event.remote_mta().or_else(|| event.reporting_mta()) {
        Some(server) => status.with_remote_mta(server),
        None => status,
    };
    Some(match event.diagnostic() {
        Some(diagnostic) => status.with_diagnostic(format!("smtp; {diagnostic}")),
        None => status,
    })
}

/// Passes on, as it came, what the provider has no report of its own for: answers of machines, and what it cannot read.
fn pass_on(
    world: &World,
    front: &FrontHost,
    outbound: &Outbound,
    report: &Message,
    reading: &Reading,
) {
    let kind = match reading.kind {
        letterhead_feedback::ReportKind::AutoReply => ReportKind::AutoReply,
        letterhead_feedback::ReportKind::Feedback => ReportKind::Feedback,
        letterhead_feedback::ReportKind::DispositionNotification => ReportKind::Disposition,
        _ => ReportKind::DeliveryStatus,
    };
    let dropped = |reason: &str| SimEventKind::ReportDropped {
        report: kind,
        to: outbound.return_path.clone(),
        reason: reason.to_owned(),
    };
    let event = match &outbound.return_path {
        ReversePath::Address(to) if front.reports_by_mail() => {
            return send(
                world,
                outbound,
                kind,
                (ReversePath::Null, to),
                Ok(report.clone()),
            );
        }
        ReversePath::Address(_) => dropped("the provider sends no reports by mail"),
        ReversePath::Null => dropped("the message has no return path"),
    };
    world.log(front.name(), event);
}
