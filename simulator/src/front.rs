//! Hosts that send mail for customers, by the rules of a provider's profile.

mod acceptance;
mod engagement;
mod feedback_by_mail;
mod handle;
mod identities;
mod keys;
mod own_answers;
mod signing;
mod suppression;
mod tokens;
mod virus_check;

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use letterhead_identity::profile::{
    Amount, Condition, QuotaUnit, SizeBasis, SuppressionCause, Window,
};
use letterhead_identity::{Profile, Region, Subject};
use letterhead_mail::{DomainName, EmailAddress};
use letterhead_transport::Credentials;
use letterhead_transport::smtp::ServerReply;

pub use self::engagement::UnknownMail;
pub use self::feedback_by_mail::FeedbackByMail;
pub use self::handle::FrontHandle;
use self::keys::FrontKeys;
pub use self::keys::TestKeyError;
pub(crate) use self::keys::read as read_key;
pub use self::suppression::SuppressedAddress;
use self::suppression::SuppressionList;
pub(crate) use self::suppression::learn_bounces;
pub use self::virus_check::VirusCheck;
use crate::behaviour::Behaviour;
use crate::dns::SimulatedDns;
use crate::entropy::SeededEntropy;
use crate::provider_events::{Subscriber, Webhook};
use crate::publication;
use crate::relay::RETRIES;
use crate::session::{
    AuthOffer, Extension, MailNeeds, Password, Question, SessionConfig, TlsOffer, reply,
};
use crate::tls_fault::TlsFault;
use crate::world::{Answer, Outbound, World};

/// A provider's submission server: what [`Profile`] says about a provider, acted out.
///
/// - Clients log in, over TLS unless [`allow_plaintext_auth`](Self::allow_plaintext_auth).
/// - Where the profile has a text for it, a From address that no verified identity covers is refused with it.
/// - The profile's limits on one message hold.
/// - Header fields that the profile says are overwritten are: Message-ID, in the first form that the profile has for it,
///   and Date. Others are left alone.
/// - The envelope sender becomes one at the profile's return path; reports go to the customer's own.
/// - Where the profile says so the provider signs, with [test keys](crate#test-keys): with its own domain, and with the
///   customer's, once the records for the [tokens](crate::FrontHandle::issue_dkim_tokens) are published.
/// - Mail is passed on to the mail exchangers of the simulation. What is refused for now is tried again for about half a
///   day, or [as told](Self::retry_after). What fails comes back as a delivery status notification, one for each attempt
///   of each message.
/// - The addresses of the provider's mailbox simulator, with any `+label`, never leave the host: bounces and complaints
///   are sent after a while, one report a message. Automatic answers are told to webhooks only.
/// - Where the profile has hard bounces among the reasons for a suppression, an address that is refused as dead goes onto
///   the customer's [suppression list](crate::FrontHandle::suppression_list), and nothing is sent to it any more. Late
///   bounces and complaints do not come to the provider, and put nothing on it.
/// - What becomes of every message is told to [webhooks](Self::webhook), in the provider's own form, with bounces and
///   complaints at the time at which they come as mail.
///
/// A profile that says nothing of all this makes a relay that only takes mail and passes it on.
///
/// When a simulator is built, the host publishes its address and its domain keys. The domain of the profile's return path
/// gets one SPF record with the addresses of all the fronts that share it, unless it has an SPF record already.
#[derive(Debug, Clone)]
pub struct Front {
    name: DomainName,
    address: IpAddr,
    profile: Profile,
    logins: BTreeMap<String, Password>,
    verified: BTreeSet<Subject>,
    region: Option<Region>,
    session: SessionConfig,
    assumed_client: Option<IpAddr>,
    retries: Arc<[Duration]>,
    bounce_after: Duration,
    complaint_after: Duration,
    webhooks: Vec<Webhook>,
    feedback_by_mail: FeedbackByMail,
    suppressed: Vec<EmailAddress>,
    virus_check: VirusCheck,
    /// How it treats everybody.
    answers: Behaviour,
    tls_fault: Option<TlsFault>,
}

impl Front {
    /// A front without customers: nobody can log in.
    #[must_use]
    pub fn new(name: DomainName, address: IpAddr, profile: Profile) -> Self {
        let session = SessionConfig::new(name.clone())
            .tls(TlsOffer::StartTls)
            .auth(AuthOffer::UnderTls)
            .mail_needs(MailNeeds::Authentication)
            // The profile's own limit has a reply of its own.
            .maximum_recipients(usize::MAX)
            // It would promise what the way on from here does not keep.
            .hide(Extension::RequireTls);
        Self {
            name,
            address,
            profile,
            logins: BTreeMap::new(),
            verified: BTreeSet::new(),
            region: None,
            session,
            assumed_client: None,
            retries: RETRIES.into(),
            bounce_after: Duration::from_secs(30),
            complaint_after: Duration::from_hours(2),
            webhooks: Vec::new(),
            feedback_by_mail: FeedbackByMail::Sent,
            suppressed: Vec::new(),
            virus_check: VirusCheck::Off,
            answers: Behaviour::new(),
            tls_fault: None,
        }
    }

