//! How receivers are asked.

use std::net::{IpAddr, Ipv4Addr};

use letterhead_mail::{EmailAddress, Envelope, Recipient, Submission};
use letterhead_transport::smtp::ClientName;

use super::{Approach, Asked, Deliverability, Outlook, RuleOutlook};
use crate::in_process::Visitor;
use crate::receiver::{self, Examination, Receiver};
use crate::session::ReceivedMessage;
use crate::world::{Host, World};

/// Asks all receivers.
pub(crate) fn deliverability(
    world: &World,
    submission: &Submission,
    approach: &Approach,
) -> Deliverability {
    let hosts = world.hosts.values().filter_map(|host| match host {
        Host::Receiver(receiver) => Some((
            Asked::Host(receiver.name().clone()),
            receiver.as_ref().clone(),
        )),
        Host::Front(_) => None,
    });
    let policies = approach.policies.iter().filter_map(|policy| {
        let receiver = Receiver::assumed_of(policy.clone(), approach.daily_volume)?;
        Some((Asked::Policy(policy.id().clone()), receiver))
    });
    let outlooks = hosts.chain(policies).filter_map(|(asked, receiver)| {
        let visit = Visit {
            world,
            receiver,
            approach,
        };
        visit.outlook(asked, submission)
    });
    Deliverability {
        outlooks: outlooks.collect(),
    }
}

struct Visit<'a> {
    world: &'a World,
    receiver: Receiver,
    approach: &'a Approach,
}

impl Visit<'_> {
    /// `None` of a host that nobody could write to.
    fn outlook(&self, receiver: Asked, submission: &Submission) -> Option<Outlook> {
        let mut submission = submission.clone();
        submission.envelope = self.own_part(&submission.envelope)?;
        let aside = self.world.aside(self.receiver.clone());
        let host = aside.hosts.get(self.receiver.name())?;
        let localhost = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let assumed = host.client_of_the_outside(localhost);
        let client = self.approach.client.unwrap_or(assumed);
        let name = self.approach.name.clone();
        let name = name.unwrap_or(ClientName::Literal(client));
        let visitor = Visitor {
            client,
            name: name.clone(),
            credentials: None,
        };
        let report = visitor.deliver(&aside, host, &submission);
        let received = aside
            .heard()
            .unwrap_or_else(|| self.unheard(&submission, &name));
        let Examination {
            authenticated,
            assessed,
        } = self.examine(client, &received);
        let policy = self.receiver.asks();
        let rules = assessed.iter();
        let rules = rules.map(|assessed| RuleOutlook::new(assessed, policy));
        Some(Outlook {
            receiver,
            client,
            recipients: submission.envelope.addresses().cloned().collect(),
            report,
            disposition: aside.mails().first().map(|(_, mail)| mail.disposition),
            authenticated,
            rules: rules.collect(),
        })
    }

    /// What the dialogue counted is not to be counted twice, so that this has a world of its own.
    fn examine(&self, client: IpAddr, received: &ReceivedMessage) -> Examination {
        let aside = self.world.aside(self.receiver.clone());
        receiver::examine(&aside, &self.receiver, client, received)
    }

    /// To the recipients that are the receiver's own, or else to its postmaster.
    fn own_part(&self, envelope: &Envelope) -> Option<Envelope> {
        let recipients = envelope.recipients().iter();
        let own: Vec<Recipient> = recipients
            .filter(|recipient| self.receiver.serves(recipient.address()))
            .cloned()
            .collect();
        if !own.is_empty() {
            return envelope.to_others(own).ok();
        }
        let postmaster: EmailAddress = self.receiver.postmaster()?;
        envelope.to_others([postmaster]).ok()
    }

    /// A message that the dialogue did not come to, as it would have.
    fn unheard(&self, submission: &Submission, name: &ClientName) -> ReceivedMessage {
        let has_tls = self.receiver.session_config().offers_tls();
        ReceivedMessage {
            message: submission.message.clone(),
            envelope: submission.envelope.clone(),
            client_name: name.to_string(),
            protocol: if has_tls { "ESMTPS" } else { "ESMTP" },
            user: None,
        }
    }
}
