//! Whose keys sign, when they change, and when they are set so that they cannot.

use std::sync::Arc;
use std::time::Duration;

use letterhead::dkim::{
    KeyRing, PrivateKey, RotationSchedule, SignError, Signer, SigningKey, expired_signatures,
};
use letterhead::dns::block_on_ready;
use letterhead::identity::ProfileId;
use letterhead::mail::message::LineEndings;
use letterhead::mail::{Clock as _, Envelope, Message, Transport};
use letterhead::{Mailer, Outgoing, Route, RouteError, SendError};

use crate::outcomes::Scripted;
use crate::setting::{ADA, BILLING, RETURN_PATH, Setting, address, company, own_server, tenant};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn ed25519(seed: u8) -> Arc<dyn SigningKey> {
    Arc::new(PrivateKey::ed25519_from_seed(&[seed; 32]).unwrap())
}

fn signer(key: Arc<dyn SigningKey>) -> Signer {
    Signer::new(company(), "ed".parse().unwrap(), key)
}

fn build(setting: &Setting, route: Route) -> Result<Mailer, RouteError> {
    setting.mailer.to_builder().route(route).build()
}

fn own(transport: Arc<dyn Transport>) -> Route {
    Route::new("own", own_server(), transport)
}

#[tokio::test]
async fn a_route_that_could_never_send_is_refused_when_the_mailer_is_built() {
    let setting = Setting::in_process().await;
    let scripted: Arc<dyn Transport> = Arc::new(Scripted::accepting());
    let alone = own(scripted.clone()).signer(signer(ed25519(1)));
    assert!(matches!(
        build(&setting, alone),
        Err(RouteError::Signers { route, source: SignError::OnlyEd25519 { .. } }) if route == "own"
    ));
    let short = signer(ed25519(1)).ed25519_alone().expires_after(DAY);
    assert!(matches!(
        build(&setting, own(scripted.clone()).signer(short)),
        Err(RouteError::Signers {
            source: SignError::ExpiryTooShort { .. },
            ..
        })
    ));
    let nowhere: ProfileId = "nowhere".parse().unwrap();
    let refused = build(&setting, Route::new("own", nowhere, scripted)).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "the route \"own\" is under the profile nowhere, which the registry does not have"
    );
}

#[tokio::test]
async fn a_route_signs_with_the_keys_that_its_ring_has_now() {
    let setting = Setting::in_process().await;
    let scripted = Arc::new(Scripted::accepting());
    let mut ring = KeyRing::new(company(), RotationSchedule::default());
    let live = ring.live_signers().with(Signer::ed25519_alone);
    let mailer = build(
        &setting,
        own(scripted.clone()).signer_source(Arc::new(live)),
    )
    .unwrap();

    let refused = mailer.send(setting.outgoing("own", &[ADA])).await;
    assert!(matches!(refused, Err(SendError::NoSigner { .. })));

    let mut day = setting.simulator.clock().now();
    for (seed, name) in [(1, "2026a"), (2, "2026b")] {
        let selector = name.parse().unwrap();
        ring.introduce(&selector, ed25519(seed), day).unwrap();
        let mut zone = letterhead::dns::Zone::new();
        ring.records()
            .into_iter()
            .for_each(|record| zone.insert(record));
        for _ in 0..2 {
            let check = block_on_ready(ring.check(&selector, &zone))
                .unwrap()
                .unwrap();
            ring.note_published(&check, day).unwrap();
            day += DAY;
        }
        ring.switch(&selector, day - DAY).unwrap();

        let receipt = mailer.send(setting.outgoing("own", &[ADA])).await.unwrap();
        receipt.all_accepted().unwrap();
        let seen = scripted.seen();
        let fields: Vec<_> = seen
            .last()
            .unwrap()
            .headers_named("DKIM-Signature")
            .map(|field| String::from_utf8_lossy(field.value()).into_owned())
            .collect();
        assert_eq!(fields.len(), 1);
        assert!(fields[0].contains(&format!("s={name};")), "{}", fields[0]);
    }
}

/// From billing to Ada, with a signature of this domain that expired in 2009.
fn expired(domain: &str) -> Outgoing {
    let text = format!(
        "DKIM-Signature: v=1; a=rsa-sha256; d={domain}; s=old; t=1200000000; x=1250000000;\r\n h=From; bh=AAAA; b=AAAA\r\n\
         From: {BILLING}\r\nTo: {ADA}\r\nDate: Sun, 22 Nov 2026 08:00:00 +0000\r\nMessage-ID: <1@yourcompany.example>\r\n\r\nx\r\n"
    );
    let message = Message::from_bytes(text, LineEndings::Strict).unwrap();
    let envelope = Envelope::new(address(RETURN_PATH), [address(ADA)]).unwrap();
    Outgoing::with_envelope(tenant("acme"), "zuora", message, envelope)
}

#[tokio::test]
async fn an_expired_signature_of_the_author_is_refused_and_one_of_others_is_not() {
    let setting = Setting::in_process().await;
    for domain in ["yourcompany.example", "mail.yourcompany.example"] {
        let outgoing = expired(domain);
        let now = setting.simulator.clock().now();
        assert_eq!(
            expired_signatures(outgoing.message.as_bytes(), now).len(),
            1
        );
        let refused = setting.mailer.prepare(outgoing).await.unwrap_err();
        assert!(
            matches!(&refused, SendError::ExpiredSignature(signature) if signature.domain().as_str() == domain),
            "{refused}"
        );
    }
    for domain in ["list.example", "notyourcompany.example"] {
        setting.mailer.prepare(expired(domain)).await.unwrap();
    }
}
