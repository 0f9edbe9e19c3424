//! What hosts do by themselves: passing mail on, and reporting what became of it.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use letterhead_mail::message::MessageError;
use letterhead_mail::{
    DomainName, EmailAddress, Envelope, Message, Notify, Outcome, RecipientReport, ReversePath,
};

use super::notification::{schedule_notification, with_requests};
use super::recipient_answers::{self, RecipientAnswer};
use super::{Host, World, click};
use crate::event::{ReportKind, SimEventKind};
use crate::front::learn_bounces;
use crate::one_click::OneClickRequest;
use crate::provider_events::{self, Occurrence, Submitted};
use crate::relay::{Sender, relay, row_status};
use crate::reports::{
    DeliveryStatusNotification, FeedbackReport, FeedbackType, Malformation, RecipientStatus,
};

/// A message that a host is responsible for.
#[derive(Debug)]
pub(crate) struct Outbound {
    pub(crate) host: Sender,
    pub(crate) message: Message,
    /// The envelope sender it goes out with.
    pub(crate) sender: ReversePath,
    /// What its sender asked for.
    pub(crate) envelope: Envelope,
    /// Where reports about it go.
    pub(crate) return_path: ReversePath,
    /// When it came.
    pub(crate) arrived: SystemTime,
    /// How long after a failure the report about it is sent.
    pub(crate) report_delay: Duration,
    /// It is a report itself.
    pub(crate) report: Option<ReportKind>,
    /// What a customer handed in, where someone is told what becomes of it.
    pub(crate) submitted: Option<Submitted>,
}

/// Something that is due at some time.
#[derive(Debug)]
pub(crate) enum Happening {
    /// A message is passed on; `attempt` counts from 0.
    Relay {
        outbound: Arc<Outbound>,
        recipients: Vec<EmailAddress>,
        attempt: usize,
    },
    /// One delivery status notification is sent about these recipients.
    Notification {
        outbound: Arc<Outbound>,
        statuses: Vec<RecipientStatus>,
        malformation: Option<Malformation>,
    },
    /// One feedback report is sent about these recipients.
    Complaint {
        outbound: Arc<Outbound>,
        recipients: Vec<EmailAddress>,
    },
    /// A recipient, or a machine, writes back.
    Answer {
        outbound: Arc<Outbound>,
        recipient: EmailAddress,
        to: EmailAddress,
        answer: RecipientAnswer,
    },
    /// A recipient's mail program asks to unsubscribe.
    Click {
        host: DomainName,
        recipient: EmailAddress,
        request: OneClickRequest,
    },
    /// The webhooks of a front are told what became of a message.
    Tell {
        outbound: Arc<Outbound>,
        occurrence: Occurrence,
    },
    /// The webhooks of a front are asked whether they want to be told anything.
    Subscribe { host: DomainName },
}

pub(super) fn carry_out(world: &World, happening: Happening) {
    match happening {
        Happening::Tell {
            outbound,
            occurrence,
        } => provider_events::publish(world, &outbound, &occurrence),
        Happening::Answer {
            outbound,
            recipient,
            to,
            answer,
        } => recipient_answers::carry_out(world, &outbound, &recipient, &to, &answer),
        Happening::Subscribe { host } => {
            if let Some(Host::Front(front)) = world.hosts.get(&host) {
                provider_events::subscribe(world, front);
            }
        }
        Happening::Relay {
            outbound,
            recipients,
            attempt,
        } => pass_on(world, &outbound, &recipients, attempt),
        Happening::Click {
            host,
            recipient,
            request,
        } => click::carry_out(world, &host, recipient, &request),
        Happening::Notification {
            outbound,
            statuses,
            malformation,
        } => {
            let report = |host: &DomainName, to: &EmailAddress| {
                let notification = DeliveryStatusNotification::new(host.clone(), to.clone())
                    .with_arrival(outbound.arrived);
                let notification = with_requests(notification, &outbound.envelope);
                let notification = statuses
                    .iter()
                    .cloned()
                    .fold(notification, DeliveryStatusNotification::with_recipient);
                let (now, entropy) = (world.clock.now_time(), &world.entropy);
                match malformation {
                    Some(fault) => {
                        notification.write_malformed(fault, &outbound.message, now, entropy)
                    }
                    None => notification.write(&outbound.message, now, entropy),
                }
            };
            send_report(world, &outbound, ReportKind::DeliveryStatus, report);
        }
        Happening::Complaint {
            outbound,
            recipients,
        } => {
            let report = |host: &DomainName, to: &EmailAddress| {
                let complaint = FeedbackReport::new(host.clone(), to.clone(), FeedbackType::Abuse)
                    .with_original_sender(outbound.sender.clone())
                    .with_arrival(outbound.arrived)
                    .with_source(outbound.host.address);
                recipients
                    .iter()
                    .cloned()
                    .fold(complaint, FeedbackReport::with_original_recipient)
                    .write(&outbound.message, world.clock.now_time(), &world.entropy)
            };
            send_report(world, &outbound, ReportKind::Feedback, report);
        }
    }
}

