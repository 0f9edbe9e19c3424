//! What recipients do with mail, as each provider tells it.

use letterhead_feedback::{EventKind, Provider, read_events};
use letterhead_identity::Subject;
use letterhead_simulator::Webhook;
use letterhead_simulator::provider_events::{OciLogs, SendGridSigning, SesOverSns};

use crate::common::{FRONT, address, builder, front, send, submission};

const FROM: &str = "billing@yourcompany.example";
const LINK: &str = "https://yourcompany.example/pay?invoice=7";

#[test]
fn opens_and_clicks_are_told_in_every_form() {
    let target = "https://app.example/";
    let topic = "arn:aws:sns:eu-west-1:123456789012:mail".parse().unwrap();
    for (profile, provider, webhook) in [
        (
            "amazon-ses",
            Provider::Ses,
            Webhook::ses(target, SesOverSns::new(topic)),
        ),
        (
            "oci-email-delivery",
            Provider::Oci,
            Webhook::oci_logs(target, OciLogs::new()),
        ),
        (
            "sendgrid",
            Provider::SendGrid,
            Webhook::sendgrid(target, SendGridSigning::Off),
        ),
        (
            "mailgun",
            Provider::Mailgun,
            Webhook::mailgun(target, "key"),
        ),
        ("postmark", Provider::Postmark, Webhook::postmark(target)),
        ("mailjet", Provider::Mailjet, Webhook::mailjet(target)),
        ("sparkpost", Provider::SparkPost, Webhook::sparkpost(target)),
    ] {
        let front = front(profile)
            .verified(Subject::Address(address(FROM)))
            .webhook(webhook);
        let simulator = builder(1).front(front).build().unwrap();
        let joe = address("joe@receiver.example");
        let report = send(
            &simulator,
            FRONT,
            &submission(FROM, FROM, &["joe@receiver.example"]),
        );
        let before = simulator.notifications().len();
        let arrived = simulator.mails_of(&joe)[0].message.message_id().unwrap();
        let handle = simulator.front(FRONT).unwrap();
        handle.open(&arrived, &joe).unwrap();
        let replied = report.rows()[0]
            .text()
            .unwrap()
            .split(' ')
            .next_back()
            .unwrap();
        handle.click(replied, &joe, LINK).unwrap();
        let told = simulator.notifications().split_off(before);
        let events: Vec<_> = told
            .iter()
            .flat_map(|told| read_events(provider, &told.body).unwrap().events)
            .collect();
        let kinds: Vec<_> = events.iter().map(|event| event.kind()).collect();
        assert_eq!(kinds, [EventKind::Opened, EventKind::Clicked], "{profile}");
        assert!(
            events.iter().all(|event| event.recipient() == Some(&joe)),
            "{profile}"
        );
        assert!(told[1].text().contains("/pay?invoice=7"), "{profile}");

        let ann = address("ann@receiver.example");
        for (id, recipient) in [(arrived.as_str(), &ann), ("<other@id.example>", &joe)] {
            let refusal = handle.open(id, recipient).unwrap_err();
            assert_eq!(
                (refusal.message_id.as_str(), &refusal.recipient),
                (id, recipient)
            );
        }
        assert_eq!(simulator.notifications().len(), before + 2);
    }
}
