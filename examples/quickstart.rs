//! The whole job, offline: a sender is registered and verified by DNS, mail goes out over SMTP with TLS, a receiver
//! judges it, a bounce and a complaint come back, and the next mail to those two is refused before a byte is written.
//!
//! Everything is real and on loopback: DNS over UDP and TCP, SMTP with STARTTLS and AUTH, RSA and Ed25519 signatures.
//! The example ends with an error if any step differs from what it should be.

use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use letterhead::dkim::{KeySpec, PrivateKey, PublicKeyRecord, Signer, SigningKey};
use letterhead::dns::{HickoryResolver, RecordType, Zone};
use letterhead::feedback::{InMemorySuppressionStore, SuppressionList, SuppressionPolicy};
use letterhead::identity::dns_plan::SpfChange;
use letterhead::identity::{CreateError, NewIdentity};
use letterhead::identity::{InMemoryIdentityStore, Profile, ProfileId, Registry, RuleViolation};
use letterhead::mail::{Clock, DomainName, EmailAddress, Mailbox, Message, TenantId};
use letterhead::simulator::{Front, Password, Receiver, Served, Simulator, StoredMail};
use letterhead::transport::{
    Credentials, Endpoint, RootCertificates, SecretString, Security, SmtpTransport, TlsSettings,
};
use letterhead::{Mailer, Outgoing, Receipt, Route, SendError};

type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

macro_rules! ensure {
    ($holds:expr, $what:literal) => {
        if !$holds {
            return Err(concat!("this should hold: ", $what).into());
        }
    };
}

const PASSWORD: &str = "correct horse battery staple";
const PROVIDER_HOST: &str = "email-smtp.us-east-1.amazonaws.com";
const RELAY_HOST: &str = "relay.yourcompany.example";

