//! Limits over time hold before the provider has to enforce them.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use letterhead::feedback::{InMemorySuppressionStore, SuppressionList, SuppressionPolicy};
use letterhead::identity::quota::{
    Claim, InMemoryQuotaStore, QuotaKey, QuotaStore, QuotaStoreError, Reservation, ReserveError,
    Usage, Volume,
};
use letterhead::identity::{InMemoryIdentityStore, Profile, Registry};
use letterhead::mail::{
    BoxFuture, Clock as _, Message, Outcome, Phase, RecipientReport, Report, Submission, Transport,
};
use letterhead::simulator::{SeededEntropy, VirtualClock};
use letterhead::{Mailer, Outgoing, Receipt, Route, RouteError, SendError};

use crate::setting::{START, address, tenant};

const FROM: &str = "billing@yourcompany.example";

const PROFILE: &str = r#"
schema = 1
id = "metered"
title = "Metered"
[sources.page]
url = "https://metered.example/limits"
as_of = "2026-07-01"
[[identity]]
kind = "email"
covers = "exact-address"
verified_by = "mail-link"
provider_owned = ["billing@yourcompany.example"]
source = "page"
[[quota]]
unit = "recipients"
window = "minute"
maximum = 4
source = "page"
[[quota]]
unit = "recipients"
window = "minute"
maximum = 20
tier = "enterprise"
source = "page"
[[quota]]
unit = "messages"
window = "rolling-day"
maximum = "unknown"
source = "page"
[[quota]]
unit = "recipients"
window = "rolling-day"
maximum = 100
source = "page"
[[quota]]
unit = "external-recipients"
window = "hour"
maximum = 30
source = "page"
"#;

/// Gives each recipient whose address begins with a word of the script that outcome, and accepts the others. It never
/// answers where one begins with `silence`.
#[derive(Debug, Default)]
struct Counting {
    sent: AtomicUsize,
    script: Mutex<Vec<(&'static str, Outcome)>>,
}

impl Transport for Counting {
    fn send<'a>(&'a self, submission: &'a Submission) -> BoxFuture<'a, Report> {
        Box::pin(async move {
            self.sent.fetch_add(1, Ordering::SeqCst);
            let mut addresses = submission.envelope.addresses();
            if addresses.any(|address| address.to_string().starts_with("silence")) {
                return std::future::pending().await;
            }
            tokio::task::yield_now().await;
            let script = self.script.lock().unwrap().clone();
            Report::uniform(&submission.envelope, |recipient| {
                let text = recipient.to_string();
                let row = script.iter().find(|(prefix, _)| text.starts_with(prefix));
                let outcome = row.map_or(Outcome::Accepted, |(_, outcome)| *outcome);
                RecipientReport::new(recipient, outcome, Phase::Final)
            })
        })
    }
}

struct Metered {
    clock: VirtualClock,
    entropy: SeededEntropy,
    transport: Arc<Counting>,
    mailer: Mailer,
}

impl Metered {
    fn new(route: impl FnOnce(Route) -> Route) -> Self {
        Self::with_store(route, Arc::new(InMemoryQuotaStore::new()))
    }

    fn with_store(route: impl FnOnce(Route) -> Route, store: Arc<dyn QuotaStore>) -> Self {
        let clock = VirtualClock::new(SystemTime::UNIX_EPOCH + START);
        let entropy = SeededEntropy::new(7);
        let transport = Arc::new(Counting::default());
        let mailer = try_build(&clock, &entropy, &transport, route, store).unwrap();
        Self {
            clock,
            entropy,
            transport,
            mailer,
        }
    }

    async fn send(&self, to: &[&str]) -> Result<Receipt, SendError> {
        self.send_by("metered", to).await
    }

