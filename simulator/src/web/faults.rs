//! Faults that are injected while the simulation runs.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use letterhead_identity::Subject;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Shared;
use super::error::ApiError;
use crate::behaviour::Behaviour;
use crate::world::Injection;

/// Those that were injected here, in the words they were given in.
#[derive(Debug, Default)]
pub(super) struct Faults(Mutex<BTreeMap<Injection, Fault>>);

/// `{"recipient": "joe@receiver.example", "behaviour": "450-4.2.2"}`; the recipient may be a domain.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fault {
    recipient: String,
    behaviour: String,
}

impl Faults {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<Injection, Fault>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) async fn list(State(shared): State<Shared>) -> Json<Value> {
    let faults = shared.faults.lock();
    Json(
        faults
            .iter()
            .map(|(id, fault)| document(*id, fault))
            .collect(),
    )
}

pub(super) async fn inject(
    State(shared): State<Shared>,
    fault: Result<Json<Fault>, JsonRejection>,
) -> Result<(StatusCode, Json<Value>), ApiError> {
    let Json(fault) = fault.map_err(|rejection| {
        let remedy = "POST {\"recipient\": \"joe@receiver.example\", \"behaviour\": \"450-4.2.2\"} as application/json";
        ApiError::new(rejection.status(), rejection.body_text(), remedy)
    })?;
    let unusable = |error: String, remedy: &str| {
        ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, error, remedy)
    };
    let subject: Subject = fault.recipient.parse().map_err(|error| {
        unusable(
            format!("{:?}: {error}", fault.recipient),
            "give an address or a domain",
        )
    })?;
    let behaviour: Behaviour = fault
        .behaviour
        .parse()
        .map_err(|error| unusable(format!("{error}"), "the README lists the words"))?;
    let id = shared.simulator.inject(subject, behaviour);
    let injected = document(id, &fault);
    shared.faults.lock().insert(id, fault);
    Ok((StatusCode::CREATED, Json(injected)))
}

pub(super) async fn withdraw(
    State(shared): State<Shared>,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    let known = id
        .parse()
        .ok()
        .filter(|id| shared.faults.lock().remove(id).is_some());
    match known {
        Some(injection) => {
            shared.simulator.withdraw(injection);
            Ok(StatusCode::NO_CONTENT)
        }
        None => Err(ApiError::new(
            StatusCode::NOT_FOUND,
            format!("there is no fault {id:?}"),
            "GET /api/faults lists those that there are",
        )),
    }
}

fn document(id: Injection, fault: &Fault) -> Value {
    json!({ "id": id.to_string(), "recipient": fault.recipient, "behaviour": fault.behaviour })
}
