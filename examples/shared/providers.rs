//! Three providers of the simulator, which tell a web service what becomes of mail, signed as theirs are.

use std::net::SocketAddr;
use std::sync::Arc;

use letterhead::feedback::{SendGridKey, SnsVerifier};
use letterhead::identity::Subject;
use letterhead::simulator::provider_events::{
    SendGridSigning, SesOverSns, SnsCertificates, Webhook,
};
use letterhead::simulator::{Front, Password, ProviderNotification};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::company::Result;

pub(crate) const MAILGUN_KEY: &str = "key-of-the-account";
const TOPIC: &str = "arn:aws:sns:eu-west-1:123456789012:mail";

/// Each takes the company's mail, and reports at a path of the service.
pub(crate) fn fronts() -> Result<Vec<Front>> {
    let webhooks = [
        (
            "amazon-ses",
            Webhook::ses("/ses", SesOverSns::new(TOPIC.parse()?)),
        ),
        ("mailgun", Webhook::mailgun("/mailgun", MAILGUN_KEY)),
        (
            "sendgrid",
            Webhook::sendgrid("/sendgrid", SendGridSigning::TestKey),
        ),
    ];
    let mut fronts = Vec::new();
    for (provider, webhook) in webhooks {
        let company: Subject = "yourcompany.example".parse()?;
        let front = Front::of(provider)?.login("app", Password::new("secret"));
        fronts.push(front.verified(company).webhook(webhook));
    }
    Ok(fronts)
}

/// Believes the topic, signed by the certificate that the simulator's SNS signs with.
pub(crate) fn sns_verifier() -> Result<SnsVerifier> {
    Ok(SnsVerifier::new(
        Arc::new(SnsCertificates::new()),
        TOPIC.parse()?,
    ))
}

pub(crate) fn sendgrid_key() -> Result<SendGridKey> {
    Ok(SendGridSigning::PUBLIC_KEY.parse()?)
}

/// Posts what a provider tells, as the provider would; gives the status.
pub(crate) async fn post_notification(
    service: SocketAddr,
    told: &ProviderNotification,
) -> Result<String> {
    post(service, &told.target, &told.headers, &told.body).await
}

/// Posts a body, as much of HTTP as that needs; gives the status.
pub(crate) async fn post(
    service: SocketAddr,
    path: &str,
    fields: &[(String, String)],
    body: &[u8],
) -> Result<String> {
    let fields: String = fields
        .iter()
        .map(|(name, value)| format!("{name}: {value}\r\n"))
        .collect();
    let length = body.len();
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: {service}\r\nConnection: close\r\nContent-Length: {length}\r\n{fields}\r\n"
    );
    let mut stream = TcpStream::connect(service).await?;
    stream.write_all(&[head.as_bytes(), body].concat()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    let status = answer.lines().next().and_then(|line| line.split_once(' '));
    Ok(status.ok_or("the service answers")?.1.to_owned())
}
