//! What came of mail after it was sent: whoever is dead or complained is not written to again.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;

use crate::PostOffice;

/// `POST /webhooks/mailgun`: what Mailgun tells.
pub async fn mailgun(State(post_office): State<PostOffice>, body: Bytes) -> StatusCode {
    let (key, guard) = &*post_office.mailgun;
    let Ok(reading) = key.verify(&body, guard, post_office.clock.now()) else {
        return StatusCode::FORBIDDEN;
    };
    // There is one tenant, so this is known also of mail that was sent before the last start.
    let tenant = || post_office.tenant.clone();
    let events = reading
        .events
        .into_iter()
        .map(|event| event.with_tenant(tenant()));
    match post_office.mailer.ingest_events(events.collect()).await {
        Ok(_) => StatusCode::NO_CONTENT,
        // Mailgun sends it again later.
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// `POST /returned`: a mail that came to the return path, as the company's mail server passes it on.
pub async fn returned(State(post_office): State<PostOffice>, mail: Bytes) -> StatusCode {
    match post_office.mailer.ingest(&mail).await {
        Ok(_) => StatusCode::NO_CONTENT,
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}
