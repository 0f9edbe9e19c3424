//! Limits hold, and nothing is lost, however many callers there are at once.

use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, SystemTime};

use letterhead_dns::{Answer, BoxFuture, LookupError, Name, RecordType, Resolver, Zone};
use letterhead_identity::profile::VerifiedBy;
use letterhead_identity::registry::Covered;
use letterhead_identity::store::{Change, CommitOutcome, Loaded, StoreError, Version};
use letterhead_identity::verification::Finding;
use letterhead_identity::{CreateError, NewIdentity};
use letterhead_identity::{
    Identity, IdentityStore, InMemoryIdentityStore, Profile, Registry, Subject, Values,
};
use letterhead_mail::TenantId;

const START: SystemTime = SystemTime::UNIX_EPOCH;

/// A store that lets others go first at every step, and now and then reports a conflict that was none.
#[derive(Debug, Default)]
struct Hesitant {
    inner: InMemoryIdentityStore,
    steps: AtomicUsize,
    conflicts: AtomicUsize,
}

impl IdentityStore for Hesitant {
    fn load<'a>(&'a self, tenant: &'a TenantId) -> BoxFuture<'a, Result<Loaded, StoreError>> {
        Box::pin(async move {
            let loaded = self.inner.load(tenant).await;
            Step::default().await;
            loaded
        })
    }

    fn commit<'a>(
        &'a self,
        tenant: &'a TenantId,
        seen: Version,
        changes: Vec<Change>,
    ) -> BoxFuture<'a, Result<CommitOutcome, StoreError>> {
        Box::pin(async move {
            Step::default().await;
            let outcome = if self.steps.fetch_add(1, Ordering::Relaxed).is_multiple_of(5) {
                Ok(CommitOutcome::Conflict)
            } else {
                self.inner.commit(tenant, seen, changes).await
            };
            if matches!(outcome, Ok(CommitOutcome::Conflict)) {
                self.conflicts.fetch_add(1, Ordering::Relaxed);
            }
            outcome
        })
    }
}

/// Pending once.
#[derive(Default)]
struct Step(Option<()>);

impl Future for Step {
    type Output = ();

    fn poll(mut self: std::pin::Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.0.replace(()).is_some() {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    loop {
        match future
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()))
        {
            Poll::Ready(output) => return output,
            Poll::Pending => std::thread::yield_now(),
        }
    }
}

fn acme() -> TenantId {
    "acme".parse().unwrap()
}

fn registry(store: Arc<dyn IdentityStore>) -> Registry {
    let profiles = Profile::built_in_names().map(|name| Profile::built_in(name).unwrap());
    Registry::new(store, profiles)
}

fn new(profile: &str, subject: &str) -> NewIdentity {
    NewIdentity::new(
        acme(),
        profile.parse().unwrap(),
        subject.parse::<Subject>().unwrap(),
    )
    .environment("production".parse().unwrap())
}

/// Registers all of `subjects` from eight threads, and counts how many were taken.
fn register(registry: &Registry, subjects: &[String]) -> usize {
    let taken = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for part in subjects.chunks(subjects.len().div_ceil(8)) {
            let taken = &taken;
            scope.spawn(move || {
                for subject in part {
                    match block_on(registry.create(&new("zuora-advanced", subject), START)) {
                        Ok(_) => taken.fetch_add(1, Ordering::Relaxed),
                        Err(CreateError::Rule(_)) => 0,
                        Err(other) => panic!("{subject}: {other}"),
                    };
                }
            });
        }
    });
    taken.into_inner()
}

fn count(identities: &[Identity], kind: &str) -> usize {
    identities
        .iter()
        .filter(|identity| identity.kind.as_str() == kind)
        .count()
}

