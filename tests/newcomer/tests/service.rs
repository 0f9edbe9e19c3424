//! The service in a simulated internet.

mod company;

use std::time::Duration;

use aws_lc_rs::hmac;
use axum::http::StatusCode;
use letterhead::mail::Method;
use letterhead::simulator::behaviour::{Act, Behaviour, Stage, When};
use serde_json::{Value, json};

use self::company::{Company, FALLBACK, MAILGUN_KEY, RETURN_PATH, START};

const ADA: &str = "ada@customer.example";
const JOE: &str = "joe@customer.example";

fn well() -> Behaviour {
    Behaviour::new()
}

fn down() -> Behaviour {
    Behaviour::new().rule(Stage::Greeting, When::Always, Act::HangUp)
}

fn wrong_password() -> Behaviour {
    let act = Act::answer(535, (5, 7, 8), "wrong password");
    Behaviour::new().rule(Stage::Authentication, When::Always, act)
}

fn greylisting() -> Behaviour {
    let act = Act::answer(451, (4, 7, 1), "greylisted, come again in 5 minutes");
    let minutes = Duration::from_mins(5);
    Behaviour::new().rule(Stage::Recipient, When::Within(minutes), act)
}

#[tokio::test]
async fn an_invoice_arrives_signed_and_with_its_pdf() {
    let company = Company::open(well(), well()).await.unwrap();
    let (status, answer) = company.invoice("1", &[ADA, JOE]).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(answer["recipients"][0]["outcome"], "accepted");
    assert_eq!(answer["recipients"][1]["address"], JOE);
    company
        .simulator
        .mailbox(ADA)
        .subject("Your invoice 2026-7")
        .text_contains("30 euros")
        .html_contains("<b>30 euros</b>")
        .attachment("invoice-2026-7.pdf")
        .signed_by("yourcompany.example")
        .verdict(Method::SPF, "pass")
        .verdict(Method::DMARC, "pass")
        .in_inbox()
        .expect_one();
}

#[tokio::test]
async fn the_other_server_takes_over() {
    for own in [down(), wrong_password()] {
        let company = Company::open(own, well()).await.unwrap();
        let (status, answer) = company.invoice("1", &[ADA]).await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(answer["recipients"][0]["server"], FALLBACK);
        company
            .simulator
            .mailbox(ADA)
            .signed_by("yourcompany.example")
            .verdict(Method::DMARC, "pass")
            .expect_one();
    }
}

#[tokio::test]
async fn where_no_server_takes_over_it_says_whether_to_come_again() {
    let company = Company::open(down(), down()).await.unwrap();
    let (status, answer) = company.invoice("1", &[ADA]).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer["recipients"][0]["may_try_again"], true);

    let company = Company::open(wrong_password(), wrong_password())
        .await
        .unwrap();
    let (status, answer) = company.invoice("1", &[ADA]).await;
    assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(answer["recipients"][0]["may_try_again"], false);
}

#[tokio::test]
async fn greylisting_yields_when_the_client_comes_again() {
    let company = Company::open(greylisting(), greylisting()).await.unwrap();
    let (status, answer) = company.invoice("1", &[ADA]).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer["retry-after"], "300");
    company.simulator.advance(Duration::from_secs(300));
    let (status, _) = company.invoice("1", &[ADA]).await;
    assert_eq!(status, StatusCode::OK);
    company.simulator.mailbox(ADA).expect_one();
}

#[tokio::test]
async fn the_same_request_sends_one_mail() {
    let company = Company::open(well(), well()).await.unwrap();
    let (_, first) = company.invoice("1", &[ADA]).await;
    let (status, again) = company.invoice("1", &[ADA]).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(again["sent_before"], true);
    assert_eq!(again["recipients"], first["recipients"]);

    let (status, answer) = company.invoice("1", &[JOE]).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(answer["error"], "key-of-other-invoice");

    let both = tokio::join!(company.invoice("2", &[JOE]), company.invoice("2", &[JOE]));
    assert_eq!((both.0.0, both.1.0), (StatusCode::OK, StatusCode::CONFLICT));
    company.simulator.mailbox(ADA).expect_one();
    company.simulator.mailbox(JOE).expect_one();
}

