//! What happens, as it happens: server-sent events
//! ([HTML §9.2](https://html.spec.whatwg.org/multipage/server-sent-events.html)).

use std::collections::VecDeque;
use std::convert::Infallible;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::Stream;
use futures_util::stream::unfold;
use tokio::sync::watch;

use super::Shared;
use super::document::event;
use crate::event::SimEvent;

/// Events behind the one that the client has last, or from now on; each has its number for an id.
pub(super) async fn stream(
    State(shared): State<Shared>,
    fields: HeaderMap,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let last = fields
        .get("last-event-id")
        .and_then(|id| id.to_str().ok()?.parse().ok());
    let known = last.unwrap_or_else(|| shared.simulator.events().len());
    let reader = Reader {
        changes: shared.simulator.world().changes(),
        shared,
        known,
        ready: VecDeque::new(),
    };
    let events = unfold(reader, |mut reader| async {
        let (number, next) = reader.next().await?;
        let told = Event::default().id(number.to_string());
        let told = told.data(event(number, &next).to_string());
        Some((Ok(told), reader))
    });
    Sse::new(events).keep_alive(KeepAlive::default())
}

struct Reader {
    shared: Shared,
    /// Says that there is something new.
    changes: watch::Receiver<()>,
    /// How many events the client has.
    known: usize,
    ready: VecDeque<SimEvent>,
}

impl Reader {
    /// The next event with its number; `None` once the server closes.
    async fn next(&mut self) -> Option<(usize, SimEvent)> {
        while self.ready.is_empty() {
            self.changes.mark_unchanged();
            let world = self.shared.simulator.world();
            self.ready = world.events_after(self.known).into();
            if self.ready.is_empty() && !self.shared.changed(&mut self.changes).await {
                return None;
            }
        }
        self.known += 1;
        Some((self.known, self.ready.pop_front()?))
    }
}
