//! What comes back, and what may be believed of it.

use std::time::Duration;

use letterhead::feedback::{EventKind, ReportKind, SuppressionScope};

use letterhead::Outgoing;
use letterhead::mail::{Clock as _, Envelope};

use crate::setting::{ADA, RETURN_PATH, Setting, address};

fn bounce_of(message_id: &str, recipient: &str) -> String {
    format!(
        "From: MAILER-DAEMON@evil.example\r\nTo: {RETURN_PATH}\r\nSubject: failed\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n\
         --b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.evil.example\r\n\r\n\
         Final-Recipient: rfc822; {recipient}\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n\
         --b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {message_id}\r\n\r\n--b--\r\n"
    )
}

#[tokio::test]
async fn a_forged_bounce_suppresses_nobody() {
    let setting = Setting::in_process().await;
    let outgoing = setting.outgoing("own", &[ADA]);
    let message_id = outgoing.message.message_id().unwrap();
    setting
        .mailer
        .send(outgoing)
        .await
        .unwrap()
        .all_accepted()
        .unwrap();
    for (id, recipient) in [
        ("<made-up@evil.example>", ADA),
        (message_id.as_str(), "victim@receiver.example"),
        ("", ADA),
    ] {
        let ingested = setting
            .mailer
            .ingest(bounce_of(id, recipient).as_bytes())
            .await
            .unwrap()
            .events;
        assert_eq!(ingested.len(), 1);
        assert!(
            ingested[0].decision.is_none() && ingested[0].event.tenant().is_none(),
            "{id} {recipient}"
        );
    }
    assert!(
        setting
            .suppressed(&[ADA, "victim@receiver.example"])
            .await
            .is_empty()
    );

    let true_one = setting
        .mailer
        .ingest(bounce_of(&message_id, ADA).as_bytes())
        .await
        .unwrap()
        .events;
    assert!(true_one[0].decision.is_some());
    assert_eq!(
        setting.suppressed(&[ADA]).await,
        [format!("{ADA} hard-bounce")]
    );
}

#[tokio::test]
async fn a_dead_address_behind_the_relay_comes_back_as_a_bounce() {
    let setting = Setting::in_process().await;
    let receipt = setting
        .send("own", &["nobody@receiver.example"])
        .await
        .unwrap();
    receipt.all_accepted().unwrap();
    setting.simulator.advance(Duration::from_hours(1));
    let ingested = setting.ingest_all().await;
    assert_eq!(ingested.len(), 1);
    assert!(matches!(ingested[0].event.kind(), EventKind::Bounced(_)));
    assert_eq!(
        setting.suppressed(&["nobody@receiver.example"]).await,
        ["nobody@receiver.example hard-bounce"]
    );
}

#[tokio::test]
async fn a_tenants_bounce_does_not_suppress_for_another() {
    let setting = Setting::in_process().await;
    setting
        .send("own", &["nobody@receiver.example"])
        .await
        .unwrap()
        .all_accepted()
        .unwrap();
    setting.simulator.advance(Duration::from_hours(1));
    setting.ingest_all().await;
    let other = setting
        .suppression
        .check(
            &SuppressionScope::new("globex".parse().unwrap()),
            &[address("nobody@receiver.example")],
            setting.simulator.clock().now(),
        )
        .await
        .unwrap();
    assert!(other.suppressed.is_empty());
}

#[tokio::test]
async fn ordinary_mail_to_the_return_path_decides_nothing() {
    let setting = Setting::in_process().await;
    let ordinary = b"From: ada@receiver.example\r\nTo: bounces@yourcompany.example\r\nSubject: hi\r\n\r\nhello\r\n";
    let ingestion = setting.mailer.ingest(ordinary).await.unwrap();
    assert_eq!(ingestion.kind, ReportKind::NotAReport);
    assert!(ingestion.events.is_empty());
}

#[tokio::test]
async fn a_mailer_built_from_another_remembers_what_that_one_sent() {
    let setting = Setting::in_process().await;
    let outgoing = setting.outgoing("own", &[ADA]);
    let message_id = outgoing.message.message_id().unwrap();
    setting
        .mailer
        .send(outgoing)
        .await
        .unwrap()
        .all_accepted()
        .unwrap();
    let next = setting.mailer.to_builder().build().unwrap();
    let ingestion = next
        .ingest(bounce_of(&message_id, ADA).as_bytes())
        .await
        .unwrap();
    assert!(ingestion.events[0].decision.is_some());
    next.prepare(setting.outgoing("zuora", &["b@receiver.example"]))
        .await
        .unwrap();
}

#[tokio::test]
async fn a_complaint_that_hides_its_author_is_about_the_only_recipient() {
    let setting = Setting::in_process().await;
    let complaint = |message_id: &str| {
        format!(
            "From: fbl@receiver.example\r\nMIME-Version: 1.0\r\n\
             Content-Type: multipart/report; report-type=feedback-report; boundary=b\r\n\r\n\
             --b\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\nUser-Agent: x/1\r\n\
             Version: 1\r\n\r\n--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {message_id}\r\n\r\n--b--\r\n"
        )
    };
    for (to, suppressed) in [(vec![ADA, "b@receiver.example"], 0), (vec![ADA], 1)] {
        let outgoing = setting.outgoing("zuora", &to);
        let message_id = outgoing.message.message_id().unwrap();
        let _ = setting.mailer.send(outgoing).await.unwrap();
        setting
            .mailer
            .ingest(complaint(&message_id).as_bytes())
            .await
            .unwrap();
        assert_eq!(
            setting.suppressed(&[ADA, "b@receiver.example"]).await.len(),
            suppressed,
            "{to:?}"
        );
    }
}

#[tokio::test]
async fn a_message_sent_in_two_parts_keeps_the_bounces_of_both() {
    let setting = Setting::in_process().await;
    let message = setting.outgoing("own", &[ADA]).message;
    let message_id = message.message_id().unwrap();
    for recipient in [ADA, "b@receiver.example"] {
        let envelope = Envelope::new(address(RETURN_PATH), [address(recipient)]).unwrap();
        let outgoing =
            Outgoing::with_envelope("acme".parse().unwrap(), "own", message.clone(), envelope);
        let _ = setting.mailer.send(outgoing).await;
    }
    for recipient in [ADA, "b@receiver.example"] {
        let ingestion = setting
            .mailer
            .ingest(bounce_of(&message_id, recipient).as_bytes())
            .await
            .unwrap();
        assert!(ingestion.events[0].decision.is_some(), "{recipient}");
    }
}
