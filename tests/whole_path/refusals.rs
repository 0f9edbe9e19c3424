//! What is refused before a byte is written.

use std::sync::Arc;
use std::time::Duration;

use letterhead::feedback::SuppressionScope;
use letterhead::identity::NewIdentity;
use letterhead::identity::{NotAuthorized, Subject};
use letterhead::mail::message::LineEndings;
use letterhead::mail::{Clock as _, Envelope, Message, OutcomeClass};
use letterhead::{Mailer, Outgoing, Route, SendError};

use crate::outcomes::Scripted;
use crate::setting::{
    ADA, BILLING, RETURN_PATH, Setting, address, company, own_server, tenant, zuora,
};

/// Nobody was connected to while `send` ran, and this is what it said.
async fn refusal(setting: &Setting, outgoing: Outgoing) -> SendError {
    let sessions = setting.simulator.sessions().len();
    let refused = setting.mailer.send(outgoing).await.unwrap_err();
    assert_eq!(
        setting.simulator.sessions().len(),
        sessions,
        "somebody was connected to"
    );
    refused
}

#[tokio::test]
async fn a_from_address_of_nobody_is_refused() {
    let setting = Setting::in_process().await;
    for from in [
        "ceo@bank.example",
        "ceo@notyourcompany.example",
        "ceo@yourcompany.example.bank.example",
    ] {
        let refused = refusal(&setting, setting.outgoing_as("acme", "zuora", from, &[ADA])).await;
        assert!(
            matches!(
                refused,
                SendError::NotAuthorized(NotAuthorized::NoIdentity { .. })
            ),
            "{from}: {refused}"
        );
    }
}

#[tokio::test]
async fn a_subdomain_of_the_identity_is_not_refused() {
    let setting = Setting::in_process().await;
    let outgoing = setting.outgoing_as("acme", "zuora", "noreply@en.yourcompany.example", &[ADA]);
    setting
        .mailer
        .send(outgoing)
        .await
        .unwrap()
        .all_accepted()
        .unwrap();
}

#[tokio::test]
async fn a_from_address_of_another_tenant_is_refused() {
    let setting = Setting::in_process().await;
    let refused = refusal(
        &setting,
        setting.outgoing_as("globex", "zuora", BILLING, &[ADA]),
    )
    .await;
    let text = refused.to_string();
    assert!(
        text.starts_with("the tenant globex has no identity"),
        "{text}"
    );
    assert!(!text.contains("acme"), "{text}");
}

#[tokio::test]
async fn an_identity_that_is_not_verified_is_refused() {
    let setting = Setting::in_process().await;
    let subject: Subject = "young.example".parse().unwrap();
    let new = NewIdentity::new(tenant("young"), own_server(), subject);
    setting
        .registry
        .create(&new, setting.simulator.clock().now())
        .await
        .unwrap();
    let refused = refusal(
        &setting,
        setting.outgoing_as("young", "own", "a@young.example", &[ADA]),
    )
    .await;
    assert!(
        matches!(
            refused,
            SendError::NotAuthorized(NotAuthorized::NotVerified { .. })
        ),
        "{refused}"
    );
    assert_eq!(
        refused.class(),
        OutcomeClass::NotYet,
        "awaited for 72 hours"
    );
    setting.simulator.advance(Duration::from_hours(72));
    let overdue = setting.outgoing_as("young", "own", "a@young.example", &[ADA]);
    let refused = refusal(&setting, overdue).await;
    assert_eq!(refused.class(), OutcomeClass::Refused, "{refused}");
    assert!(refused.rows().is_empty(), "nobody was asked");
}

#[tokio::test]
async fn several_from_fields_and_foreign_co_authors_are_refused() {
    let setting = Setting::in_process().await;
    for from in [
        "From: billing@yourcompany.example\r\nFrom: ceo@bank.example\r\n",
        "From: billing@yourcompany.example, ceo@bank.example\r\n",
        "Subject: nobody\r\n",
    ] {
        let message = Message::from_bytes(format!("{from}\r\nx\r\n"), LineEndings::Strict).unwrap();
        let envelope = Envelope::new(address(ADA), [address(ADA)]).unwrap();
        let outgoing = Outgoing::with_envelope(tenant("acme"), "own", message, envelope);
        let refused = refusal(&setting, outgoing).await;
        assert!(
            matches!(refused, SendError::Author(_) | SendError::NotAuthorized(_)),
            "{refused}"
        );
    }
}

#[tokio::test]
async fn more_recipients_than_the_provider_takes_are_refused() {
    let setting = Setting::in_process().await;
    let many: Vec<String> = (0..51)
        .map(|number| format!("r{number}@receiver.example"))
        .collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let refused = refusal(&setting, setting.outgoing("zuora", &many)).await;
    assert_eq!(
        refused.to_string(),
        "zuora-advanced takes at most 50 recipients a message, and this one has 51"
    );
}

#[tokio::test]
async fn a_route_that_is_not_there_and_a_key_that_is_missing_are_named() {
    let setting = Setting::in_process().await;
    let refused = refusal(&setting, setting.outgoing("fax", &[ADA])).await;
    assert_eq!(
        refused.to_string(),
        "there is no route \"fax\"; known are: own, zuora"
    );

    let keyless = Mailer::builder(
        setting.registry.clone(),
        setting.suppression.clone(),
        Arc::new(setting.simulator.clock().clone()),
        Arc::new(setting.simulator.entropy().clone()),
    )
    .route(Route::new(
        "own",
        own_server(),
        Arc::new(Scripted::accepting()),
    ))
    .build()
    .unwrap();
    let refused = keyless
        .send(setting.outgoing("own", &[ADA]))
        .await
        .unwrap_err();
    assert!(
        matches!(&refused, SendError::NoSigner { domain, .. } if *domain == company()),
        "{refused}"
    );
}

