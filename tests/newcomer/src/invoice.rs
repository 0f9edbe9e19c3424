//! `POST /invoices`: an invoice goes out by mail, once for each `Idempotency-Key`.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use letterhead::Outgoing;
use letterhead::mail::{EmailAddress, HeaderText, IdempotencyKey, Message};
use serde::Deserialize;

use crate::answer::{Answer, Refusal};
use crate::{Error, PostOffice};

#[derive(Deserialize)]
pub struct Invoice {
    number: HeaderText,
    amount: String,
    to: Vec<EmailAddress>,
}

pub async fn send(
    State(post_office): State<PostOffice>,
    fields: HeaderMap,
    Json(invoice): Json<Invoice>,
) -> Result<Answer, Refusal> {
    let key = fields
        .get("idempotency-key")
        .and_then(|value| value.to_str().ok()?.parse().ok())
        .ok_or_else(|| Refusal::bad_request("give an Idempotency-Key"))?;
    let outgoing = outgoing(&post_office, &invoice, key).map_err(Refusal::bad_request)?;
    Ok(post_office.mailer.send(outgoing).await?.into())
}

fn outgoing(
    post_office: &PostOffice,
    invoice: &Invoice,
    key: IdempotencyKey,
) -> Result<Outgoing, Error> {
    let Invoice { number, amount, to } = invoice;
    let message = Message::builder(post_office.from.clone())
        .subject(format!("Your invoice {number}").parse()?)
        .text(format!("{amount} are due. The invoice is attached.\n"))
        .html(format!(
            "<p><b>{}</b> are due. The invoice is attached.</p>\n",
            escaped(amount)
        ))
        .attachment(
            format!("invoice-{number}.pdf").parse()?,
            "application/pdf".parse()?,
            PDF,
        );
    let message = to
        .iter()
        .fold(message, |message, to| message.to(to.clone().into()));
    let draft = post_office.mailer.draft(message)?;
    let (tenant, return_path) = (post_office.tenant.clone(), post_office.return_path.clone());
    let outgoing = Outgoing::by_channel(tenant, draft, return_path)?;
    Ok(outgoing.idempotency_key(key))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

/// One empty page, in the place of a real invoice.
const PDF: &[u8] = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n\
    2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\n\
    trailer<</Root 1 0 R>>\n%%EOF\n";
