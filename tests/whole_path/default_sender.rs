//! Mail whose own sender may not be used, and mail of a feature that goes another way.

use std::error::Error as _;
use std::sync::Arc;

use letterhead::feedback::{InMemorySuppressionStore, SuppressionList, SuppressionPolicy};
use letterhead::identity::NewIdentity;
use letterhead::identity::verification::Finding;
use letterhead::identity::{
    Identity, InMemoryIdentityStore, NotAuthorized, Profile, Registry, Subject,
};
use letterhead::mail::Clock as _;
use letterhead::{Mailer, MailerBuilder, Route, SendError, UnusableSender};

use crate::outcomes::Scripted;
use crate::setting::{ADA, BILLING, Setting, tenant};

/// A channel that sends as the provider's own address where an own one may not be used.
const PROFILE: &str = r#"
schema = 1
id = "workflow"
title = "Workflow"
[sources.page]
url = "https://provider.example/senders"
as_of = "2026-11-01"
[channel]
product = "billing"
features = ["workflow"]
default_sender = "provider-sender"
carried_by = "provider"
while_unverified = "default-sender"
while_disabled = "unknown"
source = "page"
[[identity]]
kind = "email"
covers = "exact-address"
verified_by = "mail-link"
source = "page"
[[identity]]
kind = "provider-sender"
covers = "exact-address"
verified_by = []
provider_owned = ["workflow@provider.example"]
source = "page"
"#;

struct Scene {
    setting: Setting,
    registry: Registry,
    identity: Identity,
    transport: Arc<Scripted>,
}

impl Scene {
    async fn new() -> Self {
        let setting = Setting::in_process().await;
        let profile = Profile::from_toml(PROFILE, |_| None).unwrap();
        let id = profile.id().clone();
        let registry = Registry::new(Arc::new(InMemoryIdentityStore::new()), [profile]);
        let subject: Subject = "billing@yourcompany.example".parse().unwrap();
        let new = NewIdentity::new(tenant("acme"), id, subject);
        let now = setting.simulator.clock().now();
        let identity = registry.create(&new, now).await.unwrap();
        Self {
            setting,
            registry,
            identity,
            transport: Arc::new(Scripted::accepting()),
        }
    }

    fn route(&self) -> Route {
        Route::new(
            "workflow",
            self.identity.profile.clone(),
            self.transport.clone(),
        )
        .return_path_domain("yourcompany.example".parse().unwrap())
    }

    fn builder(&self, route: Route) -> MailerBuilder {
        let suppression = SuppressionList::new(
            Arc::new(InMemorySuppressionStore::new()),
            SuppressionPolicy::default(),
        );
        let simulator = &self.setting.simulator;
        Mailer::builder(
            self.registry.clone(),
            suppression,
            Arc::new(simulator.clock().clone()),
            Arc::new(simulator.entropy().clone()),
        )
        .route(route)
    }
}

#[tokio::test]
async fn what_may_not_be_used_is_refused_unless_the_application_says_otherwise() {
    let scene = Scene::new().await;
    let mailer = scene.builder(scene.route()).build().unwrap();
    let outgoing = scene.setting.outgoing("workflow", &[ADA]);
    assert!(matches!(
        mailer.send(outgoing).await,
        Err(SendError::NotAuthorized(NotAuthorized::NotVerified { .. }))
    ));
    assert!(scene.transport.seen().is_empty());
}

#[tokio::test]
async fn the_default_sender_stands_in_and_the_receipt_says_for_whom_and_why() {
    let scene = Scene::new().await;
    let route = scene
        .route()
        .unusable_sender(UnusableSender::SendFromDefault);
    let mailer = scene.builder(route).build().unwrap();
    let receipt = mailer
        .send(scene.setting.outgoing("workflow", &[ADA]))
        .await
        .unwrap();
    assert_eq!(receipt.identity().as_str(), "workflow@provider.example");
    let substitution = receipt.substitution().unwrap();
    assert_eq!(
        substitution.requested.to_string(),
        "billing@yourcompany.example"
    );
    assert!(matches!(
        *substitution.because,
        NotAuthorized::NotVerified { .. }
    ));
    let sent = &scene.transport.seen()[0];
    let field = |name: &str| sent.header(name).unwrap().unfolded();
    assert_eq!(field("From").trim(), "Billing <workflow@provider.example>");
    assert_eq!(field("Reply-To").trim(), "billing@yourcompany.example");
    // Once its own sender is proven, mail is from it again.
    let (acme, now) = (tenant("acme"), scene.setting.simulator.clock().now());
    for (proof, _) in scene.identity.verification.proofs() {
        let key = scene.identity.key();
        let found = scene
            .registry
            .record_finding(&acme, &key, proof, Finding::Proven, now);
        found.await.unwrap();
    }
    let receipt = mailer
        .send(scene.setting.outgoing("workflow", &[ADA]))
        .await
        .unwrap();
    assert!(receipt.substitution().is_none());
    let sent = scene.transport.seen().pop().unwrap();
    assert_eq!(sent.header("From").unwrap().unfolded().trim(), BILLING);
    assert!(sent.header("Reply-To").is_none());
}

#[tokio::test]
async fn reports_go_to_the_default_sender_where_the_return_path_may_not_be_used_either() {
    let scene = Scene::new().await;
    let route = Route::new(
        "workflow",
        scene.identity.profile.clone(),
        scene.transport.clone(),
    )
    .unusable_sender(UnusableSender::SendFromDefault);
    let mailer = scene.builder(route).build().unwrap();
    let mut outgoing = scene.setting.outgoing("workflow", &[ADA]);
    let recipients = outgoing.envelope.addresses().cloned().collect::<Vec<_>>();
    let own = "billing@yourcompany.example"
        .parse::<letterhead::mail::EmailAddress>()
        .unwrap();
    outgoing.envelope = letterhead::mail::Envelope::new(own, recipients.clone()).unwrap();
    let receipt = mailer.send(outgoing.clone()).await.unwrap();
    assert!(receipt.substitution().is_some());
    // An address that nobody registered is no matter of time.
    let nobody = "ceo@bank.example"
        .parse::<letterhead::mail::EmailAddress>()
        .unwrap();
    outgoing.envelope = letterhead::mail::Envelope::new(nobody, recipients).unwrap();
    assert!(matches!(
        mailer.send(outgoing).await,
        Err(SendError::ReturnPath {
            source: NotAuthorized::NoIdentity { .. },
            ..
        })
    ));
}

#[tokio::test]
async fn a_route_for_a_feature_that_does_not_send_so_is_told_when_the_mailer_is_built() {
    let scene = Scene::new().await;
    let for_feature = |feature: &str| scene.route().feature(feature.parse().unwrap());
    assert!(scene.builder(for_feature("workflow")).build().is_ok());
    let error = scene
        .builder(for_feature("notification"))
        .build()
        .unwrap_err();
    assert_eq!(error.to_string(), "the route \"workflow\" cannot be used");
    assert_eq!(
        error.source().unwrap().to_string(),
        "notification does not send through workflow, which is for: workflow"
    );
}
