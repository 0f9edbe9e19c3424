//! Two addresses fail: one is dead, one complains. What comes back is read, and the next mail to either is refused before
//! anybody is connected to. Offline, against the simulator.

#[expect(dead_code, reason = "shared with examples that use more of it")]
#[path = "shared/company.rs"]
mod company;

use std::time::Duration;

use letterhead::SendError;

use self::company::{Company, RETURN_PATH, Result};

#[tokio::main]
async fn main() -> Result {
    let company = Company::open().await?;
    // Words that make addresses of the simulator: a bounce after half a minute, a complaint after two hours.
    let (dead, angry) = ("bounce@customer.example", "complaint@customer.example");
    for to in [dead, angry, "ada@customer.example"] {
        let message = company.message(to, "Your invoice")?.text("It is ready.\n");
        print!("{}", company.mailer.send(company.outgoing(message)?).await?);
    }

    println!("\nThree hours later, at {RETURN_PATH}:");
    company.simulator.advance(Duration::from_hours(3));
    for mail in company.simulator.mails_of(&RETURN_PATH.parse()?) {
        let came = company.mailer.ingest(mail.message.as_bytes()).await?;
        for ingested in came.events {
            println!("{ingested}");
        }
    }

    println!("\nAnd now:");
    let sessions = company.simulator.sessions().len();
    for to in [dead, angry] {
        let message = company
            .message(to, "Your next invoice")?
            .text("It is ready.\n");
        match company.mailer.send(company.outgoing(message)?).await {
            Err(SendError::AllSuppressed(why)) => println!(
                "not sent: {}",
                why.iter()
                    .map(|one| one.reason().to_string())
                    .collect::<String>()
            ),
            other => return Err(format!("{to} must be suppressed: {other:?}").into()),
        }
    }
    assert_eq!(
        company.simulator.sessions().len(),
        sessions,
        "nobody was connected to"
    );
    Ok(())
}
