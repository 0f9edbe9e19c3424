//! An application is tested with the settings that it is deployed with.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use letterhead::feedback::{InMemorySuppressionStore, SuppressionList, SuppressionPolicy};
use letterhead::identity::{InMemoryIdentityStore, Registry};
use letterhead::mail::{Clock as _, EmailAddress, Message, OutcomeClass};
use letterhead::settings::SimulationError;
use letterhead::simulator::behaviour::{Act, Behaviour, Stage, When};
use letterhead::simulator::{Receiver, Simulator};
use letterhead::{Mailer, Outgoing, Receipt, SendError, Settings};

use crate::directory::PEM;

const ADA: &str = "ada@receiver.example";

/// The company's own server first, Mailgun's where that fails; one domain, two identities.
const TOML: &str = r#"
[keys.main]
domain = "yourcompany.example"
selector = "2026a"
pem = { file = "/run/secrets/dkim.pem" }

[routes.own]
profile = "own-server"
server = "smtps://smtp.yourcompany.example"
user = "app"
password = { env = "SMTP_PASSWORD" }
keys = ["main"]

[routes.spare]
profile = "mailgun"
user = "postmaster@yourcompany.example"
password = { env = "MAILGUN_PASSWORD" }
return_path_domains = ["yourcompany.example"]

[channels]
everybody = ["own", "spare"]

[identities.own]
tenant = "acme"
profile = "own-server"
subject = "yourcompany.example"
keys = ["main"]
values.relay-host = ["smtp.yourcompany.example"]

[identities.spare]
tenant = "acme"
profile = "mailgun"
subject = "yourcompany.example"
"#;

fn settings() -> Settings {
    let variables = [
        ("LETTERHEAD__KEYS__MAIN__PEM", PEM),
        ("SMTP_PASSWORD", "one"),
        ("MAILGUN_PASSWORD", "another"),
    ];
    Settings::from_toml(TOML, variables).unwrap()
}

fn internet(settings: &Settings, own: Behaviour) -> Simulator {
    let receiver = Receiver::new(
        "mx.receiver.example".parse().unwrap(),
        "192.0.2.10".parse().unwrap(),
    );
    let start = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_334_400);
    Simulator::builder(start, 11)
        .front(settings.front("own").unwrap().answers(own))
        .front(settings.front("spare").unwrap())
        .receiver(receiver.mailbox(ADA.parse().unwrap()))
        .build()
        .unwrap()
}

fn down() -> Behaviour {
    Behaviour::new().rule(Stage::Greeting, When::Always, Act::HangUp)
}

/// Registered, published and verified.
async fn mailer(settings: &Settings, simulator: &Simulator) -> Mailer {
    let (dns, now) = (simulator.dns(), simulator.clock().now());
    let registry = settings.registry(Arc::new(InMemoryIdentityStore::new()));
    settings.register(&registry, dns, now).await.unwrap();
    let plans = settings.dns_plans(&registry).await.unwrap();
    assert_eq!(plans.len(), 1, "of one domain");
    for plan in plans {
        let zone = plan.diff(dns).await.to_zone_text();
        dns.replace(zone.parse().unwrap());
    }
    settings.verify(&registry, dns, now).await.unwrap();
    mailer_over(settings, simulator, registry)
}

fn mailer_over(settings: &Settings, simulator: &Simulator, registry: Registry) -> Mailer {
    let suppression = SuppressionList::new(
        Arc::new(InMemorySuppressionStore::new()),
        SuppressionPolicy::default(),
    );
    let (clock, entropy) = (simulator.clock().clone(), simulator.entropy().clone());
    let builder = settings.mailer(registry, suppression, Arc::new(clock), Arc::new(entropy));
    builder.build().unwrap()
}

async fn send(mailer: &Mailer) -> Result<Receipt, SendError> {
    let draft = mailer.draft(
        Message::builder("Billing <billing@yourcompany.example>".parse().unwrap())
            .to(ADA.parse().unwrap())
            .subject("Your invoice".parse().unwrap())
            .text("It is ready.\n"),
    );
    let return_path: EmailAddress = "bounces@yourcompany.example".parse().unwrap();
    let outgoing = Outgoing::by_channel("acme".parse().unwrap(), draft.unwrap(), return_path);
    mailer.send(outgoing.unwrap()).await
}

#[tokio::test]
async fn in_memory_mail_is_signed_believed_and_logged_in_for() {
    let settings = settings();
    let simulator = internet(&settings, Behaviour::new());
    let settings = settings.in_memory(&simulator).unwrap();
    let mailer = mailer(&settings, &simulator).await;
    let receipt = send(&mailer).await.unwrap();
    assert_eq!(receipt.route(), "own");
    simulator
        .mailbox(ADA)
        .signed_by("yourcompany.example")
        .verdict(letterhead::mail::Method::SPF, "pass")
        .verdict(letterhead::mail::Method::DMARC, "pass")
        .expect_one();
}

