//! The simulated DNS: its records, and faults of its lookups.

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, JsonRejection};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use letterhead_dns::zone::Fault;
use letterhead_dns::{Name, RecordType, Zone};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Shared;
use super::error::ApiError;

/// `{"name": "_dmarc.yourcompany.example", "type": "TXT", "fault": "servfail"}`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    name: String,
    r#type: String,
    fault: String,
}

/// All records and faults, as master-file text.
pub(super) async fn zone(State(shared): State<Shared>) -> impl IntoResponse {
    let kind = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
    (kind, shared.simulator.dns().snapshot().to_string())
}

/// Puts records, given as master-file text, in the place of those of the same names and types.
pub(super) async fn replace(
    State(shared): State<Shared>,
    fields: HeaderMap,
    text: Result<Bytes, BytesRejection>,
) -> Result<Json<Value>, ApiError> {
    // A form of another page can send neither this type nor this method without being asked about.
    let kind = fields
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok());
    if !kind.is_some_and(|kind| kind.starts_with("text/dns")) {
        let error = "the records do not come as text/dns";
        let remedy = "PUT master-file text with Content-Type: text/dns";
        return Err(ApiError::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            error,
            remedy,
        ));
    }
    let remedy = "PUT lines such as: yourcompany.example. 300 IN TXT \"v=spf1 -all\"";
    let text =
        text.map_err(|rejection| ApiError::new(rejection.status(), rejection.body_text(), remedy))?;
    let zone = Zone::parse(&text).map_err(|error| {
        ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, error.to_string(), remedy)
    })?;
    let published = zone.records().count();
    let replaced = shared.simulator.dns().replace(zone);
    let replaced: Vec<String> = replaced.iter().map(ToString::to_string).collect();
    Ok(Json(
        json!({ "published": published, "replaced": replaced }),
    ))
}

/// The faults that hold.
pub(super) async fn faults(State(shared): State<Shared>) -> Json<Value> {
    let zone = shared.simulator.dns().snapshot();
    let faults = zone.faults();
    Json(
        faults
            .map(|(name, kind, fault)| document(name, kind, fault))
            .collect(),
    )
}

/// Makes one lookup fail.
pub(super) async fn set_fault(
    State(shared): State<Shared>,
    wanted: Result<Json<Wanted>, JsonRejection>,
) -> Result<(StatusCode, Json<Value>), ApiError> {
    let remedy = "POST {\"name\": \"_dmarc.yourcompany.example\", \"type\": \"TXT\", \"fault\": \"servfail\"} as \
                  application/json; a fault is servfail, timeout or nxdomain";
    let Json(wanted) = wanted
        .map_err(|rejection| ApiError::new(rejection.status(), rejection.body_text(), remedy))?;
    let unusable = |error: String| ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, error, remedy);
    let (name, kind) = place(&wanted.name, &wanted.r#type).map_err(&unusable)?;
    let fault = WORDS.into_iter().find(|(word, _)| *word == wanted.fault);
    let (_, fault) = fault.ok_or_else(|| unusable(format!("{:?} is no fault", wanted.fault)))?;
    let set = document(&name, kind, fault);
    shared.simulator.dns().set_fault(name, kind, fault);
    Ok((StatusCode::CREATED, Json(set)))
}

/// Ends the fault of one lookup.
pub(super) async fn clear_fault(
    State(shared): State<Shared>,
    Path((name, kind)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    let known = place(&name, &kind).ok();
    let cleared = known.and_then(|(name, kind)| shared.simulator.dns().clear_fault(&name, kind));
    match cleared {
        Some(_) => Ok(StatusCode::NO_CONTENT),
        None => Err(ApiError::new(
            StatusCode::NOT_FOUND,
            format!("no lookup of {kind} at {name} is made to fail"),
            "GET /api/dns/faults lists those that are",
        )),
    }
}

fn place(name: &str, kind: &str) -> Result<(Name, RecordType), String> {
    let read: Name = name.parse().map_err(|error| format!("{name:?}: {error}"))?;
    let kind: RecordType = kind.parse().map_err(|error| format!("{kind:?}: {error}"))?;
    Ok((read, kind))
}

fn document(name: &Name, kind: RecordType, fault: Fault) -> Value {
    let word = WORDS.into_iter().find(|(_, known)| *known == fault);
    json!({
        "name": name.to_string(),
        "type": kind.to_string(),
        "fault": word.map_or("", |(word, _)| word),
    })
}

const WORDS: [(&str, Fault); 3] = [
    ("servfail", Fault::ServFail),
    ("timeout", Fault::Timeout),
    ("nxdomain", Fault::NoSuchName),
];
