//! The real DNS, through hickory-resolver and tokio.

mod chain;
mod convert;
mod options;

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr;

use self::chain::{Chain, ChainTooLong};
pub use self::options::HickoryOptions;
use crate::future::BoxFuture;
use crate::name::Name;
use crate::record::RecordType;
use crate::resolver::{Answer, LookupError, LookupErrorKind, Resolver};

/// Asks the real DNS.
///
/// Lookups must run inside a tokio runtime that has I/O and time enabled; outside of one they fail as temporary.
/// Nothing is sent and nothing is spawned before the first lookup. The hosts file and search domains are not used: an
/// answer is to be what a receiver of mail would get. As in a [`Zone`](crate::Zone), aliases are followed for up to
/// [`Zone::MAX_ALIASES`](crate::Zone::MAX_ALIASES) steps. DNSSEC is not validated here, so every answer is
/// [`Security::Unchecked`](crate::Security).
///
/// Names that [RFC 6761](https://www.rfc-editor.org/rfc/rfc6761) sets aside never reach a name server: `localhost`, the
/// reverse names of loopback addresses and `invalid` are answered as that document says.
#[derive(Clone)]
pub struct HickoryResolver {
    resolver: TokioResolver,
}

impl HickoryResolver {
    /// With the name servers, timeouts and attempts of the system's configuration, and a cache.
    ///
    /// # Errors
    ///
    /// When that configuration cannot be read.
    pub fn from_system() -> Result<Self, HickoryError> {
        let mut builder =
            TokioResolver::builder_tokio().map_err(|error| HickoryError::new(&error))?;
        let options = builder.options_mut();
        options.use_hosts_file = ResolveHosts::Never;
        options.preserve_intermediates = true;
        let resolver = builder.build().map_err(|error| HickoryError::new(&error))?;
        Ok(Self { resolver })
    }

    /// With this one name server, asked over UDP and, when an answer is truncated, over TCP; with the default
    /// [`HickoryOptions`].
    ///
    /// # Errors
    ///
    /// When the resolver cannot be set up.
    pub fn with_name_server(server: SocketAddr) -> Result<Self, HickoryError> {
        Self::with_name_server_and_options(server, HickoryOptions::default())
    }

    /// As [`with_name_server`](Self::with_name_server), with other options.
    ///
    /// # Errors
    ///
    /// When the resolver cannot be set up.
    pub fn with_name_server_and_options(
        server: SocketAddr,
        options: HickoryOptions,
    ) -> Result<Self, HickoryError> {
        let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()]
            .into_iter()
            .map(|mut connection| {
                connection.port = server.port();
                connection
            })
            .collect();
        let server = NameServerConfig::new(server.ip(), true, connections);
        let config = ResolverConfig::from_name_servers(vec![server]);
        let resolver = TokioResolver::builder_with_config(config, TokioRuntimeProvider::default())
            .with_options(options.into_resolver_options())
            .build()
            .map_err(|error| HickoryError::new(&error))?;
        Ok(Self { resolver })
    }

    async fn answer(&self, name: &Name, record_type: RecordType) -> Result<Answer, Failure> {
        // The resolver spawns its connections and would panic without a runtime.
        tokio::runtime::Handle::try_current().map_err(Failure::temporary)?;
        let mut chain = Chain::new(name, record_type);
        match self.ask(name, record_type).await? {
            Reply::Records(records) => {
                chain.follow(&records)?;
                let data = chain.data(&records)?;
                if !data.is_empty() {
                    return Ok(chain.into_answer(data));
                }
                // What is cached may lack the first part of the chain.
                self.follow(&mut chain).await?;
                let data = chain.data(&records)?;
                Ok(chain.into_answer(data))
            }
            Reply::NoData { owner, ttl } => {
                // The reply is about another name where an alias leads there, and lacks a time to live where the
                // resolver gave up on a loop. The aliases themselves are not in it.
                if owner != *name || ttl.is_none() {
                    self.follow(&mut chain).await?;
                }
                chain.lower_ttl(ttl.unwrap_or(0));
                Ok(chain.into_answer(Vec::new()))
            }
        }
    }

    /// Follows the chain to its end by asking for each alias.
    async fn follow(&self, chain: &mut Chain) -> Result<(), Failure> {
        if chain.record_type() == RecordType::CNAME {
            return Ok(());
        }
        loop {
            match self.ask(&chain.owner().clone(), RecordType::CNAME).await? {
                Reply::Records(records) if chain.follow(&records)? => {}
                Reply::Records(_) | Reply::NoData { .. } => return Ok(()),
            }
        }
    }

    async fn ask(&self, name: &Name, record_type: RecordType) -> Result<Reply, Failure> {
        let asked = convert::to_hickory(name).map_err(Failure::malformed)?;
        let asked_type = rr::RecordType::from(record_type.number());
        let error = match self.resolver.lookup(asked, asked_type).await {
            Ok(lookup) => return Ok(Reply::Records(lookup.answers().to_vec())),
            Err(error) => error,
        };
        match &error {
            NetError::Dns(DnsError::NoRecordsFound(none)) => match none.response_code {
                ResponseCode::NoError => Ok(Reply::NoData {
                    owner: convert::name(none.query.name()).map_err(Failure::malformed)?,
                    ttl: none.negative_ttl,
                }),
                ResponseCode::NXDomain => Err(Failure::new(LookupErrorKind::NoSuchName, error)),
                _ => Err(Failure::temporary(error)),
            },
            NetError::Proto(_) | NetError::ForeignClassRecord { .. } => {
                Err(Failure::malformed(error))
            }
            _ => Err(Failure::temporary(error)),
        }
    }
}

impl fmt::Debug for HickoryResolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HickoryResolver").finish_non_exhaustive()
    }
}

impl Resolver for HickoryResolver {
    fn lookup<'a>(
        &'a self,
        name: &'a Name,
        record_type: RecordType,
    ) -> BoxFuture<'a, Result<Answer, LookupError>> {
        Box::pin(async move {
            self.answer(name, record_type).await.map_err(|failure| {
                LookupError::new(name.clone(), record_type, failure.kind)
                    .with_source(failure.source)
            })
        })
    }
}

/// What one query gave.
enum Reply {
    Records(Vec<rr::Record>),
    NoData {
        /// The name without data: the one asked for, or where its aliases lead.
        owner: Name,
        /// Seconds; `None` where the reply had no SOA record.
        ttl: Option<u32>,
    },
}

struct Failure {
    kind: LookupErrorKind,
    source: Box<dyn std::error::Error + Send + Sync>,
}

impl Failure {
    fn new(
        kind: LookupErrorKind,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        let source = source.into();
        Self { kind, source }
    }

    fn temporary(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::new(LookupErrorKind::Temporary, source)
    }

    fn malformed(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::new(LookupErrorKind::Malformed, source)
    }
}

impl From<ChainTooLong> for Failure {
    fn from(error: ChainTooLong) -> Self {
        Self::temporary(error)
    }
}

/// Why a resolver could not be set up.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the resolver cannot be set up; check the system's DNS configuration, or name a server")]
#[non_exhaustive]
pub struct HickoryError {
    source: Arc<dyn std::error::Error + Send + Sync>,
}

impl HickoryError {
    fn new(source: &NetError) -> Self {
        Self {
            source: Arc::new(source.clone()),
        }
    }
}
