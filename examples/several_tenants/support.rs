//! Support addresses, each with credentials of its own at the tenant's server, and how these are replaced.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use letterhead::dkim::{KeySpec, PrivateKey, Signer};
use letterhead::feedback::{InMemorySuppressionStore, SuppressionList, SuppressionPolicy};
use letterhead::identity::profile::VerifiedBy;
use letterhead::identity::verification::Finding;
use letterhead::identity::{InMemoryIdentityStore, NewIdentity, Profile, Registry};
use letterhead::mail::{Clock as _, EmailAddress, Message, TenantId};
use letterhead::simulator::{Front, Password, Receiver, Simulator};
use letterhead::transport::{
    Credentials, Endpoint, RootCertificates, RotatingCredentials, Security, SmtpTransport,
    TlsSettings,
};
use letterhead::{Channels, Mailer, Outgoing, Route};

use crate::Result;

const SERVER: &str = "smtp.wayne.example";

pub(crate) async fn run() -> Result {
    let own_server = Profile::built_in("own-server")?;
    let connector = Profile::built_in("zendesk-connector")?.over_vendor(&own_server)?;
    let wayne: TenantId = "wayne".parse()?;
    let addresses = ["support@wayne.example", "sales@wayne.example"];

    // Of support's credentials the server knows the new ones as well; those of sales it has not heard of yet.
    let server = Front::new(SERVER.parse()?, "192.0.2.1".parse()?, own_server)
        .verified("wayne.example".parse()?)
        .login("support-1", Password::new("secret 1"))
        .login("support-2", Password::new("secret 2"))
        .login("sales-1", Password::new("secret 3"));
    let world = Receiver::new("mx.customer.example".parse()?, "192.0.2.2".parse()?);
    let start = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_334_400);
    let simulator = Simulator::builder(start, 1)
        .front(server)
        .receiver(world.every_domain())
        .build()?;
    let served = simulator.serve().await?;

    let registry = Registry::new(Arc::new(InMemoryIdentityStore::new()), [connector.clone()]);
    let now = simulator.clock().now();
    for address in addresses {
        let name = address.split('@').next().unwrap_or(address);
        let new = NewIdentity::new(
            wayne.clone(),
            connector.id().clone(),
            address.parse::<EmailAddress>()?,
        )
        .environment("production".parse()?)
        .credential(format!("{name}-1").parse()?);
        let key = registry.create(&new, now).await?.key();
        // The application has sent the test mail to itself and seen it come.
        let proof = VerifiedBy::OutboundTestMail;
        registry
            .record_finding(&wayne, &key, proof, Finding::Proven, now)
            .await?;
    }

    let login = |user: &str, password: &str| Credentials::new(user, password.into());
    let support = RotatingCredentials::new(
        login("support-2", "secret 2"),
        login("support-1", "secret 1"),
    );
    let sales =
        RotatingCredentials::new(login("sales-2", "secret 4"), login("sales-1", "secret 3"));
    let smtp = |credentials: RotatingCredentials| -> Result<Arc<SmtpTransport>> {
        let address = served.address(&SERVER.parse()?).ok_or("it is served")?;
        let roots = RootCertificates::from_pem(served.ca_certificate_pem().as_bytes())?;
        let endpoint = Endpoint::new(SERVER, 587, Security::StartTls)?.address(address);
        let builder = SmtpTransport::builder(endpoint).tls(TlsSettings::with_roots(&roots)?);
        Ok(Arc::new(builder.credentials(credentials).build()?))
    };
    let key = Arc::new(PrivateKey::generate(KeySpec::Rsa2048)?);
    let signer = Signer::new("wayne.example".parse()?, "2026a".parse()?, key);
    let route = |name: &str, smtp: Arc<SmtpTransport>| -> Result<Route> {
        Ok(Route::new(name, connector.id().clone(), smtp)
            .environment("production".parse()?)
            .signer(signer.clone()))
    };
    let suppression = SuppressionList::new(
        Arc::new(InMemorySuppressionStore::new()),
        SuppressionPolicy::default(),
    );
    let (support, sales) = (smtp(support)?, smtp(sales)?);
    println!("The connections, with what each would be logged in as:");
    for smtp in [&support, &sales] {
        let found = smtp.check().await?;
        println!("{}: {}", found.server, found.user.unwrap_or_default());
    }
    let (clock, entropy) = (simulator.clock().clone(), simulator.entropy().clone());
    let [of_support, of_sales] = addresses;
    let mailer = Mailer::builder(registry, suppression, Arc::new(clock), Arc::new(entropy))
        .route(route("support", support)?)
        .route(route("sales", sales)?)
        .channels(
            Channels::new()
                .identity(&wayne, of_support.parse()?, ["support"])
                .identity(&wayne, of_sales.parse()?, ["sales"]),
        )
        .build()?;

    for from in [of_support, of_sales, "ceo@wayne.example"] {
        let message = Message::builder(from.parse()?).to("ada@customer.example".parse()?);
        let draft = mailer.draft(message.subject("Your ticket".parse()?).text("Solved.\n"))?;
        let outgoing = Outgoing::by_channel(wayne.clone(), draft, from.parse::<EmailAddress>()?)?;
        match mailer.send(outgoing).await {
            Ok(receipt) => println!(
                "{from}, by {}: {}",
                receipt.route(),
                receipt.rows()[0].outcome()
            ),
            Err(error) => println!("{from}: not sent: {error}"),
        }
    }
    Ok(())
}
