//! A small internet and a mailer in it.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use letterhead::dkim::{PrivateKey, PublicKeyRecord, Signer, SigningKey};
use letterhead::dns::{RecordType, Resolver, Zone};
use letterhead::feedback::{
    InMemorySuppressionStore, Suppression, SuppressionList, SuppressionPolicy, SuppressionScope,
};
use letterhead::identity::NewIdentity;
use letterhead::identity::dns_plan::SpfChange;
use letterhead::identity::{InMemoryIdentityStore, Profile, ProfileId, Registry, Subject};
use letterhead::mail::{
    Clock as _, DomainName, Draft, EmailAddress, Mailbox, Message, TenantId, Transport,
};
use letterhead::simulator::{Front, Password, Receiver, Served, Simulator};
use letterhead::transport::{
    Credentials, Endpoint, RootCertificates, SecretString, Security, SmtpTransport, TlsSettings,
};
use letterhead::{Mailer, Outgoing, Receipt, Route, SendError};

pub(crate) const PROVIDER: &str = "email-smtp.us-east-1.amazonaws.com";
pub(crate) const RELAY: &str = "relay.yourcompany.example";
pub(crate) const ADA: &str = "ada@receiver.example";
pub(crate) const BILLING: &str = "Billing <billing@yourcompany.example>";
pub(crate) const RETURN_PATH: &str = "bounces@yourcompany.example";
const PASSWORD: &str = "a password of the tests";

/// When everything here begins.
pub(crate) const START: Duration = Duration::from_secs(1_795_334_400);

pub(crate) fn tenant(name: &str) -> TenantId {
    name.parse().unwrap()
}

pub(crate) fn address(text: &str) -> EmailAddress {
    text.parse().unwrap()
}

pub(crate) fn company() -> DomainName {
    "yourcompany.example".parse().unwrap()
}

pub(crate) fn zuora() -> ProfileId {
    "zuora-advanced".parse().unwrap()
}

pub(crate) fn own_server() -> ProfileId {
    "own-server".parse().unwrap()
}

pub(crate) fn profiles() -> [Profile; 2] {
    [zuora(), own_server()].map(|id| Profile::built_in(id.as_str()).unwrap())
}

/// A provider, the company's relay and mail exchanger, and a receiver whose mailbox is Ada's.
pub(crate) fn internet() -> Simulator {
    let [zuora, own_server] = profiles();
    let zone: Zone = "yourcompany.example. 3600 IN TXT \"v=spf1 mx ~all\""
        .parse()
        .unwrap();
    let login = |front: Front| front.login("acme", Password::new(PASSWORD));
    let receiver = |name: &str, at: &str, mailbox: &str| {
        Receiver::new(name.parse().unwrap(), at.parse().unwrap()).mailbox(address(mailbox))
    };
    let front = |name: &str, at: &str, profile| {
        login(Front::new(
            name.parse().unwrap(),
            at.parse().unwrap(),
            profile,
        ))
    };
    Simulator::builder(SystemTime::UNIX_EPOCH + START, 7)
        .zone(zone)
        .front(front(PROVIDER, "203.0.113.10", zuora))
        .front(front(RELAY, "198.51.100.25", own_server))
        .receiver(receiver("mx.receiver.example", "192.0.2.10", ADA))
        .receiver(receiver(
            "mx.yourcompany.example",
            "192.0.2.20",
            RETURN_PATH,
        ))
        .build()
        .unwrap()
}

/// A mailer of the tenant "acme" with both routes, in a small internet in which its records are published.
pub(crate) struct Setting {
    pub(crate) simulator: Simulator,
    pub(crate) registry: Registry,
    pub(crate) suppression: SuppressionList,
    pub(crate) mailer: Mailer,
}

impl Setting {
    /// With transports that speak to the hosts in memory.
    pub(crate) async fn in_process() -> Self {
        let simulator = internet();
        let dns = simulator.dns().clone();
        let transport = |host: &str| simulator.transport(host).unwrap();
        let (provider, relay) = (transport(PROVIDER), transport(RELAY));
        Self::new(simulator, &dns, provider, relay).await
    }

    /// With SMTP transports to the hosts that are served, over STARTTLS and with AUTH.
    pub(crate) async fn over_sockets(
        simulator: Simulator,
        served: &Served,
        resolver: &dyn Resolver,
    ) -> Self {
        Self::new(
            simulator,
            resolver,
            smtp(served, PROVIDER),
            smtp(served, RELAY),
        )
        .await
    }