#[tokio::test]
async fn what_changed_between_the_halves_is_checked_again() {
    let setting = Setting::in_process().await;
    let submission = setting
        .mailer
        .prepare(setting.outgoing("zuora", &[ADA]))
        .await
        .unwrap();
    let now = setting.simulator.clock().now();
    setting
        .suppression
        .add_manual(
            &SuppressionScope::new(tenant("acme")),
            &address(ADA),
            "asked by telephone",
            now,
        )
        .await
        .unwrap();
    let refused = setting.mailer.attempt(&submission).await.unwrap_err();
    assert!(matches!(refused, SendError::AllSuppressed(_)), "{refused}");
    let [row] = &refused.rows()[..] else {
        panic!("{:?}", refused.rows());
    };
    assert_eq!(row.outcome().to_string(), "not attempted (suppressed)");
}

/// A message of these header fields, from billing to Ada unless they say otherwise.
fn raw(fields: &str, body: &str) -> Message {
    let text = format!(
        "From: {BILLING}\r\nTo: {ADA}\r\nDate: Sun, 22 Nov 2026 08:00:00 +0000\r\nMessage-ID: <1@yourcompany.example>\r\n{fields}\r\n{body}\r\n"
    );
    Message::from_bytes(text, LineEndings::Strict).unwrap()
}

fn outgoing(message: Message, return_path: &str) -> Outgoing {
    let envelope = Envelope::new(address(return_path), [address(ADA)]).unwrap();
    Outgoing::with_envelope(tenant("acme"), "own", message, envelope)
}

#[tokio::test]
async fn a_foreign_sender_and_a_foreign_return_path_are_refused() {
    let setting = Setting::in_process().await;
    for field in ["Sender", "Resent-From", "Resent-Sender"] {
        let message = raw(&format!("{field}: ceo@bank.example\r\n"), "x");
        let refused = refusal(&setting, outgoing(message, RETURN_PATH)).await;
        assert!(
            matches!(refused, SendError::NotAuthorized(_)),
            "{field}: {refused}"
        );
        let unreadable = raw(&format!("{field}: nobody\r\n"), "x");
        let refused = refusal(&setting, outgoing(unreadable, RETURN_PATH)).await;
        assert!(
            matches!(refused, SendError::Field { .. }),
            "{field}: {refused}"
        );
    }
    let refused = refusal(&setting, outgoing(raw("", "x"), "victim@bank.example")).await;
    assert!(matches!(refused, SendError::ReturnPath { .. }), "{refused}");
    assert_eq!(
        refused.to_string(),
        "reports cannot go to victim@bank.example: the tenant may not send as it, and the return path domains of the \
         route own do not cover it; there are none"
    );

    let allowed = Mailer::to_builder(&setting.mailer)
        .route(
            Route::new("zuora", zuora(), Arc::new(Scripted::accepting()))
                .environment("production".parse().unwrap())
                .return_path_domain("platform.example".parse().unwrap()),
        )
        .build()
        .unwrap();
    let envelope = Envelope::new(address("b+1@bounces.platform.example"), [address(ADA)]).unwrap();
    let outgoing = Outgoing::with_envelope(tenant("acme"), "zuora", raw("", "x"), envelope);
    allowed
        .send(outgoing)
        .await
        .unwrap()
        .all_accepted()
        .unwrap();
}

#[tokio::test]
async fn what_servers_would_mend_on_the_way_is_refused() {
    let setting = Setting::in_process().await;
    let without = |name: &str| raw("", "x").without_fields(name);
    for (message, words) in [
        (without("Date"), "the field Date is missing"),
        (without("Message-ID"), "the field Message-ID is missing"),
        (
            raw("Date: Sun, 22 Nov 2026 09:00:00 +0000\r\n", "x"),
            "the field Date is repeated",
        ),
        (
            raw("Message-ID: <2@yourcompany.example>\r\n", "x"),
            "the field Message-ID is repeated",
        ),
        (raw("", &"x".repeat(999)), "a line has 999 octets"),
    ] {
        let refused = refusal(&setting, outgoing(message, RETURN_PATH))
            .await
            .to_string();
        assert!(refused.starts_with(words), "{refused}");
    }
    let longest = outgoing(raw("", &"x".repeat(998)), RETURN_PATH);
    setting
        .mailer
        .send(longest)
        .await
        .unwrap()
        .all_accepted()
        .unwrap();
}

#[tokio::test]
async fn blind_copies_are_blind_in_ready_made_messages_too() {
    let setting = Setting::in_process().await;
    let message = raw(
        "Bcc: secret@receiver.example\r\nReturn-Path: <x@bank.example>\r\n",
        "x",
    );
    setting
        .mailer
        .send(outgoing(message, RETURN_PATH))
        .await
        .unwrap()
        .all_accepted()
        .unwrap();
    let stored = &setting.simulator.mails_of(&address(ADA))[0];
    assert!(!String::from_utf8_lossy(stored.message.as_bytes()).contains("secret@"));
    assert_eq!(stored.message.headers_named("Return-Path").count(), 1);
    let dkim: Vec<&str> = stored
        .authentication
        .results()
        .iter()
        .map(|result| result.result())
        .collect();
    assert_eq!(dkim, ["pass"; 4]);
}
