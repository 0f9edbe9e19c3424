//! A customer's own server between a vendor and the recipients.

use letterhead_dkim::{PrivateKey, PublicKeyRecord, Signer};
use letterhead_dns::{Record, RecordData};
use letterhead_identity::RelayCheck;
use letterhead_mail::{LineEndings, Message};
use letterhead_simulator::{Front, SimEventKind, Simulator};

use crate::common::{FRONT, address, builder, front, send, start, submission_of};

const FROM: &str = "support@yourcompany.example";
const JOE: &str = "joe@receiver.example";

/// A ticket as the vendor hands it over, with the customer's signature by the vendor.
fn ticket(simulator: &Simulator) -> Message {
    let text = format!(
        "From: Support <{FROM}>\nTo: {JOE}\nReply-To: {FROM}\nSubject: [Ticket 7]\nMessage-ID: <7@zendesk.com>\n\
         Date: Fri, 15 Jan 2027 08:00:00 +0000\nAuto-Submitted: auto-generated\nX-Auto-Response-Suppress: All\n\
         X-Mailer: Zendesk Mailer\nX-Zendesk-From-Account-Id: a1\nX-Zendesk-Email-Id: e1\n\nSolved.\n"
    );
    let message = Message::from_bytes(text, LineEndings::Normalise).unwrap();
    let key = PrivateKey::from_pem(include_str!("../../../dkim/tests/keys/rsa2048.pem")).unwrap();
    let record = PublicKeyRecord::for_key(&key).to_txt();
    let owner = "zendesk1._domainkey.yourcompany.example".parse().unwrap();
    simulator
        .dns()
        .publish(Record::new(owner, 300, RecordData::Txt(record)));
    let signer = Signer::new(
        "yourcompany.example".parse().unwrap(),
        "zendesk1".parse().unwrap(),
        std::sync::Arc::new(key),
    );
    let signatures = letterhead_dkim::sign(message.as_bytes(), &[signer], start()).unwrap();
    let fields: String = signatures.iter().map(ToString::to_string).collect();
    message.with_field_prepended(fields.as_bytes()).unwrap()
}

fn relayed(change: impl FnOnce(Front) -> Front) -> (Simulator, RelayCheck) {
    let simulator = builder(1)
        .front(change(front("zendesk-connector")))
        .build()
        .unwrap();
    let ticket = ticket(&simulator);
    let report = send(&simulator, FRONT, &submission_of(ticket, FROM, &[JOE]));
    assert!(report.all_accepted(), "{report:?}");
    let events = simulator.events().into_iter();
    let checks: Vec<RelayCheck> = events
        .filter_map(|event| match event.kind {
            SimEventKind::RelayChecked { check, .. } => Some(check),
            _ => None,
        })
        .collect();
    let [check] = checks.as_slice() else {
        panic!("{checks:?}")
    };
    (simulator, check.clone())
}

#[test]
fn a_server_that_only_passes_mail_on_keeps_everything() {
    let (simulator, check) = relayed(|front| front);
    assert!(check.holds(), "{check}");
    assert_eq!(check.signatures.len(), 1);
    let mails = simulator.mails_of(&address(JOE));
    let [mail] = mails.as_slice() else {
        panic!("{mails:?}")
    };
    let results = mail.authentication.to_string();
    assert!(results.contains("dkim=pass"), "{results}");
    assert_eq!(mail.envelope.sender().to_string(), FROM);
}

/// What servers are known to do on the way, and what each breaks.
#[test]
fn what_a_server_changes_is_told_by_name() {
    type Alter = fn(Message) -> Message;
    let cases: [(&str, Alter); 6] = [
        ("signature", |message| {
            with_text(&message, "Solved.", "Solved.\r\n-- \r\nConfidential")
        }),
        ("signature", |message| {
            with_text(&message, "Subject: [Ticket", "Subject: [EXTERNAL] [Ticket")
        }),
        ("recipients", |message| {
            with_text(
                &message,
                "To: joe@",
                "To: archive@yourcompany.example, joe@",
            )
        }),
        ("From", |message| {
            with_text(&message, "From: Support <support@", "From: Relay <relay@")
        }),
        ("Auto-Submitted", |message| {
            message.without_fields("Auto-Submitted")
        }),
        ("X-Zendesk-Email-Id", |message| {
            with_text(&message, "Email-Id: e1", "Email-Id: e2")
        }),
    ];
    for (expected, alter) in cases {
        let (simulator, check) = relayed(|front| front.alters(alter));
        assert!(!check.holds(), "{expected}");
        let text = check.to_string();
        assert!(text.contains(expected), "{expected}: {text}");
        let told = crate::common::events(&simulator).into_iter();
        assert_eq!(
            told.filter(|line| line.contains("compared <7@zendesk.com>"))
                .count(),
            1
        );
    }
}

/// A profile without such rules has nothing compared.
#[test]
fn other_providers_are_not_compared() {
    let simulator = builder(1).front(front("own-server")).build().unwrap();
    let ticket = ticket(&simulator);
    assert!(send(&simulator, FRONT, &submission_of(ticket, FROM, &[JOE])).all_accepted());
    let is_checked = |kind: &SimEventKind| matches!(kind, SimEventKind::RelayChecked { .. });
    assert!(
        !simulator
            .events()
            .iter()
            .any(|event| is_checked(&event.kind))
    );
}

fn with_text(message: &Message, from: &str, to: &str) -> Message {
    let text = String::from_utf8(message.as_bytes().to_vec()).unwrap();
    assert!(text.contains(from), "{from} in {text}");
    Message::from_bytes(text.replacen(from, to, 1), LineEndings::Strict).unwrap()
}
