//! What receivers will find, before anything is sent.

use letterhead::SendError;
use letterhead::dns::RecordType;

use crate::setting::{ADA, Setting, company};

#[tokio::test]
async fn what_is_predicted_is_what_the_receiver_finds() {
    let setting = Setting::in_process().await;
    let dns = setting.simulator.dns().clone();
    for route in ["own", "zuora"] {
        let outgoing = setting.outgoing(route, &[ADA]);
        let found = setting.mailer.preflight(&outgoing, &dns).await.unwrap();
        let predicted = found.dmarc.result.map(|result| result.to_string());
        assert_eq!(predicted.as_deref(), Some("pass"), "{found}");
        assert!(setting.simulator.mails().is_empty(), "nothing is sent");
        let _ = setting.mailer.send(outgoing).await.unwrap();
        let mail = setting.simulator.mailbox(ADA).expect_one();
        assert!(mail.authentication.to_string().contains("dmarc=pass"));
        setting.simulator.delete_mails();
    }
}

#[tokio::test]
async fn a_key_that_is_gone_is_told_before_it_costs_a_message() {
    let setting = Setting::in_process().await;
    let dns = setting.simulator.dns().clone();
    for selector in ["rsa", "ed"] {
        let owner = format!("{selector}._domainkey.{}", company())
            .parse()
            .unwrap();
        dns.remove(&owner, RecordType::TXT);
    }
    let outgoing = setting.outgoing("own", &[ADA]);
    let found = setting.mailer.preflight(&outgoing, &dns).await.unwrap();
    assert!(!found.is_ready(), "{found}");
    assert!(
        found
            .to_string()
            .contains("rsa._domainkey.yourcompany.example"),
        "{found}"
    );
}

#[tokio::test]
async fn what_is_refused_here_needs_no_prediction() {
    let setting = Setting::in_process().await;
    let dns = setting.simulator.dns().clone();
    let outgoing = setting.outgoing_as("acme", "own", "ceo@elsewhere.example", &[ADA]);
    let refused = setting.mailer.preflight(&outgoing, &dns).await.unwrap_err();
    assert!(matches!(refused, SendError::NotAuthorized(_)), "{refused}");
}
