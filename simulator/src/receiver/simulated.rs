//! Mailboxes of a provider's simulator, as their mail exchanger treats mail.

use letterhead_identity::profile::{SimulatedAddress, SimulatedMailboxes, SimulatedOutcome};
use letterhead_mail::{DomainName, EmailAddress, EnhancedCode, ReplyCode};
use letterhead_transport::smtp::ServerReply;

use crate::behaviour::{Act, Behaviour, Stage, When};

pub(super) fn domain(simulated: &SimulatedAddress) -> Option<&DomainName> {
    match &simulated.mailboxes {
        SimulatedMailboxes::Address(address) => address.domain_name(),
        SimulatedMailboxes::Domain { domain, .. } => Some(domain),
        _ => None,
    }
}

pub(super) fn meant<'a>(
    simulated: &'a [SimulatedAddress],
    recipient: &EmailAddress,
) -> Option<&'a SimulatedAddress> {
    simulated
        .iter()
        .find(|simulated| simulated.is_meant_by(recipient))
}

pub(super) fn behaviour(simulated: &SimulatedAddress) -> Behaviour {
    let behaviour = Behaviour::new();
    match simulated.outcome {
        SimulatedOutcome::Bounced | SimulatedOutcome::Suppressed => {
            behaviour.rule(Stage::Recipient, When::Always, refusal(simulated))
        }
        SimulatedOutcome::Discarded => behaviour.discarding(),
        _ => behaviour,
    }
}

/// What the profile's diagnostic says, without its type and codes.
fn refusal(simulated: &SimulatedAddress) -> Act {
    let status = simulated.status.or_else(|| EnhancedCode::new(5, 1, 1));
    let said = simulated.diagnostic.as_deref().unwrap_or_default();
    let said = said.split_once(';').map_or(said, |(_, words)| words);
    let is_code = |word: &&str| {
        word.chars()
            .all(|c| c.is_ascii_digit() || matches!(c, '.' | '-'))
    };
    let words: Vec<&str> = said.split_whitespace().skip_while(is_code).collect();
    let text = match words.as_slice() {
        [] => "no such user here".to_owned(),
        words => words.join(" "),
    };
    let code = ReplyCode::new(550).unwrap_or(ReplyCode::NOT_AVAILABLE);
    Act::Answer(ServerReply::new(code, status, &text))
}
