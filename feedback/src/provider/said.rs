//! What a provider passes on of a server's answer about one recipient.

use crate::diagnosis::{Clues, Diagnosis, diagnose};
use crate::event::{Event, Reason};
use crate::typed_value;

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
        })
    }

    /// The event with all of it, and with the reason for which the provider has a name of its own, where it has one.
    pub(crate) fn onto(
        &self,
        event: Event,
        diagnosis: Diagnosis,
        category: Option<Reason>,
    ) -> Event {
        let reason = reason(&diagnosis, category);
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

/// What the server said itself counts for more than what the provider makes of it, unless it says next to nothing.
fn reason(diagnosis: &Diagnosis, category: Option<Reason>) -> Reason {
    let is_vague = VAGUE.contains(&diagnosis.reason);
    match category {
        Some(category) if is_vague => category,
        _ => diagnosis.reason.clone(),
    }
}

const VAGUE: &[Reason] = &[
    Reason::UNSPECIFIED,
    Reason::POLICY,
    Reason::MAILBOX,
    Reason::SYSTEM,
    Reason::NETWORK,
    Reason::PROTOCOL,
    Reason::SECURITY,
];

#[cfg(test)]
mod tests {
    use super::Said;
    use crate::event::{Event, EventKind, Reason};

    fn reason(status: &str, category: Option<Reason>) -> Reason {
        let said = Said {
            status: Some(status),
            ..Said::default()
        };
        let event = said.onto(Event::new(EventKind::Unknown), said.diagnosis(), category);
        event.reason().clone()
    }

    #[test]
    fn a_category_decides_only_where_the_server_was_vague() {
        for (status, category, expected) in [
            ("5.2.2", Some(Reason::SPAM), Reason::MAILBOX_FULL),
            ("5.7.1", Some(Reason::SPAM), Reason::SPAM),
            ("5.0.0", Some(Reason::SPAM), Reason::SPAM),
            ("5.7.1", None, Reason::POLICY),
        ] {
            assert_eq!(reason(status, category), expected, "{status}");
        }
    }
}