    /// This user can log in with this password.
    #[must_use]
    pub fn login(mut self, user: impl Into<String>, password: Password) -> Self {
        self.logins.insert(user.into(), password);
        self
    }

    /// This address or domain is verified from the start, without records.
    #[must_use]
    pub fn verified(mut self, subject: Subject) -> Self {
        self.verified.insert(subject);
        self
    }

    /// The provider's region that it is in, as its replies name it; they say `unknown` where nothing is said.
    #[must_use]
    pub fn region(mut self, region: Region) -> Self {
        self.region = Some(region);
        self
    }

    /// Passwords are taken without TLS too, for clients that have none.
    #[must_use]
    pub fn allow_plaintext_auth(mut self) -> Self {
        self.session = self.session.auth(AuthOffer::Always);
        self
    }

    /// How its sessions behave, changed from how they do so far: extensions hidden, another greeting, bad lines taken.
    /// REQUIRETLS is hidden always: mail goes on from here without the requirement. Where the profile limits the size of
    /// a message, that limit holds.
    #[must_use]
    pub fn session(mut self, change: impl FnOnce(SessionConfig) -> SessionConfig) -> Self {
        self.session = change(self.session)
            .named(self.name.clone())
            .hide(Extension::RequireTls);
        self
    }

    /// The address that clients are taken to come from. Where nothing is said, those on a socket come from where they do,
    /// mostly 127.0.0.1, and those in memory from there too.
    #[must_use]
    pub fn assumed_client(mut self, address: IpAddr) -> Self {
        self.assumed_client = Some(address);
        self
    }

    /// How long it waits before each further attempt at what was refused for now; after the last one it gives up. Where
    /// nothing is said: 5 and 15 minutes, 1, 4 and 8 hours. A wait that the clock cannot show counts as none. Who asks to
    /// be told of a delay is told of it at the third attempt.
    #[must_use]
    pub fn retry_after(mut self, waits: impl IntoIterator<Item = Duration>) -> Self {
        self.retries = waits.into_iter().collect();
        self
    }

    /// How long after a message its bounces come back: 30 seconds where nothing is said.
    #[must_use]
    pub fn bounce_after(mut self, delay: Duration) -> Self {
        self.bounce_after = delay;
        self
    }

    /// How long after a message complaints about it come: 2 hours where nothing is said.
    #[must_use]
    pub fn complaint_after(mut self, delay: Duration) -> Self {
        self.complaint_after = delay;
        self
    }

    /// It tells this webhook what becomes of mail, too. None is told where nothing is said.
    #[must_use]
    pub fn webhook(mut self, webhook: Webhook) -> Self {
        self.webhooks.push(webhook);
        self
    }

    /// Whether bounces and complaints come back as mail, beside what webhooks are told; they do where nothing is said.
    #[must_use]
    pub fn feedback_by_mail(mut self, feedback: FeedbackByMail) -> Self {
        self.feedback_by_mail = feedback;
        self
    }

    /// This address is on the suppression list that the provider keeps for the customer: mail to it is taken, never passed
    /// on, and bounces. Letters are the same in both cases. The addresses of the provider's mailbox simulator are never
    /// suppressed.
    #[must_use]
    pub fn suppressed(mut self, address: EmailAddress) -> Self {
        self.suppressed.push(address);
        self
    }

    /// Whether it looks for viruses; it does not where nothing is said.
    #[must_use]
    pub fn virus_check(mut self, check: VirusCheck) -> Self {
        self.virus_check = check;
        self
    }

    /// It treats everybody like this in sessions: replies, waits and closed connections
    /// [at every point](crate::behaviour::Stage). What a behaviour does afterwards is not looked at.
    #[must_use]
    pub fn answers(mut self, behaviour: Behaviour) -> Self {
        self.answers = behaviour;
        self
    }

    /// This goes wrong with its TLS.
    #[must_use]
    pub fn tls_fault(mut self, fault: TlsFault) -> Self {
        self.tls_fault = Some(fault);
        self
    }

    pub(crate) fn name(&self) -> &DomainName {
        &self.name
    }

    pub(crate) fn address(&self) -> IpAddr {
        self.address
    }
}

/// A front that is part of a world.
#[derive(Debug)]
pub(crate) struct FrontHost {
    front: Front,
    keys: FrontKeys,
    customers: Mutex<Customers>,
    subscribers: Vec<Subscriber>,
    /// By their ids, where someone is told what becomes of them.
    sent: Mutex<BTreeMap<String, Arc<Outbound>>>,
}

#[derive(Debug, Default)]
struct Customers {
    verified: BTreeSet<Subject>,
    tokens: BTreeMap<DomainName, Vec<String>>,
    suppressed: SuppressionList,
}

