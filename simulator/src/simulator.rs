//! The simulator itself.

mod builder;
mod running;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use letterhead_identity::Subject;
use letterhead_mail::{DomainName, EmailAddress, Submission, Transport};
use letterhead_transport::Credentials;

pub use self::builder::{BuildError, SimulatorBuilder};
pub use self::running::StillAwake;
use crate::behaviour::Behaviour;
use crate::clock::VirtualClock;
use crate::deliverability::{self, Approach, Deliverability};
use crate::dns::SimulatedDns;
use crate::entropy::SeededEntropy;
use crate::event::SimEvent;
use crate::front::FrontHandle;
use crate::in_process::InProcess;
use crate::mailbox::{Mailbox, StoredMail};
use crate::provider_events::ProviderNotification;
use crate::serve::{ServeError, ServeOptions, Served};
use crate::world::{Host, Injection, SessionRecord, World};

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
        SimulatorBuilder::new(start, seed)
    }

    /// The DNS.
    #[must_use]
    pub fn dns(&self) -> &SimulatedDns {
        &self.world.dns
    }

    /// The clock. Moving it is the same as [`advance`](Self::advance).
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
        self.world.clock.advance(duration);
    }

    /// When something happens next, if anything is due.
    #[must_use]
    pub fn next_due(&self) -> Option<SystemTime> {
        self.world.next_due()
    }

    /// What is in a mailbox, oldest first; nothing for an address without mail.
    #[must_use]
    pub fn mails_of(&self, address: &EmailAddress) -> Vec<StoredMail> {
        self.world.mailbox(address)
    }

    /// What is in a mailbox at this moment, for filters and assertions. The address may be text; one that cannot be read
    /// fails the assertion.
    ///
    /// ```
    /// # use std::time::SystemTime;
    /// # use letterhead_simulator::Simulator;
    /// # let simulator = Simulator::builder(SystemTime::UNIX_EPOCH, 42).build()?;
    /// simulator.mailbox("joe@receiver.example").subject("Invoice").expect_none();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn mailbox<A>(&self, address: A) -> Mailbox
    where
        A: TryInto<EmailAddress>,
        A::Error: fmt::Display,
    {
        match address.try_into() {
            Ok(address) => Mailbox::open(self.world.look(address)),
            Err(error) => Mailbox::unreadable(&error),
        }
    }

    /// Takes what is in a mailbox out of it, oldest first: as an application does that fetches what came to its return path.
    #[must_use]
    pub fn take_mails(&self, address: &EmailAddress) -> Vec<StoredMail> {
        self.world.take_mails(address)
    }

    /// All mail there is, oldest first, each with its mailbox.
    #[must_use]
    pub fn mails(&self) -> Vec<(EmailAddress, StoredMail)> {
        self.world.mails()
    }

    /// Deletes the mail of this [number](StoredMail::number), and says whether it was there.
    #[expect(
        clippy::must_use_candidate,
        reason = "what it does matters, and what it says only sometimes"
    )]
    pub fn delete_mail(&self, number: u64) -> bool {
        self.world.delete(|mail| mail.number == number) > 0
    }

    /// Deletes all mail, and says how much there was. Events and sessions stay.
    #[expect(
        clippy::must_use_candidate,
        reason = "what it does matters, and what it says only sometimes"
    )]
    pub fn delete_mails(&self) -> usize {
        self.world.delete(|_| true)
    }

    /// From now on the mailbox of this address, or every mailbox of this domain that no address is named for, behaves so,
    /// whatever the simulation was built with. Of several for the same one the last holds.
    ///
    /// ```
    /// # use std::time::SystemTime;
    /// # use letterhead_simulator::Simulator;
    /// # let simulator = Simulator::builder(SystemTime::UNIX_EPOCH, 42).build()?;
    /// let full = simulator.inject("joe@receiver.example".parse()?, "452-4.2.2".parse()?);
    /// // … and when there is room again:
    /// assert!(simulator.withdraw(full));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[expect(
        clippy::must_use_candidate,
        reason = "what it does matters, and what it says only sometimes"
    )]
    pub fn inject(&self, subject: Subject, behaviour: Behaviour) -> Injection {
        self.world.inject(subject, behaviour)
    }

    /// Takes an [injected](Self::inject) behaviour back, and says whether it was there.
    #[expect(
        clippy::must_use_candidate,
        reason = "what it does matters, and what it says only sometimes"
    )]
    pub fn withdraw(&self, injection: Injection) -> bool {
        self.world.withdraw(injection)
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

    /// What fronts have told their [webhooks](crate::Webhook) so far, in order.
    #[must_use]
    pub fn notifications(&self) -> Vec<ProviderNotification> {
        self.world.notifications()
    }

    /// Those that this has not given before: to hand each to the application once, where the webhook has no
    /// [sink](crate::Webhook::sink).
    #[must_use]
    pub fn take_notifications(&self) -> Vec<ProviderNotification> {
        self.world.take_notifications()
    }

    /// What was said in all sessions that have ended, one behind the other, each under a line with its server and client.
    #[must_use]
    pub fn transcript(&self) -> String {
        let sessions = self.sessions();
        let told = sessions.iter().map(|session| {
            let SessionRecord {
                host,
                client,
                transcript,
                ..
            } = session;
            format!("{host}, to {client}\n{transcript}")
        });
        told.collect::<Vec<_>>().join("\n")
    }

    /// The sessions that have ended, with what was said; the first ten thousand.
    #[must_use]
    pub fn sessions(&self) -> Vec<SessionRecord> {
        self.world.sessions()
    }

    /// The door without a socket: a transport that speaks to the host of this name, or to a [front](Self::front) of the
    /// provider of this name, as SMTP in memory. To a front it logs in with the
    /// first of its logins, by name; to a receiver it speaks as another mail server would, coming from the assumed client
    /// address.
    ///
    /// # Errors
    ///
    /// When there is no such host.
    pub fn transport(&self, host: impl AsRef<str>) -> Result<Arc<dyn Transport>, UnknownHost> {
        let host = self.host(host.as_ref())?;
        let credentials = match host {
            Host::Front(front) => front.credentials(),
            Host::Receiver(_) => None,
        };
        let (world, name) = (Arc::clone(&self.world), host.name().clone());
        Ok(Arc::new(InProcess::new(world, name, credentials)))
    }

    /// As [`transport`](Self::transport), logging in with these credentials.
    ///
    /// # Errors
    ///
    /// When there is no such host.
    pub fn transport_as(
        &self,
        host: impl AsRef<str>,
        credentials: Credentials,
    ) -> Result<Arc<dyn Transport>, UnknownHost> {
        let name = self.host(host.as_ref())?.name().clone();
        let world = Arc::clone(&self.world);
        Ok(Arc::new(InProcess::new(world, name, Some(credentials))))
    }

    /// What each receiver, and each policy of the approach, would do with a message now, if it were brought as
    /// [`transport`](Self::transport) brings it. Nothing comes of it: no mail, event, session or count. Closures of
    /// [behaviours](crate::Behaviour::decide) are asked as in a delivery.
    pub fn deliverability(&self, submission: &Submission, approach: &Approach) -> Deliverability {
        deliverability::deliverability(&self.world, submission, approach)
    }

    /// The door with sockets: every host listens on two ports of its own on 127.0.0.1, one with STARTTLS and one under TLS
    /// from the first octet, and so does the DNS. Dropping what
    /// is returned closes them. Needs a tokio runtime with I/O and time enabled.
    ///
    /// # Errors
    ///
    /// When a port cannot be had or no certificate can be made.
    pub async fn serve(&self) -> Result<Served, ServeError> {
        self.serve_at(&ServeOptions::new()).await
    }

    /// As [`serve`](Self::serve), at these addresses.
    ///
    /// # Errors
    ///
    /// When an address cannot be had, is no loopback address, or is for a host that does not exist; or when no certificate
    /// can be made.
    pub async fn serve_at(&self, options: &ServeOptions) -> Result<Served, ServeError> {
        Served::start(&self.world, options).await
    }

    /// The inbox as a page, and as a JSON API under `/api`, at this address: what came, what is said about it, and faults to
    /// inject. Only for programs on this machine: any other address is refused, requests that name another host are, and no
    /// page of another origin can change anything. No content is loaded from anywhere. Dropping what is returned closes it.
    /// Needs a tokio runtime with I/O and time enabled.
    ///
    /// # Errors
    ///
    /// When the address cannot be had, or is no loopback address.
    #[cfg(feature = "web")]
    pub async fn serve_web(
        &self,
        address: std::net::SocketAddr,
    ) -> Result<crate::WebServer, ServeError> {
        crate::WebServer::start(self.clone(), address).await
    }

    #[cfg(feature = "web")]
    pub(crate) fn world(&self) -> &World {
        &self.world
    }

    /// A front, for what the provider's console would be used for: by the name of the host, or of the provider
    /// (`amazon-ses`), of which it is the first by name. `None` if there is none.
    #[must_use]
    pub fn front(&self, which: impl AsRef<str>) -> Option<FrontHandle> {
        match self.host(which.as_ref()) {
            Ok(Host::Front(front)) => {
                let name = front.name().clone();
                Some(FrontHandle::new(Arc::clone(&self.world), name))
            }
            Ok(Host::Receiver(_)) | Err(_) => None,
        }
    }

    /// The host of this name, or a front of the provider of this name.
    fn host(&self, which: &str) -> Result<&Host, UnknownHost> {
        let named = |name: DomainName| self.world.hosts.get(&name);
        let of_provider = |host: &&Host| host.provider().is_some_and(|id| id.as_str() == which);
        let found = which.parse().ok().and_then(named);
        let found = found.or_else(|| self.world.hosts.values().find(of_provider));
        found.ok_or_else(|| UnknownHost {
            host: which.to_owned(),
        })
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

/// There is no host of this name in the simulation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the simulation has no host {host}; add it to the builder")]
#[non_exhaustive]
pub struct UnknownHost {
    /// The name asked for.
    pub host: String,
}
