//! Who answers the questions of sessions, and what is written down of it.

use std::net::IpAddr;

use letterhead_mail::{AuthenticationResults, DomainName, EmailAddress, ReversePath};
use letterhead_transport::smtp::ServerReply;

use super::{Answer, Host, Said, World};
use crate::behaviour::{Act, Behaviour, Stage, Trial};
use crate::event::SimEventKind;
use crate::session::Question;
use crate::{front, receiver};

/// What a question is about.
struct Subject {
    stage: Stage,
    sender: Option<ReversePath>,
    recipient: Option<EmailAddress>,
    /// Those of the message, where it is about all of it.
    recipients: Vec<EmailAddress>,
}

impl World {
    /// Answers a session's question, and writes down what came of it.
    pub(crate) fn decide(&self, host: &Host, client: IpAddr, question: Question) -> Answer {
        let subject = Subject::of(&question);
        self.hear(&question);
        let answer = match host.behaviour() {
            None => self.own_answer(host, client, question),
            Some(behaviour) => self.behave(host, behaviour, client, &subject, question),
        };
        let Subject {
            stage,
            sender,
            recipient,
            recipients,
        } = subject;
        match sender.filter(|_| stage.is_of_mail()) {
            Some(sender) if recipients.is_empty() => {
                self.log_answer(host.name(), sender, recipient, &answer);
            }
            Some(sender) => {
                for recipient in recipients {
                    self.log_answer(host.name(), sender.clone(), Some(recipient), &answer);
                }
            }
            None => self.log_interruption(host, stage, &answer.said),
        }
        answer
    }

    /// Asks the host's own behaviour first.
    fn behave(
        &self,
        host: &Host,
        behaviour: &Behaviour,
        client: IpAddr,
        subject: &Subject,
        question: Question,
    ) -> Answer {
        let (wait, act) = self.judge(host, behaviour, client, subject, &question);
        Answer::of(act, wait, || {
            let answer = self.own_answer(host, client, question);
            if subject.stage == Stage::EndOfData
                && answer.said.is_yes()
                && let Some(sender) = &subject.sender
            {
                let now = self.clock.now_time();
                self.memory().host_took(host.name(), sender, now);
            }
            answer
        })
    }

    fn judge(
        &self,
        host: &Host,
        behaviour: &Behaviour,
        client: IpAddr,
        subject: &Subject,
        question: &Question,
    ) -> (std::time::Duration, Option<Act>) {
        let trial = Trial {
            stage: subject.stage,
            sender: subject.sender.as_ref(),
            recipient: subject.recipient.as_ref(),
            client,
            now: self.clock.now_time(),
            message: match question {
                Question::Message(received) => Some(&received.message),
                _ => None,
            },
        };
        behaviour.judge(&self.memory().attempt_at_host(host.name(), trial))
    }

    /// What a host says where its own behaviour leaves it to do so.
    fn own_answer(&self, host: &Host, client: IpAddr, question: Question) -> Answer {
        match host {
            Host::Receiver(receiver) => receiver::decide(self, receiver, client, question),
            Host::Front(front) => front::decide(self, front, client, question),
        }
    }

    /// Of what concerns a message.
    fn log_answer(
        &self,
        host: &DomainName,
        sender: ReversePath,
        recipient: Option<EmailAddress>,
        answer: &Answer,
    ) {
        let found = answer.found.as_ref();
        match &answer.said {
            Said::Usual => {}
            Said::Reply(reply) => self.log_refusal(host, sender, recipient, reply, found),
            Said::Raw(reply) => {
                self.log_refusal(host, sender, recipient, reply.meant(), found);
            }
            Said::Nothing => self.log(host, SimEventKind::HungUp { sender, recipient }),
        }
    }

    /// Of what concerns none. That somebody may not log in is no interruption.
    fn log_interruption(&self, host: &Host, stage: Stage, said: &Said) {
        if host.behaviour().is_none() || said.is_yes() {
            return;
        }
        let reply = said.meant().map(ServerReply::to_reply);
        self.log(host.name(), SimEventKind::Interrupted { stage, reply });
    }

    fn log_refusal(
        &self,
        host: &DomainName,
        sender: ReversePath,
        recipient: Option<EmailAddress>,
        answer: &ServerReply,
        found: Option<&AuthenticationResults>,
    ) {
        let authentication = found.cloned();
        let reply = answer.to_reply();
        if answer.code().is_permanent() {
            self.log(
                host,
                SimEventKind::Rejected {
                    sender,
                    recipient,
                    reply,
                    authentication,
                },
            );
        } else if answer.code().is_transient() {
            self.log(
                host,
                SimEventKind::Deferred {
                    sender,
                    recipient,
                    reply,
                    authentication,
                },
            );
        }
    }
}

impl Subject {
    fn of(question: &Question) -> Self {
        let recipients = match question {
            Question::Message(received) => received.envelope.addresses().cloned().collect(),
            Question::Proceed { recipients, .. } => recipients.clone(),
            _ => Vec::new(),
        };
        let (stage, sender, recipient) = match question {
            Question::Authenticate { .. } => (Stage::Authentication, None, None),
            Question::Sender { sender, .. } => (Stage::Sender, Some(sender), None),
            Question::Recipient {
                sender, recipient, ..
            } => (Stage::Recipient, Some(sender), Some(recipient)),
            Question::Message(received) => {
                (Stage::EndOfData, Some(received.envelope.sender()), None)
            }
            Question::Proceed { stage, sender, .. } => (*stage, sender.as_ref(), None),
        };
        Self {
            stage,
            sender: sender.cloned(),
            recipient: recipient.cloned(),
            recipients,
        }
    }
}
