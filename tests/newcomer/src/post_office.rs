//! What is needed to send: who the service is, its key, its servers, and whom it must not write to.

use std::sync::Arc;

use letterhead::Mailer;
use letterhead::dns::Resolver;
use letterhead::feedback::{
    InMemorySuppressionStore, MailgunKey, ReplayGuard, SuppressionList, SuppressionPolicy,
};
use letterhead::identity::InMemoryIdentityStore;
use letterhead::mail::{Clock, EmailAddress, Entropy, Mailbox, TenantId};

use crate::{Error, Settings};

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
        let mail = settings.mail;
        let registry = mail.registry(Arc::new(InMemoryIdentityStore::new()));
        let identities = mail.register(&registry, resolver, clock.now()).await?;
        let first = identities.first();
        let tenant = first
            .ok_or("letterhead.toml names no identity")?
            .tenant
            .clone();
        if !identities.iter().all(|one| one.verification.is_verified()) {
            let mut missing = String::new();
            for plan in mail.dns_plans(&registry).await? {
                missing += &plan.diff(resolver).await.to_zone_text();
            }
            return Err(format!("publish these records:\n{missing}").into());
        }
        let suppression = SuppressionList::new(
            Arc::new(InMemorySuppressionStore::new()),
            SuppressionPolicy::default(),
        );
        let mailer = mail
            .mailer(registry, suppression, clock.clone(), entropy)
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