    async fn send_by(&self, route: &str, to: &[&str]) -> Result<Receipt, SendError> {
        let mut builder = Message::builder(FROM.parse().unwrap()).text("Your invoice.\n");
        for recipient in to {
            builder = builder.to(recipient.parse().unwrap());
        }
        let draft = builder.build(self.clock.now(), &self.entropy).unwrap();
        let outgoing = Outgoing::new(tenant("acme"), route, draft, address(FROM)).unwrap();
        self.mailer.send(outgoing).await
    }
}

fn try_build(
    clock: &VirtualClock,
    entropy: &SeededEntropy,
    transport: &Arc<Counting>,
    route: impl FnOnce(Route) -> Route,
    store: Arc<dyn QuotaStore>,
) -> Result<Mailer, RouteError> {
    let profile = Profile::from_toml(PROFILE, |_| None).unwrap();
    let id = profile.id().clone();
    let first = Route::new("metered", id.clone(), transport.clone());
    let second = Route::new("other", id, transport.clone()).account("other");
    Mailer::builder(
        Registry::new(Arc::new(InMemoryIdentityStore::new()), [profile]),
        SuppressionList::new(
            Arc::new(InMemorySuppressionStore::new()),
            SuppressionPolicy::default(),
        ),
        Arc::new(clock.clone()),
        Arc::new(entropy.clone()),
    )
    .quota_store(store)
    .route(route(first))
    .route(second)
    .build()
}

#[tokio::test]
async fn a_message_too_many_is_refused_before_it_is_sent_and_fits_later() {
    let metered = Metered::new(|route| route);
    let three = ["a@x.example", "b@x.example", "c@x.example"];
    metered.send(&three).await.unwrap().all_accepted().unwrap();
    let error = metered.send(&three[..2]).await.unwrap_err();
    assert!(error.is_temporary());
    assert_eq!(metered.transport.sent.load(Ordering::SeqCst), 1);
    let SendError::OverQuota(over) = &error else {
        panic!("{error}");
    };
    assert_eq!((over.maximum, over.left, over.asked), (4, 1, 2));
    assert_eq!(over.key.profile.as_str(), "metered");
    let wait = error.retry_after().unwrap();
    assert!(wait >= Duration::from_mins(1) && wait < Duration::from_secs(61));
    // Another account has its own.
    metered
        .send_by("other", &three)
        .await
        .unwrap()
        .all_accepted()
        .unwrap();
    metered.clock.advance(wait);
    metered
        .send(&three[..2])
        .await
        .unwrap()
        .all_accepted()
        .unwrap();
    // What never fits is not for later.
    let five = [
        "a@x.example",
        "b@x.example",
        "c@x.example",
        "d@x.example",
        "e@x.example",
    ];
    let error = metered.send(&five).await.unwrap_err();
    assert!(
        matches!(error, SendError::OverQuota(_)) && !error.is_temporary(),
        "{error}"
    );
}

#[tokio::test]
async fn a_recipient_counts_when_a_server_took_it_or_may_have() {
    let metered = Metered::new(|route| route);
    *metered.transport.script.lock().unwrap() = vec![
        ("rejected", Outcome::Rejected),
        ("deferred", Outcome::Deferred),
        ("doubt", Outcome::InDoubt),
    ];
    let _ = metered
        .send(&[
            "rejected@x.example",
            "deferred@x.example",
            "doubt@x.example",
            "a@x.example",
        ])
        .await
        .unwrap();
    let nothing = metered
        .send(&["rejected@x.example", "deferred2@x.example"])
        .await;
    assert!(matches!(nothing, Err(SendError::NothingAccepted(_))));
    // Two of four are left.
    let error = metered
        .send(&["b@x.example", "c@x.example", "d@x.example"])
        .await;
    let Err(SendError::OverQuota(over)) = error else {
        panic!("{error:?}");
    };
    assert_eq!(over.left, 2);
    metered
        .send(&["b@x.example", "c@x.example"])
        .await
        .unwrap()
        .all_accepted()
        .unwrap();
}

#[tokio::test]
async fn an_attempt_that_is_dropped_counts_as_if_it_had_reached_everybody() {
    let metered = Metered::new(|route| route);
    let four = [
        "silence@yourcompany.example",
        "a@yourcompany.example",
        "b@yourcompany.example",
        "c@yourcompany.example",
    ];
    // Under the limit of a minute it counts for a minute, under the one of a day for a day.
    for attempts in 1..=25 {
        let dropped = tokio::time::timeout(Duration::from_millis(1), metered.send(&four)).await;
        assert!(dropped.is_err(), "{dropped:?}");
        assert_eq!(metered.transport.sent.load(Ordering::SeqCst), attempts);
        if attempts == 25 {
            break;
        }
        let Err(SendError::OverQuota(over)) = metered.send(&four[1..]).await else {
            panic!("seven recipients in a minute");
        };
        assert_eq!((over.maximum, over.left), (4, 0));
        let wait = over.retry_after.unwrap();
        assert!(wait >= Duration::from_mins(1) && wait < Duration::from_secs(61));
        metered.clock.advance(wait);
    }
    metered.clock.advance(Duration::from_hours(2));
    let Err(SendError::OverQuota(over)) = metered.send(&four[1..2]).await else {
        panic!("101 recipients in a day");
    };
    assert_eq!((over.maximum, over.left), (100, 0));
    let wait = over.retry_after.unwrap();
    assert!(wait > Duration::from_hours(21) && wait < Duration::from_hours(22));
    metered.clock.advance(wait);
    metered
        .send(&four[1..])
        .await
        .unwrap()
        .all_accepted()
        .unwrap();
}

#[tokio::test]
async fn a_limit_holds_however_many_send_at_once() {
    let metered = Metered::new(|route| route.tier("enterprise".parse().unwrap()));
    let metered = Arc::new(metered);
    let tasks: Vec<_> = (0..60)
        .map(|_| {
            let metered = metered.clone();
            tokio::spawn(async move { metered.send(&["a@x.example"]).await.is_ok() })
        })
        .collect();
    let mut sent = 0;
    for task in tasks {
        sent += usize::from(task.await.unwrap());
    }
    assert_eq!(
        (sent, metered.transport.sent.load(Ordering::SeqCst)),
        (20, 20)
    );
}

#[tokio::test]
async fn mail_to_the_own_domain_is_not_external() {
    let metered = Metered::new(|route| route.tier("enterprise".parse().unwrap()));
    let minute = Duration::from_secs(61);
    for _ in 0..3 {
        let inside: Vec<String> = (0..20)
            .map(|n| format!("u{n}@yourcompany.example"))
            .collect();
        let inside: Vec<&str> = inside.iter().map(String::as_str).collect();
        metered.send(&inside).await.unwrap().all_accepted().unwrap();
        metered.clock.advance(minute);
    }
    let outside: Vec<String> = (0..16).map(|n| format!("u{n}@x.example")).collect();
    let outside: Vec<&str> = outside.iter().map(String::as_str).collect();
    metered
        .send(&outside)
        .await
        .unwrap()
        .all_accepted()
        .unwrap();
    metered.clock.advance(minute);
    let Err(SendError::OverQuota(over)) = metered.send(&outside).await else {
        panic!("32 external recipients within an hour");
    };
    assert_eq!((over.maximum, over.left), (30, 14));
}

#[test]
fn a_tier_that_the_profile_does_not_have_is_found_when_the_mailer_is_built() {
    let clock = VirtualClock::new(SystemTime::UNIX_EPOCH + START);
    let route = |route: Route| route.tier("gold".parse().unwrap());
    let store = Arc::new(InMemoryQuotaStore::new());
    let built = try_build(
        &clock,
        &SeededEntropy::new(7),
        &Arc::default(),
        route,
        store,
    );
    let Err(RouteError::Tier { source, .. }) = built else {
        panic!("{built:?}");
    };
    assert_eq!(
        source.to_string(),
        "metered has no limits of a tier gold; known are: enterprise"
    );
}

/// A store that fails: at reserving, or only at settling.
#[derive(Debug)]
struct Failing(Option<InMemoryQuotaStore>);

impl QuotaStore for Failing {
    fn reserve(
        &self,
        claims: Vec<Claim>,
        now: SystemTime,
        lasts: Duration,
    ) -> BoxFuture<'_, Result<Reservation, ReserveError>> {
        match &self.0 {
            Some(inner) => inner.reserve(claims, now, lasts),
            None => Box::pin(async { Err(QuotaStoreError::new("the disk is full").into()) }),
        }
    }

