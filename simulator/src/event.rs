//! What happened in a simulation.

use std::fmt;
use std::time::{Duration, SystemTime};

use letterhead_identity::RelayCheck;
use letterhead_identity::profile::SuppressionCause;
use letterhead_mail::{AuthenticationResults, DomainName, EmailAddress, Reply, ReversePath};

use crate::behaviour::Stage;
use crate::mailbox::Disposition;
use crate::one_click::OneClickFault;

/// One thing that happened, when and where.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SimEvent {
    /// The time of the virtual clock.
    pub time: SystemTime,
    /// The host it happened at.
    pub host: DomainName,
    /// What happened.
    pub kind: SimEventKind,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SimEventKind {
    /// The host took responsibility for a message.
    Accepted {
        /// The envelope sender it came with.
        sender: ReversePath,
        /// The recipients that were taken.
        recipients: Vec<EmailAddress>,
        /// The message's id, with angle brackets.
        message_id: Option<String>,
    },
    /// A message was put into a mailbox.
    Stored {
        /// The envelope sender.
        sender: ReversePath,
        /// The recipient as it was addressed.
        recipient: EmailAddress,
        /// The mailbox.
        mailbox: EmailAddress,
        /// Where in it.
        disposition: Disposition,
        /// What the receiver found out about it.
        authentication: AuthenticationResults,
    },
    /// Mail to an address of the provider's mailbox simulator counts as delivered.
    Delivered {
        /// The address.
        recipient: EmailAddress,
    },
    /// The host took a message and threw it away, because of what is in it.
    Discarded {
        /// The recipients that never get it.
        recipients: Vec<EmailAddress>,
        /// Why.
        reason: String,
    },
    /// The host refused for good.
    Rejected {
        /// The envelope sender.
        sender: ReversePath,
        /// The recipient that was refused; `None` when the sender was. A whole message is refused to each of its recipients.
        recipient: Option<EmailAddress>,
        /// What it said.
        reply: Reply,
        /// What the receiver found out about the message, where it was refused after that.
        authentication: Option<AuthenticationResults>,
    },
    /// The host refused for now.
    Deferred {
        /// The envelope sender.
        sender: ReversePath,
        /// The recipient that was refused; `None` when the sender was. A whole message is refused to each of its recipients.
        recipient: Option<EmailAddress>,
        /// What it said.
        reply: Reply,
        /// What the receiver found out about the message, where it was refused after that.
        authentication: Option<AuthenticationResults>,
    },
    /// The host closed the connection instead of answering.
    HungUp {
        /// The envelope sender.
        sender: ReversePath,
        /// The recipient that was not answered; `None` when the sender was not.
        recipient: Option<EmailAddress>,
    },
    /// A behaviour of the host itself refused, or closed the connection, at a point that concerns no message.
    Interrupted {
        /// At which point.
        stage: Stage,
        /// What it said; `None` where it closed the connection instead.
        reply: Option<Reply>,
    },
    /// The host put an address on its customer's suppression list by itself.
    Suppressed {
        /// The address.
        recipient: EmailAddress,
        /// Why.
        cause: SuppressionCause,
    },
    /// The host would advise its customer to try volume otherwise: much of a day's mail has bounced.
    Advised {
        /// The domain that takes mail at volume and throws it away.
        sink: DomainName,
        /// The advice of the provider.
        advice: String,
    },
    /// mail-auth judged a message otherwise than the receiver. It comes before what becomes of the message.
    #[cfg(feature = "cross-check")]
    Disagreed {
        /// The message's id, with angle brackets.
        message_id: Option<String>,
        /// The envelope sender.
        sender: ReversePath,
        /// The recipients.
        recipients: Vec<EmailAddress>,
        /// In what.
        disagreement: crate::cross_check::Disagreement,
    },
    /// A receiver judged a message, and mail-auth had no opinion about it.
    #[cfg(feature = "cross-check")]
    NotCrossChecked {
        /// The message's id, with angle brackets.
        message_id: Option<String>,
        /// The envelope sender.
        sender: ReversePath,
        /// The recipients.
        recipients: Vec<EmailAddress>,
        /// Why.
        reason: crate::cross_check::NoSecondOpinion,
    },
    /// The host compared what it handed on with what a vendor had handed over.
    RelayChecked {
        /// The message's id as it came, with angle brackets.
        message_id: Option<String>,
        /// What was found.
        check: RelayCheck,
    },
    /// The host could not pass a message on and will try again.
    RetryScheduled {
        /// For whom.
        recipients: Vec<EmailAddress>,
        /// When.
        due: SystemTime,
    },
    /// The host will send a report.
    ReportScheduled {
        /// What kind of report.
        report: ReportKind,
        /// To this address.
        to: EmailAddress,
        /// About these recipients.
        recipients: Vec<EmailAddress>,
        /// When.
        due: SystemTime,
    },
    /// A report was taken by the server of the address it went to.
    ReportDelivered {
        /// What kind of report.
        report: ReportKind,
        /// To this address.
        to: EmailAddress,
    },
    /// A recipient's mail program asked to unsubscribe with one click, and was answered.
    UnsubscribePosted {
        /// The recipient.
        recipient: EmailAddress,
        /// The URI that it asked.
        uri: String,
        /// The status of the answer. One that redirects is not followed.
        status: u16,
    },
    /// A recipient's mail program could not unsubscribe with one click.
    UnsubscribeNotPosted {
        /// The recipient.
        recipient: EmailAddress,
        /// All that is wrong.
        faults: Vec<OneClickFault>,
    },
    /// What a front tells its webhook was not taken by the webhook's sink.
    NotificationNotTaken {
        /// Where it goes.
        target: String,
        /// Why it was not taken.
        reason: String,
    },
    /// A report could not be delivered, or there is nobody to send it to. Nothing more comes of it: nobody reports about
    /// reports.
    ReportDropped {
        /// What kind of report.
        report: ReportKind,
        /// Where it should have gone.
        to: ReversePath,
        /// Why it did not.
        reason: String,
    },
}

