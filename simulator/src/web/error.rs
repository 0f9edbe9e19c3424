use axum::Json;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// Why a request is not answered as it was meant: `{"error": …, "remedy": …}`.
#[derive(Debug)]
pub(super) struct ApiError {
    status: StatusCode,
    error: String,
    remedy: String,
}

impl ApiError {
    pub(super) fn new(
        status: StatusCode,
        error: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            status,
            error: error.into(),
            remedy: remedy.into(),
        }
    }

    pub(super) fn no_mail(number: u64) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            format!("there is no mail {number}"),
            "GET /api/mails lists those that there are",
        )
    }
}

impl From<PathRejection> for ApiError {
    fn from(rejection: PathRejection) -> Self {
        let remedy = "mails, attachments and faults have whole numbers";
        Self::new(rejection.status(), rejection.body_text(), remedy)
    }
}

impl From<QueryRejection> for ApiError {
    fn from(rejection: QueryRejection) -> Self {
        let remedy = "recipient, sender and subject are text, after and timeout whole numbers";
        Self::new(rejection.status(), rejection.body_text(), remedy)
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let body = json!({ "error": self.error, "remedy": self.remedy });
        (self.status, Json(body)).into_response()
    }
}

pub(super) async fn no_such_page() -> ApiError {
    ApiError::new(
        StatusCode::NOT_FOUND,
        "there is nothing here",
        "the page is at /, the mails are at /api/mails",
    )
}

pub(super) async fn no_such_method() -> ApiError {
    ApiError::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "this cannot be done here",
        "the field Allow says what can",
    )
}
