//! TLS with the simulation's authority, and AUTH at a provider.

use crate::client::{Ability, Protection};
use crate::programs::CLIENTS;
use crate::setting::{ADA, FRONT, LOGIN, MAIL, RECEIVER, Setting, expect_success};

const PROTECTIONS: [Protection; 2] = [Protection::StartTls, Protection::Tls];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_that_trust_the_authority_send_under_tls() {
    for client in CLIENTS.iter().filter(|client| client.can(Ability::Tls)) {
        if !client.is_there("clients_that_trust_the_authority_send_under_tls") {
            continue;
        }
        let setting = Setting::new().await;
        for protection in PROTECTIONS {
            let job = setting.protected(&setting.job(&[ADA], MAIL), RECEIVER, protection);
            expect_success(client, &client.send(&job));
        }
        let protocols: Vec<String> = setting.mailbox(ADA).iter().map(protocol).collect();
        assert_eq!(protocols, ["ESMTPS", "ESMTPS"], "{}", client.name);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_that_trust_another_authority_send_nothing() {
    let other = Setting::new().await;
    for client in CLIENTS.iter().filter(|client| client.can(Ability::Tls)) {
        if !client.is_there("clients_that_trust_another_authority_send_nothing") {
            continue;
        }
        let setting = Setting::new().await;
        for protection in PROTECTIONS {
            let job = other.job(&[ADA], MAIL);
            let job = setting.protected(&job, RECEIVER, protection);
            let said = client.send(&job);
            assert!(!said.succeeded, "{}: {}", client.name, said.text);
        }
        assert!(setting.mailbox(ADA).is_empty(), "{}", client.name);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_log_in_at_a_provider_and_are_turned_away_with_a_wrong_password() {
    for client in CLIENTS.iter().filter(|client| client.can(Ability::Tls)) {
        if !client
            .is_there("clients_log_in_at_a_provider_and_are_turned_away_with_a_wrong_password")
        {
            continue;
        }
        let setting = Setting::new().await;
        for protection in PROTECTIONS {
            let mut job = setting.protected(&setting.job(&[ADA], MAIL), FRONT, protection);
            job.login = Some(LOGIN);
            expect_success(client, &client.send(&job));
            job.login = Some((LOGIN.0, "wrong"));
            let said = client.send(&job);
            assert!(!said.succeeded, "{}: {}", client.name, said.text);
            assert!(said.text.contains("535"), "{}: {}", client.name, said.text);
        }
        // The provider has passed both on, signed.
        let inbox = setting.simulator.mailbox(ADA);
        inbox.signed_by("amazonses.com").expect_count(2);
    }
}

/// With which protocol a mail came, as the receiver noted it.
fn protocol(mail: &letterhead_simulator::StoredMail) -> String {
    let received = mail.message.header("Received").expect("a trace field");
    let unfolded = received.unfolded();
    let mut words = unfolded.split_whitespace();
    words.find(|word| *word == "with");
    words.next().unwrap_or_default().to_owned()
}
