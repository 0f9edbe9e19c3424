//! The mails, for programs.

use std::time::Duration;

use axum::Json;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use letterhead_mail::EmailAddress;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::{Instant, timeout_at};

use super::Shared;
use super::document::{event, summary, whole};
use super::error::ApiError;
use super::pictures::with_pictures;
use crate::mailbox::{StoredMail, field_values};

/// Which mails are meant: each part that is there is contained, without regard to case.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Wanted {
    recipient: Option<String>,
    sender: Option<String>,
    subject: Option<String>,
    /// Only mails with a greater number.
    #[serde(default)]
    after: u64,
}

impl Wanted {
    fn admits(&self, mailbox: &EmailAddress, mail: &StoredMail) -> bool {
        let has = |wanted: &Option<String>, texts: &[String]| match wanted {
            None => true,
            Some(wanted) => {
                let wanted = wanted.to_lowercase();
                texts
                    .iter()
                    .any(|text| text.to_lowercase().contains(&wanted))
            }
        };
        mail.number > self.after
            && has(
                &self.recipient,
                &[mailbox.to_string(), mail.recipient.to_string()],
            )
            && has(&self.sender, &[mail.envelope.sender().to_string()])
            && has(&self.subject, &field_values(&mail.message, "Subject"))
    }
}

/// The mails, newest first.
pub(super) async fn mails(
    State(shared): State<Shared>,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<Json<Value>, ApiError> {
    let Query(wanted) = wanted?;
    let mails = shared.simulator.mails();
    let mails = mails
        .iter()
        .rev()
        .filter(|(mailbox, mail)| wanted.admits(mailbox, mail));
    let list = mails.map(|(mailbox, mail)| summary(mailbox, mail));
    Ok(Json(list.collect()))
}

pub(super) async fn mail(
    State(shared): State<Shared>,
    number: Result<Path<u64>, PathRejection>,
) -> Result<Json<Value>, ApiError> {
    let Path(number) = number?;
    let (mailbox, mail) = find(&shared, number)?;
    Ok(Json(whole(&shared.simulator, &mailbox, &mail)))
}

/// The octets, as they are stored.
pub(super) async fn source(
    State(shared): State<Shared>,
    number: Result<Path<u64>, PathRejection>,
) -> Result<impl IntoResponse, ApiError> {
    let Path(number) = number?;
    let (_, mail) = find(&shared, number)?;
    let kind = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
    Ok((kind, mail.message.as_bytes().to_vec()))
}

/// What the mail says in HTML, for a frame that runs and loads nothing.
pub(super) async fn html(
    State(shared): State<Shared>,
    number: Result<Path<u64>, PathRejection>,
) -> Result<impl IntoResponse, ApiError> {
    let Path(number) = number?;
    let (_, mail) = find(&shared, number)?;
    let html = mail.html().ok_or_else(|| {
        let remedy = "GET /api/mails/{id} has what it says as text";
        ApiError::new(StatusCode::NOT_FOUND, "the mail has no HTML", remedy)
    })?;
    let fields = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, HTML_POLICY),
    ];
    Ok((fields, with_pictures(&defused(&html), &mail.pictures())))
}

/// What is attached, to be saved.
pub(super) async fn attachment(
    State(shared): State<Shared>,
    place: Result<Path<(u64, usize)>, PathRejection>,
) -> Result<impl IntoResponse, ApiError> {
    let Path((number, place)) = place?;
    let (_, mail) = find(&shared, number)?;
    let attachment = mail.attachments().into_iter().nth(place).ok_or_else(|| {
        let error = format!("mail {number} has no attachment {place}");
        let remedy = "GET /api/mails/{id} lists its attachments, from 0";
        ApiError::new(StatusCode::NOT_FOUND, error, remedy)
    })?;
    let fields = [
        (header::CONTENT_TYPE, "application/octet-stream"),
        (header::CONTENT_DISPOSITION, "attachment"),
    ];
    Ok((fields, attachment.content().to_vec()))
}

