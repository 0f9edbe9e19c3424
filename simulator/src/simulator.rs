//! The simulator itself.

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use letterhead_dns::Zone;
use letterhead_identity::identity::Subject;
use letterhead_mail::{DomainName, EmailAddress, Transport};
use letterhead_transport::Credentials;

use crate::clock::VirtualClock;
use crate::dns::SimulatedDns;
use crate::entropy::SeededEntropy;
use crate::event::SimEvent;
use crate::front::{Front, FrontHost, TestKeyError};
use crate::in_process::InProcess;
use crate::mailbox::StoredMail;
use crate::receiver::Receiver;
use crate::serve::{ServeError, Served};
use crate::world::{Host, SessionRecord, World};

/// A small internet: a DNS, hosts, mailboxes and a clock. A handle; clones are the same simulation.
///
/// Simulations know nothing of one another, however many run in a process. Nothing happens by itself: mail moves when
/// it is sent, and time when it is [advanced](Self::advance). With the same start, seed and calls in the same order,
/// everything comes out the same, to the octet; only the certificates of [`serve`](Self::serve) differ.
#[derive(Clone)]
pub struct Simulator {
    world: Arc<World>,
}

impl Simulator {
    /// Begins a simulation whose clock shows `start`.
    pub fn builder(start: SystemTime, seed: u64) -> SimulatorBuilder {
        SimulatorBuilder {
            start,
            seed,
            zones: Vec::new(),
            hosts: Vec::new(),
        }
    }

    /// The DNS.
    #[must_use]
    pub fn dns(&self) -> &SimulatedDns {
        &self.world.dns
    }

    /// The clock. Move it by [`advance`](Self::advance): whoever moves it directly passes over what is due.
    #[must_use]
    pub fn clock(&self) -> &VirtualClock {
        &self.world.clock
    }

    /// The randomness that the simulation itself draws from.
    #[must_use]
    pub fn entropy(&self) -> &SeededEntropy {
        &self.world.entropy
    }

    /// Moves the clock and carries out, in order and each at its time, what falls due on the way: reports, further
    /// attempts.
    pub fn advance(&self, duration: Duration) {
        let now = self.world.clock.now_time();
        self.world
            .run_until(now.checked_add(duration).unwrap_or(now));
    }

    /// When something happens next, if anything is due.
    #[must_use]
    pub fn next_due(&self) -> Option<SystemTime> {
        self.world.next_due()
    }

    /// What is in a mailbox, oldest first; nothing for an address without mail.
    #[must_use]
    pub fn mailbox(&self, address: &EmailAddress) -> Vec<StoredMail> {
        self.world.mailbox(address)
    }

    /// The mailboxes that have mail.
    #[must_use]
    pub fn mailboxes(&self) -> Vec<EmailAddress> {
        self.world.mailboxes()
    }

    /// What has happened so far, in order. What the session itself refuses, such as commands out of order, is not here
    /// but in [`sessions`](Self::sessions).
    #[must_use]
    pub fn events(&self) -> Vec<SimEvent> {
        self.world.events()
    }

    /// The sessions that have ended, with what was said; the first ten thousand.
    #[must_use]
    pub fn sessions(&self) -> Vec<SessionRecord> {
        self.world.sessions()
    }

    /// The door without a socket: a transport that speaks to this host, as SMTP in memory. To a front it logs in with the
    /// first of its logins, by name; to a receiver it speaks as another mail server would, coming from the assumed client
    /// address.
    ///
    /// # Errors
    ///
    /// When there is no such host.
    pub fn transport(&self, host: &DomainName) -> Result<Arc<dyn Transport>, UnknownHost> {
        let credentials = match self.host(host)? {
            Host::Front(front) => front.credentials(),
            Host::Receiver(_) => None,
        };
        let world = Arc::clone(&self.world);
        Ok(Arc::new(InProcess::new(world, host.clone(), credentials)))
    }

    /// As [`transport`](Self::transport), logging in with these credentials.
    ///
    /// # Errors
    ///
    /// When there is no such host.
    pub fn transport_as(
        &self,
        host: &DomainName,
        credentials: Credentials,
    ) -> Result<Arc<dyn Transport>, UnknownHost> {
        self.host(host)?;
        let world = Arc::clone(&self.world);
        Ok(Arc::new(InProcess::new(
            world,
            host.clone(),
            Some(credentials),
        )))
    }

    /// The door with sockets: every host listens on a port of its own on 127.0.0.1, and so does the DNS. Dropping what
    /// is returned closes them. Needs a tokio runtime with I/O enabled.
    ///
    /// # Errors
    ///
    /// When a port cannot be had or no certificate can be made.
    pub async fn serve(&self) -> Result<Served, ServeError> {
        Served::start(&self.world).await
    }

    /// A front, for what the provider's console would be used for; `None` if no front has this name.
    #[must_use]
    pub fn front(&self, host: &DomainName) -> Option<FrontHandle> {
        match self.world.hosts.get(host) {
            Some(Host::Front(_)) => Some(FrontHandle {
                world: Arc::clone(&self.world),
                name: host.clone(),
            }),
            _ => None,
        }
    }

