//! Options of the transport over mail exchangers.

use std::net::IpAddr;
use std::num::{NonZeroU32, NonZeroUsize};
use std::sync::Arc;

use letterhead_dns::Resolver;
use letterhead_mail::{Clock, DomainName, Entropy};

use super::any_certificate;
use super::mx_transport::MxTransport;
use super::route_settings::RouteSettings;
use super::servers::{LocalAddresses, ServerSettings, Servers};
use super::turns::Turns;
use crate::mta_sts::MtaStsPolicies;
use crate::places::Places;
use crate::smtp::LineEnds;
use crate::system::{SystemClock, SystemEntropy};
use crate::timeouts::Timeouts;
use crate::tls::{TlsError, TlsSettings};
use crate::tls_report::TlsResults;

/// Options of an [`MxTransport`].
#[derive(Debug)]
#[must_use]
pub struct MxTransportBuilder {
    resolver: Arc<dyn Resolver>,
    ehlo_name: DomainName,
    route: RouteSettings,
    port: u16,
    local: LocalAddresses,
    tls: Option<TlsSettings>,
    mta_sts: Option<Arc<MtaStsPolicies>>,
    tls_results: Option<Arc<TlsResults>>,
    timeouts: Timeouts,
    line_ends: LineEnds,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    attempts_per_domain: NonZeroUsize,
    domains_at_once: NonZeroUsize,
}

impl MxTransportBuilder {
    pub(super) fn new(resolver: Arc<dyn Resolver>, ehlo_name: DomainName) -> Self {
        Self {
            resolver,
            ehlo_name,
            route: RouteSettings::default(),
            port: 25,
            local: LocalAddresses::default(),
            tls: None,
            mta_sts: None,
            tls_results: None,
            timeouts: Timeouts::default(),
            line_ends: LineEnds::Strict,
            clock: Arc::new(SystemClock::new()),
            entropy: Arc::new(SystemEntropy::new()),
            attempts_per_domain: const { NonZeroUsize::new(10).unwrap() },
            domains_at_once: const { NonZeroUsize::new(20).unwrap() },
        }
    }

    /// How hosts are chosen, and which addresses may be connected to.
    pub fn route(mut self, settings: RouteSettings) -> Self {
        self.route = settings;
        self
    }

    /// The port that all hosts are spoken to on; 25 by default, and the internet knows no other.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// The address to connect from to addresses of its family; by default the system chooses. Call it once for each family.
    pub fn local_address(mut self, address: IpAddr) -> Self {
        self.local.set(address);
        self
    }

    /// Whom to trust where a policy asks for certificates that hold; the operating system's certificate authorities by default.
    pub fn tls(mut self, settings: TlsSettings) -> Self {
        self.tls = Some(settings);
        self
    }

    /// Follows the MTA-STS policies of domains; none by default, and then a message that has to have TLS on every hop goes
    /// nowhere.
    pub fn mta_sts(mut self, policies: Arc<MtaStsPolicies>) -> Self {
        self.mta_sts = Some(policies);
        self
    }

    /// Counts how TLS went, for reports to the domains.
    pub fn tls_results(mut self, results: Arc<TlsResults>) -> Self {
        self.tls_results = Some(results);
        self
    }

    /// How long each step may take. Within [`connect`](Timeouts::connect) a domain's hosts are looked up; each address has it
    /// again. After [`total`](Timeouts::total) nothing more is begun for a domain.
    pub fn timeouts(mut self, timeouts: Timeouts) -> Self {
        self.timeouts = timeouts;
        self
    }

    /// How the lines of hosts may end; strictly by default.
    pub fn line_ends(mut self, line_ends: LineEnds) -> Self {
        self.line_ends = line_ends;
        self
    }

    /// The clock; [`SystemClock`] by default.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// What the order of hosts with equal preferences is drawn from; [`SystemEntropy`] by default.
    pub fn entropy(mut self, entropy: Arc<dyn Entropy>) -> Self {
        self.entropy = entropy;
        self
    }

    /// How many attempts for one domain go on at once, over all submissions, and how many connections there are to one address,
    /// whatever the domains; 10 by default. The others wait for their turn, as
    /// long as their [total time](Timeouts::total) lasts. Large receivers take a handful of connections from a sender that they
    /// do not know, and defer the rest.
    pub fn attempts_per_domain(mut self, most: NonZeroUsize) -> Self {
        self.attempts_per_domain = most;
        self
    }

    /// How many domains of one submission are delivered to at once; 20 by default.
    pub fn domains_at_once(mut self, most: NonZeroUsize) -> Self {
        self.domains_at_once = most;
        self
    }

    /// The transport. It connects when something is sent.
    ///
    /// # Errors
    ///
    /// When TLS cannot be set up.
    pub fn build(self) -> Result<MxTransport, TlsError> {
        let verified = match (self.tls, &self.mta_sts) {
            (Some(settings), _) => Some(settings),
            (None, Some(_)) => Some(TlsSettings::native()?),
            (None, None) => None,
        };
        let settings = ServerSettings {
            ehlo_name: self.ehlo_name,
            local: self.local,
            verified,
            unverified: any_certificate::settings()?,
            timeouts: self.timeouts,
            line_ends: self.line_ends,
            // One host may take the mail of many domains, and to each address of it this holds for all of them together.
            max_connections: u32::try_from(self.attempts_per_domain.get())
                .ok()
                .and_then(NonZeroU32::new)
                .unwrap_or(NonZeroU32::MAX),
            clock: self.clock,
        };
        Ok(MxTransport {
            resolver: self.resolver,
            route: self.route,
            port: self.port,
            servers: Servers::new(settings),
            turns: Turns::new(self.attempts_per_domain),
            mta_sts: self.mta_sts,
            tls_results: self.tls_results,
            entropy: self.entropy,
            domains_at_once: self.domains_at_once,
            attempts: Places::new(MOST_ATTEMPTS),
        })
    }
}

/// More attempts at once wait for one to end.
const MOST_ATTEMPTS: u32 = 1 << 20;
