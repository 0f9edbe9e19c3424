//! A web service that hears from three providers what became of its mail: Amazon SES over SNS, Mailgun and SendGrid. Each
//! request is verified before it is believed, and decides who is not written to again; a forged one is turned away. It listens
//! on loopback, and providers of the simulator post to it, signed as theirs are.

#[expect(dead_code, reason = "shared with examples that use more of it")]
#[path = "shared/company.rs"]
mod company;
#[path = "shared/providers.rs"]
mod providers;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use letterhead::Mailer;
use letterhead::feedback::{Event, MailgunKey, ReplayGuard, SendGridKey, SnsVerifier};
use letterhead::mail::Clock;

use self::company::{Company, Result};

/// What the handlers share.
#[derive(Clone)]
struct App {
    mailer: Mailer,
    clock: Arc<dyn Clock>,
    sns: Arc<SnsVerifier>,
    mailgun: Arc<(MailgunKey, ReplayGuard)>,
    sendgrid: Arc<SendGridKey>,
}

impl App {
    /// 500 has the provider send it again later.
    async fn take(&self, events: Vec<Event>) -> StatusCode {
        let Ok(ingested) = self.mailer.ingest_events(events).await else {
            return StatusCode::INTERNAL_SERVER_ERROR;
        };
        for one in ingested {
            println!("  {one}");
        }
        StatusCode::NO_CONTENT
    }
}

async fn ses(State(app): State<App>, body: Bytes) -> StatusCode {
    match app.sns.verify(&body, app.clock.now()).await {
        Ok(message) => app.take(message.reading().events.clone()).await,
        Err(_) => StatusCode::FORBIDDEN,
    }
}

async fn mailgun(State(app): State<App>, body: Bytes) -> StatusCode {
    let (key, guard) = &*app.mailgun;
    match key.verify(&body, guard, app.clock.now()) {
        Ok(reading) => app.take(reading.events).await,
        Err(_) => StatusCode::FORBIDDEN,
    }
}

async fn sendgrid(State(app): State<App>, fields: HeaderMap, body: Bytes) -> StatusCode {
    let text = |name| {
        let value = fields.get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default()
    };
    let signature = text(SendGridKey::SIGNATURE_HEADER);
    let time = text(SendGridKey::TIMESTAMP_HEADER);
    match app.sendgrid.verify(signature, time, &body, app.clock.now()) {
        Ok(reading) => app.take(reading.events).await,
        Err(_) => StatusCode::FORBIDDEN,
    }
}

#[tokio::main]
async fn main() -> Result {
    let company = Company::with(|server| server, providers::fronts()?).await?;
    let simulator = &company.simulator;
    let names = ["amazon-ses", "mailgun", "sendgrid"];
    let transports = names.map(|name| simulator.transport(name).map(|transport| (name, transport)));
    let mailer = company.mailer_with(transports.into_iter().collect::<Result<Vec<_>, _>>()?)?;
    let app = App {
        mailer: mailer.clone(),
        clock: Arc::new(simulator.clock().clone()),
        sns: Arc::new(providers::sns_verifier()?),
        mailgun: Arc::new((
            providers::MAILGUN_KEY.parse()?,
            MailgunKey::replay_guard(1_000),
        )),
        sendgrid: Arc::new(providers::sendgrid_key()?),
    };
    let router = Router::new()
        .route("/ses", post(ses))
        .route("/mailgun", post(mailgun))
        .route("/sendgrid", post(sendgrid))
        .with_state(app);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let service = listener.local_addr()?;
    tokio::spawn(async move { axum::serve(listener, router).await });

    for provider in names {
        println!("by {provider}:");
        let message = company.message(
            &format!("550-5.1.1-{provider}@customer.example"),
            "Your invoice",
        )?;
        let mut outgoing = company.outgoing(message.text("It is ready.\n"))?;
        outgoing.routes = vec![provider.to_owned()];
        let before = simulator.notifications().len();
        mailer.send(outgoing).await?.all_accepted()?;
        simulator.advance(Duration::from_mins(5));
        let told = simulator.notifications();
        for notification in &told[before.min(told.len())..] {
            let status = providers::post_notification(service, notification).await?;
            println!("  the service answered {status}");
        }
    }
    let forged = br#"{"signature": {"timestamp": "1", "token": "t", "signature": "00"}, "event-data": {"event": "failed"}}"#;
    println!(
        "forged: {}",
        providers::post(service, "/mailgun", &[], forged).await?
    );
    Ok(())
}
