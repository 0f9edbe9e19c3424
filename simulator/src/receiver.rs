//! Hosts that receive mail for domains.

mod afterwards;
mod decide;
mod judge;
mod requirements;
mod simulated;
mod trace;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use letterhead_identity::profile::SimulatedAddress;
use letterhead_identity::{Profile, ReceiverPolicy};
use letterhead_mail::{DomainName, EmailAddress};
use letterhead_transport::smtp::ServerReply;

use crate::behaviour::{Behaviour, Stages};
use crate::dns::SimulatedDns;
use crate::publication;
use crate::relay::RETRIES;
use crate::session::{SessionConfig, TlsOffer, reply};
use crate::tls_fault::TlsFault;

pub(crate) use decide::decide;
pub(crate) use judge::{Examination, examine};
pub(crate) use requirements::Assessed;
pub(crate) use trace::received_field;

/// A mail exchanger: it takes mail for its domains, judges it by SPF, DKIM and DMARC, and keeps it in mailboxes.
///
/// - An address of another domain is refused with 550 5.7.1, an unknown one of its own with 550 5.1.1, both at RCPT.
/// - A message that fails DMARC meets the policy: `reject` is 550 5.7.26, `quarantine` is
///   [`Disposition::Quarantine`](crate::Disposition::Quarantine). A DMARC check that fails for now is 451 4.7.0.
/// - A message without a From field, with several, or with one that cannot be read or names nobody is refused with 550
///   5.7.1: DMARC cannot be applied to it. Where one From field names several domains, DMARC does not apply either, and
///   the message is taken.
/// - `postmaster` of each domain has a mailbox, in whatever case it is written.
///
/// When a simulator is built, the host publishes its address (A or AAAA, and PTR), and for each of its domains that has
/// no MX record yet, one that names it.
#[derive(Debug, Clone)]
pub struct Receiver {
    name: DomainName,
    address: IpAddr,
    domains: BTreeSet<DomainName>,
    mailboxes: BTreeSet<EmailAddress>,
    behaviours: BTreeMap<EmailAddress, Behaviour>,
    domain_behaviours: BTreeMap<DomainName, Behaviour>,
    triggers: Triggers,
    simulated: Vec<SimulatedAddress>,
    reach: Reach,
    checks: Checks,
    policy: Option<ReceiverPolicy>,
    /// How many messages a day each sender is taken to have sent before those that are counted.
    assumed_volume: u64,
    unknown: Unknown,
    assumed_client: Option<IpAddr>,
    session: SessionConfig,
    /// How it treats everybody.
    answers: Behaviour,
    /// Of mailboxes, and its own: where sessions ask.
    asked: Stages,
    tls_fault: Option<TlsFault>,
    retries: Arc<[Duration]>,
}

/// What becomes of mail to an address without a mailbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unknown {
    Refused,
    Kept,
}

/// Where words for behaviours make addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Triggers {
    At(BTreeSet<DomainName>),
    Everywhere,
}

/// For which domains mail is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    Own,
    Every,
}

/// What is checked before mail is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Checks {
    All,
    None,
}

impl Receiver {
    /// A receiver without domains.
    #[must_use]
    pub fn new(name: DomainName, address: IpAddr) -> Self {
        Self {
            address,
            domains: BTreeSet::new(),
            mailboxes: BTreeSet::new(),
            behaviours: BTreeMap::new(),
            domain_behaviours: BTreeMap::new(),
            triggers: Triggers::At(BTreeSet::new()),
            simulated: Vec::new(),
            reach: Reach::Own,
            checks: Checks::All,
            policy: None,
            assumed_volume: 0,
            unknown: Unknown::Refused,
            assumed_client: None,
            session: SessionConfig::new(name.clone()).tls(TlsOffer::StartTls),
            answers: Behaviour::new(),
            asked: Stages::NONE,
            tls_fault: None,
            retries: RETRIES.into(),
            name,
        }
    }

    /// It takes mail for this domain as well.
    #[must_use]
    pub fn domain(mut self, domain: DomainName) -> Self {
        self.domains.insert(domain);
        self
    }

