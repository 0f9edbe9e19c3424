//! How an application tests its mail: what it sends, what it does when an address is dead, and what it does while a server is
//! away, for days if need be. `cargo test --example test_your_app` runs the tests below; the program itself sends one mail.

#[cfg_attr(
    not(test),
    expect(dead_code, reason = "shared with examples that use more of it")
)]
#[path = "shared/company.rs"]
mod company;

use letterhead::{Mailer, Outgoing};

use self::company::{Company, Result};

/// The application: it welcomes people, and knows whom it could not.
#[derive(Debug, PartialEq)]
enum Welcomed {
    Yes,
    NotNow,
    Never,
}

async fn welcome(mailer: &Mailer, outgoing: Outgoing) -> Welcomed {
    match mailer.send(outgoing).await {
        // Where the connection broke after the last octet, it may have been taken: nobody is welcomed twice.
        Ok(_) => Welcomed::Yes,
        Err(error) if error.is_temporary() => Welcomed::NotNow,
        Err(_) => Welcomed::Never,
    }
}

fn greeting(company: &Company, to: &str) -> Result<Outgoing> {
    let message = company.message(to, "Welcome!")?;
    company.outgoing(
        message
            .text("Good to have you.\n")
            .html("<p>Good to <b>have</b> you.</p>\n"),
    )
}

#[tokio::main]
async fn main() -> Result {
    let company = Company::open().await?;
    let welcomed = welcome(&company.mailer, greeting(&company, "ada@customer.example")?).await;
    println!("welcomed: {welcomed:?}; the tests of this example are what it is for");
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use letterhead::mail::Method;

    use super::{Company, Welcomed, company, greeting, welcome};

    #[tokio::test]
    async fn people_are_welcomed_by_mail_that_is_believed() {
        let company = Company::open().await.unwrap();
        let outgoing = greeting(&company, "ada@customer.example").unwrap();
        assert_eq!(welcome(&company.mailer, outgoing).await, Welcomed::Yes);
        let mail = company
            .simulator
            .mailbox("ada@customer.example")
            .subject("Welcome!")
            .text_contains("Good to have you.")
            .signed_by("yourcompany.example")
            .verdict(Method::DMARC, "pass")
            .in_inbox()
            .expect_one();
        assert!(mail.html().unwrap().contains("<b>have</b>"));
    }

    #[tokio::test]
    async fn a_full_mailbox_is_for_later_and_a_dead_one_for_never() {
        let company = Company::open().await.unwrap();
        // Straight to the recipients' server, so that its answers are the application's to handle.
        let server = company
            .simulator
            .transport("mx.rest-of-the-world.example")
            .unwrap();
        let mailer = company.mailer_with([("direct", server)]).unwrap();
        for (to, expected) in [
            ("452-4.2.2-joe@customer.example", Welcomed::NotNow),
            ("550-5.1.1-joe@customer.example", Welcomed::Never),
            ("drop-after-dot@customer.example", Welcomed::Yes),
        ] {
            let mut outgoing = greeting(&company, to).unwrap();
            outgoing.routes = vec!["direct".to_owned()];
            assert_eq!(welcome(&mailer, outgoing).await, expected, "{to}");
        }
    }

    #[tokio::test]
    async fn who_bounced_last_week_is_not_written_to_again() {
        let company = Company::open().await.unwrap();
        let bounces = "bounce@customer.example";
        let outgoing = greeting(&company, bounces).unwrap();
        assert_eq!(welcome(&company.mailer, outgoing).await, Welcomed::Yes);
        company
            .simulator
            .clock()
            .advance(Duration::from_hours(7 * 24));
        for mail in company
            .simulator
            .mails_of(&company::RETURN_PATH.parse().unwrap())
        {
            company
                .mailer
                .ingest(mail.message.as_bytes())
                .await
                .unwrap();
        }
        let outgoing = greeting(&company, bounces).unwrap();
        assert_eq!(welcome(&company.mailer, outgoing).await, Welcomed::Never);
        company.simulator.mailbox(bounces).expect_count(1);
    }
}
