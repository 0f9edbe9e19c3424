//! A relay that writes Message-ID and Date anew, behind a sender who signs.

use std::sync::Arc;

use letterhead::dkim::{Cause, Verdict, VerifyLimits, verify};
use letterhead::dns::block_on_ready;
use letterhead::feedback::{InMemorySuppressionStore, SuppressionList, SuppressionPolicy};
use letterhead::identity::NewIdentity;
use letterhead::identity::{InMemoryIdentityStore, Profile, Registry};
use letterhead::mail::{Clock as _, Mailbox, Message};
use letterhead::simulator::Simulator;
use letterhead::{Mailer, Outgoing, Route};

use crate::outcomes::Scripted;
use crate::setting::{
    ADA, BILLING, RELAY, RETURN_PATH, address, company, internet, own_keys, publish, tenant,
};

/// The company's own server, behind a relay with habits.
const PROFILE: &str = r#"
schema = 1
id = "rewriting-relay"
title = "A relay that writes Message-ID and Date anew"
upstream = "own-server"

[sources.headers]
url = "https://relay.yourcompany.example/headers"
as_of = "2026-11-01"

[headers]
overwritten = ["Message-ID", "date"]
source = "headers"
"#;

/// What leaves on a route under this profile, which has a signer of RSA and one of Ed25519.
async fn sent_under(profile: Profile) -> (Simulator, Message) {
    let simulator = internet();
    let now = simulator.clock().now();
    let registry = Registry::new(Arc::new(InMemoryIdentityStore::new()), [profile.clone()]);
    let (signers, records) = own_keys();
    let new = NewIdentity::new(tenant("acme"), profile.id().clone(), company())
        .value("selector", vec!["rsa".into(), "ed".into()])
        .value("key-record", records)
        .value("relay-host", vec![RELAY.into()]);
    let identity = registry.create(&new, now).await.unwrap();
    publish(&simulator, &registry, profile.id(), simulator.dns()).await;
    registry
        .verify(&tenant("acme"), &identity.key(), simulator.dns(), now)
        .await
        .unwrap();

    let scripted = Arc::new(Scripted::accepting());
    let route = signers.into_iter().fold(
        Route::new("relay", profile.id().clone(), scripted.clone()),
        Route::signer,
    );
    let mailer = Mailer::builder(
        registry,
        SuppressionList::new(
            Arc::new(InMemorySuppressionStore::new()),
            SuppressionPolicy::default(),
        ),
        Arc::new(simulator.clock().clone()),
        Arc::new(simulator.entropy().clone()),
    )
    .route(route)
    .build()
    .unwrap();
    let message = Message::builder(BILLING.parse::<Mailbox>().unwrap())
        .to(Mailbox::new(address(ADA)))
        .subject("Your invoice".parse().unwrap())
        .text("It is ready.\n");
    let draft = mailer.draft(message).unwrap();
    let outgoing = Outgoing::new(tenant("acme"), "relay", draft, address(RETURN_PATH)).unwrap();
    let receipt = mailer.send(outgoing).await.unwrap();
    receipt.all_accepted().unwrap();
    let sent = scripted.seen().pop().unwrap();
    (simulator, sent)
}

fn verdicts(simulator: &Simulator, message: &Message) -> Vec<Verdict> {
    let (now, limits) = (simulator.clock().now(), VerifyLimits::default());
    let verdicts = block_on_ready(verify(message.as_bytes(), simulator.dns(), now, &limits));
    let verdicts = verdicts.unwrap();
    assert_eq!(verdicts.len(), 2);
    verdicts
}

/// Whether the signature covers a field of this name, in any case.
fn covers(verdict: &Verdict, name: &str) -> bool {
    let names = verdict.signature().unwrap().headers();
    names
        .iter()
        .any(|own| own.as_str().eq_ignore_ascii_case(name))
}

/// As the relay passes it on.
fn rewritten(message: &Message) -> Message {
    let fields = [
        ("Message-ID", "<0100@relay.yourcompany.example>"),
        ("Date", "Mon, 23 Nov 2026 09:00:00 +0000"),
    ];
    fields
        .into_iter()
        .fold(message.clone(), |message, (name, value)| {
            assert_eq!(message.headers_named(name).count(), 1);
            let field = format!("{name}: {value}\r\n");
            message
                .without_fields(name)
                .with_field_prepended(field.as_bytes())
                .unwrap()
        })
}

#[tokio::test]
async fn a_signature_leaves_out_what_the_provider_rewrites_and_survives_it() {
    let profile =
        Profile::from_toml(PROFILE, |name| Profile::built_in(name.as_str()).ok()).unwrap();
    let (simulator, sent) = sent_under(profile).await;
    for message in [&sent, &rewritten(&sent)] {
        for verdict in verdicts(&simulator, message) {
            assert!(verdict.is_pass(), "{verdict}");
            assert!(covers(&verdict, "from") && covers(&verdict, "subject"));
            assert!(!covers(&verdict, "message-id") && !covers(&verdict, "date"));
        }
    }
}

#[tokio::test]
async fn where_nothing_is_rewritten_both_fields_are_signed() {
    let (simulator, sent) = sent_under(Profile::built_in("own-server").unwrap()).await;
    for verdict in verdicts(&simulator, &sent) {
        assert!(verdict.is_pass(), "{verdict}");
        assert!(covers(&verdict, "message-id") && covers(&verdict, "date"));
    }
    for verdict in verdicts(&simulator, &rewritten(&sent)) {
        assert_eq!(verdict.cause(), &Cause::SignatureMismatch);
    }
}
