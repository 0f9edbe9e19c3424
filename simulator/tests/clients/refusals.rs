//! What is refused, what is refused in part, and what is asked for about reports.

use letterhead_mail::{Notify, ReturnContent};

use crate::client::{Ability, DeliveryStatus};
use crate::programs::CLIENTS;
use crate::setting::{ADA, MAIL, Setting, expect_success};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_send_to_the_others_when_one_recipient_is_refused() {
    let able = |ability| {
        CLIENTS
            .into_iter()
            .filter(move |client| client.can(ability))
    };
    for client in able(Ability::SomeRecipients) {
        if !client.is_there("clients_send_to_the_others_when_one_recipient_is_refused") {
            continue;
        }
        let setting = Setting::new().await;
        let recipients = [
            ADA,
            "550-5.1.1-bob@receiver.example",
            "450-4.2.2-carl@receiver.example",
            "discard@receiver.example",
        ];
        let said = client.send(&setting.job(&recipients, MAIL));
        expect_success(client, &said);
        for reply in ["550", "5.1.1", "450", "4.2.2"] {
            assert!(said.text.contains(reply), "{}: {}", client.name, said.text);
        }
        let [mail] = &setting.mailbox(ADA)[..] else {
            panic!("{}: one mail", client.name);
        };
        let taken: Vec<String> = mail.envelope.addresses().map(ToString::to_string).collect();
        assert_eq!(taken, [ADA, "discard@receiver.example"], "{}", client.name);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_clients_ask_for_about_reports_arrives() {
    for client in CLIENTS.iter().filter(|client| client.can(Ability::Dsn)) {
        if !client.is_there("what_clients_ask_for_about_reports_arrives") {
            continue;
        }
        let setting = Setting::new().await;
        let mut job = setting.job(&[ADA], MAIL);
        job.delivery_status = DeliveryStatus::HeadersOfFailures;
        expect_success(client, &client.send(&job));
        let [mail] = &setting.mailbox(ADA)[..] else {
            panic!("{}: one mail", client.name);
        };
        let notify: Vec<Option<Notify>> = mail
            .envelope
            .recipients()
            .iter()
            .map(|one| one.notify())
            .collect();
        assert_eq!(
            notify,
            [Some(Notify::FAILURE.and(Notify::DELAY))],
            "{}",
            client.name
        );
        assert_eq!(
            mail.envelope.return_content(),
            Some(ReturnContent::Headers),
            "{}",
            client.name
        );
    }
}
