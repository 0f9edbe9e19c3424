//! Several routes: one after the other, and chosen by tenant and author.

use std::sync::Arc;

use letterhead::identity::Subject;
use letterhead::mail::{
    BoxFuture, EmailAddress, Outcome, OutcomeClass, Phase, RecipientReport, Report, Submission,
    Transport,
};
use letterhead::{Channels, Outgoing, SendError};

use crate::outcomes::Scripted;
use crate::setting::{ADA, BILLING, RETURN_PATH, Setting, address, internet, tenant};

const JOE: &str = "joe@receiver.example";
const BOB: &str = "bob@receiver.example";

/// With these transports behind the provider's route and the own one.
async fn setting(provider: Arc<dyn Transport>, relay: Arc<dyn Transport>) -> Setting {
    let simulator = internet();
    let dns = simulator.dns().clone();
    Setting::new(simulator, &dns, provider, relay).await
}

/// Takes mail for Ada, puts Joe off, refuses Bob, and leaves everybody else in doubt.
#[derive(Debug)]
struct Mixed;

impl Transport for Mixed {
    fn send<'a>(&'a self, submission: &'a Submission) -> BoxFuture<'a, Report> {
        Box::pin(async move {
            Report::uniform(&submission.envelope, |recipient| {
                let outcome = match recipient.to_string().as_str() {
                    ADA => Outcome::Accepted,
                    JOE => Outcome::Deferred,
                    BOB => Outcome::Rejected,
                    _ => Outcome::InDoubt,
                };
                RecipientReport::new(recipient, outcome, Phase::Final)
            })
        })
    }
}

#[tokio::test]
async fn only_those_who_were_put_off_go_over_the_next_route() {
    let backup = Arc::new(Scripted::accepting());
    let setting = setting(Arc::new(Mixed), backup.clone()).await;
    let lost = "lost@receiver.example";
    let outgoing = setting.outgoing("zuora", &[ADA, JOE, BOB, lost]);
    let receipt = setting.mailer.send(outgoing.or_route("own")).await.unwrap();
    let outcomes: Vec<Outcome> = receipt
        .rows()
        .iter()
        .map(RecipientReport::outcome)
        .collect();
    assert_eq!(
        outcomes,
        [
            Outcome::Accepted,
            Outcome::Accepted,
            Outcome::Rejected,
            Outcome::InDoubt
        ]
    );
    assert_eq!((receipt.route(), receipt.earlier().len()), ("own", 1));
    assert_eq!(receipt.earlier()[0].route(), "zuora");
    assert!(receipt.passed_over().is_empty());
    // The own server's mail is signed by the own keys, and keeps its Message-ID.
    let seen = backup.seen();
    let [message] = seen.as_slice() else {
        panic!("{seen:?}")
    };
    assert_eq!(message.headers_named("DKIM-Signature").count(), 2);
}

#[tokio::test]
async fn nothing_goes_over_the_next_route_that_the_first_has_taken() {
    for outcome in [Outcome::Accepted, Outcome::InDoubt, Outcome::Rejected] {
        let backup = Arc::new(Scripted::accepting());
        let setting = setting(Arc::new(Scripted::new(outcome)), backup.clone()).await;
        let outgoing = setting.outgoing("zuora", &[ADA]).or_route("own");
        let sent = setting.mailer.send(outgoing).await;
        assert_eq!(sent.is_ok(), outcome != Outcome::Rejected);
        assert!(backup.seen().is_empty(), "{outcome}");
    }
}

/// Refuses whoever logs in.
#[derive(Debug)]
struct WrongPassword;

impl Transport for WrongPassword {
    fn send<'a>(&'a self, submission: &'a Submission) -> BoxFuture<'a, Report> {
        Box::pin(async move {
            Report::uniform(&submission.envelope, |recipient| {
                RecipientReport::new(recipient, Outcome::Rejected, Phase::Auth)
            })
        })
    }
}

#[tokio::test]
async fn a_refused_log_in_is_no_answer_of_the_next_route() {
    let setting = setting(Arc::new(WrongPassword), Arc::new(Scripted::accepting())).await;
    let outgoing = setting.outgoing("zuora", &[ADA, JOE]);
    let error = setting.mailer.send(outgoing.clone()).await.unwrap_err();
    assert!(!error.is_temporary(), "{error}");
    let receipt = setting.mailer.send(outgoing.or_route("own")).await.unwrap();
    receipt.all_accepted().unwrap();
    assert_eq!((receipt.route(), receipt.earlier().len()), ("own", 1));
}

