//! How mail travels inside a simulation: from a host to the mail exchanger of the recipient's domain, without sockets.

mod converse;
mod route;

use std::net::IpAddr;

use letterhead_mail::submission::TokenError;
use letterhead_mail::{
    DomainName, EmailAddress, Envelope, Message, Outcome, Phase, RecipientReport, Reply,
    ReversePath, Submission,
};
use letterhead_transport::Security;
use letterhead_transport::smtp::{ClientSession, SessionSettings};

pub(crate) use self::converse::converse;
use self::route::{Next, route};
use crate::world::World;

/// The host that sends.
#[derive(Debug, Clone)]
pub(crate) struct Sender {
    pub(crate) name: DomainName,
    pub(crate) address: IpAddr,
}

/// Brings a message to each of its recipients, domain by domain, and says what became of them.
pub(crate) fn relay(
    world: &World,
    from: &Sender,
    reverse_path: &ReversePath,
    recipients: &[EmailAddress],
    message: &Message,
) -> Vec<RecipientReport> {
    let mut rows = Vec::with_capacity(recipients.len());
    let mut left: Vec<EmailAddress> = recipients.to_vec();
    while let Some(first) = left.first() {
        let domain = first.domain().clone();
        let (group, rest) = left
            .into_iter()
            .partition(|address| *address.domain() == domain);
        left = rest;
        rows.extend(to_domain(world, from, reverse_path, group, message));
    }
    rows
}

fn to_domain(
    world: &World,
    from: &Sender,
    reverse_path: &ReversePath,
    group: Vec<EmailAddress>,
    message: &Message,
) -> Vec<RecipientReport> {
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
    let submission = match submission(reverse_path, &group, message) {
        Ok(submission) => submission,
        Err(reply) => return undelivered(Outcome::Rejected, reply, group),
    };
    let settings = SessionSettings::new(
        host.name().to_string(),
        from.name.clone(),
        Security::Opportunistic,
    );
    let client = ClientSession::new(settings);
    converse(world, host, from.address, client, &submission).into_rows()
}

/// What the client's session takes. Neither name shows anywhere.
fn submission(
    reverse_path: &ReversePath,
    group: &[EmailAddress],
    message: &Message,
) -> Result<Submission, Reply> {
    let failure = |text: &str| crate::session::reply(554, (5, 3, 0), text).to_reply();
    let envelope = Envelope::new(reverse_path.clone(), group.iter().cloned())
        .map_err(|error| failure(&error.to_string()))?;
    let named = |error: TokenError| failure(&error.to_string());
    let id = "relay".parse().map_err(named)?;
    let tenant = "simulation".parse().map_err(named)?;
    Ok(Submission::new(id, tenant, message.clone(), envelope))
}
