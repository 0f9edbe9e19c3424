//! What a client is told.

use std::fmt::Display;
use std::time::Duration;

use axum::Json;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use letterhead::feedback::Suppression;
use letterhead::mail::{Concern, NotAttemptedReason, Outcome, RecipientReport};
use letterhead::{Receipt, SendError};
use serde::Serialize;

/// What became of every recipient.
#[derive(Serialize)]
pub struct Answer {
    sent_before: bool,
    recipients: Vec<Recipient>,
}

#[derive(Serialize)]
struct Recipient {
    address: String,
    outcome: String,
    may_try_again: bool,
    server: Option<String>,
    said: Option<String>,
}

/// Why nothing was sent.
pub struct Refusal {
    status: StatusCode,
    retry_after: Option<u64>,
    body: RefusalBody,
}

#[derive(Serialize)]
struct RefusalBody {
    error: &'static str,
    reason: String,
    recipients: Vec<Recipient>,
}

impl Refusal {
    pub fn bad_request(reason: impl Display) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            retry_after: None,
            body: RefusalBody {
                error: "bad-request",
                reason: reason.to_string(),
                recipients: Vec::new(),
            },
        }
    }
}

impl From<SendError> for Refusal {
    fn from(error: SendError) -> Self {
        let (status, name) = match &error {
            SendError::AllSuppressed(_) => (StatusCode::UNPROCESSABLE_ENTITY, "suppressed"),
            SendError::KeyOfOtherMessage { .. } => {
                (StatusCode::UNPROCESSABLE_ENTITY, "key-of-other-invoice")
            }
            SendError::Unsettled { .. } => (StatusCode::CONFLICT, "under-way"),
            error if error.is_temporary() => (StatusCode::SERVICE_UNAVAILABLE, "try-again"),
            SendError::NothingAccepted(receipt) if is_about_recipients(receipt) => {
                (StatusCode::UNPROCESSABLE_ENTITY, "refused")
            }
            _ => (StatusCode::INTERNAL_SERVER_ERROR, "not-sent"),
        };
        Self {
            status,
            retry_after: retry_after(&error).map(|wait| wait.as_secs()),
            body: RefusalBody {
                error: name,
                reason: error.to_string(),
                recipients: match &error {
                    SendError::AllSuppressed(all) => all.iter().map(Recipient::from).collect(),
                    error => error.receipt().map(recipients).unwrap_or_default(),
                },
            },
        }
    }
}

/// When there is room under a limit, or when the servers said.
fn retry_after(error: &SendError) -> Option<Duration> {
    let rows = error.receipt().map(Receipt::rows).unwrap_or_default();
    let said = rows.iter().filter_map(RecipientReport::retry_after).max();
    error.retry_after().or(said)
}

/// Not about this service: a log-in that was refused, say.
fn is_about_recipients(receipt: &Receipt) -> bool {
    receipt
        .rows()
        .iter()
        .any(|row| row.concerns() == Concern::Recipient)
}

impl From<Receipt> for Answer {
    fn from(receipt: Receipt) -> Self {
        Self {
            sent_before: receipt.is_from_before(),
            recipients: recipients(&receipt),
        }
    }
}

fn recipients(receipt: &Receipt) -> Vec<Recipient> {
    receipt.rows().iter().map(Recipient::from).collect()
}

impl From<&RecipientReport> for Recipient {
    fn from(row: &RecipientReport) -> Self {
        Self {
            address: row.recipient().to_string(),
            outcome: row.outcome().to_string(),
            may_try_again: row.is_safe_to_retry(),
            server: row.server().map(str::to_owned),
            said: row.text().map(str::to_owned),
        }
    }
}

impl From<&Suppression> for Recipient {
    fn from(suppression: &Suppression) -> Self {
        Self {
            address: suppression
                .address()
                .map(ToString::to_string)
                .unwrap_or_default(),
            outcome: Outcome::NotAttempted(NotAttemptedReason::Suppressed).to_string(),
            may_try_again: false,
            server: None,
            said: Some(suppression.reason().to_string()),
        }
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        Json(self).into_response()
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut fields = HeaderMap::new();
        if let Some(seconds) = self.retry_after {
            fields.insert(header::RETRY_AFTER, seconds.into());
        }
        (self.status, fields, Json(self.body)).into_response()
    }
}
