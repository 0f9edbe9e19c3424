//! Mail through an SMTP server of one's own. Whether its settings are right, and which of them is wrong, shows without sending
//! anything; a test mail shows the rest. With
//! `SMTP_SERVER=smtp://host:587`, `SMTP_USER`, `SMTP_PASSWORD` (or a file that `SMTP_PASSWORD_FILE` names), `SMTP_FROM` and
//! `SMTP_TO` in the environment it tries that server; without them one of the simulator, on loopback, with TLS and AUTH.

#![expect(
    clippy::disallowed_methods,
    reason = "the environment is read here, and passed on"
)]

use std::env;
use std::error::Error;
use std::time::{Duration, SystemTime};

use letterhead::identity::Profile;
use letterhead::mail::{
    Clock as _, EmailAddress, Message, Submission, SubmissionId, Transport as _,
};
use letterhead::simulator::{Front, Password, Receiver, Served, Simulator};
use letterhead::transport::{
    Credentials, Endpoint, RootCertificates, SecretString, Security, SmtpTransport,
    SmtpTransportBuilder, TlsSettings,
};
use letterhead::{SystemClock, SystemEntropy};

type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

const SERVER: &str = "smtp.yourcompany.example";

#[tokio::main]
async fn main() -> Result {
    if let Ok(server) = env::var("SMTP_SERVER") {
        let password = match env::var("SMTP_PASSWORD_FILE") {
            Ok(file) => std::fs::read_to_string(file)?.trim_end().to_owned(),
            Err(_) => env::var("SMTP_PASSWORD")?,
        };
        let smtp = SmtpTransport::builder(server.parse()?)
            .credentials(login(&env::var("SMTP_USER")?, &password));
        return try_it(
            "the server",
            smtp,
            &env::var("SMTP_FROM")?,
            &env::var("SMTP_TO")?,
        )
        .await;
    }
    let (_simulator, served) = server().await?;
    let address = served.address(&SERVER.parse()?).ok_or("it is served")?;
    let roots = RootCertificates::from_pem(served.ca_certificate_pem().as_bytes())?;
    let at = |address| {
        Endpoint::new(SERVER, 587, Security::StartTls).map(|endpoint| endpoint.address(address))
    };
    let trusted = || -> Result<SmtpTransportBuilder> {
        Ok(SmtpTransport::builder(at(address)?).tls(TlsSettings::with_roots(&roots)?))
    };
    let secret = || login("app", "secret");
    for (what, settings) in [
        ("all is right", trusted()?.credentials(secret())),
        (
            "wrong password",
            trusted()?.credentials(login("app", "guess")),
        ),
        ("no password", trusted()?),
        (
            "unknown certificate",
            SmtpTransport::builder(at(address)?).credentials(secret()),
        ),
        (
            "nobody listens",
            SmtpTransport::builder(at("127.0.0.1:1".parse()?)?).credentials(secret()),
        ),
    ] {
        try_it(
            what,
            settings,
            "billing@yourcompany.example",
            "ada@customer.example",
        )
        .await?;
    }
    Ok(())
}

fn login(user: &str, password: &str) -> Credentials {
    Credentials::new(user, SecretString::from(password))
}

/// Tries the connection, sends a test mail where it is one to send over, and prints what became of it.
async fn try_it(what: &str, settings: SmtpTransportBuilder, from: &str, to: &str) -> Result {
    let (clock, entropy) = (SystemClock::new(), SystemEntropy::new());
    let builder = Message::builder(from.parse()?)
        .to(to.parse()?)
        .subject("Test".parse()?);
    let draft = builder
        .text("This mail tries the settings.\n")
        .build(clock.now(), &entropy)?;
    let envelope = draft.envelope(from.parse::<EmailAddress>()?)?;
    let (message, _) = draft.into_parts();
    let submission = Submission::new(
        SubmissionId::random(&entropy),
        "acme".parse()?,
        message,
        envelope,
    );
    let smtp = settings.build()?;
    match smtp.check().await {
        Ok(found) => print!("{what}:\n{found}\n{}\n", smtp.send(&submission).await),
        Err(problem) => println!("{what}:\n{problem}\n"),
    }
    Ok(())
}

/// A server with one user, in a small internet of its own.
async fn server() -> Result<(Simulator, Served)> {
    let front = Front::new(
        SERVER.parse()?,
        "192.0.2.1".parse()?,
        Profile::built_in("own-server")?,
    );
    let world = Receiver::new(
        "mx.rest-of-the-world.example".parse()?,
        "192.0.2.3".parse()?,
    );
    let start = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_334_400);
    let simulator = Simulator::builder(start, 1)
        .front(front.login("app", Password::new("secret")))
        .receiver(world.every_domain())
        .build()?;
    let served = simulator.serve().await?;
    Ok((simulator, served))
}
