//! Who may ask: programs of this machine that mean this server, and pages that are its own.

use axum::extract::{Request, State};
use axum::http::header::{self, HeaderName, HeaderValue};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use std::net::{IpAddr, SocketAddr};

use super::Shared;
use super::error::ApiError;

/// Turns away requests that name another host, which a page gets through whose own name leads to this machine, and changes
/// that come from a page of another origin. Says of every answer that nothing else is to be loaded for it.
pub(super) async fn guard(State(shared): State<Shared>, request: Request, next: Next) -> Response {
    let mut response = match check(shared.address, request.method(), request.headers()) {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    };
    let fields = response.headers_mut();
    for (name, value) in FIELDS {
        fields
            .entry(HeaderName::from_static(name))
            .or_insert(HeaderValue::from_static(value));
    }
    response
}

fn check(address: SocketAddr, method: &Method, fields: &HeaderMap) -> Result<(), ApiError> {
    let text = |name| {
        fields
            .get(name)
            .and_then(|value: &HeaderValue| value.to_str().ok())
    };
    let host = text(header::HOST).filter(|host| is_own(host, address));
    let Some(host) = host else {
        return Err(ApiError::new(
            StatusCode::MISDIRECTED_REQUEST,
            "the field Host names another host",
            format!("ask http://{address}/"),
        ));
    };
    if *method == Method::GET || *method == Method::HEAD {
        return Ok(());
    }
    let is_foreign = fields.contains_key(header::ORIGIN)
        && text(header::ORIGIN).and_then(|origin| origin.strip_prefix("http://")) != Some(host);
    if is_foreign {
        return Err(ApiError::new(
            StatusCode::FORBIDDEN,
            "a page of another origin asks for a change",
            "ask from the page itself, or from a program that sends no Origin",
        ));
    }
    Ok(())
}

/// Whether it is this machine, by number or as `localhost`, at this port.
fn is_own(host: &str, address: SocketAddr) -> bool {
    let (name, port) = match host.rsplit_once(':') {
        // Not the last colon of an address in brackets.
        Some((name, port)) if !port.ends_with(']') => (name, port.parse().ok()),
        _ => (host, Some(80)),
    };
    let number = name.trim_start_matches('[').trim_end_matches(']');
    let is_local = name.eq_ignore_ascii_case("localhost")
        || number.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
    is_local && port == Some(address.port())
}

/// The policy of the page itself; a mail's HTML has its own.
const FIELDS: [(&str, &str); 6] = [
    (
        "content-security-policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; frame-src 'self'; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    ("x-content-type-options", "nosniff"),
    ("x-dns-prefetch-control", "off"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-resource-policy", "same-origin"),
    ("cache-control", "no-store"),
];

#[cfg(test)]
mod tests {
    use super::is_own;

    #[test]
    fn only_this_machine_at_this_port_is_meant() {
        let address = "127.0.0.1:8025".parse().unwrap();
        for host in [
            "127.0.0.1:8025",
            "localhost:8025",
            "LOCALHOST:8025",
            "127.0.0.9:8025",
            "[::1]:8025",
        ] {
            assert!(is_own(host, address), "{host}");
        }
        for host in [
            "",
            "localhost",
            "127.0.0.1",
            "127.0.0.1:8026",
            "evil.example:8025",
            "127.0.0.1.evil.example:8025",
            "localhost.evil.example:8025",
            "192.0.2.1:8025",
            "[::1]",
            "127.0.0.1:8025:8025",
        ] {
            assert!(!is_own(host, address), "{host}");
        }
        assert!(is_own("localhost", "127.0.0.1:80".parse().unwrap()));
    }
}
