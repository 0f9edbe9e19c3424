use std::sync::Arc;
use std::time::{Duration, SystemTime};

use letterhead_mail::Clock;
use tracing::Span;

/// An attempt under way; dropped before its end it is abandoned.
pub(super) struct Attempt<'a> {
    name: &'a Arc<str>,
    clock: &'a dyn Clock,
    span: &'a Span,
    begun: SystemTime,
    state: Progress,
}

enum Progress {
    UnderWay,
    Ended,
}

impl<'a> Attempt<'a> {
    pub(super) fn begin(name: &'a Arc<str>, clock: &'a dyn Clock, span: &'a Span) -> Self {
        #[cfg(feature = "metrics")]
        super::measures::begun(name);
        Self {
            name,
            clock,
            span,
            begun: clock.now(),
            state: Progress::UnderWay,
        }
    }

    /// How long it took; nothing where the clock was set back.
    pub(super) fn end(mut self) -> Duration {
        self.state = Progress::Ended;
        self.clock
            .now()
            .duration_since(self.begun)
            .unwrap_or_default()
    }
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        match self.state {
            Progress::Ended => {}
            Progress::UnderWay => {
                #[cfg(feature = "metrics")]
                super::measures::abandoned(self.name);
                let transport = &**self.name;
                self.span.in_scope(|| {
                    tracing::warn!(
                        transport,
                        "the attempt was abandoned; nobody knows what was accepted"
                    );
                });
            }
        }
    }
}
