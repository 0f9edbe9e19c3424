//! An invoice: text and HTML with the company's logo in it, the PDF attached, and a link to unsubscribe with one click, all of
//! it signed. With `--calendar` it is an invitation that calendars understand instead. Offline, against the simulator.

#[expect(dead_code, reason = "shared with examples that use more of it")]
#[path = "shared/company.rs"]
mod company;

use letterhead::feedback::{TokenKey, TokenKeys, Unsubscribe};
use letterhead::mail::MessageBuilder;

use self::company::{Company, Result};

#[tokio::main]
async fn main() -> Result {
    let company = Company::open().await?;
    // Whoever has this key can unsubscribe others: keep it as a secret.
    let keys = TokenKeys::new(&TokenKey::new(0.try_into()?, [7; 32]));
    let link = Unsubscribe::new("https://app.yourcompany.example/unsubscribe/", keys)?;
    let mailer = company
        .mailer
        .to_builder()
        .unsubscribe(link, ["invoices".parse()?])
        .build()?;

    let wants_calendar = std::env::args().any(|argument| argument == "--calendar");
    let message = company.message("Ada <ada@customer.example>", "Your invoice 2026-7")?;
    let message = if wants_calendar {
        invitation(message)?
    } else {
        invoice(message)?
    };
    let outgoing = company.outgoing(message)?.stream("invoices".parse()?);
    let receipt = mailer.send(outgoing).await?;
    receipt.all_accepted()?;
    print!("{receipt}");

    let mail = company
        .simulator
        .mailbox("ada@customer.example")
        .expect_one();
    println!(
        "\nWhat arrived, {} octets:\n{}",
        mail.message.len(),
        mail.authentication
    );
    for name in [
        "Subject",
        "Content-Type",
        "List-Unsubscribe",
        "List-Unsubscribe-Post",
    ] {
        let field = mail.message.header(name).ok_or("every field is there")?;
        println!("{name}: {}", field.unfolded());
    }
    for attachment in mail.attachments() {
        let name = attachment.file_name().unwrap_or("without a name");
        println!(
            "attached: {name}, {}, {} octets",
            attachment.media_type(),
            attachment.content().len()
        );
    }
    Ok(())
}

fn invoice(message: MessageBuilder) -> Result<MessageBuilder> {
    Ok(message
        .text("Dear Ada,\n\n30 euros are due on 1 December. The invoice is attached.\n")
        .html("<img src=\"cid:logo\" alt=\"Your Company\"><p>Dear Ada,</p><p><b>30 euros</b> are due on 1 December.</p>")
        .inline("logo".parse()?, "image/png".parse()?, LOGO)
        .attachment("invoice-2026-7.pdf".parse()?, "application/pdf".parse()?, PDF.as_bytes()))
}

fn invitation(message: MessageBuilder) -> Result<MessageBuilder> {
    let media_type = "text/calendar; method=REQUEST; charset=utf-8".parse()?;
    Ok(message
        .text("Dear Ada,\n\nlet us go through the invoice on 1 December at 10:00 UTC.\n")
        .attachment("invite.ics".parse()?, media_type, EVENT.as_bytes()))
}

/// A picture of one dot.
const LOGO: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x04\0\0\0\xb5\x1c\x0c\x02\0\0\0\x0bIDATx\xdac\xfc\xcf\xc0\0\0\x03\x01\x01\0\x18\xdd\x8d\xb0\0\0\0\0IEND\xaeB`\x82";

/// The smallest document: one empty page.
const PDF: &str = "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n\
    2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\n\
    trailer<</Root 1 0 R>>\n%%EOF\n";

/// RFC 5545, with RFC 5546's method.
const EVENT: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Your Company//Billing//EN\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\n\
    UID:invoice-2026-7@yourcompany.example\r\nDTSTAMP:20261122T080000Z\r\nDTSTART:20261201T100000Z\r\nDTEND:20261201T103000Z\r\n\
    SUMMARY:Invoice 2026-7\r\nORGANIZER:mailto:billing@yourcompany.example\r\nATTENDEE;RSVP=TRUE:mailto:ada@customer.example\r\n\
    END:VEVENT\r\nEND:VCALENDAR\r\n";
