//! Whatever a message or the DNS holds, there is a report of whole lines.

use letterhead_dns::{Record, RecordData, Txt, Zone};
use letterhead_identity::{PreflightRequest, ReceiverPolicy, preflight};
use letterhead_mail::{LineEndings, Message};
use proptest::collection::vec;
use proptest::prelude::{any, prop_assert, prop_assert_eq, prop_oneof, proptest};
use proptest::strategy::{Just, Strategy};

use crate::support::{ask, built_in, message, now, own_domain};

/// A task may be moved between threads while it waits.
#[test]
fn a_preflight_can_be_sent_to_another_thread() {
    fn is_send(_: impl Send) {}
    let profile = built_in("own-server");
    let identity = own_domain(&profile, "example.org");
    let message = message("ada@example.org", "");
    let zone = Zone::new();
    is_send(preflight(
        &PreflightRequest::new(&profile, &identity, &message, now()),
        &zone,
    ));
}

/// Pieces of headers among any octets.
fn header() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just(b"From: a@example.org\r\n".to_vec()),
        Just(b"From: \"x\ty\" <b@example.org>, c@[192.0.2.1]\r\n".to_vec()),
        Just(
            b"DKIM-Signature: v=1; a=rsa-sha256; d=example.org; s=r1; h=From; bh=AA==; b=AA==\r\n"
                .to_vec()
        ),
        Just(b"List-Unsubscribe: <https://example.org>\r\n".to_vec()),
        Just(b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n".to_vec()),
        Just(b"Message-ID: < >\r\n".to_vec()),
        vec(any::<u8>(), 0..20),
    ];
    vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn there_is_always_a_report(
        header in header(),
        spf in vec(any::<u8>(), 0..40),
        policy in vec(any::<u8>(), 0..40),
        key in vec(any::<u8>(), 0..40),
    ) {
        let Ok(message) = Message::from_bytes(header, LineEndings::Normalise) else {
            return Ok(());
        };
        let mut zone = Zone::new();
        for (name, start, rest) in [
            ("example.org", &b"v=spf1 "[..], &spf),
            ("_dmarc.example.org", b"v=DMARC1;", &policy),
            ("r1._domainkey.example.org", b"v=DKIM1;", &key),
        ] {
            let text = [start, rest].concat();
            let data = RecordData::Txt(Txt::split(&text));
            zone.insert(Record::new(name.parse().unwrap(), 60, data));
        }
        let profile = built_in("own-server");
        let identity = own_domain(&profile, "example.org");
        let receivers = ReceiverPolicy::all_built_in();
        let request = PreflightRequest::new(&profile, &identity, &message, now()).receivers(&receivers);
        let found = ask(&request, &zone);
        let report = found.to_string();
        prop_assert!(!report.chars().any(|c| c.is_control() && c != '\n'), "{report:?}");
        let verdicts = 2 + found.dkim.len().max(1);
        prop_assert_eq!(report.lines().count(), verdicts + found.findings.len());
        prop_assert!(serde_json::to_string(&found).is_ok());
        prop_assert!(found.findings.iter().all(|finding| !finding.sources.is_empty() && !finding.remedy.is_empty()));
    }
}
