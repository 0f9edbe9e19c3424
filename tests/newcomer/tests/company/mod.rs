//! The company in a small internet: its own server, Mailgun's as the fallback, and everybody's mailboxes.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use letterhead::dkim::{KeySpec, PrivateKey};
use letterhead::simulator::behaviour::Behaviour;
use letterhead::simulator::{Receiver, Served, Simulator, Webhook};
use newcomer::{Error, PostOffice, Settings, router};
use serde_json::{Value, json};
use tower::ServiceExt;

pub const FALLBACK: &str = "smtp.mailgun.org";
pub const RETURN_PATH: &str = "bounces@yourcompany.example";
pub const MAILGUN_KEY: &str = "the account's key";
/// Seconds since 1970: a Sunday in November 2026.
pub const START: u64 = 1_795_334_400;

/// What the service is run with.
const TOML: &str = include_str!("../../letterhead.toml");

pub struct Company {
    pub simulator: Simulator,
    /// As the service is deployed, led into the simulation.
    mail: letterhead::Settings,
    service: Router,
    _served: Served,
}

impl Company {
    /// Whose servers behave so.
    pub async fn open(own: Behaviour, fallback: Behaviour) -> Result<Self, Error> {
        let key = PrivateKey::generate(KeySpec::Rsa2048)?.to_pkcs8_pem()?;
        let secrets = [
            ("LETTERHEAD__KEYS__MAIN__PEM", key.as_str()),
            ("LETTERHEAD__ROUTES__OWN__PASSWORD", "secret"),
            ("LETTERHEAD__ROUTES__FALLBACK__PASSWORD", "another"),
        ];
        let mail = letterhead::Settings::from_toml(TOML, secrets)?;
        let mailgun = Webhook::mailgun("/webhooks/mailgun", MAILGUN_KEY);
        let world = Receiver::new("mx.world.example".parse()?, "192.0.2.2".parse()?);
        let home = Receiver::new("mx.yourcompany.example".parse()?, "192.0.2.3".parse()?);
        let start = SystemTime::UNIX_EPOCH + Duration::from_secs(START);
        let simulator = Simulator::builder(start, 1)
            .front(mail.front("own")?.answers(own))
            .front(mail.front("fallback")?.answers(fallback).webhook(mailgun))
            .receiver(world.every_domain().triggers_everywhere())
            .receiver(home.domain("yourcompany.example".parse()?).catch_all())
            .build()?;
        let served = simulator.serve().await?;
        let mut company = Self {
            mail: mail.over_sockets(&simulator, &served)?,
            simulator,
            service: Router::new(),
            _served: served,
        };
        company.publish().await?;
        company.restart().await?;
        Ok(company)
    }

    /// Publishes the records that the service says are missing.
    async fn publish(&self) -> Result<(), Error> {
        let Err(missing) = self.post_office().await else {
            return Err("nothing is published yet".into());
        };
        let missing = missing.to_string();
        let (_, records) = missing.split_once('\n').ok_or(&*missing)?;
        self.simulator.dns().replace(records.parse()?);
        Ok(())
    }

    /// Starts the service, which remembers nothing.
    pub async fn restart(&mut self) -> Result<(), Error> {
        self.service = router(self.post_office().await?);
        Ok(())
    }

    async fn post_office(&self) -> Result<PostOffice, Error> {
        let settings = Settings {
            from: "Billing <billing@yourcompany.example>".parse()?,
            return_path: RETURN_PATH.parse()?,
            mailgun_key: MAILGUN_KEY.parse()?,
            mail: self.mail.clone(),
        };
        let clock = Arc::new(self.simulator.clock().clone());
        let entropy = Arc::new(self.simulator.entropy().clone());
        PostOffice::open(settings, self.simulator.dns(), clock, entropy).await
    }

    /// Asks the service for an invoice; gives its answer, with the header field Retry-After as `retry-after`.
    pub async fn invoice(&self, key: &str, to: &[&str]) -> (StatusCode, Value) {
        let invoice = json!({"number": "2026-7", "amount": "30 euros", "to": to});
        let request = Request::post("/invoices")
            .header("content-type", "application/json")
            .header("idempotency-key", key)
            .body(Body::from(invoice.to_string()))
            .unwrap();
        let response = self.service.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let wait = response.headers().get("retry-after").cloned();
        let body = to_bytes(response.into_body(), 100_000).await.unwrap();
        let mut answer: Value = serde_json::from_slice(&body).unwrap();
        if let Some(wait) = wait {
            answer["retry-after"] = wait.to_str().unwrap().into();
        }
        (status, answer)
    }

    /// Posts to the service what somebody tells it.
    pub async fn tell(&self, path: &str, body: impl Into<Body>) -> StatusCode {
        let request = Request::post(path).body(body.into()).unwrap();
        self.service
            .clone()
            .oneshot(request)
            .await
            .unwrap()
            .status()
    }

    /// Posts what Mailgun tells, as far as the simulation has come.
    pub async fn tell_notifications(&self) {
        for told in self.simulator.notifications() {
            let status = self.tell(&told.target, told.body).await;
            assert_eq!(status, StatusCode::NO_CONTENT);
        }
    }

    /// The next invoice goes to no server.
    pub async fn assert_suppressed(&self, to: &str, reason: &str) {
        let before = self.simulator.events().len();
        let (status, answer) = self.invoice("the next", &[to]).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(answer["error"], "suppressed");
        assert_eq!(
            answer["recipients"][0]["said"],
            format!("suppressed: {reason}")
        );
        assert_eq!(self.simulator.events().len(), before);
    }
}