    fn settle(
        &self,
        _: Reservation,
        _: Volume,
        _: SystemTime,
    ) -> BoxFuture<'_, Result<(), QuotaStoreError>> {
        Box::pin(async { Err(QuotaStoreError::new("the disk is full")) })
    }

    fn usage<'a>(
        &'a self,
        _: &'a QuotaKey,
        _: SystemTime,
    ) -> BoxFuture<'a, Result<Usage, QuotaStoreError>> {
        Box::pin(async { Err(QuotaStoreError::new("the disk is full")) })
    }
}

#[tokio::test]
async fn without_the_store_nothing_is_sent_and_what_was_sent_stays_sent() {
    let broken = Metered::with_store(|route| route, Arc::new(Failing(None)));
    let error = broken.send(&["a@x.example"]).await.unwrap_err();
    assert!(
        matches!(error, SendError::Quota(_)) && error.is_temporary(),
        "{error}"
    );
    assert_eq!(broken.transport.sent.load(Ordering::SeqCst), 0);
    let late = Metered::with_store(
        |route| route,
        Arc::new(Failing(Some(InMemoryQuotaStore::new()))),
    );
    let receipt = late.send(&["a@x.example"]).await.unwrap();
    assert!(receipt.unrecorded().is_some());
    receipt.all_accepted().unwrap();
}
