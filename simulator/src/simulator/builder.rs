//! Making a simulation.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Weak};
use std::time::SystemTime;

use letterhead_dns::Zone;
use letterhead_mail::DomainName;

use super::Simulator;
use crate::clock::VirtualClock;
#[cfg(feature = "cross-check")]
use crate::cross_check::SecondJudge;
use crate::dns::SimulatedDns;
use crate::entropy::SeededEntropy;
use crate::event::SimEvent;
use crate::front::{Front, FrontHost, TestKeyError};
use crate::one_click::{OneClickHandler, OneClickHandlers};
use crate::publication;
use crate::receiver::Receiver;
use crate::world::{Happening, Host, Observer, World};

/// What a simulation is made of.
#[derive(Debug, Clone)]
#[must_use]
pub struct SimulatorBuilder {
    start: SystemTime,
    seed: u64,
    zones: Vec<Zone>,
    hosts: Vec<Planned>,
    observers: Vec<Observer>,
    one_click: OneClickHandlers,
    #[cfg(feature = "cross-check")]
    opinions: Opinions,
}

/// How many judge each mail.
#[cfg(feature = "cross-check")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Opinions {
    One,
    Two,
}

#[derive(Debug, Clone)]
enum Planned {
    Receiver(Box<Receiver>),
    Front(Box<Front>),
}

impl SimulatorBuilder {
    pub(super) fn new(start: SystemTime, seed: u64) -> Self {
        Self {
            start,
            seed,
            zones: Vec::new(),
            hosts: Vec::new(),
            observers: Vec::new(),
            one_click: OneClickHandlers::default(),
            #[cfg(feature = "cross-check")]
            opinions: Opinions::One,
        }
    }

    /// With these records. They are published before the hosts publish theirs.
    pub fn zone(mut self, zone: Zone) -> Self {
        self.zones.push(zone);
        self
    }

    /// With this receiver.
    pub fn receiver(mut self, receiver: Receiver) -> Self {
        self.hosts.push(Planned::Receiver(Box::new(receiver)));
        self
    }

    /// With this front.
    pub fn front(mut self, front: Front) -> Self {
        self.hosts.push(Planned::Front(Box::new(front)));
        self
    }

    /// Has every event told to `observe` at once, on the thread it happens on. What is stored is there by then. Where it moves
    /// the time, that may be done once what is happening has happened.
    pub fn observe(mut self, observe: impl Fn(&SimEvent) + Send + Sync + 'static) -> Self {
        self.observers.push(Observer(Arc::new(observe)));
        self
    }

    /// Has requests to unsubscribe that name this host in their URI answered by `handler`; see [`one_click`](crate::one_click).
    /// For further hosts call it again.
    pub fn one_click(mut self, host: DomainName, handler: impl OneClickHandler + 'static) -> Self {
        self.one_click.add(host, Arc::new(handler));
        self
    }

    /// Every message that a receiver judges is judged by mail-auth, too, from the same records at the same time; see
    /// [`cross_check`](crate::cross_check). It takes longer, and changes nothing of what becomes of the message.
    ///
    /// ```
    /// # use std::time::SystemTime;
    /// # use letterhead_dns::block_on_ready;
    /// # use letterhead_mail::{EmailAddress, Envelope, LineEndings, Message, Submission, Transport};
    /// # use letterhead_simulator::{Receiver, Simulator};
    /// let receiver = Receiver::new("mx.receiver.example".parse()?, "192.0.2.20".parse()?);
    /// let simulator = Simulator::builder(SystemTime::UNIX_EPOCH, 42)
    ///     .receiver(receiver.mailbox("joe@receiver.example".parse()?))
    ///     .cross_check()
    ///     .build()?;
    /// # let text = "From: a@b.example\r\n\r\nHello.\r\n";
    /// # let message = Message::from_bytes(text, LineEndings::Strict)?;
    /// # let (from, to): (EmailAddress, EmailAddress) = ("a@b.example".parse()?, "joe@receiver.example".parse()?);
    /// # let envelope = Envelope::new(from, [to])?;
    /// # let submission = Submission::new("1".parse()?, "acme".parse()?, message, envelope);
    /// # let transport = simulator.transport("mx.receiver.example")?;
    /// # block_on_ready(transport.send(&submission)).expect("a simulation never waits");
    /// // … mail is sent …
    /// let mail = simulator.mailbox("joe@receiver.example").expect_one();
    /// let second = mail.second_opinion.expect("it is asked about every mail");
    /// assert_eq!(second.disagreements, []);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(feature = "cross-check")]
    pub fn cross_check(mut self) -> Self {
        self.opinions = Opinions::Two;
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
        publish_senders(&dns, &hosts);
        let clock = VirtualClock::new(self.start);
        let world = World::new(dns, clock, entropy, hosts, self.observers, self.one_click);
        #[cfg(feature = "cross-check")]
        let world = match self.opinions {
            Opinions::One => world,
            Opinions::Two => {
                let judge = SecondJudge::new();
                world.judged_twice(judge.map_err(BuildError::SecondJudge)?)
            }
        };
        for host in world.hosts.values() {
            if let Host::Front(front) = host
                && !front.subscribers().is_empty()
            {
                let host = front.name().clone();
                world.schedule(self.start, Happening::Subscribe { host });
            }
        }
        let world = Arc::new(world);
        let run: Weak<World> = Arc::downgrade(&world);
        world.clock.drives(run);
        Ok(Simulator { world })
    }
}

/// Fronts of one provider send from one domain, and are named by one record that customers include; a domain can have one
/// SPF record only.
fn publish_senders(dns: &SimulatedDns, hosts: &BTreeMap<DomainName, Host>) {
    let mut senders: BTreeMap<DomainName, Vec<IpAddr>> = BTreeMap::new();
    for host in hosts.values() {
        let Host::Front(front) = host else {
            continue;
        };
        let return_path = front.return_path_domain().cloned();
        if let Some(domain) = &return_path {
            publication::publish_exchanger(dns, domain, front.name());
        }
        for domain in return_path.into_iter().chain(front.included_domains()) {
            let addresses = senders.entry(domain).or_default();
            if !addresses.contains(&front.address()) {
                addresses.push(front.address());
            }
        }
    }
    for (domain, addresses) in senders {
        publication::publish_senders(dns, &domain, &addresses);
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
    /// mail-auth cannot be set up.
    #[cfg(feature = "cross-check")]
    #[error(
        "mail-auth cannot be set up, who would judge mail a second time; build without `cross_check`"
    )]
    SecondJudge(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A test key that is part of the library cannot be used.
    #[error("a provider's keys cannot be used")]
    TestKey(#[from] TestKeyError),
}