fn a_thousand_callers(store: Arc<dyn IdentityStore>) {
    let registry = registry(store);
    let subjects: Vec<String> = (0..1_000)
        .map(|number| match number % 3 {
            0 => format!("d{}.example", number % 10),
            _ => format!("user{number}@d{}.example", number % 10),
        })
        .collect();
    let taken = register(&registry, &subjects);
    let identities = block_on(registry.list(&acme())).unwrap();
    assert_eq!(identities.len(), taken);
    assert!(count(&identities, "domain") <= 1);
    assert_eq!(
        count(&identities, "email"),
        3,
        "there was room for three, and no lack of callers"
    );
    for domain in identities
        .iter()
        .filter(|identity| identity.kind.as_str() == "domain")
    {
        let shared = identities
            .iter()
            .filter(|other| other.subject.domain() == domain.subject.domain());
        assert_eq!(shared.count(), 1, "{identities:?}");
    }
}

#[test]
fn a_thousand_callers_never_pass_a_limit() {
    a_thousand_callers(Arc::new(InMemoryIdentityStore::new()));
}

#[test]
fn a_thousand_callers_never_pass_a_limit_over_a_hesitant_store() {
    let store = Arc::new(Hesitant::default());
    a_thousand_callers(store.clone());
    assert!(store.conflicts.load(Ordering::Relaxed) > 0);
}

#[test]
fn callers_that_meet_between_load_and_commit_are_told_apart() {
    // Polled in turn by one thread, every one of them has loaded before the first commits.
    let store = Arc::new(Hesitant::default());
    let registry = registry(store.clone());
    let news: Vec<NewIdentity> = (0..20)
        .map(|number| new("zuora-advanced", &format!("d{number}.example")))
        .collect();
    let mut waiting: Vec<_> = news
        .iter()
        .map(|new| Box::pin(registry.create(new, START)))
        .collect();
    let mut taken = 0;
    while !waiting.is_empty() {
        waiting.retain_mut(|future| {
            match future
                .as_mut()
                .poll(&mut Context::from_waker(Waker::noop()))
            {
                Poll::Pending => true,
                Poll::Ready(result) => {
                    taken += usize::from(result.is_ok());
                    false
                }
            }
        });
    }
    assert_eq!(taken, 1);
    assert!(store.conflicts.load(Ordering::Relaxed) >= 19);
}

#[test]
fn no_change_is_lost() {
    let mut text = String::from(
        "schema = 1\nid = \"many\"\ntitle = \"Many values\"\n[sources.page]\nurl = \"https://x.example\"\n\
         as_of = \"2026-01-31\"\n[[identity]]\nkind = \"domain\"\ncovers = \"domain\"\n\
         verified_by = \"dns\"\nsource = \"page\"\n",
    );
    for (thread, number) in (0..8).flat_map(|thread| (0..10).map(move |number| (thread, number))) {
        text += &format!(
            "[[value]]\nname = \"v{thread}-{number}\"\nissued_by = \"sender\"\nsource = \"page\"\n"
        );
    }
    let profile = Profile::from_toml(&text, |_| None).unwrap();
    let registry = Registry::new(Arc::new(Hesitant::default()), [profile]);
    let key = block_on(registry.create(&new("many", "a.example"), START))
        .unwrap()
        .key();
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let (registry, key) = (&registry, &key);
            scope.spawn(move || {
                for number in 0..10 {
                    let name = format!("v{thread}-{number}");
                    let values = Values::from([(name.clone(), vec![name])]);
                    block_on(registry.set_values(&acme(), key, values, START)).unwrap();
                    block_on(registry.record_finding(
                        &acme(),
                        key,
                        VerifiedBy::Dns,
                        Finding::Proven,
                        START,
                    ))
                    .unwrap();
                }
            });
        }
    });
    let identity = block_on(registry.list(&acme())).unwrap().remove(0);
    assert_eq!(identity.values.len(), 80);
    assert!(identity.verification.is_verified());
}

/// A store that takes nothing.
#[derive(Debug)]
struct Stuck;

impl IdentityStore for Stuck {
    fn load<'a>(&'a self, _: &'a TenantId) -> BoxFuture<'a, Result<Loaded, StoreError>> {
        Box::pin(async { Ok(Loaded::default()) })
    }