#[tokio::test]
async fn whom_the_server_refuses_as_dead_gets_no_other_invoice() {
    let dead = "dead@customer.example";
    let refusing = Behaviour::new().decide(move |attempt| {
        let is_dead = attempt.recipient?.to_string() == dead;
        is_dead.then(|| Act::answer(550, (5, 1, 1), "no such user"))
    });
    let company = Company::open(refusing, well()).await.unwrap();
    let (status, answer) = company.invoice("1", &[dead]).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(answer["error"], "refused");
    assert_eq!(answer["recipients"][0]["said"], "no such user");
    company.assert_suppressed(dead, "hard-bounce").await;

    let (status, answer) = company.invoice("2", &[dead, ADA]).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(
        answer["recipients"][0]["outcome"],
        "not attempted (suppressed)"
    );
    assert_eq!(answer["recipients"][1]["outcome"], "accepted");
}

#[tokio::test]
async fn who_bounced_at_mailgun_gets_no_other_invoice() {
    let mut company = Company::open(down(), well()).await.unwrap();
    let dead = "550-5.1.1@customer.example";
    assert_eq!(company.invoice("1", &[dead]).await.0, StatusCode::OK);
    company.simulator.advance(Duration::from_mins(1));
    company.tell_notifications().await;
    company.assert_suppressed(dead, "hard-bounce").await;

    company.restart().await.unwrap();
    company.tell_notifications().await;
    company.assert_suppressed(dead, "hard-bounce").await;
}

#[tokio::test]
async fn who_complained_at_mailgun_gets_no_other_invoice() {
    let company = Company::open(down(), well()).await.unwrap();
    assert_eq!(company.invoice("1", &[ADA]).await.0, StatusCode::OK);
    let mail = company.simulator.mailbox(ADA).expect_one();
    let message_id = mail.message.header("Message-ID").unwrap().unfolded();
    let complaint = json!({
        "event": "complained",
        "id": "complaint-1",
        "recipient": ADA,
        "message": {"headers": {"message-id": message_id.trim_matches(['<', '>'])}},
    });
    let status = company
        .tell("/webhooks/mailgun", by_mailgun(&complaint, MAILGUN_KEY))
        .await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    company.assert_suppressed(ADA, "complaint").await;
}

#[tokio::test]
async fn nobody_else_speaks_for_mailgun() {
    let company = Company::open(well(), well()).await.unwrap();
    let bounce = json!({"event": "failed", "severity": "permanent", "recipient": ADA});
    let status = company
        .tell("/webhooks/mailgun", by_mailgun(&bounce, "a guess"))
        .await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    assert_eq!(company.invoice("1", &[ADA]).await.0, StatusCode::OK);
}

#[tokio::test]
async fn what_comes_back_by_mail_counts_too() {
    let company = Company::open(well(), well()).await.unwrap();
    for (to, reason) in [
        ("bounce@customer.example", "hard-bounce"),
        ("complaint@customer.example", "complaint"),
    ] {
        assert_eq!(company.invoice(to, &[to]).await.0, StatusCode::OK);
        company.simulator.advance(Duration::from_hours(3));
        for mail in company.simulator.take_mails(&RETURN_PATH.parse().unwrap()) {
            let status = company
                .tell("/returned", mail.message.as_bytes().to_vec())
                .await;
            assert_eq!(status, StatusCode::NO_CONTENT);
        }
        company.assert_suppressed(to, reason).await;
    }
}

/// An event as Mailgun posts it, signed when the simulation begins.
fn by_mailgun(event: &Value, key: &str) -> String {
    let (timestamp, token) = (START.to_string(), "0123456789".repeat(5));
    let key = hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes());
    let tag = hmac::sign(&key, format!("{timestamp}{token}").as_bytes());
    let signature: String = tag
        .as_ref()
        .iter()
        .map(|octet| format!("{octet:02x}"))
        .collect();
    json!({
        "signature": {"timestamp": timestamp, "token": token, "signature": signature},
        "event-data": event,
    })
    .to_string()
}