fn pass_on(world: &World, outbound: &Arc<Outbound>, recipients: &[EmailAddress], attempt: usize) {
    let host = &outbound.host;
    let rows = relay(world, outbound, recipients);
    let next = host.retries.get(attempt).copied();
    let outcomes = Outcomes::of(&rows, next);
    let waiting: Vec<EmailAddress> = outcomes
        .waiting
        .iter()
        .map(|row| row.recipient().clone())
        .collect();
    if let Some(wait) = next.filter(|_| !waiting.is_empty()) {
        let due = later(world.clock.now_time(), wait);
        world.log(
            &host.name,
            SimEventKind::RetryScheduled {
                recipients: waiting.clone(),
                due,
            },
        );
        let retry = Happening::Relay {
            outbound: Arc::clone(outbound),
            recipients: waiting,
            attempt: attempt + 1,
        };
        world.schedule(due, retry);
    }
    match outbound.report {
        None => tell_senders(world, outbound, &outcomes, attempt),
        Some(report) => {
            for row in &outcomes.accepted {
                let to = row.recipient().clone();
                world.log(&host.name, SimEventKind::ReportDelivered { report, to });
            }
            for row in &outcomes.failed {
                let to = ReversePath::Address(row.recipient().clone());
                let reason = row.to_string();
                world.log(
                    &host.name,
                    SimEventKind::ReportDropped { report, to, reason },
                );
            }
        }
    }
}

/// Those whose servers took it, those that will be tried again, and the rest.
struct Outcomes<'a> {
    accepted: Vec<&'a RecipientReport>,
    waiting: Vec<&'a RecipientReport>,
    failed: Vec<&'a RecipientReport>,
}

impl<'a> Outcomes<'a> {
    /// Of one attempt; `next` is how long after it the next one comes, if any does.
    fn of(rows: &'a [RecipientReport], next: Option<Duration>) -> Self {
        let mut outcomes = Self {
            accepted: Vec::new(),
            waiting: Vec::new(),
            failed: Vec::new(),
        };
        for row in rows {
            match row.outcome() {
                Outcome::Accepted => outcomes.accepted.push(row),
                Outcome::Deferred | Outcome::InDoubt if next.is_some() => {
                    outcomes.waiting.push(row);
                }
                Outcome::Deferred
                | Outcome::InDoubt
                | Outcome::Rejected
                | Outcome::NotAttempted(_) => outcomes.failed.push(row),
            }
        }
        outcomes
    }
}

/// Has webhooks and the sender told of what became of a message.
fn tell_senders(world: &World, outbound: &Arc<Outbound>, outcomes: &Outcomes<'_>, attempt: usize) {
    let now = world.clock.now_time();
    let all = |rows: &[&RecipientReport],
               status: fn(&RecipientReport) -> Option<RecipientStatus>| {
        rows.iter()
            .filter_map(|row| status(row))
            .collect::<Vec<_>>()
    };
    let failed = outcomes
        .failed
        .iter()
        .filter_map(|row| row_status::failed(row));
    let failed: Vec<_> = failed.map(|status| status.with_last_attempt(now)).collect();
    learn_bounces(world, &outbound.host.name, &failed);
    if outbound.submitted.is_some() {
        let (at_once, later) = (Duration::ZERO, outbound.report_delay);
        let (delivered, delayed) = (row_status::delivered, row_status::delayed);
        let delivered = Occurrence::Delivered(all(&outcomes.accepted, delivered));
        let delayed = Occurrence::Delayed(all(&outcomes.waiting, delayed));
        provider_events::tell(world, outbound, delivered, at_once);
        provider_events::tell(world, outbound, delayed, at_once);
        provider_events::tell(world, outbound, Occurrence::Bounced(failed.clone()), later);
    }
    schedule_bounce(world, outbound, failed, outbound.report_delay);
    // The next host tells of success itself, where it was asked to.
    if outbound.is_rewritten() {
        let relayed = all(&outcomes.accepted, row_status::relayed);
        schedule_notification(world, outbound, Notify::SUCCESS, relayed, Duration::ZERO);
    }
    if attempt == TOLD_OF_DELAY {
        let end = outbound.tried_until();
        let delayed = all(&outcomes.waiting, row_status::delayed).into_iter();
        let delayed = delayed
            .map(|status| status.with_last_attempt(now).with_will_retry_until(end))
            .collect();
        schedule_notification(world, outbound, Notify::DELAY, delayed, Duration::ZERO);
    }
}

