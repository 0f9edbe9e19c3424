//! What a provider passes on of a server's answer about one recipient.

use crate::diagnosis::{Clues, Diagnosis, diagnose};
use crate::event::{Event, Reason};
use crate::report::typed_value;

/// The words as the provider's JSON has them.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Said<'a> {
    /// A status code: `5.1.1`.
    pub(crate) status: Option<&'a str>,
    /// The answer, with or without its type in front: `smtp; 550 5.1.1 no such user`.
    pub(crate) diagnostic: Option<&'a str>,
    /// Who answered.
    pub(crate) remote_mta: Option<&'a str>,
}

impl Said<'_> {
    /// What that comes to.
    pub(crate) fn diagnosis(&self) -> Diagnosis {
        diagnose(&Clues {
            stated: self.status.and_then(typed_value::status),
            diagnostic: self.diagnostic,
            remote_mta: self.remote_mta,
            ..Clues::default()
        })
    }

    /// The event with all of it, and with the reason that was found.
    pub(crate) fn onto(&self, event: Event, diagnosis: Diagnosis, reason: Reason) -> Event {
        let mut event = event.with_reason(reason);
        if let Some(status) = diagnosis.status {
            event = event.with_status(status);
        }
        if let Some(reply) = diagnosis.reply {
            event = event.with_reply(reply);
        }
        if let Some(diagnostic) = self.diagnostic {
            event = event.with_diagnostic(diagnostic);
        }
        if let Some(server) = self.remote_mta {
            event = event.with_remote_mta(typed_value::server(server));
        }
        event
    }
}
