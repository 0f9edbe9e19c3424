//! What is meant once is sent once.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use letterhead::mail::{
    BoxFuture, IdempotencyClaim, IdempotencyKey, IdempotencyStore, IdempotencyStoreError,
    InMemoryIdempotencyStore, IntentDigest, Outcome, OutcomeClass, TenantId,
    idempotency::Settlement,
};
use letterhead::{SendError, SendMany};

use crate::outcomes::with_outcome;
use crate::setting::{ADA, Setting};

fn key() -> IdempotencyKey {
    "invoice-7".parse().unwrap()
}

#[tokio::test]
async fn the_same_key_gives_the_first_receipt_and_sends_nothing() {
    for outcome in [Outcome::Accepted, Outcome::InDoubt] {
        let (setting, transport) = with_outcome(outcome).await;
        let once = || setting.outgoing("own", &[ADA]).idempotency_key(key());
        let first = setting.mailer.send(once()).await.unwrap();
        assert!(!first.is_from_before());
        setting.simulator.advance(Duration::from_mins(5));
        // Built anew, with another Message-ID, Date and boundary.
        let second = setting.mailer.send(once()).await.unwrap();
        assert!(second.is_from_before());
        assert_eq!(second.rows(), first.rows());
        assert_eq!(second.submission(), first.submission());
        assert_eq!(second.route(), "own");
        assert_eq!(transport.seen().len(), 1);
        setting.simulator.advance(Duration::from_hours(24));
        let _ = setting.mailer.send(once()).await.unwrap();
        assert_eq!(
            transport.seen().len(),
            2,
            "a day later the key is forgotten"
        );
    }
}

#[tokio::test]
async fn a_key_is_free_again_where_nobody_accepted_anything() {
    for outcome in [Outcome::Deferred, Outcome::Rejected] {
        let (setting, transport) = with_outcome(outcome).await;
        for attempts in 1..=2 {
            let outgoing = setting.outgoing("own", &["joe@receiver.example"]);
            let error = setting
                .mailer
                .send(outgoing.idempotency_key(key()))
                .await
                .unwrap_err();
            assert!(matches!(error, SendError::NothingAccepted(_)), "{error}");
            assert_eq!(transport.seen().len(), attempts);
        }
    }
}

#[tokio::test]
async fn a_key_stands_for_one_message() {
    let (setting, transport) = with_outcome(Outcome::Accepted).await;
    let to = |whom: &str| setting.outgoing("own", &[whom]).idempotency_key(key());
    let _ = setting.mailer.send(to(ADA)).await.unwrap();
    let error = setting.mailer.send(to("joe@receiver.example")).await;
    let error = error.unwrap_err();
    assert!(
        matches!(error, SendError::KeyOfOtherMessage { .. }),
        "{error}"
    );
    assert!(!error.is_temporary());
    assert_eq!(transport.seen().len(), 1);
}

/// A store whose claims nobody settles, or that fails.
#[derive(Debug)]
enum Broken {
    Claimed,
    Failing,
    NotSettling(InMemoryIdempotencyStore),
}

impl IdempotencyStore for Broken {
    fn claim<'a>(
        &'a self,
        tenant: &'a TenantId,
        key: &'a IdempotencyKey,
        digest: IntentDigest,
        now: std::time::SystemTime,
    ) -> BoxFuture<'a, Result<IdempotencyClaim, IdempotencyStoreError>> {
        Box::pin(async move {
            match self {
                Self::Claimed => Ok(IdempotencyClaim::Unsettled { since: now }),
                Self::Failing => Err(IdempotencyStoreError::new("no connection")),
                Self::NotSettling(store) => store.claim(tenant, key, digest, now).await,
            }
        })
    }

    fn settle<'a>(
        &'a self,
        _: &'a TenantId,
        _: &'a IdempotencyKey,
        _: Settlement,
        _: std::time::SystemTime,
    ) -> BoxFuture<'a, Result<(), IdempotencyStoreError>> {
        Box::pin(async { Err(IdempotencyStoreError::new("no connection")) })
    }
}

