//! The company in a small internet: its own server, Mailgun's as the fallback, and everybody's mailboxes.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use letterhead::dkim::{KeySpec, PrivateKey};
use letterhead::identity::{Profile, Subject};
use letterhead::mail::DomainName;
use letterhead::simulator::behaviour::Behaviour;
use letterhead::simulator::{Front, Password, Receiver, Served, Simulator, Webhook};
use newcomer::{Error, PostOffice, Settings, router};
use serde_json::{Value, json};
use tower::ServiceExt;

pub const OWN: &str = "smtp.yourcompany.example";
pub const FALLBACK: &str = "smtp.mailgun.example";
pub const RETURN_PATH: &str = "bounces@yourcompany.example";
pub const MAILGUN_KEY: &str = "the account's key";
/// Seconds since 1970: a Sunday in November 2026.
pub const START: u64 = 1_795_334_400;

/// What the service is run with.
const TOML: &str = include_str!("../../letterhead.toml");

pub struct Company {
    pub simulator: Simulator,
    served: Served,
    /// The file with the certificate that the servers' certificates are signed by.
    authority: PathBuf,
    dkim_key: String,
    service: Router,
}

impl Company {
    /// Whose servers behave so.
    pub async fn open(own: Behaviour, fallback: Behaviour) -> Result<Self, Error> {
        let domain: DomainName = "yourcompany.example".parse()?;
        let profile = Profile::built_in("own-server")?;
        let server = Front::new(OWN.parse()?, "192.0.2.1".parse()?, profile);
        let mailgun = Front::of("mailgun")?
            .verified(Subject::Domain(domain.clone()))
            .webhook(Webhook::mailgun("/webhooks/mailgun", MAILGUN_KEY));
        let login = |front: Front| front.login("app", Password::new("secret"));
        let world = Receiver::new("mx.world.example".parse()?, "192.0.2.2".parse()?);
        let home = Receiver::new("mx.yourcompany.example".parse()?, "192.0.2.3".parse()?);
        let start = SystemTime::UNIX_EPOCH + Duration::from_secs(START);
        let simulator = Simulator::builder(start, 1)
            .front(login(server).answers(own))
            .front(login(mailgun).answers(fallback))
            .receiver(world.every_domain().triggers_everywhere())
            .receiver(home.domain(domain).catch_all())
            .build()?;
        let served = simulator.serve().await?;
        let authority = own_file("ca.pem");
        fs::write(&authority, served.ca_certificate_pem())?;
        let mut company = Self {
            simulator,
            served,
            authority,
            dkim_key: PrivateKey::generate(KeySpec::Rsa2048)?
                .to_pkcs8_pem()?
                .to_string(),
            service: Router::new(),
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
            mail: letterhead::Settings::from_toml(TOML, self.variables()?)?,
        };
        let clock = Arc::new(self.simulator.clock().clone());
        let entropy = Arc::new(self.simulator.entropy().clone());
        PostOffice::open(settings, self.simulator.dns(), clock, entropy).await
    }

    /// What is another in a test: the key, the passwords, where the servers are, and who vouches for them.
    fn variables(&self) -> Result<Vec<(String, String)>, Error> {
        let mut variables = vec![("LETTERHEAD__KEYS__MAIN__PEM".into(), self.dkim_key.clone())];
        for (route, host) in [("OWN", OWN), ("FALLBACK", FALLBACK)] {
            let address = self.served.address(&host.parse()?).ok_or("it is served")?;
            let mut set = |key: &str, value: String| {
                variables.push((format!("LETTERHEAD__ROUTES__{route}__{key}"), value));
            };
            set("ADDRESS", address.to_string());
            set("PASSWORD", "secret".into());
            set("CA_FILE", self.authority.display().to_string());
        }
        Ok(variables)
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
        assert_eq!(answer["recipients"][0]["said"], reason);
        assert_eq!(self.simulator.events().len(), before);
    }
}

/// A file that no other company has.
fn own_file(name: &str) -> PathBuf {
    static COMPANIES: AtomicUsize = AtomicUsize::new(0);
    let number = COMPANIES.fetch_add(1, Ordering::Relaxed);
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{number}-{name}"))
}
