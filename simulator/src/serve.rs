//! The door with sockets.

mod certificate;
mod connection;
mod limits;
mod options;
mod pace;

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use letterhead_mail::DomainName;
use letterhead_transport::smtp::ServerReply;
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use self::certificate::Authority;
use self::connection::Opening;
pub use self::limits::ServeLimits;
pub use self::options::ServeOptions;
use self::options::any_port;
pub use self::pace::Pace;
use crate::dns_server::DnsServer;
use crate::session::reply;
use crate::tls_fault::TlsFault;
use crate::world::{Host, World};

/// The hosts and the DNS of a simulation, listening on 127.0.0.1.
///
/// Dropping it closes every port and ends every connection.
#[derive(Debug)]
pub struct Served {
    addresses: BTreeMap<DomainName, SocketAddr>,
    tls_addresses: BTreeMap<DomainName, SocketAddr>,
    dns: DnsServer,
    authority: Authority,
    /// The tasks end when this is dropped.
    _listeners: JoinSet<()>,
}

impl Served {
    pub(crate) async fn start(
        world: &Arc<World>,
        options: &ServeOptions,
    ) -> Result<Self, ServeError> {
        check(world, options)?;
        let dns = DnsServer::start(world.dns.clone(), options.dns.unwrap_or_else(any_port))
            .await
            .map_err(|source| ServeError::new("the DNS server", source))?;
        let label = world.entropy.derive("certificate").token(12);
        let authority =
            Authority::new(&label).map_err(|source| ServeError::new("the certificates", source))?;
        let (mut addresses, mut tls_addresses) = (BTreeMap::new(), BTreeMap::new());
        let mut listeners = JoinSet::new();
        for (name, host) in &world.hosts {
            let tls_fault = host.tls_fault();
            let acceptor = authority
                .acceptor(name, tls_fault)
                .map_err(|source| ServeError::new(format!("TLS for {name}"), source))?;
            let crowd = Crowd::of(host, options.limits);
            let doors = [
                (Opening::Plain, &options.smtp, &mut addresses),
                (Opening::Tls, &options.smtps, &mut tls_addresses),
            ];
            for (opening, wanted, addresses) in doors {
                let wanted = wanted.get(name).copied().unwrap_or_else(any_port);
                let (listener, address) = listen(wanted)
                    .map_err(|source| ServeError::new(format!("{wanted} for {name}"), source))?;
                addresses.insert(name.clone(), address);
                let door = Door {
                    world: Arc::clone(world),
                    host: name.clone(),
                    acceptor: acceptor.clone(),
                    tls_fault,
                    pace: options.paces.get(name).cloned(),
                    opening,
                    limits: options.limits,
                    crowd: crowd.clone(),
                };
                listeners.spawn(accept(listener, door));
            }
        }
        Ok(Self {
            addresses,
            tls_addresses,
            dns,
            authority,
            _listeners: listeners,
        })
    }

    /// Where a host listens; `None` if there is no such host.
    #[must_use]
    pub fn address(&self, host: &DomainName) -> Option<SocketAddr> {
        self.addresses.get(host).copied()
    }

    /// Where a host listens for connections that are under TLS from the first octet; `None` if there is no such host.
    #[must_use]
    pub fn tls_address(&self, host: &DomainName) -> Option<SocketAddr> {
        self.tls_addresses.get(host).copied()
    }

    /// Where the DNS listens, over UDP and TCP.
    #[must_use]
    pub fn dns(&self) -> SocketAddr {
        self.dns.address()
    }

    /// The certificate of the authority that signed every host's, in PEM. It is made anew each time; each host's
    /// certificate is for its name, `localhost` and 127.0.0.1.
    #[must_use]
    pub fn ca_certificate_pem(&self) -> &str {
        self.authority.pem()
    }

    /// The same certificate in DER.
    #[must_use]
    pub fn ca_certificate_der(&self) -> &[u8] {
        self.authority.der()
    }
}

/// What only the machine itself reaches, and hosts that exist.
fn check(world: &World, options: &ServeOptions) -> Result<(), ServeError> {
    options.all().try_for_each(check_loopback)?;
    let named = options.smtp.keys().chain(options.smtps.keys());
    let mut named = named.chain(options.paces.keys());
    match named.find(|name| !world.hosts.contains_key(*name)) {
        Some(name) => Err(ServeError::new(
            format!("an address or a pace for {name}"),
            "the simulation has no such host; add it to the builder",
        )),
        None => Ok(()),
    }
}

pub(crate) fn check_loopback(address: SocketAddr) -> Result<(), ServeError> {
    if address.ip().is_loopback() {
        return Ok(());
    }
    let source = "a simulation listens on loopback addresses only, such as 127.0.0.1";
    Err(ServeError::new(address.to_string(), source))
}

fn listen(wanted: SocketAddr) -> io::Result<(TcpListener, SocketAddr)> {
    let socket = match wanted {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    // Elsewhere than on Unix this would let others have the same port.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(wanted)?;
    let listener = socket.listen(BACKLOG)?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

/// One way into one host.
#[derive(Clone)]
struct Door {
    world: Arc<World>,
    host: DomainName,
    acceptor: TlsAcceptor,
    tls_fault: Option<TlsFault>,
    pace: Option<Pace>,
    opening: Opening,
    limits: ServeLimits,
    crowd: Crowd,
}

/// How many may be connected to a host.
#[derive(Clone)]
struct Crowd {
    /// A place for each further connection.
    free: Arc<Semaphore>,
    /// What those are told who find none.
    full: ServerReply,
}

impl Crowd {
    /// As many as the host's own rules and the limits allow.
    fn of(host: &Host, limits: ServeLimits) -> Self {
        let (own, full) = match host.connections() {
            Some((own, full)) => (usize::try_from(own).unwrap_or(usize::MAX), full),
            None => (usize::MAX, reply(421, (4, 7, 0), "too many connections")),
        };
        Self {
            free: Arc::new(limits.places(own)),
            full,
        }
    }
}

/// Takes connections until the task is aborted; they end with it.
async fn accept(listener: TcpListener, door: Door) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                // A connection that is gone before it is taken is nobody's loss. Without file descriptors the error
                // comes back at once, until some are free again.
                let Ok((stream, _)) = accepted else {
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                    continue;
                };
                let permit = Arc::clone(&door.crowd.free).try_acquire_owned().ok();
                let door = door.clone();
                connections.spawn(async move {
                    match permit {
                        Some(_permit) => connection::run(stream, &door).await,
                        None => connection::turn_away(stream, &door.crowd.full).await,
                    }
                });
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

/// Connections that wait to be taken. A client whose connection does not fit in believes that it stands, and waits for a
/// greeting: the 128 of the standard library lose some of a crowd. The system may allow fewer.
const BACKLOG: u32 = 4_096;
/// How long a host takes no connections when taking one has failed.
const ACCEPT_PAUSE: Duration = Duration::from_millis(20);

/// Why the hosts of a simulation cannot be served.
#[derive(Debug)]
pub struct ServeError {
    what: String,
    source: Box<dyn Error + Send + Sync>,
}

impl ServeError {
    pub(crate) fn new(
        what: impl Into<String>,
        source: impl Into<Box<dyn Error + Send + Sync>>,
    ) -> Self {
        Self {
            what: what.into(),
            source: source.into(),
        }
    }
}

impl fmt::Display for ServeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} cannot be set up", self.what)
    }
}

impl Error for ServeError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(self.source.as_ref())
    }
}
