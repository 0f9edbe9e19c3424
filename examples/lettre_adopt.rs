//! A program that sends with lettre gains signatures, limits, a suppression list and outcomes for each recipient by changing the
//! line that makes its transport. Everything else of it stays lettre. Offline, against the simulator.

#[expect(dead_code, reason = "shared with examples that use more of it")]
#[path = "shared/company.rs"]
mod company;

use std::sync::Arc;
use std::time::Duration;

use letterhead::SystemEntropy;
use letterhead::transport::adapter::lettre::AsLettre;
use lettre::{AsyncTransport as _, Message};

use self::company::{Company, Result};

#[tokio::main]
async fn main() -> Result {
    let company = Company::open().await?;

    // Before: let mailer = AsyncSmtpTransport::<Tokio1Executor>::starttls_relay("smtp.yourcompany.example")?.build();
    let mailer = AsLettre::new(
        company
            .mailer
            .transport(company.tenant.clone(), Some("own")),
        company.tenant.clone(),
        Arc::new(SystemEntropy::new()),
    );

    let message = |from: &str, to: &str| -> Result<Message> {
        let builder = Message::builder()
            .message_id(None)
            .from(from.parse()?)
            .to(to.parse()?);
        Ok(builder
            .subject("Your invoice")
            .body("It is ready.\n".to_owned())?)
    };
    let from = "Billing <billing@yourcompany.example>";
    let report = mailer.send(message(from, "ada@customer.example")?).await?;
    print!("{report}");
    let mail = company
        .simulator
        .mailbox("ada@customer.example")
        .expect_one();
    println!("and the receiver found:\n{}\n", mail.authentication);

    // An address bounces, and what came back is read.
    let taken = mailer
        .send(message(from, "bounce@customer.example")?)
        .await?;
    assert!(taken.all_accepted(), "it bounces later");
    company.simulator.advance(Duration::from_hours(1));
    for mail in company
        .simulator
        .mails_of(&"billing@yourcompany.example".parse()?)
    {
        company.mailer.ingest(mail.message.as_bytes()).await?;
    }
    for (from, to) in [
        ("ceo@bank.example", "ada@customer.example"),
        (from, "bounce@customer.example"),
    ] {
        let Err(error) = mailer.send(message(from, to)?).await else {
            return Err(format!("{from} to {to} must be refused").into());
        };
        print!("{}", error.report().ok_or("there is a row for everybody")?);
    }
    Ok(())
}
