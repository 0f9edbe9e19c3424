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

/// Whether the server's words leave open if the address is dead: they say that it failed for good, and no more.
pub(crate) fn is_unspecific(diagnosis: &Diagnosis) -> bool {
    let says_little =
        |class, subject, detail| matches!((class, subject, detail), (5, 0, _) | (5, 1, 0));
    OPEN.contains(&diagnosis.reason)
        && diagnosis.class().is_none_or(|class| class == 5)
        && diagnosis
            .status
            .is_none_or(|status| says_little(status.class(), status.subject(), status.detail()))
}

/// What the server said itself counts for more than what the provider makes of it, unless it says next to nothing. A refusal
/// for policy stays one, whatever mailbox the provider thinks is missing.
fn reason(diagnosis: &Diagnosis, category: Option<Reason>) -> Reason {
    let names_dead = [Reason::USER_UNKNOWN, Reason::HOST_UNKNOWN];
    let is_weaker = |category: &Reason| {
        if names_dead.contains(category) {
            OPEN.contains(&diagnosis.reason)
        } else {
            VAGUE.contains(&diagnosis.reason)
        }
    };
    category
        .filter(is_weaker)
        .unwrap_or_else(|| diagnosis.reason.clone())
}

/// The reasons that leave open whether the address is dead.
const OPEN: &[Reason] = &[Reason::UNSPECIFIED, Reason::MAILBOX];

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
            ("5.7.1", Some(Reason::USER_UNKNOWN), Reason::POLICY),
            ("5.1.0", Some(Reason::USER_UNKNOWN), Reason::USER_UNKNOWN),
        ] {
            assert_eq!(reason(status, category), expected, "{status}");
        }
    }
}
