//! Mail leaves as settings say.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use letterhead::feedback::{InMemorySuppressionStore, SuppressionList, SuppressionPolicy};
use letterhead::identity::{InMemoryIdentityStore, Profile};
use letterhead::mail::{Clock as _, EmailAddress, Message};
use letterhead::simulator::{Front, Password, Receiver, Simulator};
use letterhead::{Outgoing, Settings};

use crate::directory::Directory;

const TOML: &str = r#"
ehlo_name = "app.yourcompany.example"

[keys.main]
domain = "yourcompany.example"
selector = "2026a"
pem = { file = "dkim.pem" }

[routes.own]
profile = "own-server"
server = "smtp://relay.yourcompany.example"
ca_file = "ca.pem"
user = "acme"
password = { file = "password" }
keys = ["main"]
timeout_seconds = 20

[channels]
everybody = ["own"]

[identities.main]
tenant = "acme"
profile = "own-server"
subject = "yourcompany.example"
keys = ["main"]
values.relay-host = ["relay.yourcompany.example"]
"#;

/// An identity is registered, waits for its records, is verified when settings are read again, and sends; the password in the
/// file is changed meanwhile, as is the port by a variable.
#[tokio::test]
async fn a_program_that_starts_twice_and_sends() {
    let directory = Directory::new();
    let profile = Profile::built_in("own-server").unwrap();
    let relay = Front::new(
        "relay.yourcompany.example".parse().unwrap(),
        "198.51.100.25".parse().unwrap(),
        profile,
    );
    let receiver = Receiver::new(
        "mx.receiver.example".parse().unwrap(),
        "192.0.2.10".parse().unwrap(),
    );
    let start = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_334_400);
    let simulator = Simulator::builder(start, 11)
        .front(relay.login("acme", Password::new("another one")))
        .receiver(receiver.mailbox("ada@receiver.example".parse().unwrap()))
        .build()
        .unwrap();
    let served = simulator.serve().await.unwrap();
    directory.write("ca.pem", served.ca_certificate_pem());
    let path = directory.write("letterhead.toml", TOML);
    let relay = served
        .address(&"relay.yourcompany.example".parse().unwrap())
        .unwrap();
    let variables = [("LETTERHEAD__ROUTES__OWN__ADDRESS", relay.to_string())];
    let store = Arc::new(InMemoryIdentityStore::new());
    let now = simulator.clock().now();

    let settings = Settings::from_file(&path, variables.clone()).unwrap();
    let registry = settings.registry(store.clone());
    let resolver = simulator.dns().clone();
    let [identity] = &settings.register(&registry, &resolver, now).await.unwrap()[..] else {
        panic!("one identity");
    };
    assert!(!identity.verification.is_verified());

    let subject = identity.subject.clone();
    let plan = registry
        .dns_plan(&identity.tenant, &identity.profile, &subject)
        .await
        .unwrap();
    let zone = plan.diff(&resolver).await.to_zone_text();
    simulator.dns().publish_zone(zone.parse().unwrap());

    let settings = Settings::from_file(&path, variables).unwrap();
    let registry = settings.registry(store);
    let [identity] = &settings.register(&registry, &resolver, now).await.unwrap()[..] else {
        panic!("one identity");
    };
    assert!(
        identity.verification.is_verified(),
        "{}",
        identity.verification
    );

    let suppression = SuppressionList::new(
        Arc::new(InMemorySuppressionStore::new()),
        SuppressionPolicy::default(),
    );
    let (clock, entropy) = (simulator.clock().clone(), simulator.entropy().clone());
    let mailer = settings.mailer(registry, suppression, Arc::new(clock), Arc::new(entropy));
    let mailer = mailer.build().unwrap();
    directory.write("password", "another one\n");
    let draft = mailer.draft(
        Message::builder("Billing <billing@yourcompany.example>".parse().unwrap())
            .to("ada@receiver.example".parse().unwrap())
            .subject("Your invoice".parse().unwrap())
            .text("It is ready.\n"),
    );
    let return_path: EmailAddress = "bounces@yourcompany.example".parse().unwrap();
    let outgoing = Outgoing::by_channel("acme".parse().unwrap(), draft.unwrap(), return_path);
    let receipt = mailer.send(outgoing.unwrap()).await.unwrap();
    receipt.all_accepted().unwrap();
    let mail = simulator.mailbox("ada@receiver.example").expect_one();
    assert!(
        mail.authentication.to_string().contains("dmarc=pass"),
        "{}",
        mail.authentication
    );
}