#[tokio::test]
async fn where_nobody_knows_nothing_is_sent() {
    let last = Duration::from_hours(1);
    for (store, sent) in [
        (Broken::Claimed, 0),
        (Broken::Failing, 0),
        (Broken::NotSettling(InMemoryIdempotencyStore::new(last)), 1),
    ] {
        let (setting, transport) = with_outcome(Outcome::Accepted).await;
        let store: Arc<dyn IdempotencyStore> = Arc::new(store);
        let mailer = setting.mailer.to_builder().idempotency_store(store);
        let mailer = mailer.build().unwrap();
        let once = || setting.outgoing("own", &[ADA]).idempotency_key(key());
        let first = mailer.send(once()).await;
        assert_eq!(transport.seen().len(), sent);
        match first {
            Ok(receipt) => {
                let unrecorded = receipt.unrecorded().unwrap();
                assert!(std::error::Error::source(unrecorded).is_some());
                let again = mailer.send(once()).await.unwrap_err();
                assert!(matches!(again, SendError::Unsettled { .. }), "{again}");
                assert!(again.is_temporary());
                assert_eq!(again.class(), OutcomeClass::Unknown);
            }
            Err(error) => assert!(error.is_temporary(), "{error}"),
        }
        assert_eq!(transport.seen().len(), sent);
    }
}

#[tokio::test]
async fn many_are_sent_side_by_side_and_answered_in_order() {
    let setting = Setting::in_process().await;
    let told = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&told);
    let settings = SendMany::at_once(NonZeroUsize::new(4).unwrap()).progress(move |progress| {
        assert!(progress.done <= progress.begun && progress.begun <= 21);
        assert!(progress.begun - progress.done <= 4);
        let is_unknown = progress.outgoing.routes == ["no such route"];
        assert_eq!(is_unknown, progress.place == 3);
        counted.fetch_add(1, Ordering::SeqCst);
    });
    let mut messages: Vec<_> = (0..20).map(|_| setting.outgoing("own", &[ADA])).collect();
    messages.insert(3, setting.outgoing("no such route", &[ADA]));
    let results = setting.mailer.send_many(messages, &settings).await;
    assert_eq!(results.len(), 21);
    for (place, result) in results.iter().enumerate() {
        match result {
            Ok(receipt) => {
                assert_ne!(place, 3);
                receipt.all_accepted().unwrap();
            }
            Err(error) => assert!(
                place == 3 && matches!(error, SendError::NoRoute { .. }),
                "{error}"
            ),
        }
    }
    assert_eq!(told.load(Ordering::SeqCst), 21);
    let mails = setting.simulator.mails_of(&ADA.parse().unwrap());
    assert_eq!(mails.len(), 20);
    for mail in mails {
        let results = mail.authentication.to_string();
        assert!(
            results.contains("dkim=pass") && results.contains("dmarc=pass"),
            "{results}"
        );
    }
}

/// Long bodies that are the same are hashed once, and every signature holds.
#[tokio::test]
async fn one_body_to_many_is_signed_for_each() {
    let setting = Setting::in_process().await;
    let long = "A long text that everybody gets. ".repeat(400);
    let draft = |greeting: &str| {
        let message =
            letterhead::mail::Message::builder("billing@yourcompany.example".parse().unwrap())
                .to(ADA.parse().unwrap())
                .subject(greeting.parse().unwrap())
                .text(&long);
        setting.mailer.draft(message).unwrap()
    };
    let messages = ["One", "Two", "Three"].map(|greeting| {
        let return_path = crate::setting::address(crate::setting::RETURN_PATH);
        let tenant = crate::setting::tenant("acme");
        letterhead::Outgoing::new(tenant, "own", draft(greeting), return_path).unwrap()
    });
    let sent = setting
        .mailer
        .send_many(messages, &SendMany::default())
        .await;
    assert!(sent.iter().all(Result::is_ok), "{sent:?}");
    setting
        .simulator
        .mailbox(ADA)
        .signed_by("yourcompany.example")
        .expect_count(3);
}