    fn commit<'a>(
        &'a self,
        _: &'a TenantId,
        _: Version,
        _: Vec<Change>,
    ) -> BoxFuture<'a, Result<CommitOutcome, StoreError>> {
        Box::pin(async { Ok(CommitOutcome::Conflict) })
    }
}

#[test]
fn a_store_that_never_takes_a_change_is_an_error_and_no_endless_loop() {
    let error = block_on(registry(Arc::new(Stuck)).create(&new("own-server", "a.example"), START))
        .unwrap_err();
    assert_eq!(error.to_string(), "the identity store failed");
    let source = std::error::Error::source(&error).unwrap();
    assert!(
        source.to_string().contains("conflict after conflict"),
        "{source}"
    );
}

#[test]
fn what_changes_nothing_is_not_written() {
    let store = Arc::new(InMemoryIdentityStore::new());
    let registry = registry(store.clone());
    let key = block_on(registry.create(&new("own-server", "a.example"), START))
        .unwrap()
        .key();
    let before = block_on(store.load(&acme())).unwrap().version;
    block_on(registry.record_finding(&acme(), &key, VerifiedBy::Dns, Finding::Unknown, START))
        .unwrap();
    assert_eq!(block_on(store.load(&acme())).unwrap().version, before);
}

/// A DNS that does something else before its first answer.
struct Meanwhile<F>(Zone, Mutex<Option<F>>);

impl<F> std::fmt::Debug for Meanwhile<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Meanwhile")
    }
}

impl<F: FnOnce() + Send> Resolver for Meanwhile<F> {
    fn lookup<'a>(
        &'a self,
        name: &'a Name,
        record_type: RecordType,
    ) -> BoxFuture<'a, Result<Answer, LookupError>> {
        let first = self.1.lock().unwrap().take();
        if let Some(first) = first {
            first();
        }
        self.0.lookup(name, record_type)
    }
}

#[test]
fn a_finding_is_never_recorded_for_records_that_were_not_looked_for() {
    let tokens = |letter: &str| {
        (1..=3)
            .map(|number| format!("{letter}{number}"))
            .collect::<Vec<_>>()
    };
    let published: Zone = tokens("a")
        .iter()
        .map(|token| {
            format!("{token}._domainkey.x.example. IN CNAME {token}.dkim.amazonses.com.\n")
        })
        .collect::<String>()
        .parse()
        .unwrap();
    let registry = registry(Arc::new(InMemoryIdentityStore::new()));
    let created = new("zuora-advanced", "x.example").value("dkim-token", tokens("a"));
    let key = block_on(registry.create(&created, START)).unwrap().key();

    // New tokens are issued while the old ones are looked for, and found.
    let reissue = || {
        let values = Values::from([("dkim-token".to_owned(), tokens("b"))]);
        block_on(registry.set_values(&acme(), &key, values, START)).unwrap();
    };
    let zone = Meanwhile(published.clone(), Mutex::new(Some(reissue)));
    let verification = block_on(registry.verify(&acme(), &key, &zone, START)).unwrap();
    assert_eq!(verification.finding, Finding::Missing);
    assert!(!verification.identity.verification.is_verified());

    // The identity is removed and registered anew meanwhile.
    let values = Values::from([("dkim-token".to_owned(), tokens("a"))]);
    block_on(registry.set_values(&acme(), &key, values, START)).unwrap();
    let renew = || {
        block_on(registry.remove(&acme(), &key, Covered::Keep)).unwrap();
        let later = START + Duration::from_secs(1);
        block_on(registry.create(&new("zuora-advanced", "x.example"), later)).unwrap();
    };
    let zone = Meanwhile(published, Mutex::new(Some(renew)));
    let verification = block_on(registry.verify(&acme(), &key, &zone, START)).unwrap();
    assert!(
        !verification.identity.verification.is_verified(),
        "the new one has no tokens"
    );
}
