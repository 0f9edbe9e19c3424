//! The hosts that are spoken to.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::num::{NonZeroU32, NonZeroUsize};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use letterhead_mail::{Clock, DomainName};

use super::tls_level::TlsLevel;
use crate::endpoint::Endpoint;
use crate::recently_used::RecentlyUsed;
use crate::smtp::LineEnds;
use crate::smtp_transport::SmtpTransport;
use crate::timeouts::Timeouts;
use crate::tls::TlsSettings;

/// A transport for each host, address and level that is in use, the latest few hundred of them.
pub(super) struct Servers {
    settings: ServerSettings,
    open: Mutex<RecentlyUsed<Server, Open>>,
}

/// A transport, and when it was asked for last.
struct Open {
    transport: Arc<SmtpTransport>,
    used: SystemTime,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Server {
    /// What a certificate is checked for.
    pub(super) name: String,
    pub(super) address: SocketAddr,
    pub(super) level: TlsLevel,
}

/// What holds for all of them.
#[derive(Debug)]
pub(super) struct ServerSettings {
    pub(super) ehlo_name: DomainName,
    pub(super) local: LocalAddresses,
    /// Checks certificates; `None` where no connection has to.
    pub(super) verified: Option<TlsSettings>,
    pub(super) unverified: TlsSettings,
    pub(super) timeouts: Timeouts,
    pub(super) line_ends: LineEnds,
    /// To one address.
    pub(super) max_connections: NonZeroU32,
    pub(super) clock: Arc<dyn Clock>,
}

/// The addresses to connect from, one a family; the system chooses where there is none.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct LocalAddresses {
    v4: Option<Ipv4Addr>,
    v6: Option<Ipv6Addr>,
}

impl LocalAddresses {
    pub(super) fn set(&mut self, address: IpAddr) {
        match address {
            IpAddr::V4(address) => self.v4 = Some(address),
            IpAddr::V6(address) => self.v6 = Some(address),
        }
    }

    /// The one to connect to `remote` from.
    pub(super) fn towards(&self, remote: IpAddr) -> Option<IpAddr> {
        match remote {
            IpAddr::V4(_) => self.v4.map(IpAddr::V4),
            IpAddr::V6(_) => self.v6.map(IpAddr::V6),
        }
    }
}

impl Servers {
    pub(super) fn new(settings: ServerSettings) -> Self {
        Self {
            settings,
            open: Mutex::new(RecentlyUsed::new(MOST)),
        }
    }

    pub(super) fn settings(&self) -> &ServerSettings {
        &self.settings
    }

    /// The transport to a server.
    pub(super) fn get(&self, server: &Server) -> Result<Arc<SmtpTransport>, Unusable> {
        let now = self.settings.clock.now();
        let mut open = self.open();
        let idle = close_idle(&mut open, now);
        let transport = match open.get(server) {
            Some(known) => {
                known.used = now;
                Arc::clone(&known.transport)
            }
            None => {
                let transport = Arc::new(self.transport(server)?);
                let new = Open {
                    transport: Arc::clone(&transport),
                    used: now,
                };
                open.insert(server.clone(), new);
                transport
            }
        };
        drop(open);
        // Says goodbye, which nobody has to wait for.
        drop(idle);
        Ok(transport)
    }

    /// Gives up the transports that were not used for a while, and their connections with them.
    pub(super) fn close_idle(&self) {
        let idle = close_idle(&mut self.open(), self.settings.clock.now());
        drop(idle);
    }

    /// All of them, which are forgotten.
    pub(super) fn take_all(&self) -> Vec<Arc<SmtpTransport>> {
        let mut all = Vec::new();
        self.open().retain(|one| {
            all.push(Arc::clone(&one.transport));
            false
        });
        all
    }

    fn open(&self) -> MutexGuard<'_, RecentlyUsed<Server, Open>> {
        // What is behind the lock is whole between any two statements.
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A new transport: the one place where its pool is set up.
    fn transport(&self, server: &Server) -> Result<SmtpTransport, Unusable> {
        let settings = &self.settings;
        let endpoint = Endpoint::new(&server.name, server.address.port(), server.level.security())
            .map_err(|_| Unusable)?
            .address(server.address);
        let tls = match server.level {
            TlsLevel::Verified => settings.verified.as_ref().ok_or(Unusable)?,
            TlsLevel::Unverified | TlsLevel::InTheClear => &settings.unverified,
        };
        let mut builder = SmtpTransport::builder(endpoint)
            .ehlo_name(settings.ehlo_name.clone())
            .tls(tls.clone())
            .timeouts(settings.timeouts.clone())
            .line_ends(settings.line_ends)
            .max_connections(settings.max_connections)
            .max_idle_time(IDLE)
            .clock(Arc::clone(&settings.clock));
        if let Some(local) = settings.local.towards(server.address.ip()) {
            builder = builder.local_address(local);
        }
        builder.build().map_err(|_| Unusable)
    }
}

/// Takes out what was not used for a while, nor is in use: a second transport to the same host would not know of the
/// connections of the first.
fn close_idle(open: &mut RecentlyUsed<Server, Open>, now: SystemTime) -> Vec<Arc<SmtpTransport>> {
    let mut idle = Vec::new();
    open.retain(|one| {
        let unused = now.duration_since(one.used).unwrap_or_default();
        let keep = unused < IDLE || Arc::strong_count(&one.transport) > 1;
        if !keep {
            idle.push(Arc::clone(&one.transport));
        }
        keep
    });
    idle
}

impl fmt::Debug for Servers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Servers")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

/// A host that no transport can be made for; those that are found here can.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no connection to this host can be set up")]
pub(super) struct Unusable;

/// As many as an hour's domains of a busy sender have hosts.
const MOST: NonZeroUsize = const { NonZeroUsize::new(512).unwrap() };
/// Receivers close an idle connection much earlier than the five minutes of RFC 5321 §4.5.3.2.7, and count it meanwhile.
const IDLE: Duration = Duration::from_secs(30);
