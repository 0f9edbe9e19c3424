//! The door without a socket.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use letterhead_mail::{
    BoxFuture, DomainName, NotAttemptedReason, Outcome, Phase, RecipientReport, Report, Submission,
    Transport,
};
use letterhead_transport::smtp::{ClientName, SessionSettings};
use letterhead_transport::{Credentials, Security};

use crate::relay::{Caller, converse};
use crate::tls_fault::Checks;
use crate::world::{Host, World};

/// Speaks to one host in memory.
pub(crate) struct InProcess {
    world: Arc<World>,
    host: DomainName,
    credentials: Option<Credentials>,
}

impl InProcess {
    pub(crate) fn new(
        world: Arc<World>,
        host: DomainName,
        credentials: Option<Credentials>,
    ) -> Self {
        Self {
            world,
            host,
            credentials,
        }
    }

    fn deliver(&self, submission: &Submission) -> Report {
        let Some(host) = self.world.hosts.get(&self.host) else {
            let reason = Outcome::NotAttempted(NotAttemptedReason::Cancelled);
            return Report::uniform(&submission.envelope, |address| {
                RecipientReport::new(address, reason, Phase::Connect)
            });
        };
        let client = host.client_of_the_outside(IpAddr::V4(Ipv4Addr::LOCALHOST));
        let visitor = Visitor {
            client,
            name: ClientName::Literal(client),
            credentials: self.credentials.clone(),
        };
        visitor.deliver(&self.world, host, submission)
    }
}

/// Who comes from outside the simulation to bring something.
pub(crate) struct Visitor {
    pub(crate) client: IpAddr,
    pub(crate) name: ClientName,
    pub(crate) credentials: Option<Credentials>,
}

impl Visitor {
    /// Has the whole dialogue with a host.
    pub(crate) fn deliver(self, world: &World, host: &Host, submission: &Submission) -> Report {
        let security = match host {
            Host::Receiver(_) => Security::Opportunistic,
            Host::Front(_) => Security::StartTls,
        };
        let mut settings = SessionSettings::new(host.name().to_string(), self.name, security);
        if let Some(credentials) = self.credentials {
            settings = settings.with_credentials(credentials);
        }
        let caller = Caller::new(self.client, settings, Checks::Certificate);
        converse(world, host, caller, submission)
    }
}

/// The dialogue happens when the future is first polled, all at once.
impl Transport for InProcess {
    fn send<'a>(&'a self, submission: &'a Submission) -> BoxFuture<'a, Report> {
        Box::pin(async move { self.deliver(submission) })
    }
}

impl fmt::Debug for InProcess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("InProcess").field(&self.host).finish()
    }
}
