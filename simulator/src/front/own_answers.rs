//! What a provider answers without asking another server: its mailbox simulator, and its suppression list.

use letterhead_identity::profile::{OnList, SimulatedAddress, SimulatedOutcome};
use letterhead_mail::{EmailAddress, EnhancedCode};

use super::FrontHost;
use crate::event::SimEventKind;
use crate::reports::{Action, RecipientStatus};
use crate::world::World;

/// What the provider answers itself, without asking another server.
#[derive(Debug, Default)]
pub(super) struct OwnAnswers {
    pub(super) delivered: Vec<RecipientStatus>,
    pub(super) bounced: Vec<RecipientStatus>,
    pub(super) suppressed: Vec<RecipientStatus>,
    pub(super) on_list: Vec<RecipientStatus>,
    pub(super) auto_replied: Vec<EmailAddress>,
    pub(super) complained: Vec<EmailAddress>,
    /// Simulated ones whose provider suppresses them as any other.
    pub(super) learnt: Vec<RecipientStatus>,
}

impl OwnAnswers {
    /// Adds what a simulated mailbox answers.
    pub(super) fn add(
        &mut self,
        world: &World,
        host: &FrontHost,
        simulated: &SimulatedAddress,
        recipient: &EmailAddress,
    ) {
        match simulated.outcome {
            SimulatedOutcome::Bounced => {
                let failed = failed(simulated, recipient);
                if simulated.on_list == OnList::AsOthers {
                    self.learnt.extend(failed.clone());
                }
                return self.bounced.extend(failed);
            }
            SimulatedOutcome::Suppressed => return self.suppressed.extend(suppressed(recipient)),
            SimulatedOutcome::Complained => self.complained.push(recipient.clone()),
            SimulatedOutcome::AutoReplied => self.auto_replied.push(recipient.clone()),
            _ => {}
        }
        let status = EnhancedCode::new(2, 6, 0)
            .map(|code| RecipientStatus::new(recipient.clone(), Action::Delivered, code));
        self.delivered.extend(
            status.map(|status| status.with_diagnostic("smtp; 250 2.6.0 Message received")),
        );
        let recipient = recipient.clone();
        world.log(host.name(), SimEventKind::Delivered { recipient });
    }

    /// Those on the customer's suppression list.
    pub(super) fn listed(&self) -> Vec<EmailAddress> {
        let listed = self.on_list.iter();
        listed.map(|status| status.recipient().clone()).collect()
    }

    /// Adds a recipient on the customer's suppression list.
    pub(super) fn add_listed(&mut self, recipient: &EmailAddress) {
        self.on_list.extend(suppressed(recipient));
    }
}

/// The simulated mailbox that this address is.
pub(super) fn simulated<'a>(
    host: &'a FrontHost,
    recipient: &EmailAddress,
) -> Option<&'a SimulatedAddress> {
    let mut addresses = host.front.profile.simulated_addresses().iter();
    addresses.find(|simulated| simulated.is_meant_by(recipient))
}

/// What is said of a recipient that the provider does not send to.
fn suppressed(recipient: &EmailAddress) -> Option<RecipientStatus> {
    let status = RecipientStatus::new(
        recipient.clone(),
        Action::Failed,
        EnhancedCode::new(5, 1, 1)?,
    );
    Some(status.with_diagnostic(
        "smtp; 550 5.1.1 the address is on a suppression list, nothing was sent to it",
    ))
}

fn failed(simulated: &SimulatedAddress, recipient: &EmailAddress) -> Option<RecipientStatus> {
    let code = simulated.status.or_else(|| EnhancedCode::new(5, 0, 0))?;
    let status = RecipientStatus::new(recipient.clone(), Action::Failed, code);
    Some(match &simulated.diagnostic {
        Some(diagnostic) => status.with_diagnostic(diagnostic),
        None => status,
    })
}
