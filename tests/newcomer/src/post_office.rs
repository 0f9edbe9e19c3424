//! What is needed to send: who the service is, its key, its servers, and whom it must not write to.

use std::sync::Arc;

use letterhead::dkim::{PublicKeyRecord, Signer};
use letterhead::dns::Resolver;
use letterhead::feedback::{
    InMemorySuppressionStore, MailgunKey, ReplayGuard, SuppressionList, SuppressionPolicy,
};
use letterhead::identity::{InMemoryIdentityStore, NewIdentity, Profile, Registry};
use letterhead::mail::{Clock, EmailAddress, Entropy, Mailbox, TenantId};
use letterhead::transport::{Credentials, Failover, SmtpTransport, TlsSettings};
use letterhead::{Mailer, Route};

use crate::{Error, Server, Settings};

/// Both servers are one route: the same profile, and the same signature.
pub(crate) const ROUTE: &str = "smtp";

#[derive(Clone)]
pub struct PostOffice {
    pub(crate) mailer: Mailer,
    pub(crate) clock: Arc<dyn Clock>,
    /// The library tells customers of a service apart by this; there is one here.
    pub(crate) tenant: TenantId,
    pub(crate) from: Mailbox,
    pub(crate) return_path: EmailAddress,
    pub(crate) mailgun: Arc<(MailgunKey, ReplayGuard)>,
}

impl PostOffice {
    /// Fails with the DNS records that are missing, where they are.
    pub async fn open(
        settings: Settings,
        resolver: &dyn Resolver,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, Error> {
        let tenant: TenantId = "invoices".parse()?;
        let domain = settings
            .from
            .address()
            .domain_name()
            .ok_or("the sender has no domain")?
            .clone();
        let key = Arc::new(settings.dkim_key);

        let profile = Profile::built_in("own-server")?;
        let profile_id = profile.id().clone();
        let registry = Registry::new(Arc::new(InMemoryIdentityStore::new()), [profile]);
        let new = NewIdentity::new(tenant.clone(), profile_id.clone(), domain.clone())
            .value("selector", vec![settings.selector.to_string()])
            .value(
                "key-record",
                vec![PublicKeyRecord::for_key(&key).to_string()],
            )
            .value("relay-host", vec![settings.own.endpoint.host()]);
        let identity = registry.create(&new, clock.now()).await?;
        let found = registry
            .verify(&tenant, &identity.key(), resolver, clock.now())
            .await?;
        if !found.diff.is_complete() {
            return Err(format!("publish these records:\n{}", found.diff.to_zone_text()).into());
        }

        let servers = Failover::new(Arc::new(transport(settings.own)?))
            .then(Arc::new(transport(settings.fallback)?));
        let route = Route::new(ROUTE, profile_id, Arc::new(servers)).signer(Signer::new(
            domain,
            settings.selector,
            key,
        ));
        let suppression = SuppressionList::new(
            Arc::new(InMemorySuppressionStore::new()),
            SuppressionPolicy::default(),
        );
        let mailer = Mailer::builder(registry, suppression, clock.clone(), entropy)
            .route(route)
            .build()?;
        Ok(Self {
            mailer,
            clock,
            tenant,
            from: settings.from,
            return_path: settings.return_path,
            mailgun: Arc::new((settings.mailgun_key, MailgunKey::replay_guard(100_000))),
        })
    }
}

fn transport(server: Server) -> Result<SmtpTransport, Error> {
    let user = server
        .endpoint
        .user()
        .ok_or("the endpoint names no user")?
        .to_owned();
    let mut builder = SmtpTransport::builder(server.endpoint)
        .credentials(Credentials::new(user, server.password));
    if let Some(roots) = server.roots {
        builder = builder.tls(TlsSettings::with_roots(&roots)?);
    }
    Ok(builder.build()?)
}
