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
    Passed,
}

impl Deadline<'_> {
    pub(crate) fn has_passed(&self) -> bool {
        matches!(self, Self::Passed)
    }

    /// Asks, and gives the lookup up when the deadline passes. A deadline that passed before ends it unasked, so that the
    /// check stops even over a resolver that never waits.
    pub(crate) async fn lookup(
        &mut self,
        resolver: &dyn Resolver,
        name: &Name,
        record_type: RecordType,
    ) -> Result<Answer, LookupError> {
        let deadline = match self {
            Self::Never => return resolver.lookup(name, record_type).await,
            Self::Until(deadline) => deadline,
            Self::Passed => return Err(passed(name, record_type)),
        };
        let mut lookup = None;
        let answer = poll_fn(|context| {
            if deadline.as_mut().poll(context).is_ready() {
                return Poll::Ready(None);
            }
            lookup
                .get_or_insert_with(|| resolver.lookup(name, record_type))
                .as_mut()
                .poll(context)
                .map(Some)
        })
        .await;
        answer.unwrap_or_else(|| {
            *self = Self::Passed;
            Err(passed(name, record_type))
        })
    }
}

impl fmt::Debug for Deadline<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Never => "Never",
            Self::Until(_) => "Until(..)",
            Self::Passed => "Passed",
        })
    }
}

/// The source of the error of a lookup that was given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the deadline of the check passed")]
#[non_exhaustive]
pub struct DeadlinePassed;

fn passed(name: &Name, record_type: RecordType) -> LookupError {
    LookupError::new(name.clone(), record_type, LookupErrorKind::Temporary)
        .with_source(DeadlinePassed)
}