impl FrontHost {
    /// Puts a front into a world.
    ///
    /// # Errors
    ///
    /// When a built-in test key cannot be read.
    pub(crate) fn new(
        front: Front,
        dns: &SimulatedDns,
        entropy: &SeededEntropy,
    ) -> Result<Self, TestKeyError> {
        publication::publish_host(dns, &front.name, front.address);
        let keys = FrontKeys::new(&front, dns, entropy)?;
        let mut suppressed = SuppressionList::default();
        for address in &front.suppressed {
            suppressed.add(address, SuppressionCause::Manual);
        }
        let customers = Customers {
            verified: front.verified.clone(),
            tokens: BTreeMap::new(),
            suppressed,
        };
        let subscriber = |(position, webhook): (usize, &Webhook)| {
            let label = format!("webhooks/{}/{position}", front.name);
            Subscriber::new(webhook.clone(), entropy.derive(&label))
        };
        let webhooks = front.webhooks.iter().enumerate();
        let subscribers = webhooks.map(subscriber).collect::<Result<_, _>>()?;
        Ok(Self {
            front,
            keys,
            customers: Mutex::new(customers),
            subscribers,
            sent: Mutex::default(),
        })
    }

    /// The webhooks that it tells things.
    pub(crate) fn subscribers(&self) -> &[Subscriber] {
        &self.subscribers
    }

    /// Whether bounces and complaints come back as mail.
    pub(crate) fn reports_by_mail(&self) -> bool {
        self.front.feedback_by_mail == FeedbackByMail::Sent
    }

    pub(crate) fn name(&self) -> &DomainName {
        &self.front.name
    }

    pub(crate) fn address(&self) -> IpAddr {
        self.front.address
    }

    /// The domain of the envelope senders that mail leaves with, where the profile has one.
    pub(crate) fn return_path_domain(&self) -> Option<&DomainName> {
        self.front.profile.return_path().map(|rule| &rule.domain)
    }

    pub(crate) fn assumed(&self) -> Option<IpAddr> {
        self.front.assumed_client
    }

    pub(crate) fn own_behaviour(&self) -> Option<&Behaviour> {
        let behaviour = &self.front.answers;
        behaviour.has_rules().then_some(behaviour)
    }

    pub(crate) fn wrong_tls(&self) -> Option<TlsFault> {
        self.front.tls_fault
    }

    pub(crate) fn session_config(&self) -> SessionConfig {
        let config = self.front.session.clone();
        let config = config.ask_at_all(self.front.answers.stages());
        match self.limit(QuotaUnit::Octets) {
            Some(octets) => config.maximum_octets(octets),
            None => config,
        }
    }

    /// What a client of this host logs in with: the first login.
    pub(crate) fn credentials(&self) -> Option<Credentials> {
        let (user, password) = self.front.logins.first_key_value()?;
        Some(Credentials::new(user.clone(), password.expose().into()))
    }

    /// The profile's limit on one message, where it is known.
    fn limit(&self, unit: QuotaUnit) -> Option<u64> {
        let quotas = self.front.profile.quotas().iter();
        quotas
            .filter(|quota| quota.window == Window::Message && quota.unit == unit)
            .filter(|quota| quota.tier.is_none() && quota.basis == SizeBasis::Encoded)
            .find_map(|quota| match quota.maximum {
                Amount::Known(maximum) => Some(maximum),
                _ => None,
            })
    }

    /// The provider's own words for a refusal.
    fn refusal(&self, condition: Condition, from: &str) -> Option<ServerReply> {
        let refusals = self.front.profile.refusals().iter();
        let refusal = refusals
            .into_iter()
            .find(|refusal| refusal.condition == condition)?;
        let region = self.front.region.as_ref().map_or("unknown", Region::as_str);
        // The address last, so that braces in it are just braces.
        let text = refusal.text.replace("{region}", region);
        let text = text.replace("{from}", from);
        Some(ServerReply::new(refusal.code, refusal.enhanced, &text))
    }

    fn lock(&self) -> MutexGuard<'_, Customers> {
        self.customers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Answers a question of a session at this host.
pub(crate) fn decide(
    world: &World,
    host: &FrontHost,
    client: IpAddr,
    question: Question,
) -> Answer {
    let said = match question {
        Question::Authenticate { user, password } => {
            if host.front.logins.get(&user) == Some(&password) {
                return reply(235, (2, 7, 0), "authentication successful").into();
            }
            let fallback = || reply(535, (5, 7, 8), "authentication credentials invalid");
            host.refusal(Condition::Credentials, "")
                .unwrap_or_else(fallback)
        }
        Question::Sender { .. } => reply(250, (2, 1, 0), "sender fine"),
        Question::Recipient { before, .. } => {
            let limit = host.limit(QuotaUnit::Recipients);
            let taken = u64::try_from(before).unwrap_or(u64::MAX);
            if limit.is_none_or(|limit| taken < limit) {
                return reply(250, (2, 1, 5), "recipient fine").into();
            }
            let fallback = || reply(452, (4, 5, 3), "too many recipients");
            host.refusal(Condition::TooManyRecipients, "")
                .unwrap_or_else(fallback)
        }
        Question::Message(received) => acceptance::accept(world, host, client, &received),
        Question::Proceed { .. } => return Answer::usual(),
    };
    said.into()
}
