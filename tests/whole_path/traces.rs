//! Reports that quote nothing and prove whom they are about all the same.

use letterhead::Mailer;
use letterhead::feedback::{
    ComplaintTokens, EventKind, InMemorySentLog, Permanence, Proof, ReturnPath, ReturnPathForm,
    TokenKey, TokenKeys,
};

use crate::setting::{ADA, RETURN_PATH, Setting, address};

/// A mailer that marks what it sends.
fn marking(setting: &Setting) -> Mailer {
    let test_key = TokenKey::new(0.try_into().unwrap(), [7; 32]);
    let keys = TokenKeys::new(&test_key);
    let return_path = ReturnPath::new(address(RETURN_PATH), keys.clone())
        .unwrap()
        .form(ReturnPathForm::Opaque);
    setting
        .mailer
        .to_builder()
        .sent_log(std::sync::Arc::new(InMemorySentLog::new(100)))
        .return_path(return_path)
        .complaint_tokens(ComplaintTokens::new(
            keys,
            "X-Report-Token".parse().unwrap(),
        ))
        .build()
        .unwrap()
}

fn bounce_in_words(to: &str) -> String {
    format!(
        "Return-Path: <>\r\nFrom: MAILER-DAEMON@receiver.example\r\nTo: {to}\r\nSubject: failure notice\r\n\r\n\
         Hi. This is the qmail-send program at receiver.example.\r\n\
         I'm afraid I wasn't able to deliver your message to the following addresses.\r\n\
         This is a permanent error; I've given up. Sorry it didn't work out.\r\n\r\n\
         <{ADA}>:\r\nSorry, no mailbox here by that name. (#5.1.1)\r\n"
    )
}

#[tokio::test]
async fn a_bounce_in_words_is_believed_by_the_address_it_came_to() {
    let setting = Setting::in_process().await;
    let mailer = marking(&setting);
    let receipt = mailer.send(setting.outgoing("own", &[ADA])).await.unwrap();
    receipt.all_accepted().unwrap();
    let sender = setting.simulator.mails_of(&address(ADA))[0]
        .envelope
        .sender()
        .to_string();
    let return_path = sender.trim_matches(['<', '>']).to_owned();
    assert!(return_path.starts_with("bounces+"), "{return_path}");

    for stranger in [RETURN_PATH, "bounces+aaaa@yourcompany.example"] {
        let ingested = mailer.ingest(bounce_in_words(stranger).as_bytes()).await;
        let events = ingested.unwrap().events;
        assert_eq!(events[0].event.proof(), Proof::Unproven, "{stranger}");
        assert!(events[0].decision.is_none());
    }
    assert!(setting.suppressed(&[ADA]).await.is_empty());

    let ingested = mailer
        .ingest(bounce_in_words(&return_path.to_uppercase()).as_bytes())
        .await;
    let events = ingested.unwrap().events;
    assert_eq!(events[0].event.kind(), EventKind::Bounced(Permanence::Hard));
    assert_eq!(events[0].event.proof(), Proof::ReturnPath);
    assert_eq!(events[0].event.submission(), Some(receipt.submission()));
    assert_eq!(
        setting.suppressed(&[ADA]).await,
        [format!("{ADA} hard-bounce")]
    );
}

#[tokio::test]
async fn a_complaint_with_everything_blotted_out_is_believed_by_its_token() {
    let setting = Setting::in_process().await;
    let mailer = marking(&setting);
    let sent = mailer.send(setting.outgoing("own", &[ADA])).await.unwrap();
    sent.all_accepted().unwrap();
    let arrived = &setting.simulator.mails_of(&address(ADA))[0];
    let token = arrived.message.header("X-Report-Token").unwrap();
    let token = String::from_utf8_lossy(token.as_bytes()).into_owned();
    let complaint = |token: &str| {
        format!(
            "From: fbl@receiver.example\r\nMIME-Version: 1.0\r\n\
             Content-Type: multipart/report; report-type=feedback-report; boundary=b\r\n\r\n\
             --b\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\nVersion: 1\r\n\
             Original-Rcpt-To: redacted@receiver.example\r\n\r\n\
             --b\r\nContent-Type: text/rfc822-headers\r\n\r\n{token}Subject: x\r\n\r\n--b--\r\n"
        )
    };
    let forged = token.replace("X-Report-Token: ", "X-Report-Token: a");
    let events = mailer
        .ingest(complaint(&forged).as_bytes())
        .await
        .unwrap()
        .events;
    assert!(events[0].decision.is_none());
    let events = mailer
        .ingest(complaint(&token).as_bytes())
        .await
        .unwrap()
        .events;
    assert_eq!(events[0].event.kind(), EventKind::Complained);
    assert_eq!(
        setting.suppressed(&[ADA]).await,
        [format!("{ADA} complaint")]
    );
}

#[tokio::test]
async fn a_message_to_several_keeps_the_return_path_it_has() {
    let setting = Setting::in_process().await;
    let mailer = marking(&setting);
    let both = [ADA, "success@simulator.amazonses.com"];
    let receipt = mailer.send(setting.outgoing("own", &both)).await;
    drop(receipt);
    let sender = setting.simulator.mails_of(&address(ADA))[0]
        .envelope
        .sender()
        .to_string();
    assert_eq!(sender.trim_matches(['<', '>']), RETURN_PATH);
}
