//! Having mail judged a second time.

use super::World;
use crate::dns::SimulatedDns;

impl World {
    /// The DNS that one mail is judged by: as it is at this moment, where two are to see the same.
    pub(crate) fn dns_to_judge_by(&self) -> SimulatedDns {
        #[cfg(feature = "cross-check")]
        if self.second_judge.is_some() {
            return self.dns.copy();
        }
        self.dns.clone()
    }

    /// With a second judge.
    #[cfg(feature = "cross-check")]
    pub(crate) fn judged_twice(self, judge: crate::cross_check::SecondJudge) -> Self {
        Self {
            second_judge: Some(judge),
            ..self
        }
    }

    /// What mail-auth finds, where it is asked. Where that is something else, it is an event.
    #[cfg(feature = "cross-check")]
    pub(crate) fn second_opinion(
        &self,
        receiver: &letterhead_mail::DomainName,
        client: std::net::IpAddr,
        received: &crate::session::ReceivedMessage,
        dns: &SimulatedDns,
        ours: &letterhead_identity::Authenticated,
    ) -> Option<crate::cross_check::SecondOpinion> {
        use crate::event::SimEventKind;

        let judge = self.second_judge.as_ref()?;
        let sender = received.envelope.sender();
        let brought = crate::cross_check::Brought {
            message: &received.message,
            sender,
            client,
            client_name: &received.client_name,
            receiver,
            now: self.clock.now_time(),
            dns,
        };
        let recipients = || received.envelope.addresses().cloned().collect();
        match judge.opinion(&brought, ours) {
            Ok(opinion) => {
                for disagreement in &opinion.disagreements {
                    let event = SimEventKind::Disagreed {
                        message_id: received.message.message_id(),
                        sender: sender.clone(),
                        recipients: recipients(),
                        disagreement: *disagreement,
                    };
                    self.log(receiver, event);
                }
                Some(opinion)
            }
            Err(reason) => {
                let event = SimEventKind::NotCrossChecked {
                    message_id: received.message.message_id(),
                    sender: sender.clone(),
                    recipients: recipients(),
                    reason,
                };
                self.log(receiver, event);
                None
            }
        }
    }
}