    /// There is this mailbox as well, and its domain is one of the receiver's. Mail to `local+label` arrives in the
    /// mailbox `local`.
    #[must_use]
    pub fn mailbox(mut self, address: EmailAddress) -> Self {
        self.domains.extend(address.domain_name().cloned());
        self.mailboxes.insert(canonical(address));
        self
    }

    /// Every address of its domains has a mailbox, with its label where it has one.
    #[must_use]
    pub fn catch_all(mut self) -> Self {
        self.unknown = Unknown::Kept;
        self
    }

    /// There is this mailbox as well, and it treats mail like this; mail to `local+label` too.
    #[must_use]
    pub fn behaves(mut self, address: EmailAddress, behaviour: Behaviour) -> Self {
        self = self.asking(behaviour.stages().of_mailboxes());
        self.behaviours
            .insert(canonical(address.clone()), behaviour);
        self.mailbox(address)
    }

    /// It takes mail for this domain as well: every address there has a mailbox, and those that have no behaviour of their
    /// own treat mail like this.
    #[must_use]
    pub fn domain_behaves(mut self, domain: DomainName, behaviour: Behaviour) -> Self {
        self = self.asking(behaviour.stages().of_mailboxes());
        self.domain_behaviours.insert(domain.clone(), behaviour);
        self.domain(domain)
    }

    /// It takes mail for this domain as well, and every local part there that is a
    /// [word for a behaviour](Behaviour#impl-FromStr-for-Behaviour) has a mailbox that behaves so: `defer-3@`,
    /// `450-4.2.2-ada+invoice-7@`. A sender from there is treated as its own word says: `mail-421@`.
    #[must_use]
    pub fn triggers(mut self, domain: DomainName) -> Self {
        if let Triggers::At(domains) = &mut self.triggers {
            domains.insert(domain.clone());
        }
        self.asking(Stages::OF_MAILBOXES).domain(domain)
    }

    /// As [`triggers`](Self::triggers), for all domains that it takes mail for.
    #[must_use]
    pub fn triggers_everywhere(mut self) -> Self {
        self.triggers = Triggers::Everywhere;
        self.asking(Stages::OF_MAILBOXES)
    }

    /// It takes mail for the addresses of this provider's mailbox simulator as well, and treats it as a mail exchanger
    /// does: what bounces is refused in the session, and nothing comes back afterwards. That the provider itself answers
    /// for them is for a [`Front`](crate::Front).
    #[must_use]
    pub fn simulated_mailboxes(mut self, profile: &Profile) -> Self {
        let addresses = profile.simulated_addresses();
        self.domains
            .extend(addresses.iter().filter_map(simulated::domain).cloned());
        self.simulated.extend(addresses.iter().cloned());
        self
    }

    /// It takes mail for every domain, and each address has a mailbox. Hosts of the simulation bring it what is for a
    /// domain without records in the simulated DNS, unless that is `invalid` or below, which never exists
    /// ([RFC 6761 §6.4](https://www.rfc-editor.org/rfc/rfc6761#section-6.4)).
    #[must_use]
    pub fn every_domain(mut self) -> Self {
        self.reach = Reach::Every;
        self.catch_all()
    }

    /// It looks at neither SPF nor DKIM nor DMARC nor From, and takes whatever is for its mailboxes.
    #[must_use]
    pub fn unchecked(mut self) -> Self {
        self.checks = Checks::None;
        self
    }

    /// It asks of mail what this policy says, as well: more of senders of bulk mail, whom it knows by counting their messages
    /// to all of its mailboxes. What does not meet a required rule is refused in the policy's words, or else with 550 and
    /// the code that [RFC 7372](https://www.rfc-editor.org/rfc/rfc7372) or
    /// [RFC 5248](https://www.rfc-editor.org/rfc/rfc5248) has for it. Mail counts as promotional that has List-Unsubscribe or
    /// List-Id, or `Precedence: bulk` or `list`. How many complain, and whether somebody who unsubscribed is written to,
    /// is not looked at.
    #[must_use]
    pub fn policy(mut self, policy: ReceiverPolicy) -> Self {
        self.policy = Some(policy);
        self
    }

