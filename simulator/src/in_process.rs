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
        let security = match host {
            Host::Receiver(_) => Security::Opportunistic,
            Host::Front(_) => Security::StartTls,
        };
        let name = ClientName::Literal(client);
        let mut settings = SessionSettings::new(self.host.to_string(), name, security);
        if let Some(credentials) = self.credentials.clone() {
            settings = settings.with_credentials(credentials);
        }
        let caller = Caller::new(client, settings, Checks::Certificate);
        converse(&self.world, host, caller, submission)
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