    /// With any transports.
    pub(crate) async fn new(
        simulator: Simulator,
        resolver: &dyn Resolver,
        provider: Arc<dyn Transport>,
        relay: Arc<dyn Transport>,
    ) -> Self {
        let registry = Registry::new(Arc::new(InMemoryIdentityStore::new()), profiles());
        let acme = tenant("acme");
        let issued = simulator.front(PROVIDER).unwrap().issue(&company());
        let at_provider = NewIdentity::new(acme.clone(), zuora(), company())
            .environment("production".parse().unwrap())
            .values(issued);
        let (signers, records) = own_keys();
        let at_home = NewIdentity::new(acme.clone(), own_server(), company())
            .value("selector", vec!["rsa".into(), "ed".into()])
            .value("key-record", records)
            .value("relay-host", vec![RELAY.into()]);
        for new in [at_provider, at_home] {
            let now = simulator.clock().now();
            let identity = registry.create(&new, now).await.unwrap();
            publish(&simulator, &registry, &new.profile, resolver).await;
            let verification = registry
                .verify(&acme, &identity.key(), resolver, now)
                .await
                .unwrap();
            assert!(
                verification.identity.verification.is_verified(),
                "{}",
                verification.diff
            );
        }
        let suppression = SuppressionList::new(
            Arc::new(InMemorySuppressionStore::new()),
            SuppressionPolicy::default(),
        );
        let own = signers
            .into_iter()
            .fold(Route::new("own", own_server(), relay), Route::signer);
        let mailer = Mailer::builder(
            registry.clone(),
            suppression.clone(),
            Arc::new(simulator.clock().clone()),
            Arc::new(simulator.entropy().clone()),
        )
        .route(Route::new("zuora", zuora(), provider).environment("production".parse().unwrap()))
        .route(own)
        .build()
        .unwrap();
        Self {
            simulator,
            registry,
            suppression,
            mailer,
        }
    }

    /// A message from billing to these, by this route.
    pub(crate) fn outgoing(&self, route: &str, to: &[&str]) -> Outgoing {
        self.outgoing_as("acme", route, BILLING, to)
    }

    pub(crate) fn outgoing_as(&self, who: &str, route: &str, from: &str, to: &[&str]) -> Outgoing {
        Outgoing::new(
            tenant(who),
            route,
            self.draft(from, to),
            address(RETURN_PATH),
        )
        .unwrap()
    }

    pub(crate) fn draft(&self, from: &str, to: &[&str]) -> Draft {
        let mut builder = Message::builder(from.parse::<Mailbox>().unwrap())
            .subject("Your invoice".parse().unwrap())
            .text("It is ready.\n")
            .html("<p>It is <b>ready</b>.</p>\n");
        for recipient in to {
            builder = builder.to(Mailbox::new(address(recipient)));
        }
        builder
            .build(self.simulator.clock().now(), self.simulator.entropy())
            .unwrap()
    }

    pub(crate) async fn send(&self, route: &str, to: &[&str]) -> Result<Receipt, SendError> {
        self.mailer.send(self.outgoing(route, to)).await
    }

    /// Gives the mailer everything that came back to the return path.
    pub(crate) async fn ingest_all(&self) -> Vec<letterhead::Ingested> {
        let mut all = Vec::new();
        for mail in self.simulator.mails_of(&address(RETURN_PATH)) {
            all.extend(
                self.mailer
                    .ingest(mail.message.as_bytes())
                    .await
                    .unwrap()
                    .events,
            );
        }
        all
    }

    pub(crate) async fn suppressed(&self, addresses: &[&str]) -> Vec<String> {
        let addresses: Vec<EmailAddress> = addresses.iter().map(|text| address(text)).collect();
        let found = self
            .suppression
            .check(
                &SuppressionScope::new(tenant("acme")),
                &addresses,
                self.simulator.clock().now(),
            )
            .await
            .unwrap();
        let row = |suppression: &Suppression| {
            let address = suppression.address()?;
            Some(format!("{address} {}", suppression.reason()))
        };
        found.suppressed.iter().filter_map(row).collect()
    }
}

/// Publishes what the plan says is missing.
pub(crate) async fn publish(
    simulator: &Simulator,
    registry: &Registry,
    profile: &ProfileId,
    resolver: &dyn Resolver,
) {
    let subject = Subject::Domain(company());
    let plan = registry
        .dns_plan(&tenant("acme"), profile, &subject)
        .await
        .unwrap();
    let diff = plan.diff(resolver).await;
    if matches!(diff.spf(), SpfChange::Replace { .. }) {
        simulator.dns().remove(company().as_name(), RecordType::TXT);
    }
    simulator
        .dns()
        .publish_zone(diff.to_zone_text().parse().unwrap());
    assert!(plan.diff(resolver).await.is_complete());
}

/// Keys that are the same in every run: these are test keys, known to everyone.
pub(crate) fn own_keys() -> (Vec<Signer>, Vec<String>) {
    let rsa = PrivateKey::from_pem(include_str!("test-key-rsa2048.pem")).unwrap();
    let ed25519 = PrivateKey::ed25519_from_seed(&[42; 32]).unwrap();
    let mut signers = Vec::new();
    let mut records = Vec::new();
    for (selector, key) in [("rsa", rsa), ("ed", ed25519)] {
        let key: Arc<dyn SigningKey> = Arc::new(key);
        records.push(PublicKeyRecord::for_key(&*key).to_string());
        signers.push(Signer::new(company(), selector.parse().unwrap(), key));
    }
    (signers, records)
}

pub(crate) fn smtp(served: &Served, host: &str) -> Arc<dyn Transport> {
    let at = served.address(&host.parse().unwrap()).unwrap();
    let roots = RootCertificates::from_pem(served.ca_certificate_pem().as_bytes()).unwrap();
    let endpoint = Endpoint::new(host, 587, Security::StartTls)
        .unwrap()
        .address(at);
    let transport = SmtpTransport::builder(endpoint)
        .tls(TlsSettings::with_roots(&roots).unwrap())
        .credentials(Credentials::new("acme", SecretString::from(PASSWORD)))
        .ehlo_name("app.yourcompany.example".parse().unwrap())
        .build()
        .unwrap();
    Arc::new(transport)
}