    /// The address that clients are taken to come from when they are not hosts of the simulation. Where nothing is said,
    /// those on a socket come from where they do, mostly 127.0.0.1, and those in memory from there too.
    #[must_use]
    pub fn assumed_client(mut self, address: IpAddr) -> Self {
        self.assumed_client = Some(address);
        self
    }

    /// The largest message it takes, in octets; 25 MiB where nothing is said.
    #[must_use]
    pub fn maximum_octets(mut self, octets: u64) -> Self {
        self.session = self.session.maximum_octets(octets);
        self
    }

    /// The most recipients of one message; 100 where nothing is said.
    #[must_use]
    pub fn maximum_recipients(mut self, recipients: usize) -> Self {
        self.session = self.session.maximum_recipients(recipients);
        self
    }

    /// How its sessions behave, changed from how they do so far: extensions hidden, another greeting, bad lines taken.
    ///
    /// ```
    /// use letterhead_simulator::Receiver;
    /// use letterhead_simulator::session::{Extension, LinePolicy};
    ///
    /// let receiver = Receiver::new("mx.example.org".parse()?, "192.0.2.1".parse()?).session(|session| {
    ///     session.hide(Extension::Chunking).line_policy(LinePolicy::AcceptAndReport)
    /// });
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn session(mut self, change: impl FnOnce(SessionConfig) -> SessionConfig) -> Self {
        self.session = change(self.session).named(self.name.clone());
        self
    }

    /// It treats everybody like this, at every point of a session: the host's own behaviour, which is asked before that of a
    /// mailbox. What it does afterwards is not looked at.
    ///
    /// ```
    /// use letterhead_simulator::Receiver;
    /// use letterhead_simulator::behaviour::{Act, Behaviour, Stage, When};
    ///
    /// // A client's first two connections are turned away, and who has no business here hears so at MAIL.
    /// let receiver = Receiver::new("mx.example.org".parse()?, "192.0.2.1".parse()?).answers(
    ///     Behaviour::new()
    ///         .rule(Stage::Greeting, When::FirstAttempts(2), Act::answer(421, (4, 3, 2), "busy"))
    ///         .decide(|attempt| {
    ///             let is_stranger = attempt.stage == Stage::Sender && attempt.sender?.to_string().ends_with(".test");
    ///             is_stranger.then(|| Act::answer(553, (5, 7, 1), "not from there"))
    ///         }),
    /// );
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn answers(mut self, behaviour: Behaviour) -> Self {
        self = self.asking(behaviour.stages());
        self.answers = behaviour;
        self
    }

    /// How long it waits before each further attempt at a report that was refused for now; after the last one it gives up.
    /// Where nothing is said: 5 and 15 minutes, 1, 4 and 8 hours.
    #[must_use]
    pub fn retry_after(mut self, waits: impl IntoIterator<Item = Duration>) -> Self {
        self.retries = waits.into_iter().collect();
        self
    }

    /// This goes wrong with its TLS.
    #[must_use]
    pub fn tls_fault(mut self, fault: TlsFault) -> Self {
        self.tls_fault = Some(fault);
        self
    }

    fn asking(mut self, stages: Stages) -> Self {
        self.asked = self.asked.and(stages);
        self
    }

    pub(crate) fn own_behaviour(&self) -> Option<&Behaviour> {
        self.answers.has_rules().then_some(&self.answers)
    }

    pub(crate) fn wrong_tls(&self) -> Option<TlsFault> {
        self.tls_fault
    }

    pub(crate) fn retries(&self) -> Arc<[Duration]> {
        Arc::clone(&self.retries)
    }

    pub(crate) fn name(&self) -> &DomainName {
        &self.name
    }

    pub(crate) fn address(&self) -> IpAddr {
        self.address
    }

    pub(crate) fn assumed(&self) -> Option<IpAddr> {
        self.assumed_client
    }

