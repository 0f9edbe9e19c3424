//! How mail travels inside a simulation: from a host to the mail exchanger of the recipient's domain, without sockets.

mod converse;
mod route;
pub(crate) mod row_status;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use letterhead_mail::envelope::EmptyEnvelope;
use letterhead_mail::submission::TokenError;
use letterhead_mail::{
    DomainName, EmailAddress, Envelope, Outcome, Phase, RecipientReport, Reply, Submission,
};
use letterhead_transport::Security;
use letterhead_transport::smtp::SessionSettings;

pub(crate) use self::converse::{Caller, converse};
use self::route::{Next, route};
use crate::tls_fault::Checks;
use crate::world::{Outbound, World};

/// The host that sends.
#[derive(Debug, Clone)]
pub(crate) struct Sender {
    pub(crate) name: DomainName,
    pub(crate) address: IpAddr,
    /// How long it waits before each further attempt at what was deferred. After the last one it gives up.
    pub(crate) retries: Arc<[Duration]>,
}

/// What a host waits that is told nothing else.
pub(crate) const RETRIES: [Duration; 5] = [
    Duration::from_mins(5),
    Duration::from_mins(15),
    Duration::from_hours(1),
    Duration::from_hours(4),
    Duration::from_hours(8),
];

/// Brings a message to each of its recipients, domain by domain, and says what became of them.
pub(crate) fn relay(
    world: &World,
    outbound: &Outbound,
    recipients: &[EmailAddress],
) -> Vec<RecipientReport> {
    let mut rows = Vec::with_capacity(recipients.len());
    let mut left: Vec<EmailAddress> = recipients.to_vec();
    while let Some(first) = left.first() {
        let domain = first.domain().clone();
        let (group, rest) = left
            .into_iter()
            .partition(|address| *address.domain() == domain);
        left = rest;
        rows.extend(to_domain(world, outbound, group));
    }
    rows
}

fn to_domain(world: &World, outbound: &Outbound, group: Vec<EmailAddress>) -> Vec<RecipientReport> {
    let undelivered = |outcome, reply: Reply, group: Vec<EmailAddress>| {
        let row = |address| {
            RecipientReport::new(address, outcome, Phase::Connect).with_reply(reply.clone())
        };
        group.into_iter().map(row).collect()
    };
    let host = match group.first().map(|address| route(world, address)) {
        Some(Next::Host(host)) => host,
        Some(Next::Never(reply)) => return undelivered(Outcome::Rejected, reply, group),
        Some(Next::Later(reply)) => return undelivered(Outcome::Deferred, reply, group),
        None => return Vec::new(),
    };
    let submission = match submission(outbound, &group) {
        Ok(submission) => submission,
        Err(reply) => return undelivered(Outcome::Rejected, reply, group),
    };
    let settings = SessionSettings::new(
        host.name().to_string(),
        outbound.host.name.clone(),
        Security::Opportunistic,
    );
    let caller = Caller::new(outbound.host.address, settings, Checks::Encryption);
    converse(world, host, caller, &submission).into_rows()
}

/// What the client's session takes. Neither name shows anywhere.
fn submission(outbound: &Outbound, group: &[EmailAddress]) -> Result<Submission, Reply> {
    let failure = |text: &str| crate::session::reply(554, (5, 3, 0), text).to_reply();
    let envelope = envelope(outbound, group).map_err(|error| failure(&error.to_string()))?;
    let named = |error: TokenError| failure(&error.to_string());
    let id = "relay".parse().map_err(named)?;
    let tenant = "simulation".parse().map_err(named)?;
    let message = outbound.message.clone();
    Ok(Submission::new(id, tenant, message, envelope))
}

/// With what the sender asked for, where reports come back to it.
fn envelope(outbound: &Outbound, group: &[EmailAddress]) -> Result<Envelope, EmptyEnvelope> {
    if outbound.is_rewritten() {
        return Envelope::new(outbound.sender.clone(), group.iter().cloned());
    }
    let asked = outbound.envelope.recipients().iter();
    let asked = asked.filter(|recipient| group.contains(recipient.address()));
    outbound.envelope.to_others(asked.cloned())
}
