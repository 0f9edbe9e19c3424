//! A limit on the time of the whole check.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;

use letterhead_dns::{Answer, LookupError, LookupErrorKind, Name, RecordType, Resolver};

/// Until when lookups are waited for.
pub(crate) enum Deadline<'a> {
    Never,
    Until(Pin<&'a mut (dyn Future<Output = ()> + Send)>),
}

impl Deadline<'_> {
    /// Whether it has passed; it is asked once, and nothing is waited for.
    pub(crate) async fn has_passed(&mut self) -> bool {
        match self {
            Self::Never => false,
            Self::Until(deadline) => {
                poll_fn(|context| Poll::Ready(deadline.as_mut().poll(context).is_ready())).await
            }
        }
    }

    /// Asks, and gives the lookup up when the deadline passes: then there is no answer. A deadline that passed before
    /// ends it unasked.
    pub(crate) async fn lookup(
        &mut self,
        resolver: &dyn Resolver,
        name: &Name,
        record_type: RecordType,
    ) -> Option<Result<Answer, LookupError>> {
        let deadline = match self {
            Self::Never => return Some(resolver.lookup(name, record_type).await),
            Self::Until(deadline) => deadline,
        };
        let mut lookup = None;
        poll_fn(|context| {
            if deadline.as_mut().poll(context).is_ready() {
                return Poll::Ready(None);
            }
            lookup
                .get_or_insert_with(|| resolver.lookup(name, record_type))
                .as_mut()
                .poll(context)
                .map(Some)
        })
        .await
    }
}

impl fmt::Debug for Deadline<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Never => "Never",
            Self::Until(_) => "Until(..)",
        })
    }
}

/// The source of the error of a lookup that was given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the deadline of the check passed")]
#[non_exhaustive]
pub struct DeadlinePassed;

/// The answer to a question after the deadline.
pub(crate) fn passed(name: &Name, record_type: RecordType) -> LookupError {
    LookupError::new(name.clone(), record_type, LookupErrorKind::Temporary)
        .with_source(DeadlinePassed)
}
