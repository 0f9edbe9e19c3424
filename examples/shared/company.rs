//! A company that can send: a small internet with its two mail servers and the rest of the world, its domain registered and
//! its records published, its keys, and a mailer with the routes `own` and `backup`. Everything is in memory.

use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use letterhead::dkim::{KeySpec, PrivateKey, PublicKeyRecord, Signer, SigningKey};
use letterhead::dns::DomainName;
use letterhead::feedback::{InMemorySuppressionStore, SuppressionList, SuppressionPolicy};
use letterhead::identity::{InMemoryIdentityStore, NewIdentity, Profile, Registry, Subject};
use letterhead::mail::{
    Clock as _, EmailAddress, Mailbox, Message, MessageBuilder, TenantId, Transport,
};
use letterhead::simulator::{Front, Password, Receiver, Simulator, SimulatorBuilder};
use letterhead::{Mailer, Outgoing, Route};

pub(crate) type Result<T = (), E = Box<dyn Error>> = std::result::Result<T, E>;

pub(crate) const RETURN_PATH: &str = "bounces@yourcompany.example";

pub(crate) struct Company {
    pub(crate) simulator: Simulator,
    pub(crate) mailer: Mailer,
    pub(crate) tenant: TenantId,
    from: Mailbox,
    signer: Signer,
}

impl Company {
    pub(crate) async fn open() -> Result<Self> {
        Self::with(|front| front, []).await
    }

    /// With something about the first of its mail servers changed, and with these providers beside them.
    pub(crate) async fn with(
        change: impl FnOnce(Front) -> Front,
        providers: impl IntoIterator<Item = Front>,
    ) -> Result<Self> {
        let (tenant, domain): (TenantId, DomainName) =
            ("acme".parse()?, "yourcompany.example".parse()?);
        let profile = Profile::built_in("own-server")?;
        let relay = |host: &str, address: &str| -> Result<Front> {
            let front = Front::new(host.parse()?, address.parse()?, profile.clone());
            Ok(front.login("app", Password::new("secret")))
        };
        // A Sunday in November 2026; only the simulation's clock shows it.
        let start = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_334_400);
        let world = Receiver::new(
            "mx.rest-of-the-world.example".parse()?,
            "192.0.2.3".parse()?,
        );
        let home = Receiver::new("mx.yourcompany.example".parse()?, "192.0.2.4".parse()?);
        let internet = Simulator::builder(start, 1)
            .front(change(relay("smtp.yourcompany.example", "192.0.2.1")?))
            .front(relay("backup.yourcompany.example", "192.0.2.2")?)
            .receiver(world.every_domain().triggers_everywhere())
            .receiver(home.domain(domain.clone()).catch_all());
        let internet = providers
            .into_iter()
            .fold(internet, SimulatorBuilder::front);
        let simulator = internet.build()?;

        // An own key, the records that publish it, and the identity that they prove.
        let key: Arc<dyn SigningKey> = Arc::new(PrivateKey::generate(KeySpec::Rsa2048)?);
        let registry = Registry::new(Arc::new(InMemoryIdentityStore::new()), [profile.clone()]);
        let hosts = ["smtp.yourcompany.example", "backup.yourcompany.example"];
        let new = NewIdentity::new(tenant.clone(), profile.id().clone(), domain.clone())
            .value("selector", vec!["2026a".into()])
            .value(
                "key-record",
                vec![PublicKeyRecord::for_key(&*key).to_string()],
            )
            .value("relay-host", vec![hosts[0].to_owned()]);
        let now = simulator.clock().now();
        let identity = registry.create(&new, now).await?;
        let subject = Subject::Domain(domain.clone());
        let plan = registry.dns_plan(&tenant, profile.id(), &subject).await?;
        let missing = plan.diff(simulator.dns()).await.to_zone_text();
        simulator.dns().replace(missing.parse()?);
        registry
            .verify(&tenant, &identity.key(), simulator.dns(), now)
            .await?;

        let suppression = SuppressionList::new(
            Arc::new(InMemorySuppressionStore::new()),
            SuppressionPolicy::default(),
        );
        let clock = Arc::new(simulator.clock().clone());
        let entropy = Arc::new(simulator.entropy().clone());
        let mut mailer = Mailer::builder(registry, suppression, clock, entropy);
        let signer = Signer::new(domain, "2026a".parse()?, key);
        for (name, host) in ["own", "backup"].into_iter().zip(hosts) {
            let route = Route::new(name, profile.id().clone(), simulator.transport(host)?);
            mailer = mailer.route(route.signer(signer.clone()));
        }
        Ok(Self {
            mailer: mailer.build()?,
            simulator,
            tenant,
            from: "Billing <billing@yourcompany.example>".parse()?,
            signer,
        })
    }

    /// The mailer with other ways for mail to leave, under the names of these routes.
    pub(crate) fn mailer_with(
        &self,
        routes: impl IntoIterator<Item = (&'static str, Arc<dyn Transport>)>,
    ) -> Result<Mailer> {
        let mut mailer = self.mailer.to_builder();
        for (name, transport) in routes {
            let route = Route::new(name, "own-server".parse()?, transport);
            mailer = mailer.route(route.signer(self.signer.clone()));
        }
        Ok(mailer.build()?)
    }

    /// A message that begins as all of the company's do.
    pub(crate) fn message(&self, to: &str, subject: &str) -> Result<MessageBuilder> {
        Ok(Message::builder(self.from.clone())
            .to(to.parse()?)
            .subject(subject.parse()?))
    }

    /// By the company's own server.
    pub(crate) fn outgoing(&self, message: MessageBuilder) -> Result<Outgoing> {
        let return_path: EmailAddress = RETURN_PATH.parse()?;
        let draft = self.mailer.draft(message)?;
        Ok(Outgoing::new(
            self.tenant.clone(),
            "own",
            draft,
            return_path,
        )?)
    }
}