    /// A receiver that nobody built, of everybody's mail, which asks what this policy says. Each sender is taken to send it
    /// this many messages a day.
    pub(crate) fn assumed_of(policy: ReceiverPolicy, volume: u64) -> Option<Self> {
        let label = policy.id().as_str().replace('_', "-");
        let name = format!("mx.{}.invalid", label.trim_matches('-'));
        let unspecified = IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED);
        let receiver = Self::new(name.parse().ok()?, unspecified);
        Some(Self {
            assumed_volume: volume,
            ..receiver.every_domain().policy(policy)
        })
    }

    pub(crate) fn takes_every_domain(&self) -> bool {
        self.reach == Reach::Every
    }

    pub(crate) fn publish(&self, dns: &SimulatedDns) {
        publication::publish_host(dns, &self.name, self.address);
        for domain in &self.domains {
            publication::publish_exchanger(dns, domain, &self.name);
        }
    }

    pub(crate) fn session_config(&self) -> SessionConfig {
        self.session.clone().ask_at_all(self.asked)
    }

    /// Whether it takes mail for the domain of this recipient.
    pub(crate) fn serves(&self, recipient: &EmailAddress) -> bool {
        self.takes_every_domain()
            || simulated::meant(&self.simulated, recipient).is_some()
            || recipient
                .domain_name()
                .is_some_and(|domain| self.domains.contains(domain) || *domain == self.name)
    }

    /// What it asks of senders.
    pub(crate) fn asks(&self) -> Option<&ReceiverPolicy> {
        self.policy.as_ref()
    }

    /// Its own postmaster, who always has a mailbox.
    pub(crate) fn postmaster(&self) -> Option<EmailAddress> {
        EmailAddress::new(POSTMASTER, self.name.clone()).ok()
    }

    /// The mailbox that mail to `recipient` is put into, or the refusal.
    pub(crate) fn mailbox_of(&self, recipient: &EmailAddress) -> Result<EmailAddress, ServerReply> {
        let simulated = simulated::meant(&self.simulated, recipient).is_some();
        if !self.serves(recipient) {
            return Err(reply(550, (5, 7, 1), "relaying denied"));
        }
        if is_postmaster(recipient) {
            return Ok(canonical(recipient.clone()));
        }
        if self.mailboxes.contains(recipient) {
            return Ok(recipient.clone());
        }
        let unlabelled = recipient.without_label();
        if self.mailboxes.contains(&unlabelled) || simulated || self.trigger(recipient).is_some() {
            return Ok(unlabelled);
        }
        let of_domain = recipient
            .domain_name()
            .is_some_and(|domain| self.domain_behaviours.contains_key(domain));
        if of_domain || self.unknown == Unknown::Kept {
            return Ok(recipient.clone());
        }
        Err(reply(550, (5, 1, 1), "no such user here"))
    }
}

impl Receiver {
    /// How the mailbox of this recipient treats mail, where that is said.
    pub(crate) fn behaviour_of(&self, recipient: &EmailAddress) -> Option<Cow<'_, Behaviour>> {
        let stated = [recipient.clone(), recipient.without_label()]
            .into_iter()
            .find_map(|address| self.behaviours.get(&canonical(address)));
        if let Some(behaviour) = stated {
            return Some(Cow::Borrowed(behaviour));
        }
        if let Some(simulated) = simulated::meant(&self.simulated, recipient) {
            return Some(Cow::Owned(simulated::behaviour(simulated)));
        }
        if let Some(behaviour) = self.trigger(recipient) {
            return Some(Cow::Owned(behaviour));
        }
        let of_domain = self.domain_behaviours.get(recipient.domain_name()?)?;
        Some(Cow::Borrowed(of_domain))
    }

    fn trigger(&self, recipient: &EmailAddress) -> Option<Behaviour> {
        if let Triggers::At(domains) = &self.triggers
            && !domains.contains(recipient.domain_name()?)
        {
            return None;
        }
        recipient.without_label().local_part().parse().ok()
    }
}

/// The address that a mailbox is kept under. Only the postmaster's is the same in any case
/// ([RFC 5321 §4.5.1](https://www.rfc-editor.org/rfc/rfc5321#section-4.5.1)).
pub(crate) fn canonical(address: EmailAddress) -> EmailAddress {
    if !is_postmaster(&address) {
        return address;
    }
    EmailAddress::new(POSTMASTER, address.domain().clone()).unwrap_or(address)
}

fn is_postmaster(address: &EmailAddress) -> bool {
    address.local_part().eq_ignore_ascii_case(POSTMASTER)
}

const POSTMASTER: &str = "postmaster";
