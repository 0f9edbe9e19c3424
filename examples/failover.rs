//! The company's server puts mail off, and its other one takes over: once, for those who are still waiting, under rules of its
//! own. Sent again under the same key, nothing is sent twice. Offline, against the simulator.

#[expect(dead_code, reason = "shared with examples that use more of it")]
#[path = "shared/company.rs"]
mod company;

use letterhead::simulator::behaviour::{Act, Behaviour, Stage, When};

use self::company::{Company, Result};

#[tokio::main]
async fn main() -> Result {
    // The first server is out of room for everybody but Ada.
    let full = Behaviour::new().rule(
        Stage::Recipient,
        When::AfterMails(0),
        Act::answer(452, (4, 3, 1), "out of room, try later"),
    );
    let company = Company::with(|server| server.answers(full), []).await?;
    let once = || -> Result<letterhead::Outgoing> {
        let message = company.message("Ada <ada@customer.example>", "Your invoice")?;
        let message = message
            .cc("joe@customer.example".parse()?)
            .text("It is ready.\n");
        let outgoing = company.outgoing(message)?.or_route("backup");
        Ok(outgoing.idempotency_key("invoice-2026-7".parse()?))
    };

    let receipt = company.mailer.send(once()?).await?;
    for earlier in receipt.earlier() {
        println!("{} said:\n{earlier}", earlier.route());
    }
    println!("{} said:\n{receipt}", receipt.route());
    receipt.all_accepted()?;

    let again = company.mailer.send(once()?).await?;
    println!(
        "\nSent again under the same key: {}",
        if again.is_from_before() {
            "nothing, it was sent before"
        } else {
            "twice!"
        }
    );
    company
        .simulator
        .mailbox("ada@customer.example")
        .expect_one();
    company
        .simulator
        .mailbox("joe@customer.example")
        .expect_one();
    Ok(())
}