#[tokio::main]
async fn main() -> Result {
    let profiles = [
        Profile::built_in("zuora-advanced")?,
        Profile::built_in("own-server")?,
    ];
    let [zuora, own_server] = profiles.clone().map(|profile| profile.id().clone());
    let acme: TenantId = "acme".parse()?;
    let company: DomainName = "yourcompany.example".parse()?;
    let simulator = internet(&profiles)?;
    let served = simulator.serve().await?;
    let resolver = HickoryResolver::with_name_server(served.dns())?;
    let registry = Registry::new(Arc::new(InMemoryIdentityStore::new()), profiles);

    heading("1. The tenant registers its domain: one, and no address on it");
    let provider = simulator
        .front(PROVIDER_HOST)
        .ok_or("the provider's front")?;
    let issued = provider.issue(&company);
    let new = |subject: &str| -> Result<NewIdentity> {
        let subject: letterhead::identity::Subject = subject.parse()?;
        Ok(NewIdentity::new(acme.clone(), zuora.clone(), subject)
            .environment("production".parse()?))
    };
    let now = simulator.clock().now();
    let identity = registry
        .create(&new("yourcompany.example")?.values(issued), now)
        .await?;
    println!("{} is {}", identity.key(), identity.verification);
    let second = registry
        .create(&new("yourcompany.test")?, now)
        .await
        .map(drop);
    let address = registry
        .create(&new("billing@yourcompany.example")?, now)
        .await
        .map(drop);
    ensure!(
        matches!(
            second,
            Err(CreateError::Rule(RuleViolation::Maximum { .. }))
        ),
        "a second domain is refused"
    );
    ensure!(
        matches!(
            address,
            Err(CreateError::Rule(RuleViolation::Exclusive { .. }))
        ),
        "an address is refused"
    );
    for refused in [second, address]
        .into_iter()
        .filter_map(std::result::Result::err)
    {
        println!("refused: {refused}");
    }

    heading("2. What the DNS must say, what it says, and the difference");
    publish_plan(&registry, &acme, &zuora, &company, &simulator, &resolver).await?;
    let verification = registry
        .verify(&acme, &identity.key(), &resolver, now)
        .await?;
    println!(
        "{} is now {}",
        identity.key(),
        verification.identity.verification
    );
    ensure!(
        verification.identity.verification.is_verified(),
        "the identity is verified"
    );

    let (signers, records) = own_keys(&company)?;
    let own_identity = NewIdentity::new(acme.clone(), own_server.clone(), company.clone())
        .value("selector", vec!["rsa2026".into(), "ed2026".into()])
        .value("key-record", records)
        .value("relay-host", vec![RELAY_HOST.into()]);
    let own_identity = registry.create(&own_identity, now).await?;
    publish_plan(
        &registry,
        &acme,
        &own_server,
        &company,
        &simulator,
        &resolver,
    )
    .await?;
    let verification = registry
        .verify(&acme, &own_identity.key(), &resolver, now)
        .await?;
    ensure!(
        verification.identity.verification.is_verified(),
        "the own server's identity is verified"
    );

    heading("3. Two messages leave: one by the provider, one by the company's own server");
    let suppression = SuppressionList::new(
        Arc::new(InMemorySuppressionStore::new()),
        SuppressionPolicy::default(),
    );
    let own_route = signers.into_iter().fold(
        Route::new("own", own_server, smtp(&served, RELAY_HOST)?),
        Route::signer,
    );
    let mailer = Mailer::builder(
        registry,
        suppression,
        Arc::new(simulator.clock().clone()),
        Arc::new(simulator.entropy().clone()),
    )
    .route(
        Route::new("zuora", zuora, smtp(&served, PROVIDER_HOST)?)
            .environment("production".parse()?),
    )
    .route(own_route)
    .build()?;
    let post = Post {
        mailer: &mailer,
        simulator: &simulator,
    };
    let billing = "Billing <billing@yourcompany.example>";
    let ada = "ada@receiver.example";
    for route in ["zuora", "own"] {
        let receipt = post.send(&acme, route, billing, &[ada]).await?;
        receipt.all_accepted()?;
        print!("by {route} as {}: {receipt}", receipt.identity());
    }

    heading("4. The receiver has judged both");
    let inbox = simulator.mails_of(&ada.parse()?);
    ensure!(inbox.len() == 2, "two messages arrived");
    for (mail, signers) in inbox.iter().zip([
        ["yourcompany.example", "amazonses.com"],
        ["yourcompany.example"; 2],
    ]) {
        judge(mail, signers)?;
    }

    heading("5. Three simulated mailboxes: one takes it, one bounces, one complains");
    let simulated =
        ["success", "bounce", "complaint"].map(|name| format!("{name}@simulator.amazonses.com"));
    let simulated = simulated.each_ref().map(String::as_str);
    let receipt = post.send(&acme, "zuora", billing, &simulated).await?;
    receipt.all_accepted()?;
    print!("{receipt}");
    simulator.advance(Duration::from_hours(3));
    let returned = simulator.mails_of(&"bounces@yourcompany.example".parse()?);
    ensure!(returned.len() == 2, "a bounce and a complaint came back");
    for mail in &returned {
        for ingested in mailer.ingest(mail.message.as_bytes()).await?.events {
            println!("{ingested}");
        }
    }

    heading("6. What is refused before a byte is written");
    let sessions = simulator.sessions().len();
    let suppressed = post.send(&acme, "zuora", billing, &simulated[1..]).await;
    ensure!(
        matches!(&suppressed, Err(SendError::AllSuppressed(both)) if both.len() == 2),
        "both are suppressed"
    );
    let forged = post
        .send(&acme, "zuora", "CEO <ceo@bank.example>", &[ada])
        .await;
    ensure!(
        matches!(forged, Err(SendError::NotAuthorized(_))),
        "a forged From is refused"
    );
    let foreign = post
        .send(&"globex".parse()?, "zuora", billing, &[ada])
        .await;
    ensure!(
        matches!(foreign, Err(SendError::NotAuthorized(_))),
        "another tenant's From is refused"
    );
    for refused in [suppressed, forged, foreign]
        .into_iter()
        .filter_map(std::result::Result::err)
    {
        println!("refused: {refused}");
    }
    ensure!(
        simulator.sessions().len() == sessions,
        "nobody was connected to"
    );
    println!("\nEverything was as it should be.");
    Ok(())
}

/// A small internet: the provider, the company's relay and its mail exchanger, and a receiver.
fn internet(profiles: &[Profile; 2]) -> Result<Simulator> {
    // A Sunday in November 2026; only the simulation's clock shows it.
    let start = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_334_400);
    let zone: Zone = "yourcompany.example. 3600 IN TXT \"v=spf1 mx ~all\"".parse()?;
    let [zuora, own_server] = profiles.clone();
    let login = |front: Front| front.login("acme", Password::new(PASSWORD));
    Ok(Simulator::builder(start, 2026)
        .zone(zone)
        .front(login(Front::new(
            PROVIDER_HOST.parse()?,
            "203.0.113.10".parse()?,
            zuora,
        )))
        .front(login(Front::new(
            RELAY_HOST.parse()?,
            "198.51.100.25".parse()?,
            own_server,
        )))
        .receiver(
            Receiver::new("mx.receiver.example".parse()?, "192.0.2.10".parse()?)
                .mailbox("ada@receiver.example".parse()?),
        )
        .receiver(
            Receiver::new("mx.yourcompany.example".parse()?, "192.0.2.20".parse()?)
                .mailbox("bounces@yourcompany.example".parse()?),
        )
        .build()?)
}

