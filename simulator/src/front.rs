//! Hosts that send mail for customers, by the rules of a provider's profile.

mod acceptance;
mod deciding;
mod engagement;
mod feedback_by_mail;
mod handle;
mod host;
mod identities;
mod issued;
mod keys;
mod limits;
mod own_answers;
mod relaying;
mod returned;
mod signing;
mod suppression;
mod virus_check;

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use letterhead_identity::profile::{Limits, ProfileError};
use letterhead_identity::{Profile, Region, Subject};
use letterhead_mail::{DomainName, EmailAddress, Message};

pub(crate) use self::deciding::decide;
pub use self::engagement::UnknownMail;
pub use self::feedback_by_mail::FeedbackByMail;
pub use self::handle::FrontHandle;
pub(crate) use self::host::FrontHost;
pub use self::keys::TestKeyError;
pub(crate) use self::keys::read as read_key;
use self::relaying::Alteration;
pub use self::suppression::SuppressedAddress;
pub(crate) use self::suppression::learn_bounces;
pub use self::virus_check::VirusCheck;
use crate::behaviour::Behaviour;
use crate::provider_events::Webhook;
use crate::relay::RETRIES;
use crate::session::{AuthOffer, Extension, MailNeeds, Password, SessionConfig, TlsOffer};
use crate::tls_fault::TlsFault;

/// A provider's submission server: what [`Profile`] says about a provider, acted out.
///
/// - Clients log in, over TLS unless [`allow_plaintext_auth`](Self::allow_plaintext_auth).
/// - Where the profile has a text for it, a From address that no verified identity covers is refused with it.
/// - The profile's limits on one message hold, and on connections.
/// - Header fields that the profile says are overwritten are: Message-ID, in the first form that the profile has for it,
///   and Date. Others are left alone.
/// - The envelope sender becomes one at the profile's return path; reports go to the customer's own.
/// - Where the profile says so the provider signs, with [test keys](crate#test-keys): with its own domain, and with the
///   customer's, once the DKIM records are published that the profile makes of [what it issues](crate::FrontHandle::issue).
/// - Mail is passed on to the mail exchangers of the simulation. What is refused for now is tried again for about half a
///   day, or [as told](Self::retry_after). What fails comes back as a delivery status notification, one for each attempt
///   of each message.
/// - The addresses of the provider's mailbox simulator, with any `+label`, never leave the host: bounces and complaints
///   are sent after a while, one report a message. Automatic answers are told to webhooks only.
/// - What comes back later to the profile's return path comes to the host: late bounces and complaints go on to the
///   customer, as reports of the provider's own; what it cannot read, and answers of machines, as they came.
/// - Where the profile has hard bounces or complaints among the reasons for a suppression, an address that is refused as
///   dead, or complains, goes onto the customer's [suppression list](crate::FrontHandle::suppression_list), and nothing is
///   sent to it any more. What becomes of mail to it is what the profile says.
/// - Mail beyond [limits](Self::limits) over time is refused, in the provider's words where the profile has them.
/// - Where the profile says how volume is to be tried, a customer whose mail bounces by the dozen is told of it
///   ([`SimEventKind::Advised`](crate::SimEventKind::Advised)).
/// - Where the profile has rules for servers between a vendor and the recipients, what leaves is compared with what came
///   ([`SimEventKind::RelayChecked`](crate::SimEventKind::RelayChecked)). SPF of whoever hands it over is not looked at.
/// - What becomes of every message is told to [webhooks](Self::webhook), in the provider's own form, with bounces and
///   complaints at the time at which they come as mail.
///
/// A profile that says nothing of all this makes a relay that only takes mail and passes it on.
///
/// When a simulator is built, the host publishes its address and its domain keys. The domain of the profile's return path
/// gets one SPF record with the addresses of all the fronts that share it, unless it has an SPF record already; so does each
/// domain that the profile has customers include in theirs.
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
    limits: Option<Limits>,
    alteration: Option<Alteration>,
}

impl Front {
    /// A front of a provider whose profile is built in, without customers: nobody can log in. It is named
    /// `smtp.PROVIDER.example`, and its address is one of 198.51.100.0/24, another for each profile.
    ///
    /// ```
    /// use letterhead_simulator::{Front, Password, Simulator};
    /// # use std::time::SystemTime;
    ///
    /// let front = Front::of("postmark")?.login("token", Password::new("token"));
    /// let simulator = Simulator::builder(SystemTime::UNIX_EPOCH, 42).front(front).build()?;
    /// let console = simulator.front("postmark").ok_or("it is there")?;
    /// assert!(console.suppression_list().is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When no such profile is built in.
    pub fn of(provider: &str) -> Result<Self, ProfileError> {
        let profile = Profile::built_in(provider)?;
        let mut names = Profile::built_in_names();
        let place = names.position(|name| name == provider).unwrap_or_default();
        let last = u8::try_from(place + 1).unwrap_or(u8::MAX);
        let not_built_in = |_| ProfileError::NotBuiltIn {
            name: provider.to_owned(),
        };
        let name = format!("smtp.{provider}.example")
            .parse()
            .map_err(not_built_in)?;
        let address = IpAddr::from([198, 51, 100, last]);
        Ok(Self::new(name, address, profile))
    }

    /// A front without customers: nobody can log in.
    #[must_use]
    pub fn new(name: DomainName, address: IpAddr, profile: Profile) -> Self {
        let mail_needs = match profile.return_path() {
            // What comes back to it has nobody to log in.
            Some(_) => MailNeeds::AuthenticationUnlessReport,
            None => MailNeeds::Authentication,
        };
        let session = SessionConfig::new(name.clone())
            .tls(TlsOffer::StartTls)
            .auth(AuthOffer::UnderTls)
            .mail_needs(mail_needs)
            // The profile's own limit has a reply of its own.
            .maximum_recipients(usize::MAX)
            // It would promise what the way on from here does not keep.
            .hide(Extension::RequireTls);
        Self {
            name,
            address,
            limits: profile.limits(None).ok(),
            alteration: None,
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

    /// The limits that hold for the customer: those of a tier, or with the customer's own numbers
    /// ([`Limits::with_maximum`]). Where nothing is said they are those of [`Profile::limits`] without a tier.
    ///
    /// ```
    /// use letterhead_identity::Profile;
    /// use letterhead_simulator::Front;
    ///
    /// let sandbox = Profile::built_in("amazon-ses")?.limits(Some(&"sandbox".parse()?))?;
    /// let front = Front::of("amazon-ses")?.limits(sandbox);
    /// # let _ = front;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = Some(limits);
        self
    }

    /// This is what it does to each message on its way, before it signs: a footer that is put below, a subject that is
    /// marked.
    #[must_use]
    pub fn alters(mut self, alter: impl Fn(Message) -> Message + Send + Sync + 'static) -> Self {
        self.alteration = Some(Alteration(Arc::new(alter)));
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

/// How the local part of an envelope sender ends, behind the id of the message.
const RETURN_PATH_END: &str = "-000000";
