//! What a client is told.

use std::fmt::Display;

use axum::Json;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use letterhead::mail::{Concern, OutcomeClass, RecipientReport};
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
            SendError::NothingAccepted(receipt)
                if error.class() == OutcomeClass::Refused && is_about_recipients(receipt) =>
            {
                (StatusCode::UNPROCESSABLE_ENTITY, "refused")
            }
            error => match error.class() {
                OutcomeClass::NotYet => (StatusCode::SERVICE_UNAVAILABLE, "try-again"),
                OutcomeClass::Unknown => (StatusCode::CONFLICT, "under-way"),
                OutcomeClass::Refused | OutcomeClass::Done => {
                    (StatusCode::INTERNAL_SERVER_ERROR, "not-sent")
                }
            },
        };
        Self {
            status,
            retry_after: error.retry_after().map(|wait| wait.as_secs()),
            body: RefusalBody {
                error: name,
                reason: error.to_string(),
                recipients: error.rows().iter().map(Recipient::from).collect(),
            },
        }
    }
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
            recipients: receipt.rows().iter().map(Recipient::from).collect(),
        }
    }
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
