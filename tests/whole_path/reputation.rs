//! An identity that bounces too much sends no more; mail that can be unsubscribed from says how.

use std::sync::{Arc, Mutex};

use letterhead::SendError;
use letterhead::feedback::{
    Reputation, ReputationPolicy, ReputationState, ReputationThreshold, TokenKey, TokenKeys,
    Unsubscribe, UnsubscribeFields,
};
use letterhead::mail::Clock as _;

use crate::setting::{ADA, Setting, tenant};

#[tokio::test]
async fn a_paused_identity_is_refused_before_anything_is_written() {
    let setting = Setting::in_process().await;
    let policy = ReputationPolicy::new(ReputationThreshold::SES).minimum_volume(10);
    let reputation = Arc::new(Mutex::new(Reputation::new(policy)));
    let mailer = setting
        .mailer
        .to_builder()
        .reputation(Arc::clone(&reputation))
        .build()
        .unwrap();
    // The relay takes these, and the receiver's bounces come back later: nothing is known yet.
    for number in 0..3 {
        let unknown = format!("nobody{number}@receiver.example");
        mailer
            .send(setting.outgoing("own", &[&unknown]))
            .await
            .unwrap()
            .all_accepted()
            .unwrap();
    }
    let identity = mailer
        .prepare(setting.outgoing("own", &[ADA]))
        .await
        .unwrap()
        .identity
        .unwrap();
    let now = setting.simulator.clock().now();
    let standing = |now| reputation.lock().unwrap().standing(&identity, now).state;
    assert_eq!(standing(now), ReputationState::Ok);

    setting
        .simulator
        .advance(std::time::Duration::from_hours(1));
    for mail in setting
        .simulator
        .mails_of(&crate::setting::address(crate::setting::RETURN_PATH))
    {
        mailer.ingest(mail.message.as_bytes()).await.unwrap();
    }
    let now = setting.simulator.clock().now();
    assert_eq!(standing(now), ReputationState::Pause);
    let sessions = setting.simulator.sessions().len();
    let refused = mailer.send(setting.outgoing("own", &[ADA])).await;
    let Err(SendError::Paused(paused)) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(paused.identity, identity);
    assert_eq!(setting.simulator.sessions().len(), sessions);
    reputation.lock().unwrap().resume(&identity, now);
}

#[tokio::test]
async fn one_click_closes_the_stream_that_the_mail_was_of() {
    let setting = Setting::in_process().await;
    let test_key = TokenKey::new(0.try_into().unwrap(), [7; 32]);
    let unsubscribe =
        Unsubscribe::new("https://yourcompany.example/u/", TokenKeys::new(&test_key)).unwrap();
    let news = "news".parse::<letterhead::mail::StreamId>().unwrap();
    let builder = setting.mailer.to_builder();
    let mailer = builder
        .unsubscribe(unsubscribe.clone(), [news.clone()])
        .build()
        .unwrap();
    let outgoing = setting.outgoing("own", &[ADA]).stream(news.clone());
    mailer.send(outgoing).await.unwrap().all_accepted().unwrap();
    let plain = setting.outgoing("own", &[ADA]);
    mailer.send(plain).await.unwrap().all_accepted().unwrap();
    let inbox = setting.simulator.mails_of(&ADA.parse().unwrap());
    assert!(inbox[1].message.header("List-Unsubscribe").is_none());
    let message = &inbox[0].message;
    let signature = message.header("DKIM-Signature").unwrap();
    let signature = String::from_utf8_lossy(signature.as_bytes()).replace("\r\n", "");
    let signed = signature
        .split(';')
        .find_map(|tag| tag.trim().strip_prefix("h="))
        .unwrap();
    assert!(
        UnsubscribeFields::covered_by(signed.split(':').map(str::trim)),
        "{signature}"
    );

    let link = message.header("List-Unsubscribe").unwrap();
    let link = String::from_utf8_lossy(link.as_bytes()).replace("\r\n ", "");
    let token = link
        .split(['<', '>'])
        .nth(1)
        .unwrap()
        .rsplit('/')
        .next()
        .unwrap();
    let now = setting.simulator.clock().now();
    let form = Some("application/x-www-form-urlencoded");
    for _ in 0..2 {
        let event = unsubscribe
            .post(token, form, b"List-Unsubscribe=One-Click", now)
            .unwrap();
        assert_eq!(
            (event.stream(), event.tenant()),
            (Some(&news), Some(&tenant("acme")))
        );
        mailer.ingest_events(vec![event]).await.unwrap();
    }
    let again = mailer
        .send(setting.outgoing("own", &[ADA]).stream(news))
        .await;
    assert!(
        matches!(again, Err(SendError::AllSuppressed(_))),
        "{again:?}"
    );
}
