//! The time of the simulation.

use std::time::{Duration, SystemTime};

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use letterhead_mail::Clock as _;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::task::spawn_blocking;

use super::Shared;
use super::error::ApiError;
use crate::simulator::Simulator;

/// `{"advance_seconds": 345600}`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Advance {
    advance_seconds: u64,
}

/// What time it is, and when something happens next by itself, in seconds since 1970.
pub(super) async fn show(State(shared): State<Shared>) -> Json<Value> {
    Json(document(&shared.simulator))
}

/// Moves the time, and says how many events came of it.
pub(super) async fn advance(
    State(shared): State<Shared>,
    wanted: Result<Json<Advance>, JsonRejection>,
) -> Result<Json<Value>, ApiError> {
    let Json(Advance { advance_seconds }) = wanted.map_err(|rejection| {
        let remedy = "POST {\"advance_seconds\": 3600} as application/json";
        ApiError::new(rejection.status(), rejection.body_text(), remedy)
    })?;
    if advance_seconds > LONGEST.as_secs() {
        let error = format!("{advance_seconds} seconds are more than ten years");
        let remedy = "advance by less, and several times";
        return Err(ApiError::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            error,
            remedy,
        ));
    }
    let simulator = shared.simulator;
    // Whatever falls due is carried out on the way, which can be much.
    let moved = spawn_blocking(move || {
        let before = simulator.events().len();
        simulator.advance(Duration::from_secs(advance_seconds));
        let mut document = document(&simulator);
        if let Some(members) = document.as_object_mut() {
            let events = simulator.events().len() - before;
            members.insert("events".into(), events.into());
        }
        document
    });
    moved.await.map(Json).map_err(|_| {
        let error = "something that fell due could not be carried out";
        let remedy = "an observer or a handler of the application may have panicked";
        ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, error, remedy)
    })
}

fn document(simulator: &Simulator) -> Value {
    json!({
        "time": seconds(simulator.clock().now()),
        "next_due": simulator.next_due().map(seconds),
    })
}

/// Since 1970.
fn seconds(time: SystemTime) -> u64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH);
    since.unwrap_or_default().as_secs()
}

const LONGEST: Duration = Duration::from_hours(10 * 365 * 24);