/// One notification about all of these that failed, after `delay`; without a return path there is nobody to tell.
pub(crate) fn schedule_bounce(
    world: &World,
    outbound: &Arc<Outbound>,
    statuses: Vec<RecipientStatus>,
    delay: Duration,
) {
    schedule_notification(world, outbound, Notify::FAILURE, statuses, delay);
}

/// One complaint by all of these, after `delay`.
pub(crate) fn schedule_complaint(
    world: &World,
    outbound: &Arc<Outbound>,
    recipients: Vec<EmailAddress>,
    delay: Duration,
) {
    let complaint = Happening::Complaint {
        outbound: Arc::clone(outbound),
        recipients: recipients.clone(),
    };
    schedule_report(
        world,
        outbound,
        ReportKind::Feedback,
        recipients,
        complaint,
        delay,
    );
}

pub(super) fn schedule_report(
    world: &World,
    outbound: &Outbound,
    report: ReportKind,
    recipients: Vec<EmailAddress>,
    happening: Happening,
    delay: Duration,
) {
    let host = &outbound.host.name;
    if recipients.is_empty() || !world.reports_by_mail(host) {
        return;
    }
    let ReversePath::Address(to) = outbound.return_path.clone() else {
        let reason = "the message has no return path".to_owned();
        let to = ReversePath::Null;
        return world.log(host, SimEventKind::ReportDropped { report, to, reason });
    };
    let due = later(world.clock.now_time(), delay);
    world.schedule(due, happening);
    world.log(
        host,
        SimEventKind::ReportScheduled {
            report,
            to,
            recipients,
            due,
        },
    );
}

/// Writes a report and passes it on, from the null sender: nobody reports about reports.
fn send_report(
    world: &World,
    about: &Outbound,
    report: ReportKind,
    write: impl FnOnce(&DomainName, &EmailAddress) -> Result<Message, MessageError>,
) {
    let ReversePath::Address(to) = &about.return_path else {
        return;
    };
    let message = write(&about.host.name, to);
    send(world, about, report, (ReversePath::Null, to), message);
}

/// Passes on what came back about a message.
pub(crate) fn send(
    world: &World,
    about: &Outbound,
    report: ReportKind,
    (sender, to): (ReversePath, &EmailAddress),
    message: Result<Message, MessageError>,
) {
    let message = match message {
        Ok(message) => message,
        Err(error) => {
            let (to, reason) = (about.return_path.clone(), error.to_string());
            let dropped = SimEventKind::ReportDropped { report, to, reason };
            return world.log(&about.host.name, dropped);
        }
    };
    let Ok(envelope) = Envelope::new(sender.clone(), [to.clone()]) else {
        return;
    };
    let outbound = Arc::new(Outbound {
        host: about.host.clone(),
        message,
        envelope,
        sender,
        return_path: ReversePath::Null,
        arrived: world.clock.now_time(),
        report_delay: about.report_delay,
        report: Some(report),
        submitted: None,
    });
    pass_on(world, &outbound, std::slice::from_ref(to), 0);
}

impl Outbound {
    /// Whether it goes out from another sender than it came from: then the next host is asked for no reports, which would
    /// not come to whoever wants them.
    pub(crate) fn is_rewritten(&self) -> bool {
        self.sender != *self.envelope.sender()
    }

    /// Until when its host tries to pass it on.
    pub(crate) fn tried_until(&self) -> SystemTime {
        let waits = self.host.retries.iter().copied();
        later(
            self.arrived,
            waits.fold(Duration::ZERO, Duration::saturating_add),
        )
    }
}

pub(crate) fn later(now: SystemTime, wait: Duration) -> SystemTime {
    now.checked_add(wait).unwrap_or(now)
}

/// The attempt whose failure is told to a sender who asked to be told of delays: the third.
const TOLD_OF_DELAY: usize = 2;
