//! Three ways to keep a test system from writing to customers: let out the addresses of the own testers only, send everything
//! to one mailbox, or hold everything back. Each says for every recipient what it did. Offline, against the simulator.

#[path = "shared/company.rs"]
mod company;

use std::sync::Arc;

use self::company::{Company, Result};
use letterhead::transport::{AllowedRecipient, Staging};

#[tokio::main]
async fn main() -> Result {
    let company = Company::open().await?;
    let server = || company.simulator.transport("smtp.yourcompany.example");
    let testers: AllowedRecipient = "qa.yourcompany.example".parse()?;
    for (name, staging) in [
        ("only testers", Staging::allow([testers], server()?)),
        (
            "all to one mailbox",
            Staging::redirect_to("everything@qa.yourcompany.example".parse()?, server()?),
        ),
        ("nobody", Staging::withhold_all()),
    ] {
        let mailer = company.mailer_with([("own", Arc::new(staging) as _)])?;
        let message = company.message("ada@customer.example", "Your invoice")?;
        let message = message
            .cc("tess@qa.yourcompany.example".parse()?)
            .text("It is ready.\n");
        println!("{name}:");
        match mailer.send(company.outgoing(message)?).await {
            Ok(receipt) => print!("{receipt}"),
            Err(error) => print!("{}", error.receipt().ok_or("the rows say why")?),
        }
        println!();
    }
    for mailbox in company.simulator.mailboxes() {
        println!(
            "mail for {mailbox}: {}",
            company.simulator.mails_of(&mailbox).len()
        );
    }
    company
        .simulator
        .mailbox("ada@customer.example")
        .expect_none();
    Ok(())
}