/// Prints a plan and how the DNS differs from it, and publishes what is missing.
async fn publish_plan(
    registry: &Registry,
    tenant: &TenantId,
    profile: &ProfileId,
    domain: &DomainName,
    simulator: &Simulator,
    resolver: &HickoryResolver,
) -> Result {
    let plan = registry
        .dns_plan(tenant, profile, &domain.clone().into())
        .await?;
    let diff = plan.diff(resolver).await;
    println!(
        "-- {profile}: to be published\n{}-- and how each stands now\n{diff}",
        diff.to_zone_text()
    );
    if let SpfChange::Replace { .. } = diff.spf() {
        simulator.dns().remove(domain.as_name(), RecordType::TXT);
    }
    simulator.dns().publish_zone(diff.to_zone_text().parse()?);
    let after = plan.diff(resolver).await;
    println!("-- once published\n{after}");
    ensure!(after.is_complete(), "everything required is published");
    Ok(())
}

/// An RSA and an Ed25519 key of the company's own, and the records that publish them.
fn own_keys(domain: &DomainName) -> Result<(Vec<Signer>, Vec<String>)> {
    let mut signers = Vec::new();
    let mut records = Vec::new();
    for (selector, spec) in [("rsa2026", KeySpec::Rsa2048), ("ed2026", KeySpec::Ed25519)] {
        let key: Arc<dyn SigningKey> = Arc::new(PrivateKey::generate(spec)?);
        records.push(PublicKeyRecord::for_key(&*key).to_string());
        signers.push(Signer::new(domain.clone(), selector.parse()?, key));
    }
    Ok((signers, records))
}

/// SMTP with STARTTLS and AUTH to one of the served hosts.
fn smtp(served: &Served, host: &str) -> Result<Arc<SmtpTransport>> {
    let address = served.address(&host.parse()?).ok_or("the host is served")?;
    let roots = RootCertificates::from_pem(served.ca_certificate_pem().as_bytes())?;
    let transport =
        SmtpTransport::builder(Endpoint::new(host, 587, Security::StartTls)?.address(address))
            .tls(TlsSettings::with_roots(&roots)?)
            .credentials(Credentials::new("acme", SecretString::from(PASSWORD)))
            .ehlo_name("app.yourcompany.example".parse()?)
            .build()?;
    Ok(Arc::new(transport))
}

/// Builds and sends.
struct Post<'a> {
    mailer: &'a Mailer,
    simulator: &'a Simulator,
}

impl Post<'_> {
    async fn send(
        &self,
        tenant: &TenantId,
        route: &str,
        from: &str,
        to: &[&str],
    ) -> std::result::Result<Receipt, SendError> {
        let outgoing = self
            .outgoing(tenant, route, from, to)
            .expect("the example's own addresses are right");
        self.mailer.send(outgoing).await
    }

    fn outgoing(
        &self,
        tenant: &TenantId,
        route: &str,
        from: &str,
        to: &[&str],
    ) -> Result<Outgoing> {
        let mut message = Message::builder(from.parse::<Mailbox>()?)
            .subject("Your invoice".parse()?)
            .text("The invoice of November is ready.\n")
            .html("<p>The invoice of <b>November</b> is ready.</p>\n");
        for address in to {
            message = message.to(Mailbox::new(address.parse::<EmailAddress>()?));
        }
        let draft = message.build(self.simulator.clock().now(), self.simulator.entropy())?;
        let return_path: EmailAddress = "bounces@yourcompany.example".parse()?;
        Ok(Outgoing::new(tenant.clone(), route, draft, return_path)?)
    }
}

/// Prints what the receiver wrote, and checks it: SPF, both signatures and DMARC pass.
fn judge(mail: &StoredMail, signers: [&str; 2]) -> Result {
    let field = mail
        .message
        .header("Authentication-Results")
        .ok_or("the receiver wrote its results")?;
    print!(
        "{}",
        String::from_utf8_lossy(field.as_bytes()).replace("\r\n", "\n")
    );
    let found: Vec<String> = mail
        .authentication
        .results()
        .iter()
        .map(|result| format!("{}={}", result.method().as_str(), result.result()))
        .collect();
    ensure!(
        found == ["spf=pass", "dkim=pass", "dkim=pass", "dmarc=pass"],
        "SPF, both signatures and DMARC pass"
    );
    let mut domains: Vec<&str> = mail
        .authentication
        .results()
        .iter()
        .filter_map(|result| result.property_value(&letterhead::mail::PropertyType::HEADER, "d"))
        .collect();
    domains.sort_unstable_by(|a, b| b.cmp(a));
    ensure!(
        domains == signers,
        "the signatures are of the domains they should be"
    );
    Ok(())
}

fn heading(text: &str) {
    println!("\n== {text}");
}
