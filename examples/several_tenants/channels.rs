//! A channel for each tenant.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use letterhead::dkim::{KeySpec, PrivateKey, PublicKeyRecord, Signer};
use letterhead::feedback::{InMemorySuppressionStore, SuppressionList, SuppressionPolicy};
use letterhead::identity::{InMemoryIdentityStore, NewIdentity, Profile, Registry, Subject};
use letterhead::mail::{Clock as _, EmailAddress, Message, TenantId};
use letterhead::simulator::{Front, Password, Receiver, Simulator};
use letterhead::{Channels, Mailer, Outgoing, Route};

use crate::Result;

pub(crate) async fn run() -> Result {
    let own_server = Profile::built_in("own-server")?;
    let default = Profile::built_in("zuora-default")?;
    let external = Profile::built_in("zuora-external")?.over_vendor(&own_server)?;
    let advanced = Profile::built_in("zuora-advanced")?;
    let oracle = Profile::built_in("oci-email-delivery")?;
    let profiles = [default, external, advanced, oracle];
    let simulator = internet(&profiles)?;
    let registry = Registry::new(Arc::new(InMemoryIdentityStore::new()), profiles.clone());
    let [default, external, advanced, oracle] = profiles.map(|profile| profile.id().clone());
    let [initech, globex, acme, hooli] =
        ["initech", "globex", "acme", "hooli"].map(str::parse::<TenantId>);
    let (initech, globex, acme, hooli) = (initech?, globex?, acme?, hooli?);

    // Who may write as whom: an address that is just entered, a domain with an own key, a domain that the provider
    // verifies, and an approved sender in one region.
    let key = Arc::new(PrivateKey::generate(KeySpec::Rsa2048)?);
    let issued = simulator
        .front("zuora-advanced")
        .ok_or("it is there")?
        .issue(&"acme.example".parse()?);
    for new in [
        NewIdentity::new(
            initech.clone(),
            default.clone(),
            subject("pay@initech.example")?,
        ),
        NewIdentity::new(globex.clone(), external.clone(), subject("globex.example")?)
            .value("selector", vec!["2026a".into()])
            .value(
                "key-record",
                vec![PublicKeyRecord::for_key(&*key).to_string()],
            )
            .value("relay-host", vec!["smtp.globex.example".into()]),
        NewIdentity::new(acme.clone(), advanced.clone(), subject("acme.example")?)
            .environment("production".parse()?)
            .values(issued),
        NewIdentity::new(
            hooli.clone(),
            oracle.clone(),
            subject("news@hooli.example")?,
        )
        .region("eu-frankfurt-1".parse()?)
        .compartment("ocid1.compartment.oc1..hooli".parse()?),
    ] {
        let now = simulator.clock().now();
        let identity = registry.create(&new, now).await?;
        let plan = registry
            .dns_plan(&new.tenant, &new.profile, &new.subject)
            .await?;
        simulator
            .dns()
            .replace(plan.diff(simulator.dns()).await.to_zone_text().parse()?);
        if !identity.verification.is_verified() {
            registry
                .verify(&new.tenant, &identity.key(), simulator.dns(), now)
                .await?;
        }
    }

    // The gateway that the default channel's SPF term names.
    simulator
        .dns()
        .publish_zone("zgateway.zuora.com. A 192.0.2.1".parse()?);
    let through = |host: &str| simulator.transport(host);
    let signer = Signer::new("globex.example".parse()?, "2026a".parse()?, key);
    let suppression = SuppressionList::new(
        Arc::new(InMemorySuppressionStore::new()),
        SuppressionPolicy::default(),
    );
    let (clock, entropy) = (
        Arc::new(simulator.clock().clone()),
        Arc::new(simulator.entropy().clone()),
    );
    let region = |name: &str| -> Result<Route> {
        let route = Route::new(name, oracle.clone(), through("oci-email-delivery")?);
        Ok(route.region(name.parse()?))
    };
    let mailer = Mailer::builder(registry, suppression, clock, entropy)
        .route(Route::new("default", default, through("zuora-default")?))
        .route(Route::new("external", external, through("smtp.globex.example")?).signer(signer))
        .route(
            Route::new("advanced", advanced, through("zuora-advanced")?)
                .environment("production".parse()?),
        )
        .route(region("eu-frankfurt-1")?)
        .route(region("us-ashburn-1")?)
        .channels(
            Channels::new()
                .everybody(["default"])
                .tenant(&globex, ["external"])
                .tenant(&acme, ["advanced"])
                .tenant(&hooli, ["us-ashburn-1", "eu-frankfurt-1"]),
        )
        .build()?;

    for (tenant, from) in [
        (&initech, "pay@initech.example"),
        (&globex, "billing@globex.example"),
        (&acme, "billing@acme.example"),
        (&hooli, "news@hooli.example"),
        (&initech, "billing@acme.example"),
    ] {
        let message = Message::builder(from.parse()?).to("ada@customer.example".parse()?);
        let draft = mailer.draft(
            message
                .subject("Your invoice".parse()?)
                .text("It is ready.\n"),
        )?;
        let return_path: EmailAddress = from.parse()?;
        match mailer
            .send(Outgoing::by_channel(tenant.clone(), draft, return_path)?)
            .await
        {
            Ok(receipt) => {
                println!(
                    "{tenant} as {from}, by {}, under {}",
                    receipt.route(),
                    receipt.identity()
                );
                for refusal in receipt.passed_over() {
                    println!("    not by {}: {}", refusal.route, refusal.error);
                }
            }
            Err(error) => println!("{tenant} as {from}: not sent: {error}"),
        }
    }
    // An approved sender alone leaves with Oracle's return path and without a signature of its domain: DMARC fails until the
    // domain is registered there as well.
    println!("\nWhat Ada's server found:");
    for mail in simulator.mailbox("ada@customer.example").expect_count(4) {
        let author = mail.message.header("From").ok_or("it has one")?.unfolded();
        let dmarc = mail.authentication.to_string();
        let dmarc = dmarc.lines().last().unwrap_or_default();
        println!("{author}: {}", dmarc.trim());
    }
    Ok(())
}

fn subject(text: &str) -> Result<Subject> {
    Ok(text.parse()?)
}

/// The servers of each channel, and the rest of the world.
fn internet(profiles: &[Profile; 4]) -> Result<Simulator> {
    let start = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_334_400);
    let world = Receiver::new(
        "mx.rest-of-the-world.example".parse()?,
        "192.0.2.99".parse()?,
    );
    let mut internet = Simulator::builder(start, 1).receiver(world.every_domain());
    let hosts = [
        "gateway.example",
        "smtp.globex.example",
        "ses.example",
        "oci.example",
    ];
    let verified = [
        "pay@initech.example",
        "globex.example",
        "acme.example",
        "news@hooli.example",
    ];
    for (number, ((host, profile), who)) in
        hosts.into_iter().zip(profiles).zip(verified).enumerate()
    {
        let front = Front::new(
            host.parse()?,
            format!("192.0.2.{}", number + 1).parse()?,
            profile.clone(),
        );
        internet = internet.front(
            front
                .login("app", Password::new("secret"))
                .verified(who.parse()?),
        );
    }
    Ok(internet.build()?)
}