/// A route that refuses the message itself, such as one whose limit is used up, is passed over, and the receipt says why.
#[tokio::test]
async fn a_route_that_would_not_have_it_is_passed_over() {
    let setting = setting(
        Arc::new(Scripted::accepting()),
        Arc::new(Scripted::accepting()),
    )
    .await;
    let many: Vec<String> = (0..51)
        .map(|number| format!("r{number}@receiver.example"))
        .collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let outgoing = setting.outgoing("zuora", &many).or_route("own");
    let receipt = setting.mailer.send(outgoing).await.unwrap();
    receipt.all_accepted().unwrap();
    assert_eq!(receipt.route(), "own");
    let [refusal] = receipt.passed_over() else {
        panic!("{receipt:?}")
    };
    assert_eq!(refusal.route, "zuora");
    assert!(
        matches!(refusal.error, SendError::OverLimit(_)),
        "{}",
        refusal.error
    );

    let stranger = setting.outgoing_as("acme", "zuora", "ceo@elsewhere.example", &[ADA]);
    let error = setting
        .mailer
        .send(stranger.or_route("own"))
        .await
        .unwrap_err();
    let SendError::EveryRoute(refusals) = &error else {
        panic!("{error}")
    };
    assert_eq!(refusals.len(), 2);
    assert!(error.to_string().contains("zuora: ") && error.to_string().contains("own: "));
    let wrong = setting.outgoing("nowhere", &[ADA]).or_route("own");
    let error = setting.mailer.send(wrong).await.unwrap_err();
    assert!(
        matches!(error, SendError::NoRoute { .. }),
        "a mistake is told at once: {error}"
    );
}

#[tokio::test]
async fn where_every_route_fails_the_rows_are_the_last() {
    let deferred = || Arc::new(Scripted::new(Outcome::Deferred));
    let setting = setting(deferred(), deferred()).await;
    let outgoing = setting.outgoing("zuora", &[ADA]).or_route("own");
    let error = setting.mailer.send(outgoing).await.unwrap_err();
    assert!(error.is_temporary());
    assert_eq!(error.class(), OutcomeClass::NotYet);
    assert_eq!(error.rows().len(), 1);
    let text = error.to_string();
    assert!(!text.contains('\n'), "a sentence: {text}");
    let receipt = error.receipt().unwrap();
    assert_eq!((receipt.route(), receipt.earlier().len()), ("own", 1));
}

/// Says that the password is wrong.
#[derive(Debug)]
struct RefusedLogIn;

impl Transport for RefusedLogIn {
    fn send<'a>(&'a self, submission: &'a Submission) -> BoxFuture<'a, Report> {
        Box::pin(async move {
            Report::uniform(&submission.envelope, |recipient| {
                RecipientReport::new(recipient, Outcome::Rejected, Phase::Auth)
            })
        })
    }
}

/// A server that would have it later is not forgotten because another one refuses the password.
#[tokio::test]
async fn a_refused_log_in_does_not_make_a_deferral_final() {
    let refused = || Arc::new(RefusedLogIn);
    let deferred = Arc::new(Scripted::new(Outcome::Deferred));
    let setting = setting(deferred, refused()).await;
    let outgoing = setting.outgoing("zuora", &[ADA]).or_route("own");
    let error = setting.mailer.send(outgoing.clone()).await.unwrap_err();
    assert_eq!(error.class(), OutcomeClass::NotYet, "{error}");
    assert_eq!(error.rows()[0].phase(), Phase::Auth);
    let kept = setting.mailer.prepare(outgoing).await.unwrap();
    let remaining = |error: &SendError| error.receipt().unwrap().remaining(&kept);
    let left = remaining(&error).expect("a queue keeps it");
    assert!(left.envelope.addresses().eq(kept.envelope.addresses()));

    let alone = setting.outgoing("own", &[ADA]);
    let error = setting.mailer.send(alone).await.unwrap_err();
    assert_eq!(error.class(), OutcomeClass::Refused, "{error}");
    assert!(remaining(&error).is_none());
}

#[tokio::test]
async fn channels_choose_by_tenant_and_author() {
    let setting = Setting::in_process().await;
    let acme = tenant("acme");
    let news: Subject = "yourcompany.example".parse().unwrap();
    let channels = Channels::new()
        .everybody(["own"])
        .identity(&acme, news, ["zuora", "own"]);
    let mailer = setting.mailer.to_builder().channels(channels.clone());
    let mailer = mailer.build().unwrap();
    let by_channel = |who: &str| {
        let draft = setting.draft(BILLING, &[ADA]);
        Outgoing::by_channel(tenant(who), draft, address(RETURN_PATH)).unwrap()
    };
    let receipt = mailer.send(by_channel("acme")).await.unwrap();
    assert_eq!(receipt.route(), "zuora");
    assert_eq!(
        mailer
            .prepare(by_channel("acme"))
            .await
            .unwrap()
            .channel
            .as_deref(),
        Some("zuora")
    );
    let error = mailer.send(by_channel("other")).await.unwrap_err();
    assert!(matches!(error, SendError::NotAuthorized(_)), "{error}");
    let error = setting.mailer.send(by_channel("acme")).await.unwrap_err();
    assert!(matches!(error, SendError::NoChannel), "{error}");
    let routes = |from: &str| {
        let from: EmailAddress = address(from);
        channels.routes(&acme, &from).map(<[String]>::to_vec)
    };
    for (from, expected) in [
        ("a@yourcompany.example", "zuora"),
        ("a@deep.yourcompany.example", "zuora"),
        ("a@notyourcompany.example", "own"),
    ] {
        assert_eq!(routes(from).unwrap()[0], expected, "{from}");
    }
}
