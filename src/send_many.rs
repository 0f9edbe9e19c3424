//! Many messages, a bounded number of them at once.

use std::fmt;
use std::num::NonZeroUsize;
use std::sync::Arc;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;

use crate::mailer::Mailer;
use crate::outgoing::Outgoing;
use crate::receipt::Receipt;
use crate::send_error::SendError;

/// Is told of every message that is done.
type Tell = Arc<dyn Fn(&Progress<'_>) + Send + Sync>;

/// How many messages are sent.
#[derive(Clone)]
#[must_use]
pub struct SendMany {
    at_once: NonZeroUsize,
    progress: Option<Tell>,
}

/// How far a [`send_many`](Mailer::send_many) has come, each time a message is done.
#[derive(Debug)]
#[non_exhaustive]
pub struct Progress<'a> {
    /// Which of the messages it is, from 0.
    pub place: usize,
    /// The message.
    pub outgoing: &'a Outgoing,
    /// What came of it.
    pub result: &'a Result<Receipt, SendError>,
    /// How many are done, this one included.
    pub done: usize,
    /// How many have been begun, those included.
    pub begun: usize,
}

impl SendMany {
    /// So many at once, as many as the transports take side by side.
    pub fn at_once(messages: NonZeroUsize) -> Self {
        Self {
            at_once: messages,
            progress: None,
        }
    }

    /// Tells this whenever a message is done, on the task that sends.
    pub fn progress(mut self, tell: impl Fn(&Progress<'_>) + Send + Sync + 'static) -> Self {
        self.progress = Some(Arc::new(tell));
        self
    }
}

/// Eight at once.
impl Default for SendMany {
    fn default() -> Self {
        Self::at_once(EIGHT)
    }
}

impl fmt::Debug for SendMany {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SendMany")
            .field("at_once", &self.at_once)
            .finish_non_exhaustive()
    }
}

const EIGHT: NonZeroUsize = match NonZeroUsize::new(8) {
    Some(eight) => eight,
    None => NonZeroUsize::MIN,
};

/// Sends them, in order as places become free, and gives the results in the order of the messages.
pub(crate) async fn send_many(
    mailer: &Mailer,
    messages: impl IntoIterator<Item = Outgoing>,
    settings: &SendMany,
) -> Vec<Result<Receipt, SendError>> {
    let mut waiting = messages.into_iter().enumerate();
    let mut results: Vec<Option<Result<Receipt, SendError>>> = Vec::new();
    let mut under_way = FuturesUnordered::new();
    let mut done = 0;
    loop {
        while under_way.len() < settings.at_once.get()
            && let Some((place, outgoing)) = waiting.next()
        {
            under_way.push(async move {
                let result = mailer.send_one(&outgoing).await;
                (place, outgoing, result)
            });
            results.push(None);
        }
        let Some((place, outgoing, result)) = under_way.next().await else {
            break;
        };
        done += 1;
        if let Some(tell) = &settings.progress {
            tell(&Progress {
                place,
                outgoing: &outgoing,
                result: &result,
                done,
                begun: results.len(),
            });
        }
        if let Some(own) = results.get_mut(place) {
            *own = Some(result);
        }
    }
    results.into_iter().flatten().collect()
}