    fn host(&self, name: &DomainName) -> Result<&Host, UnknownHost> {
        let unknown = || UnknownHost { host: name.clone() };
        self.world.hosts.get(name).ok_or_else(unknown)
    }
}

impl fmt::Debug for Simulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Simulator")
            .field("now", &self.world.clock.now_time())
            .field("hosts", &self.world.hosts.keys())
            .finish_non_exhaustive()
    }
}

/// What a simulation is made of.
#[derive(Debug, Clone)]
#[must_use]
pub struct SimulatorBuilder {
    start: SystemTime,
    seed: u64,
    zones: Vec<Zone>,
    hosts: Vec<Planned>,
}

#[derive(Debug, Clone)]
enum Planned {
    Receiver(Receiver),
    Front(Box<Front>),
}

impl SimulatorBuilder {
    /// With these records. They are published before the hosts publish theirs.
    pub fn zone(mut self, zone: Zone) -> Self {
        self.zones.push(zone);
        self
    }

    /// With this receiver.
    pub fn receiver(mut self, receiver: Receiver) -> Self {
        self.hosts.push(Planned::Receiver(receiver));
        self
    }

    /// With this front.
    pub fn front(mut self, front: Front) -> Self {
        self.hosts.push(Planned::Front(Box::new(front)));
        self
    }

    /// Makes the simulation.
    ///
    /// # Errors
    ///
    /// When two hosts have the same name or the same address.
    pub fn build(self) -> Result<Simulator, BuildError> {
        let dns = SimulatedDns::new();
        let entropy = SeededEntropy::new(self.seed);
        for zone in self.zones {
            dns.publish_zone(zone);
        }
        let mut hosts: BTreeMap<DomainName, Host> = BTreeMap::new();
        for planned in self.hosts {
            let (name, address) = match &planned {
                Planned::Receiver(receiver) => (receiver.name().clone(), receiver.address()),
                Planned::Front(front) => (front.name().clone(), front.address()),
            };
            if hosts.contains_key(&name) {
                return Err(BuildError::DuplicateName { name });
            }
            if let Some(other) = hosts.values().find(|host| host.address() == address) {
                return Err(BuildError::DuplicateAddress {
                    address,
                    first: other.name().clone(),
                    second: name,
                });
            }
            let host = match planned {
                Planned::Receiver(receiver) => {
                    receiver.publish(&dns);
                    Host::Receiver(receiver)
                }
                Planned::Front(front) => {
                    Host::Front(Box::new(FrontHost::new(*front, &dns, &entropy)?))
                }
            };
            hosts.insert(name, host);
        }
        let clock = VirtualClock::new(self.start);
        Ok(Simulator {
            world: Arc::new(World::new(dns, clock, entropy, hosts)),
        })
    }
}

/// A front of a running simulation, as its operator's console would show it.
#[derive(Clone)]
pub struct FrontHandle {
    world: Arc<World>,
    name: DomainName,
}

impl FrontHandle {
    /// The DKIM tokens for a customer's domain, which is thereby registered: it is verified while the records that the
    /// profile makes of the tokens are published. The same domain gets the same tokens. None where the profile has no
    /// such tokens.
    #[must_use]
    pub fn issue_dkim_tokens(&self, domain: &DomainName) -> Vec<String> {
        let host = self.host();
        host.map_or_else(Vec::new, |host| {
            host.issue_tokens(&self.world.dns, &self.world.entropy, domain)
        })
    }

    /// Takes an address or a domain for verified, as after a click on the link in a mail.
    pub fn verify(&self, subject: Subject) {
        if let Some(host) = self.host() {
            host.verify(subject);
        }
    }

    /// Forgets an address or a domain, with its tokens.
    pub fn withdraw(&self, subject: &Subject) {
        if let Some(host) = self.host() {
            host.withdraw(subject);
        }
    }

    /// Whether mail from this address is taken now.
    #[must_use]
    pub fn is_verified(&self, from: &EmailAddress) -> bool {
        self.host()
            .is_some_and(|host| host.covers(&self.world.dns, from))
    }

    fn host(&self) -> Option<&FrontHost> {
        match self.world.hosts.get(&self.name) {
            Some(Host::Front(host)) => Some(host),
            _ => None,
        }
    }
}

impl fmt::Debug for FrontHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("FrontHandle").field(&self.name).finish()
    }
}

/// Why there is no simulation.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// Two hosts have the same name.
    #[error("two hosts are named {name}; give each a name of its own")]
    DuplicateName {
        /// The name.
        name: DomainName,
    },
    /// Two hosts have the same address.
    #[error(
        "{first} and {second} both have the address {address}; give each an address of its own"
    )]
    DuplicateAddress {
        /// The address.
        address: IpAddr,
        /// The host that was there first.
        first: DomainName,
        /// The other host.
        second: DomainName,
    },
    /// A test key that is part of the library cannot be used.
    #[error("a provider's keys cannot be used")]
    TestKey(#[from] TestKeyError),
}

/// There is no host of this name in the simulation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the simulation has no host {host}; add it to the builder")]
#[non_exhaustive]
pub struct UnknownHost {
    /// The name asked for.
    pub host: DomainName,
}
