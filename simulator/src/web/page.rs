//! The page: three files, which load nothing else.

use axum::http::header;
use axum::response::IntoResponse;

pub(super) async fn index() -> impl IntoResponse {
    let kind = "text/html; charset=utf-8";
    (
        [(header::CONTENT_TYPE, kind)],
        include_str!("page/index.html"),
    )
}

pub(super) async fn style() -> impl IntoResponse {
    let kind = "text/css; charset=utf-8";
    (
        [(header::CONTENT_TYPE, kind)],
        include_str!("page/style.css"),
    )
}

pub(super) async fn script() -> impl IntoResponse {
    let kind = "text/javascript; charset=utf-8";
    (
        [(header::CONTENT_TYPE, kind)],
        include_str!("page/script.js"),
    )
}