pub(super) async fn delete_one(
    State(shared): State<Shared>,
    number: Result<Path<u64>, PathRejection>,
) -> Result<StatusCode, ApiError> {
    let Path(number) = number?;
    if shared.simulator.delete_mail(number) {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(ApiError::no_mail(number))
    }
}

pub(super) async fn delete_all(State(shared): State<Shared>) -> Json<Value> {
    Json(json!({ "deleted": shared.simulator.delete_mails() }))
}

/// How long to wait, in seconds.
#[derive(Debug, Deserialize)]
pub(super) struct Patience {
    #[serde(default = "ten")]
    timeout: u64,
}

fn ten() -> u64 {
    10
}

/// The first mail that is meant, as soon as it is there.
pub(super) async fn wait(
    State(mut shared): State<Shared>,
    wanted: Result<Query<Wanted>, QueryRejection>,
    patience: Result<Query<Patience>, QueryRejection>,
) -> Result<Json<Value>, ApiError> {
    let (Query(wanted), Query(patience)) = (wanted?, patience?);
    let timeout = Duration::from_secs(patience.timeout.min(LONGEST_WAIT));
    let deadline = Instant::now() + timeout;
    let mut changes = shared.simulator.world().changes();
    loop {
        changes.mark_unchanged();
        let mails = shared.simulator.mails();
        let found = mails
            .iter()
            .find(|(mailbox, mail)| wanted.admits(mailbox, mail));
        if let Some((mailbox, mail)) = found {
            return Ok(Json(whole(&shared.simulator, mailbox, mail)));
        }
        let changed = timeout_at(deadline, shared.changed(&mut changes)).await;
        if changed != Ok(true) {
            let error = format!(
                "no such mail came within {} seconds; there are {} others",
                timeout.as_secs(),
                mails.len()
            );
            let remedy = "GET /api/events says what became of what was sent";
            return Err(ApiError::new(StatusCode::REQUEST_TIMEOUT, error, remedy));
        }
    }
}

/// Everything that happened.
pub(super) async fn events(State(shared): State<Shared>) -> Json<Value> {
    let events = shared.simulator.events();
    let events = events.iter().enumerate();
    Json(
        events
            .map(|(place, known)| event(place + 1, known))
            .collect(),
    )
}

fn find(shared: &Shared, number: u64) -> Result<(EmailAddress, StoredMail), ApiError> {
    let mut mails = shared.simulator.mails().into_iter();
    mails
        .find(|(_, mail)| mail.number == number)
        .ok_or_else(|| ApiError::no_mail(number))
}

/// With every element that holds or announces another document turned into one that means nothing: browsers connect to
/// where such a document lies before they ask the policy whether they may.
fn defused(html: &str) -> String {
    let mut safe = String::with_capacity(html.len());
    for (place, part) in html.split('<').enumerate() {
        if place > 0 {
            safe.push('<');
            let is_reaching = REACHING.iter().any(|name| {
                let start = part.get(..name.len());
                start.is_some_and(|start| start.eq_ignore_ascii_case(name))
            });
            if is_reaching {
                safe.push_str("no-");
            }
        }
        safe.push_str(part);
    }
    safe
}

/// Elements that hold another document, or announce one.
const REACHING: [&str; 9] = [
    "iframe",
    "frame",
    "object",
    "embed",
    "portal",
    "fencedframe",
    "link",
    "meta",
    "base",
];
/// Scripts, forms, frames and whatever lies elsewhere: none of it; links lead nowhere inside of a frame.
const HTML_POLICY: &str = "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'self'";
/// In seconds.
const LONGEST_WAIT: u64 = 600;

#[cfg(test)]
mod tests {
    use super::defused;

    #[test]
    fn elements_that_reach_out_mean_nothing() {
        for (html, safe) in [
            ("<p>a < b</p>", "<p>a < b</p>"),
            ("<iframe src=x>", "<no-iframe src=x>"),
            (
                "<IFrame/src=x><OBJECT data=x>",
                "<no-IFrame/src=x><no-OBJECT data=x>",
            ),
            ("<<embed src=x>é<", "<<no-embed src=x>é<"),
            ("", ""),
        ] {
            assert_eq!(defused(html), safe);
        }
    }
}
