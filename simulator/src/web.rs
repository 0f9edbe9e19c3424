//! The inbox as a page and a JSON API.

mod api;
mod clock;
mod dns;
mod document;
mod error;
mod faults;
mod guard;
mod page;
mod pictures;
mod stream;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{delete, get};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use self::faults::Faults;
use crate::serve::{ServeError, check_loopback};
use crate::simulator::Simulator;

/// The page and the API of a simulation, listening on a loopback address.
///
/// Dropping it closes the port and ends every request that waits.
#[derive(Debug)]
pub struct WebServer {
    address: SocketAddr,
    /// The task ends when this is dropped.
    _server: JoinSet<()>,
    /// Requests that wait end when this is dropped.
    _open: watch::Sender<()>,
}

/// What every request is answered from.
#[derive(Debug, Clone)]
struct Shared {
    simulator: Simulator,
    faults: Arc<Faults>,
    address: SocketAddr,
    /// Says when the server closes.
    open: watch::Receiver<()>,
}

impl Shared {
    /// Waits until something has changed since the last look; `false` once the server closes.
    async fn changed(&mut self, changes: &mut watch::Receiver<()>) -> bool {
        tokio::select! {
            changed = changes.changed() => changed.is_ok(),
            open = self.open.changed() => open.is_ok(),
        }
    }
}

impl WebServer {
    pub(crate) async fn start(
        simulator: Simulator,
        wanted: SocketAddr,
    ) -> Result<Self, ServeError> {
        check_loopback(wanted)?;
        let failed = |source| ServeError::new(format!("the page at {wanted}"), source);
        let listener = TcpListener::bind(wanted).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let (sender, open) = watch::channel(());
        let shared = Shared {
            simulator,
            faults: Arc::default(),
            address,
            open: open.clone(),
        };
        let mut server = JoinSet::new();
        server.spawn(async move {
            let served = axum::serve(listener, router(shared));
            let mut open = open;
            // Connections without a request close with the port, too.
            let served =
                served.with_graceful_shutdown(async move { while open.changed().await.is_ok() {} });
            // Axum's own errors are those of single connections.
            let _ = served.await;
        });
        Ok(Self {
            address,
            _server: server,
            _open: sender,
        })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

fn router(shared: Shared) -> Router {
    Router::new()
        .route("/", get(page::index))
        .route("/style.css", get(page::style))
        .route("/script.js", get(page::script))
        .route("/api/mails", get(api::mails).delete(api::delete_all))
        .route(
            "/api/mails/{number}",
            get(api::mail).delete(api::delete_one),
        )
        .route("/api/mails/{number}/source", get(api::source))
        .route("/api/mails/{number}/html", get(api::html))
        .route(
            "/api/mails/{number}/attachments/{place}",
            get(api::attachment),
        )
        .route("/api/wait", get(api::wait))
        .route("/api/events", get(api::events))
        .route("/api/stream", get(stream::stream))
        .route("/api/faults", get(faults::list).post(faults::inject))
        .route("/api/faults/{id}", delete(faults::withdraw))
        .route("/api/clock", get(clock::show).post(clock::advance))
        .route("/api/dns", get(dns::zone).put(dns::replace))
        .route("/api/dns/faults", get(dns::faults).post(dns::set_fault))
        .route("/api/dns/faults/{name}/{kind}", delete(dns::clear_fault))
        .fallback(error::no_such_page)
        .method_not_allowed_fallback(error::no_such_method)
        .layer(from_fn_with_state(shared.clone(), guard::guard))
        .with_state(shared)
}