#[tokio::test]
async fn over_sockets_another_server_takes_over() {
    let settings = settings();
    let simulator = internet(&settings, down());
    let served = simulator.serve().await.unwrap();
    let settings = settings.over_sockets(&simulator, &served).unwrap();
    let mailer = mailer(&settings, &simulator).await;
    let receipt = send(&mailer).await.unwrap();
    assert_eq!(receipt.route(), "spare");
    let text = receipt.to_string();
    assert!(
        text.starts_with("ada@receiver.example accepted at final"),
        "{text}"
    );
    assert!(
        text.contains("before, by the route own: ada@receiver.example deferred at "),
        "{text}"
    );
    assert!(text.contains("(smtp.mailgun.org"), "{text}");
    simulator.mailbox(ADA).expect_one();
}

/// The password is another than the server's.
#[tokio::test]
async fn who_logs_in_wrongly_is_refused() {
    let simulator = internet(&settings(), Behaviour::new());
    let variables = [
        ("LETTERHEAD__KEYS__MAIN__PEM", PEM),
        ("SMTP_PASSWORD", "a guess"),
        ("MAILGUN_PASSWORD", "a guess"),
    ];
    let settings = Settings::from_toml(TOML, variables).unwrap();
    let settings = settings.in_memory(&simulator).unwrap();
    let error = send(&mailer(&settings, &simulator).await)
        .await
        .unwrap_err();
    assert_eq!(error.class(), OutcomeClass::Refused, "{error}");
    assert!(error.to_string().contains("at auth"), "{error}");
    assert_eq!(error.rows().len(), 1);
}

/// Sends from the start, and may once the records are found; a pending sender's mail can be kept.
#[tokio::test]
async fn a_pending_identity_is_verified_later() {
    let settings = settings();
    let simulator = internet(&settings, Behaviour::new());
    let settings = settings.in_memory(&simulator).unwrap();
    let (dns, now) = (simulator.dns(), simulator.clock().now());
    let registry = settings.registry(Arc::new(InMemoryIdentityStore::new()));
    let registered = settings.register(&registry, dns, now).await.unwrap();
    assert!(registered.iter().all(|one| !one.verification.is_verified()));
    let mailer = mailer_over(&settings, &simulator, registry);

    let error = send(&mailer).await.unwrap_err();
    assert_eq!(error.class(), OutcomeClass::NotYet, "{error}");
    assert!(error.to_string().contains("Registry::verify"), "{error}");

    for plan in settings.dns_plans(mailer.registry()).await.unwrap() {
        let zone = plan.diff(dns).await.to_zone_text();
        dns.replace(zone.parse().unwrap());
    }
    let verified = settings.verify(mailer.registry(), dns, now).await.unwrap();
    assert!(
        verified[0].verification.is_verified(),
        "{}",
        verified[0].verification
    );
    send(&mailer).await.unwrap().all_accepted().unwrap();

    // The records are taken away: believed for three days, and then no more.
    dns.remove(
        &"2026a._domainkey.yourcompany.example".parse().unwrap(),
        letterhead::dns::RecordType::TXT,
    );
    for hours in [1, 71] {
        simulator.advance(Duration::from_hours(hours));
        let now = simulator.clock().now();
        settings.verify(mailer.registry(), dns, now).await.unwrap();
        send(&mailer).await.unwrap().all_accepted().unwrap();
    }
    simulator.advance(Duration::from_hours(1));
    let now = simulator.clock().now();
    let failed = settings.verify(mailer.registry(), dns, now).await.unwrap();
    assert_eq!(failed[0].verification.to_string(), "DNS records failed");
    let receipt = send(&mailer).await.unwrap();
    let [passed_over] = receipt.passed_over() else {
        panic!("{:?}", receipt.passed_over());
    };
    assert_eq!((receipt.route(), &*passed_over.route), ("spare", "own"));
    assert_eq!(passed_over.error.class(), OutcomeClass::Refused);
}

#[tokio::test]
async fn no_route_leads_out_of_the_simulation() {
    let settings = settings();
    let empty = Simulator::builder(SystemTime::UNIX_EPOCH, 1)
        .build()
        .unwrap();
    let error = settings.in_memory(&empty).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the route own connects to smtp.yourcompany.example, which the simulation does not have; give its builder the \
         front of the route"
    );
    let served = empty.serve().await.unwrap();
    let error = settings.over_sockets(&empty, &served).unwrap_err();
    assert!(matches!(error, SimulationError::NoHost { .. }), "{error}");
    let error = settings.front("onw").unwrap_err();
    assert_eq!(
        error.to_string(),
        "there is no route \"onw\"; known are: own, spare"
    );
    let toml = TOML.replace("smtps://smtp.yourcompany.example", "smtps://192.0.2.7");
    let variables = [
        ("LETTERHEAD__KEYS__MAIN__PEM", PEM),
        ("SMTP_PASSWORD", "one"),
        ("MAILGUN_PASSWORD", "another"),
    ];
    let settings = Settings::from_toml(&toml, variables).unwrap();
    let error = settings.front("own").unwrap_err();
    assert!(matches!(error, SimulationError::NoName { .. }), "{error}");
}
