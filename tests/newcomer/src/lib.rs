//! A web service that sends invoices by mail, and is told by webhook which addresses are dead.

mod answer;
mod invoice;
mod post_office;
mod settings;
mod webhook;

use axum::Router;
use axum::routing::post;

pub use post_office::PostOffice;
pub use settings::Settings;

pub type Error = Box<dyn std::error::Error + Send + Sync>;

pub fn router(post_office: PostOffice) -> Router {
    Router::new()
        .route("/invoices", post(invoice::send))
        .route("/webhooks/mailgun", post(webhook::mailgun))
        .route("/returned", post(webhook::returned))
        .with_state(post_office)
}
