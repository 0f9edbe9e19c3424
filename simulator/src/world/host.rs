//! The hosts of a world.

use std::net::IpAddr;

use letterhead_identity::profile::ProfileId;
use letterhead_mail::DomainName;
use letterhead_transport::smtp::ServerReply;

use crate::behaviour::Behaviour;
use crate::front::FrontHost;
use crate::receiver::Receiver;
use crate::session::SessionConfig;
use crate::tls_fault::TlsFault;

/// A host of the simulation.
#[derive(Debug)]
pub(crate) enum Host {
    Receiver(Box<Receiver>),
    Front(Box<FrontHost>),
}

impl Host {
    pub(crate) fn name(&self) -> &DomainName {
        match self {
            Self::Receiver(receiver) => receiver.name(),
            Self::Front(front) => front.name(),
        }
    }

    /// The provider whose rules it acts out.
    pub(crate) fn provider(&self) -> Option<&ProfileId> {
        match self {
            Self::Receiver(_) => None,
            Self::Front(front) => Some(front.provider()),
        }
    }

    /// How many connections it takes at once, where that is said, and what it tells the next.
    pub(crate) fn connections(&self) -> Option<(u64, ServerReply)> {
        match self {
            Self::Receiver(_) => None,
            Self::Front(front) => front.connections(),
        }
    }

    pub(crate) fn address(&self) -> IpAddr {
        match self {
            Self::Receiver(receiver) => receiver.address(),
            Self::Front(front) => front.address(),
        }
    }

    /// Where clients that are no hosts of the simulation are taken to come from, who really come from `peer`.
    pub(crate) fn client_of_the_outside(&self, peer: IpAddr) -> IpAddr {
        let assumed = match self {
            Self::Receiver(receiver) => receiver.assumed(),
            Self::Front(front) => front.assumed(),
        };
        assumed.unwrap_or(peer)
    }

    /// How it treats everybody, where that is said.
    pub(super) fn behaviour(&self) -> Option<&Behaviour> {
        match self {
            Self::Receiver(receiver) => receiver.own_behaviour(),
            Self::Front(front) => front.own_behaviour(),
        }
    }

    /// What goes wrong with its TLS.
    pub(crate) fn tls_fault(&self) -> Option<TlsFault> {
        match self {
            Self::Receiver(receiver) => receiver.wrong_tls(),
            Self::Front(front) => front.wrong_tls(),
        }
    }

    pub(crate) fn takes_every_domain(&self) -> bool {
        matches!(self, Self::Receiver(receiver) if receiver.takes_every_domain())
    }

    pub(crate) fn session_config(&self) -> SessionConfig {
        match self {
            Self::Receiver(receiver) => receiver.session_config(),
            Self::Front(front) => front.session_config(),
        }
    }
}