/// The kinds of mail that come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ReportKind {
    /// A delivery status notification.
    DeliveryStatus,
    /// A complaint.
    Feedback,
    /// An answer by a machine.
    AutoReply,
    /// A read receipt.
    Disposition,
}

impl fmt::Display for ReportKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::DeliveryStatus => "delivery status notification",
            Self::Feedback => "complaint",
            Self::AutoReply => "automatic answer",
            Self::Disposition => "read receipt",
        })
    }
}

/// `1800000000s mx.receiver.example stored in a@receiver.example (inbox)`; times are in seconds since 1970.
impl fmt::Display for SimEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", Seconds(self.time), self.host, self.kind)
    }
}

impl fmt::Display for SimEventKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Accepted {
                sender,
                recipients,
                message_id,
            } => {
                let id = message_id.as_deref().unwrap_or("without Message-ID");
                write!(f, "accepted {id} from <{sender}> to {}", List(recipients))
            }
            Self::Stored {
                mailbox,
                disposition,
                ..
            } => write!(f, "stored in {mailbox} ({disposition})"),
            Self::Delivered { recipient } => write!(f, "delivered to {recipient}"),
            Self::Discarded { recipients, reason } => {
                write!(f, "discarded what was for {}: {reason}", List(recipients))
            }
            Self::Rejected {
                sender,
                recipient,
                reply,
                ..
            } => write!(
                f,
                "rejected {}: {reply}",
                Refused(sender, recipient.as_ref())
            ),
            Self::Deferred {
                sender,
                recipient,
                reply,
                ..
            } => write!(
                f,
                "deferred {}: {reply}",
                Refused(sender, recipient.as_ref())
            ),
            Self::HungUp { sender, recipient } => {
                write!(f, "hung up on {}", Refused(sender, recipient.as_ref()))
            }
            Self::Interrupted { stage, reply: None } => write!(f, "hung up at {stage}"),
            Self::Interrupted {
                stage,
                reply: Some(reply),
            } => write!(f, "refused at {stage}: {reply}"),
            Self::Suppressed { recipient, cause } => {
                write!(f, "suppressed {recipient}: {cause}")
            }
            Self::Advised { sink, advice } => {
                write!(f, "advises to try volume with {sink}: {advice}")
            }
            #[cfg(feature = "cross-check")]
            Self::Disagreed {
                message_id,
                sender,
                recipients,
                disagreement,
            } => {
                let id = message_id.as_deref().unwrap_or("without Message-ID");
                let to = List(recipients);
                write!(
                    f,
                    "heard otherwise about {id} from <{sender}> to {to}: {disagreement}"
                )
            }
            #[cfg(feature = "cross-check")]
            Self::NotCrossChecked {
                message_id,
                sender,
                recipients,
                reason,
            } => {
                let id = message_id.as_deref().unwrap_or("without Message-ID");
                let to = List(recipients);
                write!(
                    f,
                    "heard nothing about {id} from <{sender}> to {to}: {reason}"
                )
            }
            Self::RelayChecked { message_id, check } => {
                let id = message_id.as_deref().unwrap_or("without Message-ID");
                write!(f, "compared {id} with what came: ")?;
                if check.findings.is_empty() {
                    return f.write_str("everything got through as it was");
                }
                for (position, finding) in check.findings.iter().enumerate() {
                    let separator = if position > 0 { "; " } else { "" };
                    write!(f, "{separator}{finding}")?;
                }
                Ok(())
            }
            Self::RetryScheduled { recipients, due } => {
                write!(
                    f,
                    "tries again for {} at {}",
                    List(recipients),
                    Seconds(*due)
                )
            }
            Self::ReportScheduled {
                report,
                to,
                recipients,
                due,
            } => {
                let about = List(recipients);
                write!(
                    f,
                    "will send a {report} about {about} to {to} at {}",
                    Seconds(*due)
                )
            }
            Self::ReportDelivered { report, to } => write!(f, "delivered a {report} to {to}"),
            Self::UnsubscribePosted {
                recipient,
                uri,
                status,
            } => write!(f, "unsubscribed {recipient} at {uri}: {status}"),
            Self::UnsubscribeNotPosted { recipient, faults } => {
                let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
                write!(f, "did not unsubscribe {recipient}: {}", faults.join("; "))
            }
            Self::NotificationNotTaken { target, reason } => {
                write!(f, "told {target}, which did not take it: {reason}")
            }
            Self::ReportDropped { report, to, reason } => {
                write!(f, "dropped a {report} to <{to}>: {reason}")
            }
        }
    }
}

pub(crate) struct Seconds(pub(crate) SystemTime);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let since_epoch = self.0.duration_since(SystemTime::UNIX_EPOCH);
        write!(f, "{}s", since_epoch.unwrap_or(Duration::ZERO).as_secs())
    }
}

struct List<'a>(&'a [EmailAddress]);

impl fmt::Display for List<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, address) in self.0.iter().enumerate() {
            if position > 0 {
                f.write_str(", ")?;
            }
            write!(f, "{address}")?;
        }
        Ok(())
    }
}

struct Refused<'a>(&'a ReversePath, Option<&'a EmailAddress>);

impl fmt::Display for Refused<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.1 {
            Some(recipient) => write!(f, "{recipient}, mail from <{}>", self.0),
            None => write!(f, "mail from <{}>", self.0),
        }
    }
}
