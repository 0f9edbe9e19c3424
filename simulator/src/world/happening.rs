//! What hosts do by themselves: passing mail on, and reporting what became of it.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use letterhead_mail::message::MessageError;
use letterhead_mail::{
    DomainName, EmailAddress, EnhancedCode, Envelope, Message, Notify, Outcome, RecipientReport,
    ReversePath,
};

use super::notification::{schedule_notification, with_requests};
use super::recipient_answers::{self, RecipientAnswer};
use super::{Host, World};
use crate::event::{ReportKind, SimEventKind};
use crate::provider_events::{self, Occurrence, Submitted};
use crate::relay::{Sender, relay};
use crate::reports::{
    Action, DeliveryStatusNotification, FeedbackReport, FeedbackType, RecipientStatus,
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
        Happening::Notification { outbound, statuses } => {
            let report = |host: &DomainName, to: &EmailAddress| {
                let notification = DeliveryStatusNotification::new(host.clone(), to.clone())
                    .with_arrival(outbound.arrived);
                let notification = with_requests(notification, &outbound.envelope);
                statuses
                    .iter()
                    .cloned()
                    .fold(notification, DeliveryStatusNotification::with_recipient)
                    .write(&outbound.message, world.clock.now_time(), &world.entropy)
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
    let (mut failed, mut waiting) = (Vec::new(), Vec::new());
    let (mut relayed, mut delayed) = (Vec::new(), Vec::new());
    let now = world.clock.now_time();
    for row in &rows {
        match row.outcome() {
            Outcome::Accepted => {
                if let Some(report) = outbound.report {
                    let to = row.recipient().clone();
                    world.log(&host.name, SimEventKind::ReportDelivered { report, to });
                }
                relayed.extend(handed_on(row));
            }
            Outcome::Deferred | Outcome::InDoubt if attempt < RETRIES.len() => {
                waiting.push(row.recipient().clone());
                delayed.extend(late(row, outbound.arrived, now));
            }
            Outcome::Deferred | Outcome::InDoubt | Outcome::Rejected | Outcome::NotAttempted(_) => {
                failed.push(row)
            }
        }
    }
    tell_of(world, outbound, &rows, attempt);
    if let Some(wait) = RETRIES.get(attempt).filter(|_| !waiting.is_empty()) {
        let due = later(world.clock.now_time(), *wait);
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
        None => {
            let statuses: Vec<_> = failed.iter().filter_map(|row| status(row, now)).collect();
            if outbound.submitted.is_some() {
                let bounced = Occurrence::Bounced(statuses.clone());
                provider_events::tell(world, outbound, bounced, outbound.report_delay);
            }
            schedule_bounce(world, outbound, statuses, outbound.report_delay);
            // The next host tells of success itself, where it was asked to.
            if outbound.is_rewritten() {
                let success = Notify::SUCCESS;
                schedule_notification(world, outbound, success, relayed, Duration::ZERO);
            }
            if attempt == TOLD_OF_DELAY {
                schedule_notification(world, outbound, Notify::DELAY, delayed, Duration::ZERO);
            }
        }
        Some(report) => {
            for row in failed {
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

/// Has webhooks told of what was delivered, and of what will be tried again.
fn tell_of(world: &World, outbound: &Arc<Outbound>, rows: &[RecipientReport], attempt: usize) {
    if outbound.submitted.is_none() {
        return;
    }
    let (mut delivered, mut delayed) = (Vec::new(), Vec::new());
    for row in rows {
        match row.outcome() {
            Outcome::Accepted => delivered.extend(provider_events::delivered(row)),
            Outcome::Deferred | Outcome::InDoubt if attempt < RETRIES.len() => {
                delayed.extend(provider_events::delayed(row));
            }
            // Told with the report.
            Outcome::Deferred | Outcome::InDoubt | Outcome::Rejected | Outcome::NotAttempted(_) => {
            }
        }
    }
    for occurrence in [
        Occurrence::Delivered(delivered),
        Occurrence::Delayed(delayed),
    ] {
        provider_events::tell(world, outbound, occurrence, Duration::ZERO);
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
pub(super) fn send(
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
}

/// What a notification says of a recipient whose mail was handed on.
fn handed_on(row: &RecipientReport) -> Option<RecipientStatus> {
    let code = EnhancedCode::new(2, 0, 0)?;
    let status = RecipientStatus::new(row.recipient().clone(), Action::Relayed, code);
    Some(said(status, row))
}

/// What a notification says of a recipient that will be tried again.
fn late(row: &RecipientReport, arrived: SystemTime, now: SystemTime) -> Option<RecipientStatus> {
    let stated = row.reply().and_then(letterhead_mail::Reply::enhanced);
    let stated = stated.filter(|code| code.class() == 4);
    let code = stated.or_else(|| EnhancedCode::new(4, 4, 7))?;
    let status = RecipientStatus::new(row.recipient().clone(), Action::Delayed, code)
        .with_last_attempt(now)
        .with_will_retry_until(later(arrived, time_to_live()));
    Some(said(status, row))
}

/// What a notification says of a recipient that will not be tried again.
fn status(row: &RecipientReport, now: SystemTime) -> Option<RecipientStatus> {
    let expired = matches!(row.outcome(), Outcome::Deferred | Outcome::InDoubt);
    let code = match row.reply().and_then(letterhead_mail::Reply::enhanced) {
        _ if expired => EnhancedCode::new(4, 4, 7),
        Some(code) if code.class() == 5 => Some(code),
        _ => EnhancedCode::new(5, 0, 0),
    }?;
    let status =
        RecipientStatus::new(row.recipient().clone(), Action::Failed, code).with_last_attempt(now);
    Some(said(status, row))
}

/// With the server and its words.
fn said(status: RecipientStatus, row: &RecipientReport) -> RecipientStatus {
    let status = match row.server() {
        Some(server) => status.with_remote_mta(server),
        None => status,
    };
    match (row.reply(), row.detail()) {
        (Some(reply), _) => status.with_diagnostic(format!("smtp; {reply}")),
        (None, Some(detail)) => status.with_diagnostic(format!("x-letterhead; {detail}")),
        (None, None) => status,
    }
}

/// How long a host tries before it gives up.
pub(crate) fn time_to_live() -> Duration {
    RETRIES.iter().sum()
}

pub(super) fn later(now: SystemTime, wait: Duration) -> SystemTime {
    now.checked_add(wait).unwrap_or(now)
}

/// How long a host waits before each further attempt at what was deferred. After the last one it gives up.
const RETRIES: [Duration; 5] = [
    Duration::from_mins(5),
    Duration::from_mins(15),
    Duration::from_hours(1),
    Duration::from_hours(4),
    Duration::from_hours(8),
];

/// The attempt whose failure is told to a sender who asked to be told of delays: the third, twenty minutes after the first.
const TOLD_OF_DELAY: usize = 2;
